# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection ``awx.awx`` for the tests, out of the community package ``ansible``; kept in ``build/`` only.

The package index has it nowhere else, and the package is large, so that only the one folder of it is kept.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import tree

PACKAGE = "ansible==12.3.0"
SHA256 = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
VERSION = "24.6.1"
FOLDER = "ansible_collections/awx/awx/"


def ensure() -> Path:
    """The folder to put into ``ANSIBLE_COLLECTIONS_PATH``."""
    home = tree.scratch() / f"awx-{VERSION}"
    if (home / FOLDER / "MANIFEST.json").exists():
        return home
    with tempfile.TemporaryDirectory(dir=tree.scratch()) as temporary:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", temporary, PACKAGE], check=True, stdin=subprocess.DEVNULL)
        wheel = next(Path(temporary).glob("*.whl"))
        with open(wheel, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != SHA256:
            sys.exit(f"usersync: {wheel.name} is not the one that was tested: its SHA-256 is {digest}")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(Path(temporary, "new"), [name for name in archive.namelist() if name.startswith(FOLDER)])
        shutil.rmtree(home, ignore_errors=True)
        Path(temporary, "new").rename(home)
    return home


if __name__ == "__main__":
    print(ensure())
