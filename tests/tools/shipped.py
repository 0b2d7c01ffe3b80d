# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artifact holds: every file is there for something, and every file that its pages name is in it."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

# What Ansible, Galaxy, a controller or a reader looks for by its place. All else has to be named by another file.
ENTRIES = (
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "COPYING",
    "FILES.json",
    "LICENSES/*",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "changelogs/changelog.yaml",
    "extensions/audit/event_query.yml",
    "extensions/eda/rulebooks/*.yml",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "playbooks/*.yml",
    "plugins/action/*.py",
    "plugins/filter/*.py",
    "plugins/lookup/*.py",
    "plugins/modules/*.py",
    "roles/*/README.md",
    "roles/*/*/main.yml",
    "roles/*/vars/main/*.yml",
)
PAGES = ("*.md", "execution-environment/*", "extensions/*/*", "roles/*/README.md")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
QUOTED = re.compile(r"`([\w.-]+/[\w./-]*)`")


def members(folder: Path) -> list[str]:
    """Paths of all files of an unpacked artifact, relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def words(path: Path) -> str:
    """The text of a file, nothing where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def needless(folder: Path) -> list[str]:
    """Files that nothing looks for and no other file of the artifact names."""
    names = members(folder)
    texts = {name: words(folder / name) for name in names if name not in ("MANIFEST.json", "FILES.json")}
    # REUSE-IgnoreStart
    licences = set(re.findall(r"SPDX-License-Identifier: ([\w.-]+)", "\n".join(texts.values())))
    # REUSE-IgnoreEnd
    found = []
    for name in names:
        path = Path(name)
        if name.startswith("LICENSES/"):
            named = path.stem in licences
        elif any(fnmatch(name, entry) for entry in ENTRIES) or path.name == "__init__.py":
            named = True
        else:
            word = re.compile(rf"\b{re.escape(path.stem)}\b")
            named = any(word.search(text) for other, text in texts.items() if other != name)
        if not named:
            found.append(name)
    return found


def lacking(folder: Path, tops: set[str]) -> list[str]:
    """``page: path`` for each path that a page links to, or quotes beneath one of the folders ``tops`` of the
    repository, and that the artifact does not hold. Whole addresses are not looked at here."""
    found = []
    for name in members(folder):
        if not any(fnmatch(name, page) for page in PAGES):
            continue
        text = words(folder / name)
        told = {(folder / name).parent / link for link in LINK.findall(text) if not re.match(r"\w+:", link)}
        prose = re.sub(r"\[`[^`]+`\]\(\w+://[^)]+\)", "", text)
        told |= {folder / path for path in QUOTED.findall(prose) if path.split("/")[0] in tops}
        found += [f"{name}: {path}" for path in sorted(told) if not path.exists()]
    return found
