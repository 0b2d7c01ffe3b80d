# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What people have set stays: what we want is laid over it, never in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._errors import StateError

Spec = dict[str, Any]


def mapping(owner: str, text: Any, parse: Callable[[str], Any]) -> dict[str, Any]:
    """Variables as an AWX keeps them, JSON or YAML text of a mapping; :raises StateError: where they are none"""
    if isinstance(text, Mapping):
        return dict(text)
    if not text or not str(text).strip() or str(text).strip() == "---":
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = parse(text)
        except Exception as error:
            raise StateError(f"{owner}: its variables cannot be read, {type(error).__name__}") from None
    if not isinstance(value, Mapping):
        raise StateError(f"{owner}: its variables are not a mapping")
    return dict(value)


def over(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The whole with what is wanted; None where it is all there."""
    if all(key in before and before[key] == value for key, value in wanted.items()):
        return None
    return {**before, **wanted}


def survey(current: Spec, wanted: Spec, given: Iterable[str]) -> Spec:
    """Our questions, with the defaults that people gave them, and theirs behind.

    :param given: variables whose default the user of the role gave
    """
    held = {question.get("variable"): question for question in current.get("spec") or []}
    questions = []
    for question in wanted["spec"]:
        theirs = held.pop(question["variable"], None)
        kept = dict(question)
        if theirs is not None and question["variable"] not in given and theirs.get("type") == question["type"]:
            default = theirs.get("default")
            choices = question.get("choices")
            if default not in (None, "") and (choices is None or default in choices):
                kept["default"] = default
            elif default in (None, "") and not question["required"]:
                kept.pop("default", None)
        # what else is there, such as a mark of the AWX's own, is no difference
        more = {key: value for key, value in (theirs or {}).items() if key not in ("default", *question)}
        kept.update(more)
        questions.append(kept)
    if not current:
        return {**wanted, "spec": questions}
    return {**current, "spec": [*questions, *held.values()]}


def answers(before: Mapping[str, Any], spec: Spec, given: Iterable[str]) -> dict[str, Any]:
    """What a schedule answers: what people set, what was given, and the default of each question that needs one."""
    asked = {question["variable"]: question for question in spec["spec"]}
    found = {name: value for name, value in before.items() if name in asked}
    for name, question in asked.items():
        if "default" in question and (name in given or (name not in found and question["required"])):
            found[name] = question["default"]
    return found
