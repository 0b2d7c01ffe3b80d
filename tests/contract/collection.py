# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard tests share: the files of the repository and what Ansible says about the modules."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
NAME = "fleetops.usersync"


@functools.cache
def files() -> list[Path]:
    """Every file that belongs to the repository, relative to its root; in a copy of it, every file there is."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
        return sorted({Path(name) for name in listed if name and (ROOT / name).is_file()})
    return sorted(
        path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )


def text(name: Path) -> str | None:
    """The file's text, None when it is none."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def modules() -> list[str]:
    """Names of the modules, without the collection's name."""
    return [path.stem for path in sorted((ROOT / "plugins" / "modules").glob("[a-z]*.py"))]


@functools.cache
def runtime() -> dict[str, Any]:
    """meta/runtime.yml."""
    return yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))


@functools.cache
def documentation() -> dict[str, dict[str, Any]]:
    """What ansible-doc shows of each module, fragments included: ``{module: {"doc", "examples", "return"}}``.

    It looks for them in ANSIBLE_COLLECTIONS_PATH.
    """
    names = [f"{NAME}.{module}" for module in modules()]
    command = [os.path.join(os.path.dirname(sys.executable), "ansible-doc"), "--type", "module", "--json", *names]
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {name.rsplit(".", 1)[1]: page for name, page in json.loads(shown[shown.index("{") :]).items()}
