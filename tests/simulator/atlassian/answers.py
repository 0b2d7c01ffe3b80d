# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers that every Atlassian host gives alike: error bodies, login pages, refusals."""

from __future__ import annotations

import html
import json
import typing as t

from aiohttp import web

if t.TYPE_CHECKING:
    from .call import Call

Headers = dict[str, str]


def as_json(
    body: t.Any, status: int = 200, headers: Headers | None = None, media: str = "application/json"
) -> web.Response:
    """A JSON answer, compact as JAX-RS writes it."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(text=text, status=status, headers=headers, content_type=media, charset="UTF-8")


def page(title: str, inner: str, status: int = 200, headers: Headers | None = None) -> web.Response:
    """A small HTML page; inner is HTML and must be escaped by the caller."""
    text = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
    text += f"<body>{inner}</body></html>"
    return web.Response(text=text, status=status, headers=headers, content_type="text/html", charset="UTF-8")


def rest_error(status: int, message: str, headers: Headers | None = None) -> web.Response:
    """The error body of Atlassian's REST module."""
    return as_json({"message": message, "status-code": status}, status, headers)


def login_page(status: int = 200, target: str = "") -> web.Response:
    """The login form, as it is also served with status 200 in place of JSON (FIDELITY.md, Getting in)."""
    hidden = f'<input type="hidden" name="os_destination" value="{html.escape(target, quote=True)}">'
    return page(
        "Log in",
        '<h1>Log in</h1><form id="login-form" method="post" action="">'
        '<label>Username <input id="login-form-username" name="os_username" type="text"></label>'
        '<label>Password <input id="login-form-password" name="os_password" type="password"></label>'
        f'{hidden}<button id="login-form-submit" type="submit">Log in</button></form>',
        status,
    )


def bad_login(product: str) -> web.Response:
    """401 for a wrong password or token."""
    if product == "bitbucket":
        error = {
            "context": None,
            "message": "Authentication failed. Please check your credentials and try again.",
            "exceptionName": "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException",
        }
        return as_json({"errors": [error]}, 401, {"WWW-Authenticate": 'Basic realm="Atlassian Bitbucket"'})
    return page(
        "Unauthorized (401)",
        "<h1>Unauthorized (401)</h1><p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p>",
        401,
        {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED", "WWW-Authenticate": 'OAuth realm="https"'},
    )


def captcha(product: str, login_url: str) -> web.Response:
    """What a login gets after too many failures, right password or not, until a web login solves the CAPTCHA."""
    seraph = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}
    denied = {"X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={login_url}"}
    if product == "jira":
        return page("Forbidden (403)", "<h1>Forbidden (403)</h1><p>CAPTCHA required</p>", 403, seraph | denied)
    if product == "bitbucket":
        error = {
            "context": None,
            "message": "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA to be solved.",
            "exceptionName": "com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException",
        }
        return as_json({"errors": [error]}, 403, denied)
    return page("Unauthorized (401)", "<h1>Unauthorized (401)</h1>", 401, seraph)


def basic_disabled() -> web.Response:
    """Basic authentication switched off by the administrator."""
    return as_json({"message": "Basic Authentication has been disabled on this instance."}, 403)


def anonymous() -> web.Response:
    """No credentials at all on a resource that wants some."""
    return rest_error(401, "Client must be authenticated to access this resource.")


def app_missing() -> web.Response:
    """A REST address that no app serves."""
    return as_json({"message": "null for uri", "status-code": 404}, 404)


def restarting() -> web.Response:
    """A node that starts, seen through a reverse proxy."""
    return page("503 Service Temporarily Unavailable", "<h1>503 Service Temporarily Unavailable</h1>", 503)


def trouble(call: Call) -> web.Response | None:
    """A state of the product in which it refuses what it is asked; None without one of these faults."""
    licence = call.faults.get("license")
    if licence is not None:
        text = "Your Jira license has expired. Please contact your administrator to renew it."
        return rest_error(int(licence.get("status", 403)), str(licence.get("message", text)))
    if call.method != "GET" and "read_only" in call.faults:
        text = "This site is read-only. You can't make changes right now."
        return as_json({"statusCode": 405, "data": None, "message": text}, 405)
    if "reindex" in call.faults:
        text = "Jira is currently being reindexed. It should be available again shortly."
        return page("Jira is unavailable", f"<h1>Jira is unavailable</h1><p>{text}</p>", 503)
    if "maintenance" in call.faults:
        return rest_error(503, "This instance is undergoing maintenance and is currently unavailable.")
    return None
