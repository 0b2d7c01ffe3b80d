# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Places in a JSON tree.

A path is a tuple of member names and list positions. As text it is dotted (C(azureSettings.applicationId)), or a JSON
pointer of RFC 6901 when it begins with a slash (C(/azureSettings/applicationId)), for member names that hold a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .. import _errors as errors
from .._guid import GUID

Path = tuple[str, ...]
MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()
DEEPEST = 40
# Names of members are shown, unless they are long or have many digits, as names have that are data themselves
LONGEST_NAME, MOST_DIGITS = 64, 6


def parse(option: str, text: str) -> Path:
    """The path of a text; :raises OptionError: for an empty one, under the name of the option."""
    if text.startswith("/"):
        path = tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))
    else:
        path = tuple(text.split("."))
    if not all(path):
        raise errors.OptionError(
            option, f"{text!r} is not a path; write member names separated by dots, or a JSON pointer"
        )
    return path


def show(path: Path) -> str:
    """The text of a path."""
    if any("." in part or part.startswith("/") for part in path):
        return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)
    return ".".join(path)


def fit_name(name: str) -> str:
    """The name of a member as it may be shown."""
    plain = len(name) <= LONGEST_NAME and sum(sign.isdigit() for sign in name) <= MOST_DIGITS
    return name if plain else f"(a name of {len(name)} characters)"


def get(tree: Any, path: Path) -> Any:
    """The value at the path, MISSING where there is none."""
    for part in path:
        if isinstance(tree, dict):
            tree = tree.get(part, MISSING)
        elif isinstance(tree, list) and part.isdecimal() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return MISSING
    return tree


def put(tree: Any, path: Path, value: Any) -> None:
    """Set the value in place; the members on the way must exist, the last may be new.

    :raises KeyError: when there is nothing on the way to hold it
    """
    holder = get(tree, path[:-1])
    if isinstance(holder, dict):
        holder[path[-1]] = value
    elif isinstance(holder, list) and path[-1].isdecimal() and int(path[-1]) < len(holder):
        holder[int(path[-1])] = value
    else:
        raise KeyError(show(path))


def members(tree: Any, prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every member of every object, objects themselves too; lists are values and not entered."""
    if isinstance(tree, dict) and len(prefix) < DEEPEST:
        for name, value in tree.items():
            yield (*prefix, str(name)), value
            yield from members(value, (*prefix, str(name)))


def scalars(tree: Any, prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is neither object nor list, those within lists too."""
    if len(prefix) >= 2 * DEEPEST:
        return
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from scalars(value, (*prefix, str(name)))
    elif isinstance(tree, list):
        for value in tree:
            yield from scalars(value, prefix)
    else:
        yield prefix, tree


def differences(one: Any, other: Any, prefix: Path = ()) -> Iterator[Path]:
    """The deepest places at which two trees differ; a list whose length differs is one place."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from differences(one.get(name, MISSING), other.get(name, MISSING), (*prefix, str(name)))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, (*prefix, str(position)))
    elif type(one) is not type(other) or one != other:
        yield prefix


def kind(value: Any) -> str:
    """What a value is, in a word that gives nothing of it away."""
    if value is MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, list):
        return f"list of {len(value)}"
    if isinstance(value, dict):
        return "object"
    text = str(value)
    if not text:
        return "empty text"
    if GUID.fullmatch(text):
        return "GUID"
    return "cron expression" if looks_like_cron(text) else "text"


def looks_like_cron(text: str) -> bool:
    """Five to seven fields of a cron expression of any dialect (connector.md, Settings)."""
    fields = text.split()
    return (
        5 <= len(fields) <= 7
        and all(re.fullmatch(r"[0-9A-Za-z*?/,#-]+", field) for field in fields)
        and any(re.search(r"[0-9*?]", field) for field in fields)
    )


def tree(value: Any, prefix: Path = ()) -> list[dict[str, str]]:
    """Member names and kinds of values, without a single value: what may be sent to a stranger."""
    rows: list[dict[str, str]] = []
    if len(prefix) >= DEEPEST:
        return rows
    if isinstance(value, dict):
        pairs = [((*prefix, fit_name(str(name))), inner) for name, inner in value.items()]
    elif isinstance(value, list):
        pairs = [((*prefix, "0"), value[0])] if value else []
    else:
        pairs = []
    for path, inner in pairs:
        rows.append({"path": show(path), "kind": kind(inner)})
        rows += tree(inner, path)
    return rows
