# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Whether an app is one of ours, and who else could use it (ownership.md).

Whoever owns an app or its service principal, or holds any of its credentials, gets what is granted to the app. An owner
may make us an owner too, and anybody may give a name or a tag, so neither proves anything. What cannot be read counts
as unknown. Federated credentials of a service principal exist for managed identities alone, which no registration has.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._guid import GUID
from .._waiting import Waiting
from . import credentials, federation, principals

if TYPE_CHECKING:
    from .graph import Graph

# Ids of clients that everybody uses, so that an app which one of them made may be anybody's
COMMON_CLIENTS = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph PowerShell and CLI",
    "1b730954-1685-4b74-9bfd-dac224a7b894": "Azure AD PowerShell",
    "de8bc8b5-d9f9-48b1-a8ad-b748da725064": "Graph Explorer",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "the Azure portal",
    "74658136-14ec-4630-ad9b-26e160ff0fc6": "the Azure portal",
    "18ed3507-a475-4ccb-b669-d66bc9f2a36e": "the app registrations of the Azure portal",
    "2233b157-f44d-4812-b777-036cdaf9a96e": "Azure Cloud Shell",
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1": "Visual Studio",
    "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
}
PATIENCE = 60.0
# A warning names no more of them
MOST_SHOWN = 3
_UNREAD = "unread"


@dataclass(frozen=True)
class Known:
    """What the user, or the login, vouches for; everything in lower case.

    :ivar clients: application ids of automations
    :ivar owners: object ids of users and service principals
    :ivar credentials: key ids, thumbprints of certificates, and of federated credentials ids or C(<issuer> <subject>)
    """

    clients: frozenset[str]
    owners: frozenset[str]
    credentials: frozenset[str]


@dataclass(frozen=True)
class Foreign:
    """Something by which somebody else could use the app.

    :ivar what: words for a sentence
    :ivar command: what an administrator runs to remove it; None for what could not be read
    """

    kind: str
    what: str
    command: str | None = None


def known(graph: Graph, options: Mapping[str, Any]) -> Known:
    """:param options: automation_ids, known_owners, known_credentials"""

    def low(name: str) -> set[str]:
        return {" ".join(str(entry).split()).lower() for entry in options.get(name) or []}

    own = {graph.client_id.lower()} - {"", *COMMON_CLIENTS}
    caller = {graph.caller_id.lower()} - {""}
    return Known(
        frozenset(own | low("automation_ids")),
        frozenset(caller | low("known_owners")),
        frozenset(low("known_credentials")),
    )


def made_by_us(app: Mapping[str, Any], vouched: Known) -> bool:
    """The one proof that the directory itself writes and nobody can change."""
    return str(app.get("createdByAppId") or "").lower() in vouched.clients


def held_by_others(app: Mapping[str, Any], principal: Mapping[str, Any] | None, vouched: Known) -> list[Foreign]:
    """Secrets and certificates, which need no further read."""
    found = []
    for holder, az in ((app, f"ad app credential delete --id {app.get('appId')}"), (principal or {}, "")):
        at = "" if az else " of the service principal"
        az = az or f"ad sp credential delete --id {holder.get('id')}"
        for entry in holder.get("passwordCredentials") or []:
            own = not at and credentials.holder_of(entry) is not None
            if not own and str(entry["keyId"]).lower() not in vouched.credentials:
                found.append(Foreign("secret", f"secret{at} {_called(entry)}", f"az {az} --key-id {entry['keyId']}"))
        for entry in holder.get("keyCredentials") or []:
            if not vouched.credentials & _names_of(entry):
                what = f"certificate{at} {_called(entry)}"
                found.append(Foreign("certificate", what, f"az {az} --cert --key-id {entry['keyId']}"))
    return found


def foreign(graph: Graph, app: Mapping[str, Any], principal: Mapping[str, Any] | None, vouched: Known) -> list[Foreign]:
    """Everything by which somebody else could use the app, in a stable order; up to three reads."""
    return [
        *held_by_others(app, principal, vouched),
        *_federated(graph, app, vouched),
        *_owners(graph, app, f"applications/{app['id']}", vouched),
        *(_owners(graph, app, f"servicePrincipals/{principal['id']}", vouched) if principal else []),
    ]


