# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Password credentials: the secret's text is shown once; lifetimes follow the app management policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .call import Answer, Call, Caller, Route
from .errors import bad_request
from .moments import parse_moment, wire_moment
from .policies import judge_password
from .rules import MAX_CREDENTIALS, allows_personal, refuse_fresh_personal, size_exceeded
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

# A generated secret holds some of these; they matter to whoever quotes it for JSON, XML or a shell.
SIGNS = ("[]@+", ":-~.", "_@:]", "+[-.")


@dataclass(slots=True)
class Secret:
    """What the token service knows of a password credential."""

    key_id: str
    text: str
    start: datetime
    end: datetime
    added: datetime
    display_name: str | None
    expiry_noted: bool = False


def two_years_later(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year + 2)
    except ValueError:
        return moment.replace(year=moment.year + 2, day=28)


def add_password(tenant: Tenant, record: Record, wish: Data, now: datetime, caller: Caller | None = None) -> Data:
    """Make a password credential and return it with its text. Raises GraphError when a rule forbids it."""
    for name in ("keyId", "secretText", "customKeyIdentifier"):
        if wish.get(name) is not None:
            raise bad_request(f"Property '{name}' of a new password credential must not be specified.")
    start = parse_moment(wish["startDateTime"]) if wish.get("startDateTime") else now
    end = parse_moment(wish["endDateTime"]) if wish.get("endDateTime") else two_years_later(start)
    if end <= start:
        raise bad_request("The end date of the credential must be later than its start date.")
    if end <= now:
        raise bad_request("The end date of the credential lies in the past.")
    judge_password(tenant, record, start, end, caller)
    existing = record.data["passwordCredentials"]
    if (allows_personal(record.data) or tenant.world.faults.take("password_limit")) and len(existing) >= 2:
        raise bad_request(
            f"Not allowed to add {len(existing) + 1} passwords. The application has a maximum of 2 passwords allowed."
        )
    if len(existing) >= MAX_CREDENTIALS:
        raise size_exceeded()
    return store_password(tenant, record, wish.get("displayName"), start, end, now)


def store_password(
    tenant: Tenant,
    record: Record,
    display_name: str | None,
    start: datetime,
    end: datetime,
    now: datetime,
    custom_key_identifier: str | None = None,
) -> Data:
    """Store without asking any rule; also for what tests seed."""
    ids = tenant.world.ids
    number = ids.number("secret")
    text = ids.text(16 + number * 7 % 49, SIGNS[number % len(SIGNS)])
    key_id = ids.uuid()
    credential = {
        "customKeyIdentifier": custom_key_identifier,
        "displayName": display_name,
        "endDateTime": wire_moment(end),
        "hint": text[:3],
        "keyId": key_id,
        "secretText": None,
        "startDateTime": wire_moment(start),
    }
    record.put(now, passwordCredentials=[*record.data["passwordCredentials"], credential])
    app_id = record.data["appId"]
    tenant.secrets.setdefault(app_id, {})[text] = Secret(key_id, text, start, end, now, display_name)
    tenant.world.secrets.add(text, "client secret")
    tenant.world.timeline.add(
        "credential_added", app_id=app_id, key_id=key_id, display_name=display_name, end=credential["endDateTime"]
    )
    return {**credential, "secretText": text}


def remove_password(tenant: Tenant, record: Record, key_id: str, now: datetime) -> None:
    """Raises 400 for a key that is not there, or not there yet where a replica lags."""
    existing = record.data["passwordCredentials"]
    kept = [item for item in existing if item["keyId"].lower() != key_id.lower()]
    app_id = record.data["appId"]
    secrets = tenant.secrets.get(app_id, {})
    secret = next((item for item in secrets.values() if item.key_id == key_id.lower()), None)
    if len(kept) == len(existing) or (secret is not None and tenant.within_lag(secret.added)):
        raise bad_request(f"No password credential found with keyId '{key_id}'.")
    record.put(now, passwordCredentials=kept)
    if secret is not None:
        del secrets[secret.text]
    tenant.world.timeline.add(
        "credential_removed",
        app_id=app_id,
        key_id=key_id.lower(),
        display_name=secret.display_name if secret else None,
        live=bool(secret and secret.end > now),
    )


def _kind(call: Call) -> str:
    return "application" if call.shape.startswith("applications") else "servicePrincipal"


def add(call: Call) -> Answer:
    record = call.record(_kind(call))
    call.tenant.refuse_concurrent(record, call.now)
    refuse_fresh_personal(call.tenant, record)
    shown = add_password(call.tenant, record, dict(call.body.get("passwordCredential") or {}), call.now, call.caller)
    return Answer(200, {"@odata.context": call.context("microsoft.graph.passwordCredential"), **shown})


def remove(call: Call) -> Answer:
    record = call.record(_kind(call))
    call.tenant.refuse_concurrent(record, call.now)
    remove_password(call.tenant, record, call.body["keyId"], call.now)
    return Answer()


def _owner(call: Call) -> Record | None:
    return call.store.get(_kind(call), *call.keys[0])


def _routes() -> dict[tuple[str, str], Route]:
    routes: dict[tuple[str, str], Route] = {}
    for place, kind in (("applications", "application"), ("serviceprincipals", "servicePrincipal")):
        routes["POST", f"{place}/{{}}/addpassword"] = Route(
            add,
            (f"/{place}/{{id}}/addpassword",),
            owner=_owner,
            owner_suffices=True,
            request=f"action:{kind}/addPassword",
            answer="passwordCredential",
        )
        routes["POST", f"{place}/{{}}/removepassword"] = Route(
            remove,
            (f"/{place}/{{id}}/removepassword",),
            owner=_owner,
            owner_suffices=True,
            request=f"action:{kind}/removePassword",
        )
    return routes


ROUTES = _routes()
