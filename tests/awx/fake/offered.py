# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a project an AWX offers as playbooks: it looks at names of folders and at lines, not at plays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

PLAY = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(import_playbook|include)):")
LEFT_OUT = {"roles", "tasks", "group_vars", "host_vars"}


def offered(root: Path, names: Iterable[Path]) -> list[str]:
    """:param names: files below the root, relative to it"""
    found = []
    for name in names:
        folders = set(name.parts[:-1])
        if name.suffix not in (".yml", ".yaml") or folders & LEFT_OUT or any(part[0] == "." for part in folders):
            continue
        lines = (root / name).read_text(encoding="utf-8", errors="ignore").splitlines()
        if any(map(PLAY.match, lines)) or (lines and lines[0].startswith("$ANSIBLE_VAULT;")):
            found.append(str(name))
    return sorted(found)
