# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach and log in to one Atlassian host; the options of C(_argspec.atlassian_spec)."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the Jira, Confluence, Bitbucket or Bamboo Data Center instance, including scheme and context path,
        as in C(https://jira.example.com) or C(https://wiki.example.com/confluence).
      - Use the canonical base URL through the load balancer. The address of a single node over plain http fails the
        product's XSRF checks, and lets the password be read on the way.
      - A page of the product, a query, a login in the address or a double slash is refused. Letter case of the host
        name, a default port, a dot or slash at the end do not matter.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_URL) is used.
    type: str
    required: true
  allow_plain_http:
    description:
      - Whether O(url) may start with C(http://), although password, token and client secret can then be read on the
        way. A host on the same machine (loopback) does not need this.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_ALLOW_PLAIN_HTTP) is used.
    type: bool
    default: false
  site:
    description:
      - A name for the site where O(url) leads to this host, for addresses that do not say who answers there (loopback
        and private addresses, IP addresses, names without a dot). It becomes part of the C(holder), the name under
        which the directory keeps the secrets of the host, so that two networks never share one.
      - Ignored for other addresses.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_SITE) is used.
    type: str
  username:
    description:
      - Name of a local user with administrator rights, for basic authentication. REST does not work through SAML.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username), or a token of the vendor's app API Token Authentication, which is given as a password.
      - A login that the host refuses is tried only once and never repeated, because three failures make most products
        ask for a CAPTCHA.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_PASSWORD) is used.
    type: str
  token:
    description:
      - Personal access token, sent as C(Authorization - Bearer). Mutually exclusive with O(password).
      - HTTP access tokens of Bitbucket grant rights only on projects and repositories; use O(username) and O(password)
        there.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_TOKEN) is used.
    type: str
  headers:
    description:
      - Further headers for every request, such as those that a proxy in front of the host requires.
      - May be the only login, when a proxy authenticates the user with a header.
      - Their values are masked wherever they would appear in a result. If one has fewer than six characters, texts of
        the host that may contain it are left out instead.
    type: dict
  websudo:
    description:
      - Whether to open a secure administrator session (websudo) first, with O(username) and O(password), by REST where
        the product supports it (Bamboo 10.1 and later), otherwise by its form.
      - User Sync is not known to need it. A user with an authenticator app cannot open one without its code.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_WEBSUDO) is used.
    type: bool
    default: false
  websudo_when_asked:
    description:
      - Whether to open a secure administrator session when the host itself asks for one, and only then.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_WEBSUDO_WHEN_ASKED) is used.
    type: bool
    default: false
  product:
    description:
      - Which product answers at O(url). Only O(websudo) needs it; with V(auto) the host is asked.
    type: str
    choices: [auto, jira, confluence, bitbucket, bamboo]
    default: auto
  rest_path:
    description: Path of User Sync's REST resources below O(url). It is the same for the app alone and inside SAML SSO.
    type: str
    default: /rest/samlsso-admin/1.0
  ca_path:
    description:
      - File with the CA certificates to trust, on the machine where the task runs, for hosts with certificates of a
        private CA.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_CA_PATH) is used, and then the system's own or
        E(REQUESTS_CA_BUNDLE).
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for the next part of an answer.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_TIMEOUT) is used.
    type: float
    default: 30.0
  request_deadline:
    description:
      - Seconds for one request as a whole, including its retries after failures, until its answer has been read
        completely. An answer that arrives too slowly fails the task, and the message names this option.
      - Pauses that the service itself asks for (429) are not counted. Waiting for something to happen there has its own
        options.
      - The default leaves room for 5 MB over a link of 256 kbit/s.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_REQUEST_DEADLINE) is used.
    type: float
    default: 300.0
  answer_limit:
    description:
      - Largest size of one answer after decompression, in MiB. Nothing is read or decompressed beyond it.
      - A configuration with thousands of groups is about 1 MiB.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_ANSWER_LIMIT) is used.
    type: int
    default: 8
  client_cert:
    description:
      - File with a certificate in PEM form, on the machine where the task runs, that a front end in front of the
        service requires in the TLS handshake. It is not a login to the service itself.
      - Contains the private key too, unless O(client_key) names it.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File with the private key of O(client_cert), without a password.
      - Without it, the environment variable E(USERSYNC_ATLASSIAN_CLIENT_KEY) is used.
    type: path
requirements:
  - requests >= 2.31 on the machine where the task runs
notes:
  - User Sync's REST API is called private by its vendor. What is documented and what is inferred is in the
    collection's documentation; nothing is written that was not read before.
  - A proxy is taken from the environment (E(HTTPS_PROXY), E(NO_PROXY)).
  - Tasks run on the controller when the connection is V(local), and then need no Python on a target.
"""
