# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator reads is in the words of the field: phrases that nobody would say do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from collection import ROOT, files, text

# As a regular expression, and what is said instead
SAID_OTHERWISE = {
    r"\b(secret|token|certificate)s? (ends|ended|is over)\b": "expires, has expired",
    r"\bends (on|in) \d": "expires on, expires in",
    r"\bbut secrets\b": "except secrets",
    r"\bwhat lacks\b|\bthat lacks\.|\bwhat is lacking\b": "what is missing",
    r"\btak(e|es|en) (it |them |these )?away\b": "remove",
    r"\bgo(es)? on by (itself|themselves)\b": "continues on its own",
    r"\bonce only\b": "only once",
    r"\bfor the moment\b": "temporarily, or nothing",
    r"\bmet (a defect|an error) of its own\b": "failed because of a bug, with an internal error",
    r"\bstands before\b": "is in front of",
    r"\bis no (valid|GUID|resource|address|holder|system administrator)\b": "is not a",
    r"\b(tasks?|page|template|something) of one's own\b": "your own",
    r"\b(firewall|proxy|gateway|front end|login page) before (the|it|Entra|Microsoft)\b": "in front of",
    r"\bmachine that runs the task\b": "machine where the task runs",
    r"\bunless told otherwise\b": "by default",
    r"\b(any|no) sign (that|may|in)\b": "character",
    r"\bcontradicts\b": "cannot be combined with",
    r"\bSay how it went\b|\bWhat became of (it|them)\b": "Report the results",
    r"\bin the place of\b": "instead of",
    r"\bdoes not tell\b": "does not say, does not show",
    r"\bended well\b|\bends well\b|\bend well\b": "succeeded",
}
PROGRAM = ("plugins", "roles", "playbooks")
PAGES = ("docs", "README.md")


def sentences_of(source: str) -> Iterator[tuple[int, str]]:
    """Texts of a Python file with their line: literals and documentation, not the docstrings of its code."""
    tree = ast.parse(source)
    quiet = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                quiet.add(id(first.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
            yield node.lineno, node.value


def lines_of(name: Path) -> Iterator[tuple[int, str]]:
    """What people read of a file."""
    whole = text(name) or ""
    if name.suffix == ".py":
        yield from sentences_of(whole)
    elif name.suffix == ".md":
        yield 1, " ".join(whole.split())
    else:
        yield (
            1,
            " ".join(line.split("#")[0].strip() for line in whole.splitlines() if not line.lstrip().startswith("#")),
        )


def read_by_people() -> list[Path]:
    return [
        name
        for name in files()
        if (name.parts[0] in PROGRAM and name.suffix in (".py", ".yml"))
        or (name.parts[0] in PAGES and name.suffix == ".md")
    ]


@pytest.mark.parametrize("name", read_by_people(), ids=str)
def test_no_phrase_that_nobody_says(name: Path) -> None:
    found = [
        f"line {line}: {match.group(0)!r} - say: {better}"
        for line, said in lines_of(name)
        for phrase, better in SAID_OTHERWISE.items()
        for match in re.finditer(phrase, " ".join(said.split()))
    ]
    assert not found, "\n".join(found)


def test_the_phrases_are_looked_for_where_people_read() -> None:
    """The list is of use only while each kind of text is read: a message, a description, a task, a page."""
    sources = {str(name): " ".join(said for _line, said in lines_of(name)) for name in read_by_people()}
    assert "has expired; create a new secret" in sources["plugins/module_utils/_entra/aadsts.py"]
    assert "except secrets" in sources["plugins/modules/azuread_app_info.py"]
    assert "Report the results" in sources["roles/azure_connector/tasks/main.yml"]
    assert "Renewing secrets" in sources["docs/rotation.md"]
    assert (ROOT / "docs").is_dir()


def test_no_half_of_a_sentence_stands_alone() -> None:
    """A text that is a statement of its own was meant to belong to the one before it, and is never shown."""
    lost = []
    for name in files():
        if name.parts[0] == "plugins" and name.suffix == ".py":
            for node in ast.walk(ast.parse(text(name) or "")):
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.JoinedStr | ast.BinOp | ast.Tuple):
                    lost.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert not lost, "\n".join(lost)
