# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tells a host's product and the installed apps: probes, health, UPM (FIDELITY.md, Getting in)."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import escape

from aiohttp import web

from . import answers
from .call import Call
from .traits import Traits

Json = dict[str, t.Any]
TITLES = {"jira": "Jira", "confluence": "Confluence", "bitbucket": "Bitbucket", "bamboo": "Bamboo"}
MANIFEST_TYPES = {"jira": "jira", "confluence": "confluence", "bitbucket": "stash", "bamboo": "bamboo"}
LOGIN_PATHS = {
    "jira": "login.jsp",
    "confluence": "dologin.action",
    "bitbucket": "j_atl_security_check",
    "bamboo": "userlogin.action",
}
# Bitbucket has no such step in FIDELITY.md, Getting in.
WEBSUDO_FORMS = {
    "jira": ("secure/admin/WebSudoAuthenticate.jspa", "webSudoPassword"),
    "confluence": ("doauthenticate.action", "password"),
    "bamboo": ("admin/webSudoSubmit.action", "password"),
}
# Products that list a user's own personal access tokens; the address for Bamboo is assumed
TOKEN_LISTS = ("jira", "confluence", "bamboo")
ELEVATE = "rest/tsv/latest/elevate-permissions"
UPM_KEY = "com.atlassian.upm.atlassian-universal-plugin-manager-plugin"
API_TOKEN_KEY = "de.resolution.apitokenauth"
UPM_LIST_TYPE = "application/vnd.atl.plugins.installed+json"
UPM_ONE_TYPE = "application/vnd.atl.plugins.plugin+json"
BUILD = "912015"


def probe(traits: Traits, call: Call) -> web.Response | None:
    """The answer of a product probe that is open to everybody; None for any other path."""
    path, version = call.path, traits.product_version
    numbers = [int(part) for part in version.split(".")]
    nodes = [{"nodeId": f"node{number + 1}", "state": "ACTIVE", "alive": True} for number in range(call.place.nodes)]
    tables: dict[str, dict[str, t.Any]] = {
        "jira": {
            "rest/api/2/serverInfo": {
                "baseUrl": call.base_url,
                "version": version,
                "versionNumbers": numbers,
                "deploymentType": "Server",
                "buildNumber": int(BUILD),
                "serverTitle": traits.name,
            },
        },
        "confluence": {
            "rest/api/server-information": {
                "baseUrl": call.base_url,
                "version": version,
                "buildNumber": BUILD,
                "marketplaceBuildNumber": BUILD,
                "buildDate": "2025-01-15",
            },
        },
        "bitbucket": {
            "rest/api/1.0/application-properties": {
                "version": version,
                "buildNumber": BUILD,
                "buildDate": "1736899200000",
                "displayName": "Bitbucket",
            },
            "status": {"state": "RUNNING"},
        },
        "bamboo": {
            "rest/api/latest/status": {"state": "RUNNING", "reindexInProgress": False},
            "rest/api/latest/server/nodes": {"nodes": nodes},
        },
    }
    if path == "rest/applinks/1.0/manifest":
        return manifest(traits, call)
    if path == "rest/api/2/cluster/nodes" and traits.product == "jira":
        return answers.as_json(nodes) if call.place.nodes > 1 else answers.rest_error(405, "Not clustered")
    if path in tables[traits.product]:
        return answers.as_json(tables[traits.product][path])
    return None


def manifest(traits: Traits, call: Call) -> web.Response:
    """The application links manifest: XML unless JSON is asked for."""
    body = {
        "id": f"a1b2c3d4-0000-3000-8000-{traits.product.encode().hex()[:12]:0<12}",
        "name": traits.name,
        "typeId": MANIFEST_TYPES[traits.product],
        "version": traits.product_version,
        "buildNumber": int(BUILD),
        "applinksVersion": "9.1.11",
        "publicSignup": False,
        "url": call.base_url,
    }
    if "json" in call.request.headers.get("Accept", ""):
        return answers.as_json(body)
    inner = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in body.items())
    text = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><manifest>{inner}</manifest>'
    return web.Response(text=text, content_type="application/xml")


def plugins(traits: Traits, call: Call) -> list[Json]:
    """The installed apps as UPM shows them."""
    missing = "app_missing" in call.faults
    found = [(UPM_KEY, "Atlassian Universal Plugin Manager Plugin", "6.3.2")]
    if not missing:
        name = "User Sync" if traits.app_shape == "standalone" else "SAML Single Sign On (SSO)"
        found.append((str(traits.plugin_key), f"{name} for {TITLES[traits.product]}", str(traits.version)))
    if traits.api_token:
        found.append((API_TOKEN_KEY, f"API Token Authentication for {TITLES[traits.product]}", "2.9.1"))
    return [
        {
            "key": key,
            "name": name,
            "version": version,
            "enabled": not (key == traits.plugin_key and "app_disabled" in call.faults),
            "userInstalled": True,
            "links": {"self": f"{call.base_url}/rest/plugins/1.0/{key}-key"},
        }
        for key, name, version in found
    ]


def upm(traits: Traits, call: Call, rest: list[str]) -> web.Response:
    """GET of the list (slash at the end) or of one app; the caller has checked that the user is an administrator."""
    if call.method != "GET":
        return answers.rest_error(405, "Method Not Allowed")
    installed = plugins(traits, call)
    if rest == [""]:
        return answers.as_json({"plugins": installed, "links": {}}, media=UPM_LIST_TYPE)
    if len(rest) == 1:
        for plugin in installed:
            if rest[0] == plugin["key"] + "-key":
                return answers.as_json(plugin, media=UPM_ONE_TYPE)
    return answers.as_json({"subCode": "upm.plugin.error.not.found"}, 404)
