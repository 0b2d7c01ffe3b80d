# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set on a fake AWX without a playbook: the real modules and the real lookup of awx.awx, in this very process.

A playbook starts a process for each module; this takes a hundredth of that, so that one test can be one story.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as ansible_warnings
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.fleetops.usersync.plugins.module_utils._awx import absent, present
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.awx_objects import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import AnswerError, UsersyncError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Result, Run
from data import ROLE, files, load
from fake.offered import offered
from fake.server import FakeAwx

COLLECTION = "awx.awx"
IMAGE = "registry.example.com/usersync:1.0.0"


class Direct:
    """See :class:`_awx.kinds.Awx`. :ivar applied: module and arguments of each write"""

    def __init__(self, fake: FakeAwx, token: str, check: bool) -> None:
        self._connection = {"controller_host": fake.url, "controller_oauthtoken": token}
        self._check = check
        self.applied: list[tuple[str, dict[str, Any]]] = []

    def find(self, endpoint: str, **query: Any) -> list[dict[str, Any]]:
        plugin = lookup_loader.get(f"{COLLECTION}.controller_api", loader=DataLoader(), templar=Templar(DataLoader()))
        where = {"host": self._connection["controller_host"], "oauth_token": self._connection["controller_oauthtoken"]}
        try:
            return plugin.run([endpoint], {}, query_params=query, return_all=True, max_objects=10**5, **where)
        except AnsibleError as error:
            raise AnswerError(f"the AWX does not answer {endpoint}: {error}") from None

    def apply(self, module: str, **arguments: Any) -> dict[str, Any]:
        self.applied.append((module, arguments))
        answer = run_module(module, {**arguments, **self._connection, "_ansible_check_mode": self._check})
        if answer.get("failed"):
            raise AnswerError(f"the AWX refuses {module} {arguments.get('name')}: {answer}")
        return answer


def run_module(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the module prints."""
    main = importlib.import_module(f"ansible_collections.awx.awx.plugins.modules.{module}").main
    before = {name: getattr(basic, name, None) for name in ("_ANSIBLE_ARGS", "_ANSIBLE_PROFILE")}
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": dict(arguments)}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    for kept in ("_global_warnings", "_global_deprecations"):
        if hasattr(ansible_warnings, kept):
            getattr(ansible_warnings, kept).clear()
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            main()
    finally:
        for name, value in before.items():
            setattr(basic, name, value)
    return json.loads(printed.getvalue().strip().splitlines()[-1])


def role_data(prefix: str = "UserSync", pattern: str | None = None) -> dict[str, Any]:
    """What the role hands over: definitions, names and what objects are made with."""
    files = {path.stem: load(path) for path in (ROLE / "vars" / "main").glob("*.yml")}
    names = files["names"]["__usersync_awx_default_names"]
    questions = json.loads(json.dumps(files["surveys"]["__usersync_awx_questions"]))
    questions["hosts"]["default"] = pattern or "usersync_hosts"
    surveys = {
        key: {"name": "", "description": "", "spec": [questions[one] for one in asked]}
        for key, asked in files["surveys"]["__usersync_awx_surveys"].items()
    }
    data = {
        "names": {
            key: name.replace("{{ usersync_awx_prefix | lower }}", prefix.lower()).replace(
                "{{ usersync_awx_prefix }}", prefix
            )
            for key, name in names.items()
        },
        "defaults": files["names"]["__usersync_awx_made_with"],
        "definitions": {
            "credential_types": files["credential_types"]["__usersync_awx_credential_types"],
            "credentials": files["credential_types"]["__usersync_awx_credentials"],
            "job_templates": files["job_templates"]["__usersync_awx_job_templates"],
            "workflows": files["workflows"]["__usersync_awx_workflows"],
            "schedules": files["workflows"]["__usersync_awx_schedules"],
            "surveys": surveys,
        },
    }
    return json.loads(json.dumps(data).replace("{{ usersync_awx_prefix }}", prefix))


def keep(
    fake: FakeAwx, state: str = "present", check: bool = False, token: str | None = None, **options: Any
) -> Result:
    """Run the set with these options of awx_objects; :raises UsersyncError: as the module would fail"""
    prefix = options.get("prefix", "UserSync")
    data = role_data(prefix, options.get("hosts_pattern"))
    whole = {name: option.get("default") for name, option in DEFINITION.argument_spec.items()}
    whole.update(data, organization="Default", prefix=prefix, execution_environment_image=IMAGE)
    names = options.pop("names", {})
    whole["names"] = {**data["names"], **names}
    whole.update(options, renamed=list(names), state=state)
    awx = Direct(fake, token or fake.token, check)
    verb = absent.run if state == "absent" else present.run
    return verb(awx, whole, Run(check_mode=check), yaml.safe_load)


def refused(fake: FakeAwx, *arguments: Any, **options: Any) -> UsersyncError:
    """The error of a run that has to fail."""
    try:
        keep(fake, *arguments, **options)
    except UsersyncError as error:
        return error
    raise AssertionError("it was not refused")


@contextlib.contextmanager
def a_fake(**more: Any) -> Iterator[FakeAwx]:
    """An AWX whose project has the playbooks of this collection."""
    playbooks = offered(ROLE.parents[1], files())
    with FakeAwx(playbooks, **more) as fake:
        yield fake
