# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses, as functions of the data alone. Each raises :exc:`Refused` with the field and a sentence."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Not the whole list of AWX, which nobody outside needs to know; those a credential type could want
RESERVED_ENV = frozenset(
    [
        "ACTION_STORE",
        "CACHE",
        "CALLBACK_CONNECTION",
        "CALLBACK_QUEUE",
        "HOME",
        "INVENTORY_ID",
        "INVENTORY_UPDATE_ID",
        "JOB_ID",
        "JOB_CALLBACK_DEBUG",
        "LANG",
        "LD_LIBRARY_PATH",
        "MAX_EVENT_RES",
        "PATH",
        "PROJECT_REVISION",
        "PROOT_TMP_DIR",
        "PYTHONPATH",
        "REST_API_TOKEN",
        "REST_API_URL",
        "AWX_HOST",
        "VIRTUAL_ENV",
    ]
)
FIELD_KEYS = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "default"}
QUESTION_TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
SURVEY_TEXTS = ("text", "textarea", "password", "multiplechoice")


class Refused(Exception):
    """AWX would answer this with an error.

    :ivar field: that the answer names
    :ivar status: of the answer
    """

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message, self.status = field, message, status


class TowerNamespace:
    """C(tower) in an injector."""

    def __init__(self, filename: Any = None) -> None:
        if filename is not None:
            self.filename = filename


class Filenames:
    """C(tower.filename) where there is more than one file."""

    def __init__(self, **paths: str) -> None:
        self.__dict__.update(paths)


def credential_inputs(inputs: Any) -> None:
    """Inputs of a credential type."""
    if not isinstance(inputs, dict) or set(inputs) - {"fields", "required"}:
        raise Refused("inputs", "fields and required are all there is")
    seen: set[str] = set()
    for field in inputs.get("fields") or []:
        name = field.get("id")
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise Refused("inputs", f"{name} is not an identifier")
        if name == "tower" or name in seen:
            raise Refused("inputs", f"{name} is reserved or there twice")
        seen.add(name)
        if not field.get("label"):
            raise Refused("inputs", f"{name} has no label")
        if set(field) - FIELD_KEYS:
            raise Refused("inputs", f"{name} has unknown keys {sorted(set(field) - FIELD_KEYS)}")
        kind = field.get("type", "string")
        if kind not in ("string", "boolean"):
            raise Refused("inputs", f"{name} is a {kind}")
        if kind == "boolean" and {"secret", "choices", "multiline", "format"} & set(field):
            raise Refused("inputs", f"{name} is a boolean, which takes no secret, choices, multiline or format")
        if "format" in field and field["format"] not in ("ssh_private_key", "url"):
            raise Refused("inputs", f"{name} has an unknown format")
        for key in ("secret", "multiline"):
            if not isinstance(field.get(key, False), bool):
                raise Refused("inputs", f"{name}: {key} is no boolean")
        choices = field.get("choices")
        if choices is not None and not (isinstance(choices, list) and all(isinstance(one, str) for one in choices)):
            raise Refused("inputs", f"{name}: choices is no list of texts")


def injectors(inputs: Mapping[str, Any], wanted: Any) -> None:
    """Injectors of a credential type with these inputs."""
    if not isinstance(wanted, dict) or set(wanted) - {"env", "file", "extra_vars"}:
        raise Refused("injectors", "env, file and extra_vars are all there is")
    files = list(wanted.get("file") or {})
    if any(not re.fullmatch(r"template(\.[a-zA-Z_]\w*)?", name) for name in files):
        raise Refused("injectors", "a file is called template or template.<name>")
    if "template" in files and len(files) > 1:
        raise Refused("injectors", "template and template.<name> do not mix")
    for name in wanted.get("env") or {}:
        if not re.fullmatch(r"[a-zA-Z_]\w*", name):
            raise Refused("injectors", f"{name} is no name of a variable")
        if name.startswith("ANSIBLE_") or name in RESERVED_ENV:
            raise Refused("injectors", f"{name} is not allowed to be used in credentials")
    names = {field["id"]: "EXAMPLE" for field in inputs.get("fields") or []}
    filename: Any = None
    if files:
        several = {name.split(".")[1]: "EXAMPLE" for name in files if "." in name}
        filename = Filenames(**several) if several else "EXAMPLE"
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for key, template in _templates(wanted):
        if not isinstance(template, str):
            raise Refused("injectors", f"{key} is no text")
        try:
            environment.from_string(template).render(tower=TowerNamespace(filename), **names)
        except TemplateError as error:
            raise Refused("injectors", f"{key}: {error}") from error