def check(
    graph: Graph,
    app: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    granting: bool = False,
    removing: bool = False,
    deleted: bool = False,
) -> None:
    """Before the first write to an app that this run has found, and before a grant to any app.

    :param granting: something is about to be granted to the app, so that even an app of ours must carry nothing foreign
    :param removing: the app is about to be removed, which takes more than that nothing speaks against it
    :param deleted: the app lies in the bin, where its owners cannot be read
    :raises StateError: it is not ours, or somebody else could use what is granted
    :raises OptionError: adopt names another app
    """
    adopt = str(options.get("adopt") or "").lower()
    if adopt and adopt != str(app["id"]).lower():
        raise errors.OptionError(
            "adopt",
            f"names the app with object ID {adopt}, but the app found has {app['id']}; nothing was changed",
        )
    vouched = known(graph, options)
    ours, found = _judged(graph, app, vouched, granting or bool(adopt), deleted)
    if removing and not found and not ours and not principals.owner_ids(graph, str(app["id"])):
        found = [Foreign("nobody", "nothing shows whose it is, as it has no owner")]
    if not found or (ours and not granting and not adopt):
        for entry in found:
            graph.run.warn(f"{_named(app)} has something that this automation did not create: {entry.what}")
        return
    commands = [entry.command for entry in found if entry.command]
    listed = "; ".join(entry.what for entry in found)
    if adopt:
        hint = f"; remove whatever is not needed: {' ; '.join(commands)}" if commands else ""
        graph.run.warn(f"adopt: {_named(app)} is taken over along with what lets others use it: {listed}{hint}")
        return
    begin = (
        f"nothing is granted to {_named(app)}, since others would get it too"
        if granting
        else f"{_named(app)} was not created by this automation, and nothing was changed, since others can use it"
    )
    raise errors.StateError(
        f"adopt: {begin}: {listed}. Remove these things"
        + (f" ({' ; '.join(commands)})" if commands else "")
        + ", or declare what is yours with known_owners, known_credentials or automation_ids, or take the app over as "
        f"it is with adopt: {app['id']}, or name another app (in the role: azure_connector_known_owners, "
        "azure_connector_app_adopt and so on)",
        code="foreign_app" if not granting else "foreign_on_app",
        object_id=app["id"],
        app_id=app.get("appId"),
        foreign=[{"kind": entry.kind, "what": entry.what, "command": entry.command} for entry in found],
    )


