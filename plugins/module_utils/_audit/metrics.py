# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The data set as text for the node exporter's textfile collector (Prometheus text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _moments as moments
from .codes import CODES, LEVELS

Sample = tuple[dict[str, Any], float]


def text(report: Mapping[str, Any]) -> str:
    """All metrics; ends with a line feed, as the collector demands."""
    hosts, apps = report["hosts"], report["apps"]
    used = [(host, one) for host in hosts for one in host["connectors"]]
    families: list[tuple[str, str, Iterable[Sample]]] = [
        ("usersync_audit_timestamp_seconds", "When the audit was made.", [({}, _seconds(report["generated"]))]),
        (
            "usersync_host_up",
            "Whether the audit could read User Sync of the host.",
            [({"host": host["host"]}, float(host["reachable"])) for host in hosts],
        ),
        (
            "usersync_host_info",
            "Product and versions of the host.",
            [({"host": host["host"], **_versions(host)}, 1.0) for host in hosts if host["reachable"]],
        ),
        (
            "usersync_host_token_end_timestamp_seconds",
            "When the token that the automation logs in with at the host expires, where the host shows it.",
            [({"host": host["host"]}, _seconds(host["login"]["end"])) for host in hosts if host["login"]["end"]],
        ),
        (
            "usersync_automation_login_end_timestamp_seconds",
            "When the certificate or secret that the automation itself logs in to Entra ID with expires.",
            [
                ({"app_id": one["app_id"], "by": one["by"]}, _seconds(one["end"]))
                for one in report["automation"]
                if one["end"]
            ],
        ),
        (
            "usersync_secret_end_timestamp_seconds",
            "When the client secret of the host's connector expires, where known.",
            [
                ({**_labels(host, one), "app_id": one["application_id"]}, _seconds(one["secret"]["end"]))
                for host, one in used
                if one["secret"]["end"]
            ],
        ),
        (
            "usersync_credential_end_timestamp_seconds",
            "When a client secret of the app expires, whoever uses it.",
            [
                (
                    {
                        "app_id": app["app_id"],
                        "key_id": one["key_id"],
                        "holder": one["holder"],
                        "kind": "own" if one["own"] else "foreign",
                    },
                    _seconds(one["end"]),
                )
                for app in apps
                for one in app["credentials"]
                if one["end"]
            ],
        ),
        (
            "usersync_last_sync_end_timestamp_seconds",
            "When the last sync of the connector finished.",
            [
                (_labels(host, one), _seconds(one["last_sync"]["ended"]))
                for host, one in used
                if one["last_sync"] and one["last_sync"]["ended"]
            ],
        ),
        (
            "usersync_last_sync_success",
            "Whether the last sync of the connector succeeded; missing while one is running and if none ever ran.",
            [
                (_labels(host, one), float(one["last_sync"]["success"]))
                for host, one in used
                if one["last_sync"] and not one["last_sync"]["running"]
            ],
        ),
        (
            "usersync_last_sync_users",
            "Users of the last sync by result.",
            [
                ({**_labels(host, one), "result": name}, float(count))
                for host, one in used
                for name, count in sorted((one["last_sync"] or {}).get("counters", {}).items())
                if name != "result"
            ],
        ),
        ("usersync_findings", "Findings of the audit by code.", _by_code(report)),
        ("usersync_host_findings", "Findings of the audit by host.", _by_host(report)),
    ]
    lines = []
    for name, help_text, samples in families:
        listed = list(samples)
        if listed:
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
            lines += [f"{name}{_braces(labels)} {_number(value)}" for labels, value in listed]
    return "\n".join(lines) + "\n"


def _by_code(report: Mapping[str, Any]) -> Iterable[Sample]:
    """Zeros too, so that an alert ends when the finding does."""
    counts: dict[tuple[str, str], int] = {(code, level): 0 for code, levels in CODES.items() for level in levels}
    for one in report["findings"]:
        counts[one["code"], one["level"]] += 1
    return [({"code": code, "level": level}, float(count)) for (code, level), count in counts.items()]


def _by_host(report: Mapping[str, Any]) -> Iterable[Sample]:
    counts = {(host["host"], level): 0 for host in report["hosts"] for level in LEVELS}
    for one in report["findings"]:
        for name in one["hosts"]:
            if (name, one["level"]) in counts:
                counts[name, one["level"]] += 1
    return [({"host": host, "level": level}, float(count)) for (host, level), count in counts.items()]


def _labels(host: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    return {"host": host["host"], "connector": one["id"]}


def _versions(host: Mapping[str, Any]) -> dict[str, Any]:
    return {name: host[name] for name in ("product", "product_version", "usersync_version")}


def _seconds(text: str) -> float:
    found = moments.parse(text)
    return found.timestamp() if found else float("nan")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _braces(labels: Mapping[str, Any]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: Any) -> str:
    text = "" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
