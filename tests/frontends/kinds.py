# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front ends, each with the words that such a one really uses (nginx, F5, Akamai, Cloudflare, sign-on pages)."""

from __future__ import annotations

import datetime
import email.utils
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

NGINX = "nginx/1.26.2"
REST = "/rest/samlsso-admin/"
WRITES = ("POST", "PUT", "DELETE")


@dataclass(frozen=True)
class Seen:
    """One request as the front end sees it; url is the origin of the front end itself."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    url: str


Answer = Callable[[Seen], web.Response | None]


@dataclass
class FrontEnd:
    """How a front end treats requests.

    :ivar instead: the answer in place of the host's; None passes the request on
    :ivar drops: headers that it does not pass on
    :ivar wants: headers that a request must bear, or it is answered by ``instead``
    :ivar doubles: methods of requests that it sends twice, as a middlebox with a short timeout does
    :ivar forgets: methods whose answer it loses, ``times`` times
    :ivar client_certificate: how it turns away who has none: C(alert) tells so within TLS, C(closes) just closes
    """

    answer: Answer = lambda seen: None
    drops: tuple[str, ...] = ()
    wants: Mapping[str, str] = field(default_factory=dict)
    doubles: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    times: int | None = None
    client_certificate: str = ""
    server: str = NGINX

    def instead(self, seen: Seen) -> web.Response | None:
        if self.wants and all(seen.headers.get(name) == value for name, value in self.wants.items()):
            return None
        answer = self.answer(seen)
        if answer is None or not self._counted():
            return None
        answer.headers.setdefault("Server", self.server)
        return answer

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        dropped = {name.lower() for name in (*self.drops, *self.wants)}
        return {name: value for name, value in headers.items() if name.lower() not in dropped}

    def twice(self, seen: Seen) -> bool:
        return seen.method in self.doubles and self._counted()

    def loses(self, seen: Seen) -> bool:
        return seen.method in self.forgets and self._counted()

    def _counted(self) -> bool:
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def page(title: str, *lines: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A page; lines are HTML."""
    body = "".join(f"<p>{line}</p>" for line in lines)
    text = f"<html>\n<head><title>{title}</title><style>p {{ color: red }}</style></head>\n<body>{body}</body></html>"
    return web.Response(text=text, status=status, headers=headers, content_type="text/html")


def nginx(status: int, reason: str, extra: str = "") -> Answer:
    """An error page of nginx."""
    lines = [f"<center><h1>{status} {reason}</h1></center>", extra, f"<hr><center>{NGINX}</center>"]
    return lambda seen: page(f"{status} {reason}", *[line for line in lines if line], status=status)


def only(methods: tuple[str, ...], answer: Answer, where: str = REST) -> Answer:
    """The answer for these methods below a path; everything else is passed on."""
    return lambda seen: answer(seen) if seen.method in methods and where in seen.path else None


def f5(status: int) -> Answer:
    """F5's application firewall."""
    return lambda seen: page(
        "Request Rejected",
        "The requested URL was rejected. Please consult with your administrator.<br><br>",
        "Your support ID is: 1827361902837465<br><br><a href='javascript:history.back();'>[Go Back]</a>",
        status=status,
        headers={"Server": "BigIP"},
    )


def akamai(seen: Seen) -> web.Response:
    """Akamai's edge."""
    return page(
        "Access Denied",
        f'You don\'t have permission to access "{html.escape(seen.url)}" on this server.',
        "Reference #18.2d351ab8.1557333295.a4e16ab",
        status=403,
        headers={"Server": "AkamaiGHost"},
    )


def cloudflare(seen: Seen) -> web.Response:
    return page(
        "Attention Required! | Cloudflare",
        "Sorry, you have been blocked",
        "You are unable to access this website. Ray ID: 8f1b2c3d4e5f6a7b",
        status=403,
        headers={"Server": "cloudflare"},
    )


def echo(seen: Seen) -> web.Response:
    """A firewall that repeats what it was sent, where a careless cut would leave the half of it."""
    told = f"{'x' * 190} {seen.headers.get('Authorization', '')} {seen.body.decode(errors='replace')}"
    return page("Request blocked", html.escape(told), "Your incident ID is 4711", status=403)