def warn_of_others(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Who else could log in as the app, where a secret is made for it; that goes on, as it gives nobody anything.

    :param options: known_credentials
    """
    found = held_by_others(app, None, known(graph, options))
    if found:
        commands = [entry.command for entry in found[:MOST_SHOWN] if entry.command]
        listed = [entry.what for entry in found[:MOST_SHOWN]]
        more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        graph.run.warn(
            f"somebody else can log in as {_named(app)}, by {'; '.join(listed)}{more}; remove what nobody needs: "
            f"{' ; '.join(commands)}, or name what is yours by known_credentials"
        )


def check_options(options: Mapping[str, Any]) -> None:
    """:raises OptionError: an id is none, or is one that everybody uses"""
    for name in ("automation_ids", "known_owners"):
        for entry in options.get(name) or []:
            if not GUID.fullmatch(str(entry)):
                raise errors.OptionError(name, f"'{entry}' is not a GUID")
    for entry in options.get("automation_ids") or []:
        common = COMMON_CLIENTS.get(str(entry).lower())
        if common:
            raise errors.OptionError(
                "automation_ids",
                f"{entry} is {common}, which everybody uses, so an app that it created may be anybody's; list the "
                "people who may own the app in known_owners",
            )
    if options.get("adopt") is not None and not GUID.fullmatch(str(options["adopt"])):
        raise errors.OptionError(
            "adopt",
            f"'{options['adopt']}' is not the object id (a GUID) of the app to take over, which the portal shows",
        )
    for entry in options.get("known_credentials") or []:
        if not str(entry).strip():
            raise errors.OptionError("known_credentials", "has an empty entry; leave it out")


def _judged(
    graph: Graph, app: Mapping[str, Any], vouched: Known, whole: bool, deleted: bool
) -> tuple[bool, list[Foreign]]:
    """Whether it is ours, and what is foreign; a fresh app is asked again, since replicas know parts of it only.

    :param whole: everything foreign is looked for, even on an app of ours
    """
    wait = Waiting(graph.run, PATIENCE, pause=5.0, longest=5.0)
    while True:
        ours = made_by_us(app, vouched)
        principal, unread = (None, []) if deleted else _principal(graph, app)
        if deleted:
            found = held_by_others(app, None, vouched)
            found += [] if ours else [Foreign(_UNREAD, "its owners, who cannot be read while it is deleted")]
        elif ours and not whole:
            found = held_by_others(app, principal, vouched)
        else:
            found = [*unread, *foreign(graph, app, principal, vouched)]
        fresh = principals.is_fresh(app, graph.run.now())
        if ours or not found or not fresh or wait.over:
            return ours, found
        wait.rest()
        app = graph.find(f"applications/{app['id']}") or app


def _principal(graph: Graph, app: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[Foreign]]:
    try:
        return (principals.find_principal(graph, app["appId"]) if app.get("appId") else None), []
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return None, [Foreign(_UNREAD, "its service principal, which this automation may not read")]


def _federated(graph: Graph, app: Mapping[str, Any], vouched: Known) -> list[Foreign]:
    try:
        listed = federation.read(graph, app["id"])
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return [Foreign(_UNREAD, "its federated credentials, which this automation may not read")]
    found = []
    for entry in federation.describe_all(listed):
        names = {str(entry["id"]).lower(), f"{entry['issuer']} {entry['subject']}".lower()}
        if not names & vouched.credentials:
            what = f"federated credential '{entry['name']}' ({entry['issuer']}, subject {entry['subject']})"
            az = (
                f"az ad app federated-credential delete --id {app.get('appId')} --federated-credential-id {entry['id']}"
            )
            found.append(Foreign("federated", what, az))
    return found


def _owners(graph: Graph, app: Mapping[str, Any], path: str, vouched: Known) -> list[Foreign]:
    of_app = path.startswith("applications/")
    whose = "owner" if of_app else "owner of the service principal"
    try:
        listed = graph.list(f"{path}/owners", {"$select": "id,displayName,appId"})
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return [Foreign(_UNREAD, f"its {whose}s, which this automation may not read")]
    found = []
    for owner in sorted(listed, key=lambda entry: str(entry["id"])):
        if str(owner["id"]).lower() in vouched.owners or str(owner.get("appId") or "").lower() in vouched.clients:
            continue
        named = f" ({owner['displayName']})" if owner.get("displayName") else ""
        command = (
            f"az ad app owner remove --id {app.get('appId')} --owner-object-id {owner['id']}"
            if of_app
            else f"az rest --method DELETE --url '{graph.root}/v1.0/{path}/owners/{owner['id']}/$ref'"
        )
        found.append(Foreign("owner", f"{whose} {owner['id']}{named}", command))
    return found


def _names_of(certificate: Mapping[str, Any]) -> Collection[str]:
    """Its key id, and its thumbprint where the directory tells it (base64 of the SHA-1 digest, as a rule)."""
    names = {str(certificate["keyId"]).lower()}
    told = str(certificate.get("customKeyIdentifier") or "")
    names.add(told.lower())
    with contextlib.suppress(binascii.Error, ValueError):
        names.add(base64.b64decode(told, validate=True).hex())
    return names - {""}


def _called(entry: Mapping[str, Any]) -> str:
    """A name that people recognise: its display name, key id and end."""
    name = f"'{entry['displayName']}' " if entry.get("displayName") else ""
    end = str(entry.get("endDateTime") or "")[:10]
    return f"{name}({entry['keyId']}{f', expires {end}' if end else ''})"


def _named(app: Mapping[str, Any]) -> str:
    return f"the app '{app.get('displayName')}' (app_id {app.get('appId')}, object_id {app.get('id')})"
