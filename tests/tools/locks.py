# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make locks``: every project that the requirement files bring along, with its hashes, one lock for each Python.

The requirement files say what we want, the locks in ``tests/locks`` what that comes to. A block of a lock says for
which sets of requirement files it is. Made by uv in an environment of its own; nothing in a lock names where its files
come from.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import bootstrap

UV = "uv==0.13.9"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
HEAD = """\
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Made by `make locks` from tests/requirements*.txt for Python {python}.
"""
BLOCK = re.compile(r"^([\w.-]+)==(\S+)(?: ; .*)? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def compiled(uv: Path, python: str, wanted: list[str], limits: str) -> dict[str, tuple[str, list[str]]]:
    """``{project: (version, hashes)}`` of these requirement lines and of all that they bring along."""
    with tempfile.TemporaryDirectory(prefix="usersync-locks-") as folder:
        (Path(folder) / "in.txt").write_text("\n".join(wanted) + "\n", encoding="utf-8")
        (Path(folder) / "limits.txt").write_text(limits, encoding="utf-8")
        command = [str(uv), "pip", "compile", "-q", "--python-version", python, "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-emit-index-url", "-c", "limits.txt", "-o", "out.txt", "in.txt"]
        subprocess.run(command, cwd=folder, check=True, env={**os.environ, "UV_SYSTEM_CERTS": "1"})
        text = (Path(folder) / "out.txt").read_text(encoding="utf-8")
    return {
        name.lower(): (version, re.findall(r"--hash=(\S+)", hashes)) for name, version, hashes in BLOCK.findall(text)
    }


def written(python: str, sets: dict[str, dict[str, tuple[str, list[str]]]]) -> str:
    """The text of a lock; of a project that several sets want there is one block."""
    blocks = []
    for name in sorted({name for found in sets.values() for name in found}):
        wanting = [title for title, found in sets.items() if name in found]
        version, hashes = sets[wanting[0]][name]
        assert wanting and all(sets[title][name][0] == version for title in wanting), f"{name}: {wanting} disagree"
        lines = [f"{name}=={version}", *(f"    --hash={one}" for one in hashes)]
        blocks.append(f"# for: {' '.join(wanting)}\n" + " \\\n".join(lines))
    return HEAD.format(python=python) + "\n".join(blocks) + "\n"


def lock(uv: Path, python: str, group: tuple[str, ...], fresh: bool) -> None:
    """Write the lock of a group of sets, the largest of which holds all others, for one Python.

    Versions stay what they are where the old lock has them, unless all of them are to be ``fresh``.
    """
    path = Path(bootstrap.lock_path(group[0], python))
    old = [] if fresh or not path.exists() else bootstrap.locked(str(path))
    limits = "".join(f"{name}=={version}\n" for name, version, _sets, _block in old)
    whole = compiled(uv, python, bootstrap.merged(bootstrap.SETS[group[-1]]), limits)
    limits = "".join(f"{name}=={version}\n" for name, (version, _hashes) in whole.items())
    sets = {title: compiled(uv, python, bootstrap.merged(bootstrap.SETS[title]), limits) for title in group[:-1]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(python, {**sets, group[-1]: whole}), encoding="utf-8")
    print(f"{path.name}: {len(whole)} projects", flush=True)


def main() -> int:
    """Command line: ``--fresh`` takes the newest versions of what the requirement files leave open."""
    with tempfile.TemporaryDirectory(prefix="usersync-uv-") as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([f"{folder}/bin/python", "-m", "pip", "install", "--quiet", UV], check=True)
        for group in bootstrap.GROUPS:
            for python in bootstrap.LOCKED.get(group[0], PYTHONS):
                lock(Path(folder, "bin", "uv"), python, group, "--fresh" in sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
