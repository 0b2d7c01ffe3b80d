# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to log in to Entra ID; the options of C(_argspec.entra_spec)."""

    DOCUMENTATION = r"""
options:
  tenant:
    description:
      - The tenant, by its ID or by any of its domains. The ID comes back as RV(ignore:tenant_id).
      - Required unless O(auth_method) is V(access_token), V(azure_cli) or V(managed_identity).
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_TENANT), E(AZURE_TENANT) and
        E(AZURE_TENANT_ID) is used.
    type: str
  auth_method:
    description:
      - How to log in. The options of the other methods are then ignored.
      - V(client_secret) logs in as an application with O(client_secret).
      - V(certificate) logs in as an application with O(certificate_path).
      - V(workload_identity) logs in as an application with the token of another identity provider, from
        O(federated_token_file) or O(federated_token).
      - V(managed_identity) uses the identity that Azure gives to the machine where the task runs, the system-assigned
        one, or the user-assigned one that O(client_id) names.
      - V(access_token) uses O(access_token) as it is.
      - V(azure_cli) uses the login of the command C(az) on the machine where the task runs.
      - V(auto) uses the first of these that is set - O(access_token), O(client_secret), O(certificate_path),
        O(federated_token), O(federated_token_file), a managed identity that the platform announces in its environment
        (E(IDENTITY_ENDPOINT) or E(MSI_ENDPOINT)), and, when O(client_id) is not given either, the command C(az). On an
        Azure virtual machine, set V(managed_identity), because nothing announces it there.
      - Without it, the environment variable E(USERSYNC_ENTRA_AUTH_METHOD) is used.
    type: str
    choices: [auto, client_secret, certificate, managed_identity, workload_identity, access_token, azure_cli]
    default: auto
  client_id:
    description:
      - Application (client) ID of the automation's own application. Not that of the app that is managed.
      - With O(auth_method=managed_identity) the client ID, or the resource ID, of a user-assigned identity.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_CLIENT_ID) and
        E(AZURE_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Client secret of the automation's own application. The secret's value, not its ID.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_CLIENT_SECRET),
        E(AZURE_CLIENT_SECRET) and E(AZURE_SECRET) is used.
    type: str
  certificate_path:
    description:
      - File on the machine where the task runs with a certificate and its RSA private key, in PEM or PFX (PKCS 12)
        form, the latter also as base64 text.
      - A PEM file with only the private key is enough when O(certificate_thumbprint) is given.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_CERTIFICATE_PATH) and
        E(AZURE_CLIENT_CERTIFICATE_PATH) is used.
    type: path
  certificate_password:
    description:
      - Password of the file that O(certificate_path) names, when it has one.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_CERTIFICATE_PASSWORD) and
        E(AZURE_CLIENT_CERTIFICATE_PASSWORD) is used.
    type: str
  certificate_thumbprint:
    description:
      - SHA-1 thumbprint of the certificate, as the portal shows it, with or without colons.
      - Required only when O(certificate_path) contains just the private key.
      - Without it, the environment variable E(USERSYNC_ENTRA_CERTIFICATE_THUMBPRINT) is used.
    type: str
  certificate_subject_name_issuer:
    description:
      - Send the certificate along, with those above it that the file holds, so that a tenant which trusts its subject
        name and issuer accepts every renewal of it.
      - Without it, the first that is set of the environment variables
        E(USERSYNC_ENTRA_CERTIFICATE_SUBJECT_NAME_ISSUER) and E(AZURE_CLIENT_SEND_CERTIFICATE_CHAIN) is used.
    type: bool
    default: false
  federated_token_file:
    description:
      - File on the machine where the task runs with the token of another identity provider, for an application that
        has a federated credential for it. The file is read again for each login, and only then.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_FEDERATED_TOKEN_FILE) and
        E(AZURE_FEDERATED_TOKEN_FILE) is used.
    type: path
  federated_token:
    description:
      - Such a token itself. Mutually exclusive with O(federated_token_file).
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_FEDERATED_TOKEN) and
        E(AZURE_FEDERATED_TOKEN) is used.
    type: str
  access_token:
    description:
      - An access token for Microsoft Graph that was obtained elsewhere. It is not renewed.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_ACCESS_TOKEN) and
        E(AZURE_ACCESS_TOKEN) is used.
    type: str
  cloud:
    description:
      - The cloud that the tenant belongs to.
      - V(public) is the global one, GCC included, V(usgov) is US Government L4 (GCC High), V(dod) is US Government
        L5, V(china) is operated by 21Vianet, V(germany) is the old closed cloud, V(bleu), V(delos) and V(govsg) are
        the sovereign clouds of France, Germany and Singapore.
      - V(delos) and V(govsg) need O(graph_url), because their Graph address is not documented publicly.
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_CLOUD), E(AZURE_CLOUD) and
        E(AZURE_CLOUD_ENVIRONMENT) is used. They may also hold the names of Azure's tools, such as V(AzureUSGovernment).
    type: str
    choices: [public, usgov, dod, china, germany, bleu, delos, govsg]
    default: public
  authority_url:
    description:
      - Address of the token service instead of that of the O(cloud), without the tenant, for example
        V(https://login.microsoftonline.com).
      - The address of a national cloud also selects its Graph, as if O(cloud) named it.
        V(https://login.microsoftonline.us) means V(usgov) unless O(cloud=dod).
      - Without it, the first that is set of the environment variables E(USERSYNC_ENTRA_AUTHORITY_URL) and
        E(AZURE_AUTHORITY_HOST) is used.
    type: str
  graph_url:
    description:
      - Root of Microsoft Graph instead of that of the O(cloud), for example V(https://graph.microsoft.com).
      - Without it, the environment variable E(USERSYNC_ENTRA_GRAPH_URL) is used.
    type: str
  ca_path:
    description:
      - File with the CA certificates in PEM form, or folder with such files, that are trusted instead of the usual
        ones.
      - Without it, the environment variable E(USERSYNC_ENTRA_CA_PATH) is used. Proxies come from E(HTTPS_PROXY) and
        E(NO_PROXY).
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for the next part of an answer.
      - Without it, the environment variable E(USERSYNC_ENTRA_TIMEOUT) is used.
    type: float
    default: 30.0
  request_deadline:
    description:
      - Seconds for one request as a whole, including its retries after failures, until its answer has been read
        completely. An answer that arrives too slowly fails the task, and the message names this option.
      - Pauses that the service itself asks for (429) are not counted. Waiting for something to happen there has its own
        options.
      - The default leaves room for 5 MB over a link of 256 kbit/s.
      - Without it, the environment variable E(USERSYNC_ENTRA_REQUEST_DEADLINE) is used.
    type: float
    default: 300.0
  answer_limit:
    description:
      - Largest size of one answer after decompression, in MiB. Nothing is read or decompressed beyond it.
      - Pages of Microsoft Graph are about 1 MiB.
      - Without it, the environment variable E(USERSYNC_ENTRA_ANSWER_LIMIT) is used.
    type: int
    default: 8
  client_cert:
    description:
      - File with a certificate in PEM form, on the machine where the task runs, that a front end in front of the
        service requires in the TLS handshake. It is not a login to the service itself.
      - Contains the private key too, unless O(client_key) names it.
      - Without it, the environment variable E(USERSYNC_ENTRA_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File with the private key of O(client_cert), without a password.
      - Without it, the environment variable E(USERSYNC_ENTRA_CLIENT_KEY) is used.
    type: path
requirements:
  - msal >= 1.28
  - requests >= 2.31
notes:
  - One login serves all tasks of a run that work inside the controller. The access token stays in the memory of the
    run and is never written to disk.
"""
