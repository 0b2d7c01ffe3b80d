# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/permissions.md and docs/authentication.md, made from the code that acts on them.

``entra_tables.py`` writes them into the pages, between their two marks. A contract test compares.
"""

from __future__ import annotations

import re
import string
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {"yes": "yes", "own": "own apps", "no": "**no**"}
PLACEHOLDERS = {
    "credential": "the credential",
    "client_id": "`client_id`",
    "tenant": "`tenant`",
    "authority": "`authority_url`",
    "scope": "the scope",
}


def permissions() -> str:
    """One row for each option or operation, one column for each profile."""
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra import uses

    lines = [
        "| module | option or operation | least permission | owner | owned_by | full | without it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for use in uses.USES:
        least = " and ".join(f"`{name}`" for name in sorted(use.need.least))
        if use.need.owner_suffices:
            least = f"none for an owner, else {least}"
        if use.without.startswith("needs none"):
            least = "none"
        allowed = [
            "yes" if least == "none" else ALLOWED[use.allowed(uses.PROFILES[name])]
            for name in ("owner", "owned_by", "full")
        ]
        without = use.without or "fails, naming it"
        lines.append(f"| `{use.module}` | {use.what} | {least} | {' | '.join(allowed)} | {without} |")
    return "\n".join(lines)


def aadsts() -> str:
    """One row for each code of the token service."""
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra import aadsts as codes

    lines = ["| code | what it means and what to do | tried again |", "| --- | --- | --- |"]
    for number, sentence in sorted(codes.MEANINGS.items()):
        fields = {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name}
        text = sentence.format(**{name: PLACEHOLDERS[name] for name in fields})
        again = "yes" if number in codes.TEMPORARY else "for a new secret" if number in codes.SETTLING else "no"
        lines.append(f"| AADSTS{number} | {text} | {again} |")
    return "\n".join(lines)


TABLES = {
    ("docs/permissions.md", "permissions"): permissions,
    ("docs/authentication.md", "aadsts"): aadsts,
}


def between(text: str, name: str) -> re.Match[str]:
    """The two marks of a table in a page and what is between them."""
    match = re.search(rf"(<!-- table {name} -->\n)(.*?)(\n<!-- end of {name} -->)", text, re.DOTALL)
    if match is None:
        raise SystemExit(f"the marks of the table {name} are missing")
    return match


def main() -> None:
    for (page, name), table in TABLES.items():
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        match = between(text, name)
        path.write_text(text[: match.start(2)] + table() + text[match.end(2) :], encoding="utf-8")
        sys.stdout.write(f"{page}: {name}\n")


if __name__ == "__main__":
    main()