def gateway_login(seen: Seen) -> web.Response:
    headers = {"WWW-Authenticate": 'Basic realm="Corp Gateway"'}
    return page("401 Authorization Required", "<h1>401 Authorization Required</h1>", status=401, headers=headers)


def negotiate(seen: Seen) -> web.Response:
    return page("Unauthorized", "Kerberos login needed.", status=401, headers={"WWW-Authenticate": "Negotiate"})


def maintenance(status: int) -> Answer:
    return lambda seen: page(
        "Down for maintenance", "We are down for scheduled maintenance until 06:00 UTC. Thank you.", status=status
    )


def sign_on(seen: Seen) -> web.Response:
    """A page that sends the browser to the identity provider by itself."""
    form = '<form method="post" action="https://idp.example.com/saml"><input name="SAMLRequest" value="PHNh"></form>'
    return page("Sign in to your account", "You are being signed in.", form)


def to(location: str) -> Answer:
    """A redirect; ``{path}`` and ``{url}`` are filled in."""
    return lambda seen: web.Response(
        status=301, headers={"Location": location.replace("{path}", seen.path).replace("{url}", seen.url)}
    )


def throttled_until(seconds: float) -> Answer:
    """429 with Retry-After as a date."""

    def answer(_seen: Seen) -> web.Response:
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        told = email.utils.format_datetime(when, usegmt=True)
        return web.json_response({"message": "Too many requests"}, status=429, headers={"Retry-After": told})

    return answer


NO_CERTIFICATE = nginx(400, "Bad Request", "No required SSL certificate was sent")
PLAIN = nginx(400, "Bad Request", "The plain HTTP request was sent to HTTPS port")
KINDS: dict[str, Callable[[], FrontEnd]] = {
    name: (lambda made=made: FrontEnd(**made))  # type: ignore[misc]
    for name, made in dict[str, dict[str, Any]](
        plain={},
        strips_authorization={"drops": ("Authorization",)},
        gateway_login={"answer": gateway_login},
        gateway_negotiate={"answer": negotiate},
        gateway_header={"answer": gateway_login, "wants": {"X-Gate": "gate-key-of-the-tests"}},
        gateway_refused={"answer": nginx(403, "Forbidden")},
        firewall_put={"answer": only(("PUT",), f5(403))},
        firewall_put_200={"answer": only(("PUT",), f5(200))},
        firewall_all={"answer": akamai},
        firewall_cloud={"answer": cloudflare},
        firewall_echo={"answer": echo},
        too_large={"answer": only(("PUT",), nginx(413, "Request Entity Too Large"))},
        maintenance_200={"answer": maintenance(200)},
        maintenance_503={"answer": maintenance(503)},
        method_blocked={"answer": only(("PUT",), nginx(405, "Not Allowed"))},
        not_routed={"answer": only(("GET", *WRITES), nginx(404, "Not Found"))},
        no_node={"answer": nginx(502, "Bad Gateway")},
        late_node={"answer": nginx(504, "Gateway Time-out")},
        proxy_login={"answer": nginx(407, "Proxy Authentication Required")},
        sign_on_page={"answer": sign_on},
        sign_on_redirect={"answer": to("https://login.example.com/authorize?SAMLRequest=abc")},
        canonical_host={"answer": to("https://jira.example.com{path}")},
        canonical_root={"answer": to("https://jira.example.com/")},
        other_page_put={"answer": only(("PUT",), lambda seen: page("Welcome", "Welcome to the intranet."))},
        throttles_by_date={"answer": throttled_until(1.0), "times": 1},
        throttles={"answer": throttled_until(1.0)},
        client_certificate={"client_certificate": "alert"},
        client_certificate_closes={"client_certificate": "closes"},
        client_certificate_400={"answer": NO_CERTIFICATE},
        plain_port={"answer": PLAIN},
        sends_posts_twice={"doubles": ("POST",)},
        loses_a_post={"forgets": ("POST",), "times": 1},
    ).items()
}
