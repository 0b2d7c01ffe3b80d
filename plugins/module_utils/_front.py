# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""From options to a result, the same for a module and for an action plugin.

A module is C(main = lambda: run_module(DEFINITION)); its action plugin names the same DEFINITION. This is the one
place where an exception becomes a failure, and where secrets are taken out of whatever leaves.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _libraries, _masking
from ._argspec import check_blanks, check_logins
from ._errors import UsersyncError
from ._masking import logins, mask, texts
from ._run import Result, Run

SCHEME = re.compile(r"[A-Za-z]+ +(\S+)")


@dataclass(frozen=True)
class Definition:
    """One module.

    :ivar name: of the module, without the collection
    :ivar argument_spec: as AnsibleModule takes it
    :ivar connect: (options, run) -> context manager that yields the client of the workflow
    :ivar run: (client, options, run) -> Result
    :ivar constraints: mutually_exclusive, required_one_of, required_if, required_together, required_by
    :ivar validate: offline checks that a spec cannot express; raises OptionError
    :ivar secret_key: the one return value that may hold a secret
    :ivar hides: options that may hold a secret anywhere inside -> what may be shown of their values
    """

    name: str
    argument_spec: dict[str, Any]
    connect: Callable[[dict[str, Any], Run], AbstractContextManager[Any]]
    run: Callable[[Any, dict[str, Any], Run], Result]
    constraints: dict[str, Any] = field(default_factory=dict)
    validate: Callable[[dict[str, Any]], None] = lambda options: None
    secret_key: str | None = None
    hides: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


def missing_library() -> str | None:
    """The sentence about a library that this Python lacks."""
    for name in _libraries.MISSING:
        return missing_required_lib(name)
    return None


def execute(definition: Definition, options: dict[str, Any], run: Run) -> dict[str, Any]:
    """Run the workflow; :returns: a result as Ansible takes it, without secrets except C(secret_key)."""
    run.secrets.update(secret_values(definition, options))
    client: Any = None
    secret = None
    with _masking.task(run.secrets):
        try:
            check_logins(definition.argument_spec, options)
            check_blanks(definition.argument_spec, options)
            definition.validate(options)
            with definition.connect(options, run) as client:
                result = definition.run(client, options, run)
                returned = _returned(result)
                secret = result.secret
        except UsersyncError as exc:
            returned = {"failed": True, "changed": False, "msg": exc.message, "failure": exc.as_failure()}
        except Exception as exc:
            # A defect of ours: said in one sentence with the place, since a traceback may show what it should not
            place = traceback.extract_tb(exc.__traceback__)[-1]
            returned = {
                "failed": True,
                "changed": False,
                "msg": f"{definition.name} failed because of a bug, please report it: {type(exc).__name__} in "
                f"{place.filename.rpartition('/')[2]} line {place.lineno}, {_masking.outside(exc, 200)}",
                "failure": {"kind": "defect", "code": type(exc).__name__},
            }
    address = getattr(client, "address", None)
    if address is not None:
        returned["address"] = address.place
    stats = getattr(client, "stats", None)
    if stats:
        returned["http"] = dict(stats)
    # the names are ours; a password that is spelt as one of them must not take it away
    masked = {name: mask(value, run.secrets) for name, value in returned.items()}
    if secret is not None and definition.secret_key:
        masked[definition.secret_key] = secret
    return masked


def _returned(result: Result) -> dict[str, Any]:
    returned = {"changed": result.changed, **result.values}
    if result.changed:
        returned["diff"] = {"before": result.before or {}, "after": result.after or {}}
    return returned


def secret_values(definition: Definition, options: Mapping[str, Any]) -> set[str]:
    """Every value that may be a secret: of no_log options, nested ones too, and of what C(hides) names.

    What also stands in an option that holds no secret is public already.
    """
    secret, hidden, open_options = _told_apart(definition.argument_spec, options, definition.hides)
    # an address with a login in it is refused, and must not be shown on the way
    secret |= set().union(*map(logins, open_options), set())
    return secret | {text for text in hidden if not any(text in shown for shown in open_options)}


