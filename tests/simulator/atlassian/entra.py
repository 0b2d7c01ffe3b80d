# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host as a client of the tenant: it logs in with what its connector holds and reads what it is given.

It checks nothing itself. A wrong secret, an app without consent or an unknown tenant fails at the tenant, over the
wire, and the tenant's own text ends up in the sync's messages (FIDELITY.md, Syncs).
"""

from __future__ import annotations

import asyncio
import dataclasses
import typing as t
import urllib.parse

import aiohttp
from yarl import URL

Json = dict[str, t.Any]
USER_FIELDS = "id,userPrincipalName,mail,displayName,givenName,surname,accountEnabled"
GROUP_FIELDS = "id,displayName,mailEnabled,securityEnabled,groupTypes"
PAGE = 999
# pre-1.5.0: delegated permissions of the guide, plus a refresh token
DELEGATED_SCOPES = "offline_access User.Read User.ReadBasic.All"


class EntraFailure(Exception):
    """The tenant refuses or cannot be reached; the text is what User Sync would put into its messages."""


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What a connector holds to log in with. refresh_token only in the authorization-code flow."""

    tenant: str
    client_id: str
    secret: str
    flow: str
    refresh_token: str | None = None


class EntraClient:
    """Token requests and Graph reads of one sync run."""

    def __init__(
        self, http: aiohttp.ClientSession, token_url: str, graph_url: str, login: Credentials, headers: dict[str, str]
    ) -> None:
        self.http = http
        self.token_url = token_url
        self.graph_url = graph_url.rstrip("/")
        self.login = login
        self.headers = headers
        self.refresh_token: str | None = login.refresh_token
        self._app_token: str | None = None

    async def log_in(self) -> str:
        """An access token for reading users; raises EntraFailure with the tenant's text."""
        if self.login.flow == "client_credentials":
            return await self.app_token()
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.login.refresh_token or "",
            "scope": DELEGATED_SCOPES,
        }
        answer = await self._token(form)
        self.refresh_token = str(answer.get("refresh_token") or self.login.refresh_token)
        return str(answer["access_token"])

    async def app_token(self) -> str:
        """An app-only token (client credentials)."""
        if self._app_token is None:
            scope = f"{self.graph_url}/.default"
            answer = await self._token({"grant_type": "client_credentials", "scope": scope})
            self._app_token = str(answer["access_token"])
        return self._app_token

    async def redeem(self, code: str, redirect_uri: str) -> str:
        """The refresh token for an authorization code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "scope": DELEGATED_SCOPES,
        }
        answer = await self._token(form)
        return str(answer.get("refresh_token") or answer["access_token"])

    async def _token(self, form: dict[str, str]) -> Json:
        form = {"client_id": self.login.client_id, "client_secret": self.login.secret} | form
        status, answer = await self._call("POST", self.token_url, "Token request failed", data=form)
        if status != 200 or "access_token" not in answer:
            raise EntraFailure(
                f"Token request failed: {answer.get('error_description') or answer.get('error') or status}"
            )
        return answer

    async def users(self, token: str) -> list[Json]:
        """All users of the tenant, page by page."""
        return await self._list(f"/users?$select={USER_FIELDS}&$top={PAGE}", token)

    async def user(self, token: str, name: str) -> Json | None:
        """One user by user principal name or id; None where the tenant knows no such user."""
        quoted = urllib.parse.quote(name, safe="")
        status, answer = await self._get(f"{self.graph_url}/v1.0/users/{quoted}?$select={USER_FIELDS}", token)
        if status == 404:
            return None
        return self._checked(status, answer)

    async def groups(self, token: str, server_side_filter: str = "") -> list[Json]:
        """All groups, or those that the server-side filter lets through."""
        query = f"/groups?$select={GROUP_FIELDS}&$top={PAGE}"
        if server_side_filter:
            query += "&$filter=" + urllib.parse.quote(server_side_filter, safe="")
        return await self._list(query, token)

    async def members(self, token: str, group_id: str, transitive: bool) -> list[Json]:
        """The members of a group."""
        relation = "transitiveMembers" if transitive else "members"
        return await self._list(f"/groups/{group_id}/{relation}?$select={USER_FIELDS}&$top={PAGE}", token)

    async def _list(self, query: str, token: str) -> list[Json]:
        found: list[Json] = []
        url: str | None = f"{self.graph_url}/v1.0{query}"
        while url:
            answer = self._checked(*await self._get(url, token))
            found += answer.get("value", [])
            url = answer.get("@odata.nextLink")
        return found

    def _checked(self, status: int, answer: Json) -> Json:
        if status != 200:
            error = answer.get("error") or {}
            raise EntraFailure(f"{error.get('code', status)}: {error.get('message', 'Graph request failed')}")
        return answer

    async def _get(self, url: str, token: str) -> tuple[int, Json]:
        return await self._call("GET", url, "Graph request failed", headers={"Authorization": f"Bearer {token}"})

    async def _call(self, method: str, url: str, failure: str, **kwargs: t.Any) -> tuple[int, Json]:
        kwargs["headers"] = self.headers | kwargs.get("headers", {})
        try:
            async with self.http.request(method, URL(url, encoded=True), **kwargs) as response:
                answer = await response.json(content_type=None)
                return response.status, answer if isinstance(answer, dict) else {}
        except (aiohttp.ClientConnectionError, asyncio.TimeoutError):
            raise EntraFailure(f"{failure}: java.net.SocketException: Connection reset") from None
        except (aiohttp.ClientError, ValueError):
            raise EntraFailure(f"{failure}: unexpected answer from {URL(url).host}") from None
