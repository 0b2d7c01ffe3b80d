# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make site``: the pages of ``docs/`` and the reference of all plugins as one site, without a warning.

The reference is made by antsibull-docs, the site by Sphinx with Ansible's theme, in an environment of their own.
Nothing is fetched: what the pages refer to in Ansible's documentation is listed in ``docs/docsite/references.txt``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import bootstrap
import tree

NAME = "fleetops.usersync"
VENV = tree.scratch() / "venv-site"
SOURCE = tree.BUILD / "site" / "source"
HTML = tree.BUILD / "site" / "html"
SITE = tree.ROOT / "docs" / "docsite"
ENTRY = re.compile(r"^\.\. _ansible_collections\.fleetops\.usersync\.(\w+)_role__entrypoint-(\w+):$", re.MULTILINE)


def repository() -> str:
    """The address of the repository, which galaxy.yml alone names."""
    told = re.search(r"^repository: (\S+)$", (tree.ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert told, "galaxy.yml names no repository"
    return told.group(1)


def outward(text: str) -> str:
    """Links of a page that lead out of ``docs/`` go to the repository."""
    return re.sub(r"\]\(\.\./([^)]+)\)", rf"]({repository()}/blob/main/\1)", text)


def first_fleet() -> str:
    """The quick start of the README as a page of its own."""
    readme = (tree.ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## Your own fleet\n(.*?)(?=^## )", readme, re.MULTILINE | re.DOTALL)
    assert section, "README.md has no quick start"
    named = "\n".join(re.findall(r"^\[[\w-]+\]: \S+$", readme, re.MULTILINE))
    return f"# Your first fleet\n{section[1]}\n{named}\n".replace("]: #", f"]: {repository()}#")


def inventory(target: Path) -> None:
    """``references.txt`` in the form that intersphinx reads."""
    lines = [line for line in (SITE / "references.txt").read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# compressed using zlib\n"
    target.write_bytes(head.encode() + zlib.compress("\n".join([*lines, ""]).encode()))


def split_roles(folder: Path) -> None:
    """One page for each entry point of a role; the role's own page lists them."""
    for page in sorted(folder.glob("*_role.rst")):
        text = page.read_text(encoding="utf-8")
        starts = list(ENTRY.finditer(text))
        if len(starts) < 2:
            continue
        bounds = [match.start() for match in starts] + [len(text)]
        names = []
        for match, begin, end in zip(starts, bounds[:-1], bounds[1:], strict=True):
            name = f"{page.stem}__{match.group(2)}"
            (folder / f"{name}.rst").write_text(text[begin:end], encoding="utf-8")
            names.append(name)
        listed = "\n".join(f"    {name}" for name in names)
        head = text[: bounds[0]].replace(".. contents::\n   :local:\n   :depth: 2\n", "")
        page.write_text(f"{head}\n\n.. toctree::\n    :maxdepth: 1\n\n{listed}\n", encoding="utf-8")


def prepare(collections: Path) -> None:
    """All sources of the site below ``build/site/source``."""
    shutil.rmtree(SOURCE.parent, ignore_errors=True)
    SOURCE.mkdir(parents=True, mode=0o755)
    for name in ("conf.py", "index.md"):
        shutil.copy(SITE / name, SOURCE / name)
    inventory(SOURCE / "ansible.inv")
    for page in sorted((tree.ROOT / "docs").glob("*.md")):
        (SOURCE / page.name).write_text(outward(page.read_text(encoding="utf-8")), encoding="utf-8")
    (SOURCE / "first-fleet.md").write_text(first_fleet(), encoding="utf-8")
    for folder in ("images", "recipes"):
        shutil.copytree(tree.ROOT / "docs" / folder, SOURCE / folder)
    reference = ["antsibull-docs", "--config-file", str(SITE / "antsibull-docs.cfg"), "collection", "--use-current"]
    run([*reference, "--fail-on-error", "--dest-dir", str(SOURCE), NAME], collections)
    split_roles(SOURCE / "collections" / "fleetops" / "usersync")


def run(command: list[str], collections: Path) -> None:
    """One program of the environment; ends with what it printed when it fails."""
    env = {**tree.clean_env(VENV / "bin", collections, tree.scratch() / "home")}
    program = str(VENV / "bin" / command[0])
    done = subprocess.run(
        [program, *command[1:]], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nusersync: {command[0]} ended with exit code {done.returncode}")


def main() -> int:
    """Build the site; every warning of Sphinx is an error."""
    # Sphinx takes no newer docutils, ansible-lint's environment has one
    bootstrap.ensure(str(VENV), "site")
    with tree.collection_tree() as copy:
        collections = copy.parents[2]
        prepare(collections)
        pages = sum(1 for path in SOURCE.rglob("*") if path.suffix in (".rst", ".md"))
        print(f"building the site from {pages} pages", flush=True)
        run(["sphinx-build", "-W", "--keep-going", "-q", "-j", "2", "-b", "html", str(SOURCE), str(HTML)], collections)
    pages = len(list(HTML.rglob("*.html")))
    print(f"{pages} pages without a warning: {(HTML / 'index.html').relative_to(tree.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
