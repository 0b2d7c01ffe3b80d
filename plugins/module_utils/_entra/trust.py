# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Issuer and subject of the tokens that automation platforms give to their jobs (bootstrap.md). Pure.

Each platform is trusted for one protected branch, environment, service connection, account or job template; never for
pull requests, which anybody may open, and never by a wildcard, which Entra ID would take for a letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import OptionError
from .._guid import GUID


@dataclass(frozen=True)
class Platform:
    """How a platform names its jobs.

    :ivar issuer: template of the C(iss) claim
    :ivar subjects: templates of the C(sub) claim, the first whose fields are all given counts
    :ivar defaults: of fields that need not be given
    """

    issuer: str
    subjects: tuple[str, ...]
    defaults: Mapping[str, str]

    def fields(self) -> set[str]:
        return {name for text in (self.issuer, *self.subjects) for name in re.findall(r"{(\w+)}", text)}


PLATFORMS: dict[str, Platform] = {
    "aap": Platform(
        "{issuer}",
        ("workload_type:aap_controller_automation_job:organization:{organization}:job_template:{job_template}",),
        {},
    ),
    "azure_devops": Platform(
        "https://vstoken.dev.azure.com/{organization_id}",
        ("sc://{organization}/{project}/{service_connection}",),
        {},
    ),
    "github": Platform(
        "{issuer}",
        ("repo:{repository}:environment:{environment}", "repo:{repository}:ref:refs/heads/{branch}"),
        {"issuer": "https://token.actions.githubusercontent.com"},
    ),
    "gitlab": Platform(
        "{issuer}",
        ("project_path:{project}:ref_type:branch:ref:{branch}",),
        {"issuer": "https://gitlab.com"},
    ),
    "kubernetes": Platform("{issuer}", ("system:serviceaccount:{namespace}:{service_account}",), {}),
}
_SHAPES = {
    "issuer": (re.compile(r"https://[^\s/?#@]+(/[^\s?#]*)?"), "must be an https address, such as https://gitlab.com"),
    "organization_id": (GUID, "must be the id of the organization, a GUID"),
    "repository": (re.compile(r"[\w.-]+/[\w.-]+"), "must be owner/name, such as example/fleet"),
    "project": (re.compile(r"[^\s:]+(?: [^\s:]+)*"), "must be the path of the project, without a colon"),
    "namespace": (re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"), "must be the name of a namespace"),
    "service_account": (re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"), "must be the name of a service account"),
}


def trust(option: str, platform: str, given: Mapping[str, Any]) -> dict[str, str]:
    """C(issuer) and C(subject) for one job of a platform.

    :param option: that holds the fields, for the sentence
    :param given: the fields of the platform, texts
    :raises OptionError: a field is missing, unknown, or cannot be what it is called
    """
    known = PLATFORMS.get(platform)
    if known is None:
        raise OptionError(option, f"platform must be one of {', '.join(sorted(PLATFORMS))}, not '{platform}'")
    fields = {**known.defaults, **{name: _text(option, name, value) for name, value in given.items()}}
    strange = sorted(set(fields) - known.fields())
    if strange:
        takes = ", ".join(sorted(known.fields()))
        raise OptionError(option, f"{', '.join(strange)} cannot be given for {platform}, which takes {takes}")
    subjects = [text for text in known.subjects if set(re.findall(r"{(\w+)}", text)) <= set(fields)]
    used = {name for text in (known.issuer, *subjects) for name in re.findall(r"{(\w+)}", text)}
    if not subjects or not set(re.findall(r"{(\w+)}", known.issuer)) <= set(fields):
        raise OptionError(option, f"{_missing(known, fields)} must be given for {platform}")
    if len(subjects) > 1:
        other = sorted(used - set(re.findall(r"{(\w+)}", subjects[0])) - set(known.defaults))
        raise OptionError(
            option, f"{', '.join(other)} cannot be combined with the other fields for {platform}; give one of them"
        )
    return {"issuer": known.issuer.format(**fields), "subject": subjects[0].format(**fields)}


def _text(option: str, name: str, value: Any) -> str:
    text = str(value)
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise OptionError(option, f"{name} is empty, or has spaces around it or invisible characters")
    if "*" in text:
        raise OptionError(
            option, f"{name}: '{text}' has a wildcard, but Entra ID compares letter by letter; give the exact value"
        )
    if name == "branch" and (text.startswith("refs/") or "pull" in text.split("/")):
        raise OptionError(option, f"branch: '{text}' must be the name of a protected branch, such as main")
    shape = _SHAPES.get(name)
    if shape and not shape[0].fullmatch(text):
        raise OptionError(option, f"{name}: '{text}' {shape[1]}")
    return text


def _missing(known: Platform, fields: Mapping[str, str]) -> str:
    """What the nearest form still wants; alternatives in words."""
    wants = []
    for subject in known.subjects:
        needed = re.findall(r"{(\w+)}", known.issuer + subject)
        wants.append(", ".join(name for name in dict.fromkeys(needed) if name not in fields))
    return " or ".join(dict.fromkeys(wants))
