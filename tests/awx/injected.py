# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job gets from AWX besides its playbook: the credentials, injected, and a slice of the inventory."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fake.rules import Filenames, TowerNamespace
from jinja2.sandbox import ImmutableSandboxedEnvironment


def inject(credential_type: Mapping[str, Any], values: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The environment that AWX makes of a credential; its files go into ``folder``, for their owner alone.

    Fields that are not filled in are undefined, which renders as nothing; booleans are False then. A file is made for
    each file injector, be it empty.
    """
    names: dict[str, Any] = {name: value for name, value in values.items() if isinstance(value, bool) or value}
    for field in credential_type["inputs"]["fields"]:
        if field["type"] == "boolean":
            names.setdefault(field["id"], False)
    environment = ImmutableSandboxedEnvironment()
    paths = {}
    for label, template in (credential_type["injectors"].get("file") or {}).items():
        handle, path = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as stream:
            stream.write(environment.from_string(template).render(**names))
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
        paths[label.partition(".")[2]] = path
    tower = TowerNamespace(paths[""] if "" in paths else Filenames(**paths) if paths else None)
    rendered = {
        name: environment.from_string(template).render(tower=tower, **names)
        for name, template in credential_type["injectors"]["env"].items()
    }
    for name, value in rendered.items():
        value.encode("ascii")
        assert "\n" not in value, name
    return rendered


def sliced(inventory: Mapping[str, Any], number: int, count: int) -> dict[str, Any]:
    """What the inventory script of AWX prints for one of ``count`` slices: every count-th host by name.

    :param inventory: one group in Ansible's YAML form, with hosts and vars
    """
    ((group, content),) = inventory.items()
    names = sorted(content["hosts"])[number - 1 :: count]
    return {
        "all": {"hosts": [], "children": [group]},
        group: {"hosts": names, "vars": content.get("vars", {})},
        "_meta": {"hostvars": {name: content["hosts"][name] for name in names}},
    }


def write_inventory(folder: Path, inventory: Mapping[str, Any]) -> None:
    """A program that prints it, as AWX hands it to ansible-runner."""
    path = folder / "hosts"
    path.write_text(
        f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(inventory)!r})\n", encoding="utf-8"
    )
    path.chmod(0o700)
