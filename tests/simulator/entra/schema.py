# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Member names and JSON types of Graph's objects, from the table cut out of Microsoft's own schema.

Users, groups and photos are not in the cut; their few members stand in ``schema-extra.json``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"

Check = Callable[[Any, str, list[str]], None]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
# Python clients send times without an offset, and the service takes them (see FIDELITY.md).
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?\Z")
_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?\Z")


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """The cut table with the extra types added."""
    table: dict[str, Any] = json.loads((DATA / "schema.json").read_text(encoding="utf-8"))
    extra = json.loads((Path(__file__).with_name("schema-extra.json")).read_text(encoding="utf-8"))
    table["types"].update(extra["types"])
    return table


@cache
def properties(name: str) -> dict[str, str]:
    """All structural members of a type with their types, those of its bases included."""
    found = tables()["types"][name]
    inherited = properties(found["base"]) if "base" in found else {}
    return {**inherited, **found["properties"]}


@cache
def navigation(name: str) -> dict[str, str]:
    """All navigation members of a type."""
    found = tables()["types"][name]
    inherited = navigation(found["base"]) if "base" in found else {}
    return {**inherited, **found.get("navigation", {})}


def check(name: str, value: Any) -> list[str]:
    """What does not fit the type: unknown members, wrong JSON types, null where it is not allowed."""
    problems: list[str] = []
    _checker(f"{name}!")(value, "", problems)
    return problems


def check_action(name: str, value: Any) -> list[str]:
    """The same for the parameters of an action such as ``application/addPassword``."""
    parameters: dict[str, str] = tables()["actions"][name]["parameters"]
    if not isinstance(value, dict):
        return [f"{name}: an object is expected"]
    problems = [f"unknown parameter '{key}'" for key in value if key not in parameters]
    for key, kind in parameters.items():
        if key in value:
            _checker(kind)(value[key], key, problems)
        elif kind.endswith("!"):
            problems.append(f"parameter '{key}' is missing")
    return problems


@cache
def _checker(kind: str) -> Check:
    nullable = not kind.endswith("!")
    inner = kind.rstrip("!")
    test = _collection(inner[1:-1]) if inner.startswith("[") else _single(inner)

    def run(value: Any, where: str, problems: list[str]) -> None:
        if value is None:
            if not nullable:
                problems.append(f"'{where}' must not be null")
            return
        test(value, where, problems)

    return run


def _collection(inner: str) -> Check:
    item_check: list[Check] = []
    passed: dict[int, list[Any]] = {}  # long lists that fitted before; the directory never changes a list in place

    def run(value: Any, where: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            problems.append(f"'{where}' must be a collection")
            return
        if passed.get(id(value)) is value:
            return
        before = len(problems)
        if not item_check:
            item_check.append(_checker(f"{inner}!"))
        for item in value:
            item_check[0](item, where, problems)
        if len(value) > 20 and len(problems) == before:
            if len(passed) > 64:
                passed.clear()
            passed[id(value)] = value

    return run


def _single(name: str) -> Check:
    table = tables()
    if name in _PRIMITIVES:
        fits, wanted = _PRIMITIVES[name]
        return _primitive(fits, wanted)
    if name in table["enums"]:
        return _enum(frozenset(table["enums"][name]), name in table["flags"])
    if name in table["types"]:
        return _structured(name)
    raise KeyError(f"type {name!r} is not in the schema table")


def _primitive(fits: Callable[[Any], bool], wanted: str) -> Check:
    def run(value: Any, where: str, problems: list[str]) -> None:
        if not fits(value):
            problems.append(f"'{where}' must be {wanted}")

    return run


def _enum(members: frozenset[str], flags: bool) -> Check:
    def run(value: Any, where: str, problems: list[str]) -> None:
        parts = value.split(",") if flags and isinstance(value, str) else [value]
        if not all(isinstance(part, str) and part in members for part in parts):
            problems.append(f"'{where}' must be one of {', '.join(sorted(members))}")

    return run


def _structured(name: str) -> Check:
    kinds = properties(name)
    checks: dict[str, Check] = {}

    def run(value: Any, where: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            problems.append(f"'{where}' must be an object of type {name}")
            return
        declared = value.get("@odata.type")
        if declared is not None:
            actual = str(declared).removeprefix("#").removeprefix("microsoft.graph.")
            if actual != name and actual in tables()["types"]:
                _checker(f"{actual}!")(value, where, problems)
                return
        for key, item in value.items():
            test = checks.get(key)
            if test is None:
                if "@odata." in key:
                    continue
                if key not in kinds:
                    problems.append(f"'{where + '/' if where else ''}{key}' is not a property of {name}")
                    continue
                test = checks[key] = _checker(kinds[key])
            test(item, f"{where}/{key}" if where else key, problems)

    return run


def _is_base64(value: Any) -> bool:
    try:
        base64.b64decode("".join(value.split()), validate=True)  # some clients send the lines of a PEM file
    except (AttributeError, TypeError, ValueError, binascii.Error):
        return False
    return True


_PRIMITIVES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "String": (lambda value: isinstance(value, str), "a string"),
    "Boolean": (lambda value: isinstance(value, bool), "a boolean"),
    "Int32": (lambda value: isinstance(value, int) and not isinstance(value, bool), "an integer"),
    "Guid": (lambda value: isinstance(value, str) and _GUID.match(value) is not None, "a GUID"),
    "DateTimeOffset": (lambda value: isinstance(value, str) and _MOMENT.match(value) is not None, "a date and time"),
    "Duration": (lambda value: isinstance(value, str) and _DURATION.match(value) is not None, "a duration"),
    "Binary": (_is_base64, "base64"),
    "Stream": (lambda value: False, "absent: a stream has an address of its own"),
}
