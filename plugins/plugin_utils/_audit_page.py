# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""The data set as a page: Jinja2 with every value escaped, in an environment of its own.

Ansible's own templating escapes nothing, and host names and messages come from elsewhere. Here a value is text
wherever it is put; only what the template itself marks as C(safe) is not.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import codes, groups, timeline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

WORDS = {"ok": "OK", "info": "Info", "warning": "Warning", "error": "Error", "unreachable": "Not read"}


def render(report: Mapping[str, Any], template: str, documentation: str) -> str:
    """The page.

    A template gets C(report), C(by_host) (findings by host), C(groups) (see :func:`groups.groups`), C(timeline) (see
    :func:`timeline.draw`), C(documentation) (where the pages of the findings are), C(words) (names of states and
    levels), C(source(name)) (the text of a file beside it, to be put in as it is) and C(csp_hash(text)); the filter
    C(tojson) makes JSON that is safe inside a script element.

    :raises AnsibleFilterError: the template cannot be read or rendered
    """
    folder, name = os.path.split(os.path.abspath(os.path.expanduser(template)))
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}

    def source(file_name: str) -> Markup:
        return Markup(environment.loader.get_source(environment, file_name)[0])  # type: ignore[union-attr]

    try:
        return environment.get_template(name).render(
            report=report,
            by_host=by_host(report),
            groups=groups.groups(report["findings"]),
            timeline=timeline.draw(report),
            documentation=documentation.rstrip("/"),
            source=source,
            csp_hash=csp_hash,
            words=WORDS,
        )
    except (TemplateError, OSError) as exc:
        line = getattr(exc, "lineno", None)
        where = f" line {line}" if line else ""
        raise AnsibleFilterError(
            f"azure_connector_report_template: {template}{where} cannot be rendered: {exc or type(exc).__name__}"
        ) from exc


def by_host(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each host its C(findings), their C(codes) and C(levels), and the worst C(level) or null."""
    found: dict[str, dict[str, Any]] = {host["host"]: {"findings": []} for host in report["hosts"]}
    for one in report["findings"]:
        for name in one["hosts"]:
            if name in found:
                found[name]["findings"].append(one)
    for entry in found.values():
        entry["codes"] = list(dict.fromkeys(one["code"] for one in entry["findings"]))
        entry["levels"] = list(dict.fromkeys(one["level"] for one in entry["findings"]))
        entry["level"] = codes.worst(entry["levels"])
    return found


def csp_hash(text: str) -> str:
    """The source expression by which a content security policy allows this very script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()
