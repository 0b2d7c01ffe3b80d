# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ansible.module_utils.common.validation import check_type_bool
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset, table
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit, _fleet, _outcome, _preflight
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    ENTRIES,
    PREFIX,
    BadVariable,
    HostVariables,
    plain,
)

DEFAULTS = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "azure_connector", "defaults", "main.yml")
RESULT, APP, PLAN, APPS = (f"__azure_connector_{name}" for name in ("result", "app", "plan", "apps"))
REMOVAL_READ = "__azure_connector_read"
CONFIRMED, ALIVE = "__azure_connector_confirmed", "__azure_connector_alive"
USERS, DELIVERED = "__azure_connector_users", "__azure_connector_delivered"
READ, AUTOMATION = "__azure_connector_read", "__azure_connector_automation"
# Code of a host that waits for consent
HELD = "held"
# Strategies that let hosts run apart, so that no look at all of them is possible
APART = ("free", "host_pinned")


display = Display()


class ActionModule(ActionBase):
    """The one plugin that reads the variables of other hosts; what it decides is in C(plugin_utils)."""

    _supports_check_mode = True
    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        self.known = task_vars or {}
        look = self._task.args.get("look")
        looks = {
            "plan": self._plan,
            "apps": self._apps,
            "report": self._report,
            "preflight": self._preflight,
            "users": self._users,
            "strays": self._strays,
            "audit": self._audit,
            "show": self._lines,
        }
        if look not in looks:
            return {**result, "failed": True, "msg": f"look: must be one of {', '.join(looks)}"}
        return {**result, "changed": False, **looks[look]()}

    # -- looks ----------------------------------------------------------------------------------------------------

    def _plan(self) -> dict[str, Any]:
        strategy = str(getattr(self._play(), "strategy", "") or "").rpartition(".")[2]
        play_hosts, batch = self._names("ansible_play_hosts_all"), self._names("ansible_play_batch")
        if strategy in APART and len(play_hosts) > 1:
            return {
                "failed": True,
                "msg": f"strategy: {strategy} lets hosts run apart, but this role looks at all of them together; "
                "set strategy: linear in the play. Nothing was changed",
            }
        if self._flag("judges"):
            try:
                # a gate that cannot be read is red, before anything is asked
                self._own_variables().check(name for name in ENTRIES if name.startswith(f"{PREFIX}audit_"))
            except BadVariable as exc:
                return {"failed": True, "msg": str(exc)}
        listed = play_hosts
        if self._flag("everywhere"):
            listed = list(dict.fromkeys([*play_hosts, *self._names_of_all()]))
        hosts = {name: self._variables(name) for name in listed}
        made = _fleet.plan(batch, hosts, self._halted(play_hosts, batch, hosts), self._flag("everywhere"))
        return dict(vars(made))

    def _halted(self, play_hosts: list[str], batch: list[str], hosts: Mapping[str, HostVariables]) -> str:
        """Why this batch is not begun, by what became of those before."""
        before = play_hosts[: play_hosts.index(batch[0])] if batch else []
        if not before:
            return ""
        try:
            most = float(hosts[batch[0]].get("max_fail_percentage", 100.0))
        except BadVariable as exc:
            return str(exc)
        failed = [one for one in self._outcomes(before) if one.status == _outcome.FAILED]
        return _fleet.halted(len(failed), len(before), most)

    def _apps(self) -> dict[str, Any]:
        """By app, what its leader has left; the rest of what the directory says of it stays with nobody."""
        if not self._flag("prepared", True):
            return {"apps": {}}
        leaders = (self.known.get(PLAN) or {}).get("leaders") or {}
        never = {"failure": _outcome.NEVER_BEGAN}
        return {"apps": {app: self._left(leader, APP) or never for leader, app in leaders.items()}}

    def _report(self) -> dict[str, Any]:
        outcomes = self._outcomes(self._names("ansible_play_hosts_all" if self._flag("all") else "ansible_play_batch"))
        failed = {one.host: f"{one.host} {one.text}" for one in outcomes if one.status == _outcome.FAILED}
        told = _outcome.lines(outcomes)
        if self._flag("schedules"):
            told += _outcome.unscheduled({one.host: self._connector(one.host) for one in outcomes})
            told += _outcome.advice(outcomes)
        if (self._left(str(self.known.get("inventory_hostname")), ALIVE) or {}).get("results"):
            told += self._alive([one.host for one in outcomes])
        self._show(told)
        return {
            "lines": told,
            "failed_hosts": failed,
            "outcomes": {one.host: one.as_dict() for one in outcomes},
        }

    def _connector(self, name: str) -> Mapping[str, Any]:
        """What a run has left of the host's connector; with separate steps its delivery has it."""
        left = (self._left(name, variable) for variable in (DELIVERED, RESULT))
        return next((one["connector"] for one in left if isinstance(one, Mapping) and one.get("connector")), {})

    def _preflight(self) -> dict[str, Any]:
        plan = self.known.get(PLAN) or {}
        speaks = {app: host for host, app in (plan.get("leaders") or {}).items()}
        looked: dict[str, _preflight.Looked] = {}
        for one in self._outcomes(self._names("ansible_play_hosts_all")):
            app = None
            with suppress(BadVariable):
                app = _fleet.app_of(self._variables(one.host))
            page = ((((self._left(one.host, APPS) or {}).get("apps") or {}).get(app)) or {}).get("consent_url")
            held = ((self._left(one.host, RESULT) or {}).get("failure") or {}).get("code") == HELD
            info = self._left(one.host, READ) or {}
            looked[one.host] = _preflight.Looked(one, info, speaks.get(app), new_app=held and not page)
        lacking = {leader: self._lacking(leader) for leader in speaks.values()}
        self._show(_preflight.lines(looked, lacking))
        return {"lines": _preflight.lines(looked, lacking), "sentence": _preflight.sentence(looked, lacking)}

    def _lines(self) -> dict[str, Any]:
        self._show(map(str, self._task.args.get("lines") or []))
        return {}

    def _lacking(self, leader: str) -> str:
        known = self._variables(leader)
        try:
            consent, app = str(known.get("consent")), _fleet.app_of(known)
        except BadVariable as exc:
            return str(exc)
        wanted = (self._left(leader, PLAN) or {}).get("permissions") or {}
        return _preflight.lacking(self._left(leader, AUTOMATION) or {}, consent, wanted.get(app) or [])

    @staticmethod
    def _show(lines: Iterable[str]) -> None:
        for line in lines:
            display.display(line)

    def _alive(self, names: list[str]) -> list[str]:
        """After an emergency: which secrets of the apps are alive that this run has not made."""
        made = [((self._left(name, RESULT) or {}).get("credential") or {}).get("key_id") for name in names]
        reads = (self._left(str(self.known.get("inventory_hostname")), ALIVE) or {}).get("results") or []
        unread = [
            f"what is still alive of an app is not known: {one.get('msg')}" for one in reads if one.get("failure")
        ]
        listed = [entry for one in reads for app in one.get("apps") or [] for entry in app["credentials"]]
        alive = [str(one["display_name"]) for one in listed if not one["expired"] and one["key_id"] not in made]
        return unread + ([f"still alive, and not made in this run: {', '.join(alive)}"] if alive else [])

    def _users(self) -> dict[str, Any]:
        """Hosts of the inventory that use the app of this one, and the holders of those that this run took out."""
        users: list[str] = []
        gone: list[str] = []
        mine = _fleet.app_of(self._variables(str(self.known.get("inventory_hostname"))))
        for name in self._names_of_all():
            known = self._variables(name)
            with suppress(BadVariable):
                if not known.get("url") or _fleet.app_of(known) != mine:
                    continue
                if not self._taken_out(name):
                    users.append(name)
                elif holder := (self._left(name, REMOVAL_READ) or {}).get("holder"):
                    gone.append(str(holder))
        return {"users": sorted(users), "holders": gone}

    def _taken_out(self, name: str) -> bool:
        return _outcome.removed(self._removal(name)) and not (self._left(name, RESULT) or {}).get("failed")

    def _removal(self, name: str) -> dict[str, Any]:
        steps = {step: self._left(name, f"__azure_connector_{step}") or {} for step in _outcome.REMOVAL}
        return {**steps, "users": (self._left(name, USERS) or {}).get("users") or []}

    def _flag(self, name: str, default: bool = False) -> bool:
        return bool(check_type_bool(self._task.args.get(name, default)))

    def _strays(self) -> dict[str, Any]:
        """By host, the apps to be read on its behalf, which connectors name and the inventory does not."""
        return {"strays": dataset.strays(*self._gathered(self._names("ansible_play_batch")))}

    def _own_variables(self) -> HostVariables:
        return self._variables(str(self.known.get("inventory_hostname")))

    def _audit(self) -> dict[str, Any]:
        play_hosts = self._names("ansible_play_hosts_all")
        others = [name for name in self._names_of_all() if name not in play_hosts]
        own = self._own_variables()
        try:
            shown = own.get("audit_table", True)
            files = {kind: own.get(f"audit_{kind}") for kind in ("html", "json", "prometheus")}
            settings = Settings(
                now=_audit.now(),
                warn_days=own.get("audit_warn_days", 30),
                sync_max_age_hours=own.get("audit_sync_max_age_hours"),
                fail_on=own.get("audit_fail_on", []),
                permission_profile=own.get("permission_profile", "guide"),
                permissions=[(str(one.get("type")), str(one.get("name"))) for one in own.get("permissions", [])],
                former=self._formers(play_hosts),
                known_holders=frozenset(own.get("audit_known_holders", [])) | _audit.holders_of(map(self._own, others)),
                known_places=_audit.places_of(map(self._own, dict.fromkeys([*play_hosts, *others]))),
            )
        except BadVariable as exc:
            # a gate that cannot be read is red
            return {"failed": True, "msg": str(exc)}
        report = dataset.build(*self._gathered(play_hosts), settings, _audit.tagged(play_hosts, self._left))
        written = {kind: os.path.abspath(os.path.expanduser(path)) for kind, path in files.items() if path}
        for path in written.values() if not self._task.check_mode else ():
            os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
        if shown:
            self._show(table.lines(report))
        return {"report": _audit.inert(report), "files": written}

    def _formers(self, names: list[str]) -> dict[str, str]:
        """By former holder, the host that says so."""
        formers: dict[str, str] = {}
        for name in names:
            with suppress(BadVariable):
                formers |= {str(one): name for one in self._variables(name).get("former_holders", []) or []}
        return formers

    def _gathered(self, names: list[str]) -> Any:
        return _audit.gather({name: self._own(name) for name in names}, self._left)

    def _own(self, name: str) -> _audit.Own:
        known, stopped = self._variables(name), ((self._left(name, PLAN) or {}).get("stopped") or {}).get(name)
        told: dict[str, Any] = {}
        for member, variable in (("url", "url"), ("site", "site")):
            try:
                told[member] = known.get(variable)
            except BadVariable:
                told[member] = None
        try:
            told["app"] = _fleet.app_of(known)
        except BadVariable:
            told["app"] = None
        return _audit.Own(**told, stopped=stopped)

    # -- what hosts have left -------------------------------------------------------------------------------------

    def _outcomes(self, names: list[str]) -> list[_outcome.Outcome]:
        return [self._outcome(name) for name in names]

    def _outcome(self, name: str) -> _outcome.Outcome:
        made = self._left(name, PLAN) or {}
        confirmed = {one["name"]: one for one in (self._left(name, CONFIRMED) or {}).get("outcomes") or []}
        apps = (self._left(name, APPS) or {}).get("apps") or {}
        app_failure = None
        if any((entry or {}).get("failure") for entry in apps.values()):
            with suppress(BadVariable):
                app_failure = (apps.get(_fleet.app_of(self._variables(name))) or {}).get("failure")
        result = self._left(name, RESULT)
        if self._flag("removal"):
            result = _outcome.of_removal(result, self._removal(name))
        elif name in (made.get("separate") or []):
            steps = {step: self._left(name, f"__azure_connector_{step}") or {} for step in _outcome.STEPS}
            result = _outcome.of_steps(result, steps)
        return _outcome.of_host(
            name,
            result,
            stopped=(made.get("stopped") or {}).get(name),
            left_out=(made.get("left_out") or {}).get(name),
            app_failure=app_failure,
            confirmed=confirmed.get(name),
            check_mode=bool(self._task.check_mode),
            unproven=(made.get("unproven") or {}).get(name),
        )

    def _left(self, name: str, variable: str) -> Any:
        """What a task has left in a variable of a host."""
        return plain(self._raw(name).get(variable))

    # -- variables ------------------------------------------------------------------------------------------------

    def _names(self, variable: str) -> list[str]:
        return [str(name) for name in self.known.get(variable) or []]

    def _names_of_all(self) -> list[str]:
        return [str(name) for name in (self.known.get("groups") or {}).get("all") or []]

    def _play(self) -> Any:
        get_play = getattr(self._task, "get_play", None)
        return get_play() if get_play else None

    def _raw(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.known["hostvars"].raw_get(name) or {}
        return found

    def _variables(self, name: str) -> HostVariables:
        """Of any host: what its inventory says, under what the play says for all."""
        here = str(self.known.get("inventory_hostname"))
        if name == here:
            merged = dict(self.known)
        else:
            merged = {**self._defaults(), **self._raw(name), **self._of_the_play(), "hostvars": self.known["hostvars"]}
        templar = Templar(loader=self._loader, variables=merged)
        return HostVariables({key: merged[key] for key in merged if key.startswith(PREFIX)}, templar.template)

    def _defaults(self) -> dict[str, Any]:
        if not hasattr(self, "_kept_defaults"):
            self._kept_defaults: dict[str, Any] = self._loader.load_from_file(DEFAULTS) or {}
        return self._kept_defaults

    def _of_the_play(self) -> dict[str, Any]:
        """Variables that are the same for all hosts, because the play or the role says them: C(hostvars) lacks them."""
        if not hasattr(self, "_kept_of_the_play"):
            own, defaults = self._raw(str(self.known.get("inventory_hostname"))), self._defaults()
            self._kept_of_the_play = {
                name: value
                for name, value in self.known.items()
                if name not in MAGIC
                and not name.startswith(("ansible_", "__azure_connector_"))
                and (name not in own or own[name] != value)
                and not (name in defaults and defaults[name] == value)
            }
        return self._kept_of_the_play


MAGIC = frozenset(
    {
        "environment",
        "group_names",
        "groups",
        "hostvars",
        "inventory_dir",
        "inventory_file",
        "inventory_hostname",
        "inventory_hostname_short",
        "omit",
        "play_hosts",
        "playbook_dir",
        "role_name",
        "role_names",
        "role_path",
        "vars",
    }
)
