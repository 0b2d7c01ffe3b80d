# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login service: discovery, keys, tokens, the authorize page (FIDELITY.md, Login service)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from ..certs import signing_key
from ..journal import ENTRY
from . import authorize, consent_page
from .errors import TokenError
from .tokens import KEY_ID, issue

if TYPE_CHECKING:
    from .tenant import Tenant


# Names that stand for no single tenant; and what the name of one may look like.
SHARED = frozenset({"common", "organizations", "consumers"})
_WELL_FORMED = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:[\w-]+\.)+[\w-]+)\Z", re.I)


class Login:
    """All paths that are neither Graph, the management service nor a host."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def handle(self, request: web.Request) -> web.StreamResponse:
        entry = request[ENTRY]
        parts = [unquote(part) for part in entry.path.strip("/").split("/")]
        try:
            return await self._answer(request, parts)
        except TokenError as error:
            entry.code = f"AADSTS{error.number}"
            return web.json_response(self._error_body(error, request), status=error.status)

    async def _answer(self, request: web.Request, parts: list[str]) -> web.StreamResponse:
        name, rest = parts[0], "/".join(parts[1:]).lower()
        if rest == "discovery/instance":
            return web.json_response(self._instances(self.tenant.world.asked(request)))
        if rest in ("v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"):
            return web.json_response(self._discovery(name, self.tenant.world.asked(request)))
        if rest == "discovery/v2.0/keys":
            return web.json_response({"keys": [self._key()]})
        if rest == "oauth2/v2.0/token":
            return await self._token(request, name)
        if rest == "oauth2/v2.0/authorize":
            self._known(name)
            return await authorize.page(self.tenant, request)
        if rest in ("adminconsent", "v2.0/adminconsent"):
            self._known(name)
            return await consent_page.page(self.tenant, request)
        return web.Response(
            status=404, text="<html><body>404 - File or directory not found.</body></html>", content_type="text/html"
        )

    def _known(self, name: str, error: str = "invalid_request") -> None:
        tenant = self.tenant
        if not _WELL_FORMED.match(name):
            raise TokenError(
                900023,
                400,
                error,
                f"Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain.",
            )
        if name.lower() not in (tenant.id, *tenant.domains):
            raise TokenError(
                90002,
                400,
                error,
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no active "
                "subscriptions for the tenant.",
            )

    async def _token(self, request: web.Request, name: str) -> web.StreamResponse:
        if request.method != "POST":
            raise TokenError(900561, 405, "invalid_request", "The endpoint only accepts POST requests.")
        if name.lower() in SHARED:
            raise TokenError(50059, 400, "invalid_request", "No tenant-identifying information found in the request.")
        self._known(name)
        if request.content_type != "application/x-www-form-urlencoded":
            raise TokenError(
                900144, 400, "invalid_request", "The request body must contain the following parameter: 'grant_type'."
            )
        form = dict(parse_qsl((await request.read()).decode("utf-8", "replace"), keep_blank_values=True))
        entry = request[ENTRY]
        if not entry.internal:
            entry.client = form.get("client_id")
        for key in ("client_secret", "client_assertion", "refresh_token", "code"):
            self.tenant.world.secrets.add(form.get(key), f"presented {key}")
        answer = issue(self.tenant, form, f"{self.tenant.world.asked(request)}/{name}/oauth2/v2.0/token")
        return web.json_response(answer, headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})

    def _error_body(self, error: TokenError, request: web.Request) -> dict[str, Any]:
        world = self.tenant.world
        time = world.now().strftime("%Y-%m-%d %H:%M:%SZ")
        trace = world.ids.uuid()
        correlation = request.headers.get("client-request-id", world.ids.uuid())
        return {
            "error": error.error,
            "error_description": f"AADSTS{error.number}: {error.text} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {time}",
            "error_codes": [error.number],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{world.asked(request)}/error?code={error.number}",
        }

    def _discovery(self, name: str, asked: str) -> dict[str, Any]:
        shared = name.lower() in SHARED
        if not shared:
            self._known(name, "invalid_tenant")
        base = f"{asked}/{name if shared else self.tenant.id}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{asked}/{'{tenantid}' if shared else self.tenant.id}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "tenant_region_scope": "EU",
            "cloud_instance_name": asked.split("//", 1)[1],
            "msgraph_host": self.tenant.world.graph_url.split("//", 1)[1],
        }

    def _instances(self, asked: str) -> dict[str, Any]:
        host = asked.split("//", 1)[1]
        return {
            "tenant_discovery_endpoint": f"{asked}/{self.tenant.id}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    def _key(self) -> dict[str, str]:
        numbers = signing_key().public_key().public_numbers()

        def text(number: int) -> str:
            raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
            return base64.urlsafe_b64encode(raw).decode().rstrip("=")

        return {"kty": "RSA", "use": "sig", "kid": KEY_ID, "alg": "RS256", "n": text(numbers.n), "e": text(numbers.e)}
