# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one data set that every output is made from; its schema is roles/azure_connector/files/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import apps as app_entries
from . import find_apps, find_hosts, own_login
from . import hosts as host_entries
from .codes import CODES, LEVELS, Finding, matches, worst
from .settings import Settings, stamp

SCHEMA_VERSION = 1
OK, UNREACHABLE = "ok", "unreachable"
MOST_NAMED = 10


def build(
    reads: Sequence[Mapping[str, Any]],
    apps: Sequence[Mapping[str, Any]],
    settings: Settings,
    tagged: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """:param reads: see :func:`hosts.describe`
    :param tagged: further apps that bear our tag, of which only the secrets of hosts that were read matter
    :param apps: see :func:`apps.describe`; those of the inventory and those that only connectors name
    """
    by_id = {str(read["app"]["app_id"]).lower(): read["app"] for read in apps if read.get("app")}
    hosts = [host_entries.describe(read, by_id, settings) for read in reads]
    described = _apps(apps, hosts, settings)
    known = {entry["app_id"] or str(entry["key"]).lower(): entry for entry in described}
    by_holder = {read["holder"]: read["host"] for read in reads}
    by_holder |= {one["holder"]: entry["host"] for entry in hosts for one in entry["connectors"]}
    found: list[Finding] = []
    for entry in hosts:
        found += find_hosts.host(entry, known, settings)
    for entry in described:
        found += find_apps.app(entry, by_holder, settings)
    users = {one["holder"]: (entry["host"], one["application_id"]) for entry in hosts for one in entry["connectors"]}
    others = [entry for entry in _apps(tagged, [], settings) if entry["app_id"] not in known]
    for entry in [*described, *others]:
        found += find_apps.elsewhere(entry, users)
    found += find_apps.savings(described)
    automation = own_login.describe(apps, settings)
    for one in automation:
        found += own_login.findings(one, settings)
    found += find_apps.fleet(hosts, _fingerprints(reads))
    findings = sorted(
        (finding.as_dict() for finding in found),
        key=lambda one: (LEVELS.index(one["level"]), list(CODES).index(one["code"]), one["hosts"], one["what"]),
    )
    _set_states(hosts, findings)
    report = {
        "schema_version": SCHEMA_VERSION,
        "generated": stamp(settings.now),
        "tenant_id": next((entry["tenant_id"] for entry in described if entry["tenant_id"]), None),
        "warn_days": settings.warn_days,
        "summary": _summary(hosts, findings),
        "automation": automation,
        "hosts": hosts,
        "apps": described,
        "findings": findings,
        "gate": gate(findings, settings.fail_on),
    }
    plain: dict[str, Any] = json.loads(json.dumps(report))
    return plain


def strays(reads: Sequence[Mapping[str, Any]], apps: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Apps that connectors name and nobody has read yet: by the host that is to read them, their application ids.

    An app of another tenant is none of them, since this login cannot see it.
    """
    known = {str(read["app"]["app_id"]).lower() for read in apps if read.get("app")}
    tenants = {str(read["tenant_id"]).lower() for read in apps if read.get("tenant_id")}
    leaders: dict[str, list[str]] = {}
    if apps and all(read.get("failure") for read in apps):
        return leaders  # a login that was refused once is not tried again for each of them
    for read in reads:
        for one in host_entries.azure_only((read.get("result") or {}).get("connectors") or []):
            app_id, tenant = str(one.get("application_id") or "").lower(), str(one.get("tenant_id") or "").lower()
            if not app_id or app_id in known or (len(tenant) == 36 and tenants and tenant not in tenants):
                continue
            known.add(app_id)
            leaders.setdefault(read["host"], []).append(app_id)
    return leaders


def gate(findings: Sequence[dict[str, Any]], fail_on: Sequence[str]) -> dict[str, Any]:
    """C(failed), and C(sentence) which names the findings, or null."""
    hits = [one for one in findings if matches(one, fail_on)]
    if not hits:
        return {"fail_on": list(fail_on), "failed": False, "sentence": None}
    counts: dict[str, list[str]] = {}
    for one in hits:
        counts.setdefault(one["code"], []).extend(one["hosts"] or [f"app {one['app_id']}" if one["app_id"] else "?"])
    parts = []
    for code, names in counts.items():
        unique = list(dict.fromkeys(names))
        more = f" and {len(unique) - MOST_NAMED} more" if len(unique) > MOST_NAMED else ""
        parts.append(f"{code} ({', '.join(unique[:MOST_NAMED])}{more})")
    many = f"{len(hits)} finding{'' if len(hits) == 1 else 's'}"
    return {
        "fail_on": list(fail_on),
        "failed": True,
        "sentence": f"the audit has {many} that azure_connector_audit_fail_on names: {'; '.join(parts)}",
    }


def _apps(apps: Sequence[Mapping[str, Any]], hosts: Sequence[Any], settings: Settings) -> list[dict[str, Any]]:
    """Each app once, though the inventory may name it in two ways."""
    described: dict[str, dict[str, Any]] = {}
    for read in apps:
        entry = app_entries.describe(read, hosts, settings)
        known = described.setdefault(entry["app_id"] or f"key {entry['key']}", entry)
        if known is not entry:
            known["hosts"] = sorted({*known["hosts"], *entry["hosts"]})
            known["meant_by"] = sorted({*known["meant_by"], *entry["meant_by"]})
    return sorted(described.values(), key=lambda entry: (str(entry["display_name"] or entry["key"]), str(entry["key"])))


def _fingerprints(reads: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    found = {}
    for read in reads:
        for one in (read.get("result") or {}).get("connectors") or []:
            fingerprint = (one.get("secret") or {}).get("fingerprint")
            if fingerprint:
                found[read["host"], str(one.get("id"))] = str(fingerprint)
    return found


def _set_states(hosts: Sequence[dict[str, Any]], findings: Sequence[Mapping[str, Any]]) -> None:
    levels: dict[str, list[str]] = {}
    for one in findings:
        for name in one["hosts"]:
            levels.setdefault(name, []).append(one["level"])
    for entry in hosts:
        level = worst(levels.get(entry["host"], []))
        entry["state"] = UNREACHABLE if not entry["reachable"] else level if level in ("error", "warning") else OK


def _summary(hosts: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    states = [entry["state"] for entry in hosts]
    codes: dict[str, int] = {}
    for one in findings:
        codes[one["code"]] = codes.get(one["code"], 0) + 1
    secrets = [one["secret"] for entry in hosts for one in entry["connectors"]]
    ends = [
        {"host": entry["host"], "end": one["secret"]["end"], "days_left": one["secret"]["days_left"]}
        for entry in hosts
        for one in entry["connectors"]
        if one["secret"]["end"] and not one["secret"]["expired"]
    ]
    return {
        "hosts": {
            "total": len(hosts),
            **{state: states.count(state) for state in (OK, "warning", "error", UNREACHABLE)},
        },
        "findings": {level: sum(1 for one in findings if one["level"] == level) for level in LEVELS},
        "codes": codes,
        "expired_secrets": sum(1 for secret in secrets if secret["expired"]),
        "next_secret_end": min(ends, key=lambda one: str(one["end"]), default=None),
    }