def _templates(wanted: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for kind in ("env", "file", "extra_vars"):
        yield from ((f"{kind} {key}", value) for key, value in (wanted.get(kind) or {}).items())


def credential(type_inputs: Mapping[str, Any], inputs: Any) -> None:
    """Inputs of a credential; that a required one is missing is no error at the AWX."""
    fields = {field["id"]: field for field in type_inputs.get("fields") or []}
    if not isinstance(inputs, dict):
        raise Refused("inputs", "no mapping")
    for name, value in inputs.items():
        field = fields.get(name)
        if field is None:
            raise Refused("inputs", f"{name} was unexpected")
        if not isinstance(value, bool if field.get("type") == "boolean" else str):
            raise Refused("inputs", f"{name} is not of type {field.get('type', 'string')}")
        if field.get("choices") and value not in field["choices"]:
            raise Refused("inputs", f"{name} is not one of {field['choices']}")
        if field.get("format") == "url" and value and not re.match(r"https?://", value):
            raise Refused("inputs", f"{name} is no URL")


def survey(spec: Any) -> None:
    """A whole survey."""
    if not isinstance(spec, dict) or not all(isinstance(spec.get(key), str) for key in ("name", "description")):
        raise Refused("error", "name and description are missing")
    questions = spec.get("spec")
    if not isinstance(questions, list) or not questions:
        raise Refused("error", "spec is missing or empty")
    seen: set[str] = set()
    for question in questions:
        if not isinstance(question, dict):
            raise Refused("error", "a question is no mapping")
        for key in ("type", "question_name", "variable", "required"):
            if key not in question:
                raise Refused("error", f"{key} missing")
        variable = question["variable"]
        if question["type"] not in QUESTION_TYPES:
            raise Refused("error", f"{variable}: type {question['type']}")
        if not isinstance(question["required"], bool):
            raise Refused("error", f"{variable}: required is no boolean")
        if variable in seen:
            raise Refused("error", f"{variable} is there twice")
        seen.add(variable)
        for key in ("min", "max"):
            if question.get(key) not in (None, "") and not is_integer(question[key]):
                raise Refused("error", f"{variable}: {key} is no integer")
        if question["type"] in ("multiplechoice", "multiselect") and not question.get("choices"):
            raise Refused("error", f"{variable}: no choices")
        if question.get("default") not in (None, ""):
            _default(question)


def is_integer(value: Any) -> bool:
    """A whole number; a boolean, which Python takes for one, is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _default(question: Mapping[str, Any]) -> None:
    kind, default, variable = question["type"], question["default"], question["variable"]
    fits = {
        "integer": is_integer(default),
        "float": is_integer(default) or isinstance(default, float),
        "multiselect": isinstance(default, (str, list)),
    }.get(kind, isinstance(default, str))
    if not fits:
        raise Refused("error", f"{variable}: the default is no {kind}")
    if kind in ("multiplechoice", "multiselect"):
        choices = question["choices"]
        text = choices if isinstance(choices, str) else "\n".join(choices)
        wanted = default.splitlines() if isinstance(default, str) else default
        if any(one not in text for one in wanted):
            raise Refused("error", f"{variable}: the default is none of the choices")


def answers(spec: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """What a schedule answers: every required question, rightly typed, and nothing that was not asked."""
    questions = {question["variable"]: question for question in spec.get("spec") or []}
    unknown = sorted(set(given) - set(questions))
    if unknown:
        raise Refused("extra_data", f"{unknown} are not allowed on launch")
    for variable, question in questions.items():
        if variable not in given:
            if question["required"]:
                raise Refused("variables_needed_to_start", f"'{variable}' value missing")
            continue
        value, kind = given[variable], question["type"]
        right = {"integer": int, "float": (int, float), "multiselect": list}.get(kind, str)
        if not isinstance(value, right) or isinstance(value, bool):
            raise Refused("variables_needed_to_start", f"'{variable}' is no {kind}")
        size = len(value) if kind in SURVEY_TEXTS else value
        if kind != "multiplechoice" and isinstance(size, (int, float)):
            low, high = question.get("min"), question.get("max")
            if (low not in (None, "") and size < low) or (high not in (None, "") and size > high):
                raise Refused("variables_needed_to_start", f"'{variable}' is out of range")
        if kind == "multiplechoice" and value not in question["choices"]:
            raise Refused("variables_needed_to_start", f"'{variable}' is none of the choices")


def rrule(text: Any) -> None:
    """When a schedule runs."""
    if not isinstance(text, str):
        raise Refused("rrule", "no text")
    starts = re.findall(r"DTSTART[^\s]*", text)
    if len(starts) != 1:
        raise Refused("rrule", "exactly one DTSTART is needed")
    if not re.fullmatch(r"DTSTART:\d{8}T\d{6}Z|DTSTART;TZID=[\w/+-]+:\d{8}T\d{6}", starts[0]):
        raise Refused("rrule", "DTSTART ends with Z, or has a TZID and no Z")
    rules = re.findall(r"(?:RRULE|EXRULE):(\S+)", text)
    if not any(line.startswith("RRULE:") for line in text.split()):
        raise Refused("rrule", "a RRULE is needed")
    if re.search(r"\b(EXDATE|RDATE)\b", text):
        raise Refused("rrule", "EXDATE and RDATE are not supported")
    for rule in rules:
        parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
        if "INTERVAL" not in parts:
            raise Refused("rrule", "INTERVAL is needed")
        if parts.get("FREQ") in (None, "SECONDLY"):
            raise Refused("rrule", "SECONDLY is not supported")
        if re.search(r"(^|,)\+?\d", parts.get("BYDAY", "")):
            raise Refused("rrule", "BYDAY with a number is not supported")
        if "COUNT" in parts and ("UNTIL" in parts or int(parts["COUNT"]) > 999):
            raise Refused("rrule", "COUNT goes up to 999, and not with UNTIL")
        if "UNTIL" in parts and "T" not in parts["UNTIL"]:
            raise Refused("rrule", "UNTIL needs a time")


def image(text: Any) -> None:
    """The image of an execution environment."""
    if not isinstance(text, str) or not text or "://" in text or re.search(r"\s", text):
        raise Refused("image", "an image has no scheme and no space")


def variables(text: Any) -> None:
    """Variables of an inventory, a host or a group: JSON or YAML text of a mapping; YAML tags are refused."""
    if text in (None, "", "---"):
        return
    if not isinstance(text, str):
        raise Refused("variables", "Cannot parse as JSON or YAML.")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused("variables", f"Cannot parse as JSON or YAML: {type(error).__name__}") from None
    if not isinstance(value, dict):
        raise Refused("variables", "Input type is not a dictionary")


def extra_vars(text: Any) -> None:
    """Extra variables of a template: text of a mapping."""
    if text in (None, "", "---"):
        return
    try:
        value = json.loads(text)
    except ValueError:
        value = yaml.safe_load(text)
    if not isinstance(value, dict):
        raise Refused("extra_vars", "must be text of a mapping")
