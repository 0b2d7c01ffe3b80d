# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the role as it is written."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import tree
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "usersync_awx"


class Loader(yaml.SafeLoader):
    """YAML with Ansible's tag for text that is never a template."""


class Unsafe(str):
    """Text that Ansible does not touch."""


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))  # type: ignore[arg-type]


@functools.cache
def load(path: Path) -> Any:
    with open(path, encoding="utf-8") as stream:
        return yaml.load(stream, Loader)  # a safe loader with one tag more


def files() -> list[Path]:
    """All files of the repository, relative to it; where it is a copy without Git, all that are there."""
    if (ROOT / ".git").exists():
        return tree.tracked()
    return sorted(path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())


def credential_types() -> dict[str, dict[str, Any]]:
    """By key."""
    listed = load(ROLE / "vars" / "main" / "credential_types.yml")["__usersync_awx_credential_types"]
    return {entry["key"]: entry for entry in listed}


def questions() -> dict[str, dict[str, Any]]:
    """By key."""
    return load(ROLE / "vars" / "main" / "surveys.yml")["__usersync_awx_questions"]


def templates() -> list[dict[str, Any]]:
    """Job templates."""
    return load(ROLE / "vars" / "main" / "job_templates.yml")["__usersync_awx_job_templates"]


def role_options(role: str, entry: str = "main") -> dict[str, Any]:
    """Options of an entry point; those of azure_connector all stand under one that has no tasks."""
    points = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]
    return (points.get("variables") or points[entry])["options"]