def _told_apart(
    spec: Mapping[str, Any], options: Mapping[str, Any], hides: Collection[str]
) -> tuple[set[str], set[str], set[str]]:
    """The texts of the options that hold secrets, of those that may hold one somewhere, and of the others."""
    secret: set[str] = set()
    hidden: set[str] = set()
    others: set[str] = set()
    for name, entry in spec.items():
        for spelling in (name, *(entry.get("aliases") or [])):
            value = options.get(spelling)
            if value is None:
                continue
            if name in hides:
                hidden |= texts(value)
            elif entry.get("no_log"):
                secret |= _with_credentials(texts(value)) if isinstance(value, Mapping) else texts(value)
            elif entry.get("options"):
                for element in value if isinstance(value, list) else [value]:
                    if isinstance(element, Mapping):
                        inner = _told_apart(entry["options"], element, hides)
                        secret, hidden, others = secret | inner[0], hidden | inner[1], others | inner[2]
            else:
                others |= texts(value)
    return secret, hidden, others


def _with_credentials(headers: set[str]) -> set[str]:
    """The values of headers, and what stands behind the scheme in them."""
    return headers | {told.group(1) for text in headers if (told := SCHEME.fullmatch(text))}


def shown_options(definition: Definition, options: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """The options as C(invocation) may show them."""
    shown = _shown(definition.argument_spec, options, definition.hides)
    return {name: mask(value, secrets) for name, value in shown.items()}


def _shown(spec: Mapping[str, Any], options: Mapping[str, Any], hides: Mapping[str, Any]) -> dict[str, Any]:
    named = {spelling: name for name, entry in spec.items() for spelling in (name, *(entry.get("aliases") or []))}
    shown = {}
    for spelling, value in options.items():
        name = named.get(spelling, spelling)
        entry = spec.get(name, {})
        if value is None:
            shown[spelling] = None
        elif name not in spec or entry.get("no_log"):
            # a name that is no option may be a misspelt password
            shown[spelling] = _masking.WHOLE
        elif name in hides:
            shown[spelling] = hides[name](value)
        elif entry.get("options"):
            elements = value if isinstance(value, list) else [value]
            inner: list[Any] = [
                _shown(entry["options"], one, hides) if isinstance(one, Mapping) else _masking.WHOLE for one in elements
            ]
            shown[spelling] = inner if isinstance(value, list) else inner[0]
        else:
            shown[spelling] = value
    return shown


class _Module(AnsibleModule):
    """An AnsibleModule that shows of its options what their definition allows, in failures of its own too."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.secrets = _masking.Secrets()
        super().__init__(definition.argument_spec, supports_check_mode=True, **definition.constraints)

    def log(self, msg: str, log_args: Any = None) -> None:
        """Nothing: options with secrets anywhere inside do not belong in the system's log."""

    def exit_json(self, **kwargs: Any) -> None:
        super().exit_json(**self._fit(kwargs))

    def fail_json(self, msg: str, **kwargs: Any) -> None:  # type: ignore[override]
        self.secrets.update(secret_values(self._definition, self.params))
        super().fail_json(msg=mask(msg, self.secrets), **self._fit(kwargs))

    def _fit(self, result: dict[str, Any]) -> dict[str, Any]:
        # Ansible would take a short password out of every word of the result, which is masked already
        self.no_log_values.clear()
        shown = shown_options(self._definition, self.params, self.secrets)
        return {**result, "invocation": {"module_args": shown}}


def run_module(definition: Definition) -> None:
    """The body of every module's main()."""
    module = _Module(definition)
    lacking = missing_library()
    if lacking:
        module.fail_json(msg=lacking)
    warnings: list[str] = []
    run = Run(check_mode=module.check_mode, warn=warnings.append)
    result = execute(definition, dict(module.params), run)
    module.secrets = run.secrets
    for warning in warnings:
        module.warn(mask(warning, run.secrets))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
