# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The sentences of :mod:`refusals`: by code, the class of the error (None: by the status) and the words.

Each begins with the option to look at, says what happened and what to do, and stands in docs/connector.md as it is.
"""

from __future__ import annotations

from .. import _errors as errors

Kind = type[errors.UsersyncError]
# Where a user makes a personal access token, by product; "" where it is not known
TOKEN_PAGES = {
    "": "on the user's profile page of the host, under Personal Access Tokens",
    "jira": "at {base_url}/secure/ViewProfile.jspa, under Personal Access Tokens",
    "confluence": "at {base_url}/plugins/personalaccesstokens/usertokens.action",
    "bamboo": "on the user's profile page of the host, under Personal Access Tokens",
    "bitbucket": "at {base_url}/account, under HTTP access tokens, which have no administrator rights",
}
# Refusals of the login itself; whoever tries again makes them worse
OF_THE_LOGIN = frozenset(
    {
        *("wrong_password", "wrong_token", "wrong_headers", "login_lost", "login_held_back", "html"),
        *("captcha", "basic_disabled", "token_only", "two_step", "totp", "not_admin", "not_admin_token", "websudo"),
    }
)
SENTENCES: dict[str, tuple[Kind | None, str]] = {
    # -- the way to the host
    "redirect": (
        None,
        "url: the host redirects to {place}; set url to its canonical base URL, including the context path",
    ),
    "sso_redirect": (
        errors.LoginError,
        "url: single sign-on in front of the host redirects{place} instead of answering; exempt the path "
        "/rest/samlsso-admin/ from it, or use an address behind it",
    ),
    "sso_page": (
        errors.LoginError,
        "url: single sign-on in front of the host answers {method} {url} with its page ({status}); exempt the path "
        "/rest/samlsso-admin/ from it, or use an address behind it",
    ),
    "html": (
        errors.LoginError,
        "{option}: the host answers {method} {url} with its login page ({status}) instead of JSON, so the login was "
        "not accepted; correct it, or check that url is the base URL of the product",
    ),
    "page": (
        errors.FormatError,
        "url: {method} {url} was answered with a page ({status}) instead of JSON, as from a proxy in front of the "
        "host; whether the request reached the host is not known; have the proxy let /rest/samlsso-admin/ through, "
        "or check url",
    ),
    "not_json": (
        errors.FormatError,
        "url: the host answers {method} {url} with {media} that is not JSON as User Sync writes it; check url and "
        "rest_path",
    ),
    "firewall": (
        errors.DeniedError,
        "url: a firewall in front of the host refused {method} {url} ({status}), and the request did not reach the "
        "host; have its rules let {method} to /rest/samlsso-admin/ through, and give its administrators the number "
        "in its message",
    ),
    "gateway_login": (
        errors.LoginError,
        "headers: a gateway in front of the host asks for its own login ({status}), and the request did not reach "
        "the host; have it let /rest/samlsso-admin/ through for the machine where the task runs, or give what it "
        "requires in headers",
    ),
    "gateway_refused": (
        errors.DeniedError,
        "url: a gateway in front of the host refused {method} {url} ({status}), and the request did not reach the "
        "host; have it let {method} to /rest/samlsso-admin/ through for the machine where the task runs",
    ),
    "method_blocked": (
        errors.DeniedError,
        "url: a proxy in front of the host does not let {method} through ({status}), and the request did not reach "
        "the host; have it allow GET, POST, PUT and DELETE to /rest/samlsso-admin/",
    ),
    "not_routed": (
        errors.NotFoundError,
        "url: no Atlassian product answers at {url} ({status}); check host and context path in url, or have the "
        "proxy in front of the host route /rest/samlsso-admin/ to it",
    ),
    "body_too_large": (
        errors.AnswerError,
        "url: a proxy in front of the host rejects the configuration as too large for {method} {url} ({status}), so "
        "nothing was written; raise its limit for request bodies (client_max_body_size in nginx) for "
        "/rest/samlsso-admin/",
    ),
    "proxy_login": (
        errors.DeniedError,
        "url: the proxy on the way to the host asks for a login ({status}); give it in HTTPS_PROXY of the environment, "
        "or name the host in NO_PROXY",
    ),
    "client_certificate": (
        errors.TransportError,
        "client_cert: a front end in front of the host requires a client certificate, or a different one; give it in "
        "client_cert and client_key, or use an address behind that front end",
    ),
    "plain_port": (
        errors.AnswerError,
        "url: the port of this address expects https ({status}); write https:// in url",
    ),
    # -- the state of the host
    "restarting": (
        errors.UnavailableError,
        "url: the host answers {status}, as from a node that is starting or a proxy with no node behind it; try again "
        "when the host is up",
    ),
    "no_node": (
        errors.UnavailableError,
        "url: a proxy answers {status}, since it gets no answer from any node of the host; try again when the host "
        "is up",
    ),
    "maintenance": (
        errors.UnavailableError,
        "url: the host is under maintenance ({status}); run again when it is back",
    ),
    "reindex": (
        errors.UnavailableError,
        "url: the host is reindexing and answers no requests ({status}); run again when it has finished",
    ),
    "read_only": (
        errors.DeniedError,
        "url: the host is in read-only mode and refuses {method} ({status}), so nothing was written; run again when "
        "an administrator has switched it off",
    ),
    "license": (
        errors.DeniedError,
        "url: the host refuses {method} {url} because of the license of the product or of User Sync ({status}); have "
        "it renewed, then run again. The login is not the problem",
    ),
    "server_error": (
        errors.UnavailableError,
        "url: the host failed with an internal error at {method} {url} ({status}); check its log at this time",
    ),
    "throttled": (
        errors.ThrottledError,
        "url: the host answers {status}, too many requests{after}; run fewer hosts with one login at a time (forks, "
        "throttle), or have its administrator raise the limit for this user",
    ),
    "unexpected": (
        None,
        "url: the host answered {method} {url} with {status}, which is not a known answer of User Sync",
    ),
    # -- the login
    "wrong_password": (
        errors.LoginError,
        "password: the host does not accept this username and password ({status}), which was tried only once; "
        "correct them: it must be a local user, since REST does not work through SAML. Several failures in a row, "
        "and a CAPTCHA on Confluence, look the same: in that case log in once in a browser",
    ),
    "wrong_token": (
        errors.LoginError,
        "token: the host does not accept this personal access token ({status}), which was tried only once: it has "
        "expired, was revoked or belongs to another host, or a proxy strips the Authorization header. Create a new "
        "one {token_page}, or use username and password (tokens of the API Token Authentication app are given as "
        "password)",
    ),
    "wrong_headers": (
        errors.LoginError,
        "headers: the host does not accept the login in these headers ({status}), which was tried only once; correct "
        "them, or have the proxy that should authenticate the user checked",
    ),
    "login_stripped": (
        errors.LoginError,
        "{option}: no login reached the host ({status}), though one was sent: a proxy in front of it strips the "
        "Authorization header; have it pass the header on for /rest/samlsso-admin/",
    ),
    "login_lost": (
        errors.LoginError,
        "{option}: the host accepted this login before but no longer does ({status}): it has expired or was changed "
        "meanwhile, or nodes of the host disagree; check the user, then run again",
    ),
    "refused_later": (
        errors.DeniedError,
        "url: the host accepted the login but refuses {method} {url} ({status}); give the user the permission for "
        "it, or look for a rule of the host or of a proxy that blocks it",
    ),
    "captcha": (
        errors.LoginError,
        "username: the host asks for a CAPTCHA after too many failed logins ({status}); log in once in a browser and "
        "solve it, and correct the login before the next run",
    ),
    "basic_disabled": (
        errors.LoginError,
        "password: basic authentication is switched off on this host, as it is by default in Jira 11; use token "
        "instead of username and password, with a personal access token that the user creates {token_page}; or let "
        "an administrator allow /rest/samlsso-admin/* for this user",
    ),
    "token_only": (
        errors.LoginError,
        "password: the host accepts API tokens only; give one of them as password, or a personal access token as token",
    ),
    "two_step": (
        errors.LoginError,
        "password: the host requires two-step verification for this user; use token with a personal access token, "
        "created {token_page}",
    ),
    "not_admin": (
        errors.DeniedError,
        "{option}: the host knows this login but does not accept it as an administrator ({status}); give it "
        "administrator rights or use a local administrator",
    ),
    "not_admin_token": (
        errors.DeniedError,
        "token: the host knows this login but does not accept it as an administrator ({status}); give its user "
        "administrator rights; Bitbucket's HTTP access tokens never have them: use username and password there",
    ),
    "websudo": (
        errors.DeniedError,
        "websudo: the host asks for a secure administrator session; set websudo or websudo_when_asked to true with "
        "username and password, or exempt this machine's address from it in the host's settings",
    ),
    "xsrf": (
        errors.DeniedError,
        "url: the host's XSRF check refused the request ({status}); use the canonical base URL through the load "
        "balancer over https, not the address of one node",
    ),
    "totp": (
        errors.LoginError,
        "websudo: the host requires a code from an authenticator app for its secure administrator session "
        "({status}), which automation cannot provide; use a user without two-step verification, a token, or exempt "
        "this machine's address",
    ),
}
