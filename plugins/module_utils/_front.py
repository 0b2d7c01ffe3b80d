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
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from . import _libraries
from ._errors import UsersyncError
from ._run import Result, Run

# A part of a header shorter than this is no secret, and masking it would take letters out of every sentence
SHORTEST_HEADER = 6
SCHEME = re.compile(r"[A-Za-z]+ +(\S+)")
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


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
    :ivar describe: (options, result) -> before and after headers of the diff
    """

    name: str
    argument_spec: dict[str, Any]
    connect: Callable[[dict[str, Any], Run], AbstractContextManager[Any]]
    run: Callable[[Any, dict[str, Any], Run], Result]
    constraints: dict[str, Any] = field(default_factory=dict)
    validate: Callable[[dict[str, Any]], None] = lambda options: None
    secret_key: str | None = None


def missing_library() -> str | None:
    """The sentence about a library that this Python lacks."""
    for name in _libraries.MISSING:
        return missing_required_lib(name)
    return None


def execute(definition: Definition, options: dict[str, Any], run: Run) -> dict[str, Any]:
    """Run the workflow; :returns: a result as Ansible takes it, without secrets but for C(secret_key)."""
    run.secrets.update(secret_values(definition.argument_spec, options))
    client: Any = None
    try:
        definition.validate(options)
        with definition.connect(options, run) as client:
            result = definition.run(client, options, run)
            returned = _returned(result)
            secret = result.secret
    except UsersyncError as exc:
        returned, secret = {"failed": True, "changed": False, "msg": exc.message, "failure": exc.as_failure()}, None
    except Exception as exc:
        # A defect of ours: said in one sentence with the place, since a traceback may show what it should not
        place = traceback.extract_tb(exc.__traceback__)[-1]
        returned, secret = (
            {
                "failed": True,
                "changed": False,
                "msg": f"{definition.name} met a defect of its own, please report it: {type(exc).__name__} in "
                f"{place.filename.rpartition('/')[2]} line {place.lineno}, {exc}",
                "failure": {"kind": "defect", "code": type(exc).__name__},
            },
            None,
        )
    stats = getattr(client, "stats", None)
    if stats:
        returned["http"] = dict(stats)
    masked = mask(returned, run.secrets)
    if secret is not None and definition.secret_key:
        masked[definition.secret_key] = secret
    return masked


def _returned(result: Result) -> dict[str, Any]:
    returned = {"changed": result.changed, **result.values}
    if result.changed:
        returned["diff"] = {"before": result.before or {}, "after": result.after or {}}
    return returned


def mask(value: Any, secrets: set[str]) -> Any:
    """The value with every secret in it replaced."""
    strings = {text for text in secrets if text}
    return remove_values(value, strings) if strings else value


def secret_values(spec: Mapping[str, Any], options: Mapping[str, Any]) -> set[str]:
    """The values of all no_log options, nested ones too; of dictionaries (headers) those that can be secrets."""
    found: set[str] = set()
    for name, entry in spec.items():
        value = options.get(name)
        if value is None:
            continue
        if entry.get("no_log"):
            texts = _strings(value)
            found.update(_of_headers(texts) if isinstance(value, Mapping) else texts)
        for element in (value if isinstance(value, list) else [value]) if entry.get("options") else []:
            if isinstance(element, Mapping):
                found.update(secret_values(entry["options"], element))
    return found


def _of_headers(texts: set[str]) -> set[str]:
    credentials = {told.group(1) for text in texts if (told := SCHEME.fullmatch(text))}
    return {text for text in texts | credentials if len(text) >= SHORTEST_HEADER}


def _strings(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set().union(*map(_strings, value.values()), set())
    if isinstance(value, (list, tuple, set)):
        return set().union(*map(_strings, value), set())
    return set() if isinstance(value, bool) else {str(value)}


def run_module(definition: Definition) -> None:
    """The body of every module's main()."""
    module = AnsibleModule(argument_spec=definition.argument_spec, supports_check_mode=True, **definition.constraints)
    lacking = missing_library()
    if lacking:
        module.fail_json(msg=lacking)
    for name, entry in definition.argument_spec.items():
        if entry.get("no_log") and isinstance(module.params[name], Mapping):
            module.no_log_values.difference_update(_strings(module.params[name]))
    module.no_log_values.update(secret_values(definition.argument_spec, module.params))
    run = Run(check_mode=module.check_mode, warn=module.warn)
    result = execute(definition, dict(module.params), run)
    # AnsibleModule masks the values of no_log options everywhere; the new secret is none of them
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
