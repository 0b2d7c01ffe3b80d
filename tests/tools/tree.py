# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places to work in: a scratch folder, a clean environment, and copies of the tracked files.

``ansible-test`` works only inside a real ``.../ansible_collections/<namespace>/<name>/`` whose path has no space, and
the tools should see neither the working copy's caches nor the user's own collections and settings.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
COLLECTION = Path("ansible_collections", "fleetops", "usersync")
DROPPED = ("ANSIBLE_", "MOLECULE_", "PYTHON", "PYTEST_", "VIRTUAL_ENV", "XDG_", "AZURE_", "USERSYNC_", "AZUREAD_")


def scratch() -> Path:
    """The folder for what is kept between runs, in a path without a space: ``build/`` or else one in the temporary
    folder that belongs to this user and this checkout alone."""
    if " " not in str(ROOT):
        BUILD.mkdir(exist_ok=True)
        return BUILD
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    folder = plain_temp() / f"usersync-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        sys.exit(f"usersync: {folder} belongs to somebody else; remove it")
    return folder


def plain_temp() -> Path:
    """A temporary folder whose path has no space."""
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if " " not in folder and os.access(folder, os.W_OK):
            return Path(folder)
    sys.exit("usersync: a temporary folder without a space in its path is needed; set TMPDIR")


def tracked() -> list[Path]:
    """Files of the repository, committed or about to be, relative to its root."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
    names = sorted({Path(name) for name in listed.split("\0") if name})
    return [name for name in names if (ROOT / name).exists() or (ROOT / name).is_symlink()]


@contextlib.contextmanager
def collection_tree() -> Iterator[Path]:
    """A copy of the tracked files at ``<temporary>/ansible_collections/fleetops/usersync``; removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="usersync-tree-", dir=plain_temp()))
    try:
        yield fill(base / COLLECTION)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def fill(target: Path) -> Path:
    """Copy the tracked files into ``target``."""
    for name in tracked():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    return target


def clean_env(bin_folder: Path, collections: Path | None = None, home: Path | None = None) -> dict[str, str]:
    """The environment for a tool: programs of ``bin_folder`` first, its own home, nothing of the user's Ansible."""
    home = home or scratch() / "home"
    home.mkdir(parents=True, exist_ok=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith(DROPPED)}
    env.update(
        HOME=str(home),
        PATH=f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        LC_ALL="C.UTF-8",
        ANSIBLE_HOME=str(home / ".ansible"),
        ANSIBLE_NOCOLOR="1",
        NO_COLOR="1",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUNBUFFERED="1",
    )
    if collections:
        env["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    return env


@contextlib.contextmanager
def pip_settings(home: Path) -> Iterator[None]:
    """Give the home folder the user's settings of pip while the block runs.

    ``ansible-test`` clears the environment before it installs, so a package index or proxy named there would be lost.
    The settings may hold a password of the index: only the owner may read them, and they go away again.
    """
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    settings: dict[str, dict[str, str]] = {}
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if proxy:
        settings["global"] = {"proxy": proxy}
    for line in listed.splitlines():
        key, value = line.split("=", 1)
        section, option = key.rsplit(".", 1)
        section = "global" if section.startswith(":") else section
        settings.setdefault(section, {})[option] = ast.literal_eval(value).replace("\n", "\n    ")
    path = home / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
        for section, options in settings.items():
            stream.write(f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in options.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":  # make clean
    for folder in (scratch(), BUILD):
        shutil.rmtree(folder, ignore_errors=True)
