# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ansible import context
from ansible.module_utils.common.validation import check_type_bool
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset, table
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings
from ansible_collections.fleetops.usersync.plugins.plugin_utils import (
    _audit,
    _failures,
    _fleet,
    _options,
    _outcome,
    _preflight,
    _survey,
)
from ansible_collections.fleetops.usersync.plugins.plugin_utils._play import PlayVariables
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    ENTRIES,
    PREFIX,
    BadVariable,
    HostVariables,
)

RESULT, APP, CONSENTED, PLAN, APPS = (
    f"__azure_connector_{name}" for name in ("result", "app", "consented", "plan", "apps")
)
DOES, REPORT = "__azure_connector_does", "__azure_connector_report"
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
        self.play = PlayVariables(task_vars or {}, self._loader)
        look = self._task.args.get("look")
        looks = {
            "plan": self._plan,
            "apps": self._apps,
            "report": self._report,
            "host": self._host,
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
        get_play = getattr(self._task, "get_play", None)
        strategy = str(getattr(get_play() if get_play else None, "strategy", "") or "").rpartition(".")[2]
        play_hosts, batch = self.play.names("ansible_play_hosts_all"), self.play.names("ansible_play_batch")
        if strategy in APART and len(play_hosts) > 1:
            return {
                "failed": True,
                "msg": f"strategy: {strategy} lets hosts run independently, but this role looks at all of them "
                "together; set strategy: linear in the play. Nothing was changed",
            }
        if self._flag("judges"):
            try:
                # a gate that cannot be read is red, before anything is asked
                self._own_variables().check(name for name in ENTRIES if name.startswith(f"{PREFIX}audit_"))
            except BadVariable as exc:
                return {"failed": True, "msg": str(exc)}
        listed = play_hosts
        if self._flag("everywhere"):
            listed = list(dict.fromkeys([*play_hosts, *self.play.all_hosts()]))
        hosts = {name: self.play.of(name) for name in listed}
        halted, limit = self._share(play_hosts, batch, hosts)
        made = _fleet.plan(batch, hosts, halted, self._flag("everywhere"))
        made.failures = limit
        # nobody prepares an app then
        made.first_leads |= self.play.known.get(DOES) == "rotate"
        return dict(vars(made))

    def _share(
        self, play_hosts: list[str], batch: list[str], hosts: Mapping[str, HostVariables]
    ) -> tuple[str, dict[str, Any] | None]:
        """Why this batch is not begun, by what became of those before; and how many of it may fail."""
        if not batch:
            return "", None
        before = play_hosts[: play_hosts.index(batch[0])]
        try:
            most = float(hosts[batch[0]].get("max_fail_percentage", 100.0))
        except BadVariable as exc:
            return str(exc) if before else "", None
        failed = len([one for one in self._outcomes(before) if one.status == _outcome.FAILED]) if most < 100 else 0
        limit = _fleet.failures(len(before) + len(batch), failed, most, uuid.uuid4().hex)
        return _fleet.halted(failed, len(before), most), limit

    def _apps(self) -> dict[str, Any]:
        """By app, what its leader has left; the rest of what the directory says of it stays with nobody."""
        apps: dict[str, Any] = {}
        if self._flag("prepared", True):
            leaders = (self.play.left(self.play.host, PLAN) or {}).get("leaders") or {}
            left = self.play.left
            apps = {app: _outcome.of_app(left(leader, APP), left(leader, CONSENTED)) for leader, app in leaders.items()}
        plan = self.play.left(self.play.host, PLAN) or {}
        ready = self._ready(plan, apps)
        settled = self._settle(ready, plan, apps) if self._flag("settles") else {}
        return {"apps": apps, **settled, "idle": not ready.keys() - settled.get("settled", {}).keys()}

    def _ready(self, plan: Mapping[str, Any], apps: Mapping[str, Any]) -> dict[str, HostVariables]:
        """The hosts of the batch that may begin, with their variables."""
        ready = {}
        for name in self.play.names("ansible_play_batch"):
            if any(name in (plan.get(group) or ()) for group in ("stopped", "left_out")):
                continue
            known = self.play.of(name)
            if not (apps.get(_fleet.app_of(known)) or {}).get("failure"):
                ready[name] = known
        return ready

    def _settle(
        self, ready: Mapping[str, HostVariables], plan: Mapping[str, Any], apps: Mapping[str, Any]
    ) -> dict[str, Any]:
        """By host that lacks nothing, or cannot be read, what usersync_connection would return of it.

        A task of their own for each would cost many times what their two requests do.
        """
        does = str(self.play.known.get(DOES) or "")
        asked: dict[str, dict[str, Any]] = {}
        # an environment or defaults of the play are for tasks, which this is not
        own_tasks = any(self._task.environment or []) or _survey.has_defaults(self._task.module_defaults)
        for name, known in {}.items() if own_tasks else ready.items():
            if name in (plan.get("separate") or ()):
                continue
            with suppress(BadVariable):
                if known.get("delegate_to") != "localhost":
                    continue
                options = _options.options(known, does, plan, {"apps": apps})
                if not options["secret"]["force"]:
                    asked[name] = options
        forks = int(context.CLIARGS.get("forks") or 5)
        settled, warnings = _survey.settled(asked, forks, display.display)
        _failures.note(plan.get("failures"), [name for name, result in settled.items() if result.get("failed")])
        return {"settled": settled, **({"warnings": warnings} if warnings else {})}

    def _report(self) -> dict[str, Any]:
        outcomes = self._outcomes(
            self.play.names("ansible_play_hosts_all" if self._flag("all") else "ansible_play_batch")
        )
        failed = {one.host: f"{one.host} {one.text}" for one in outcomes if one.status == _outcome.FAILED}
        told = _outcome.lines(outcomes)
        if self._flag("schedules"):
            told += _outcome.unscheduled({one.host: self._connector(one.host) for one in outcomes})
            told += _outcome.advice(outcomes)
        if (self.play.left(self.play.host, ALIVE) or {}).get("results"):
            told += self._alive([one.host for one in outcomes])
        self._show(told)
        return {
            "lines": told,
            "failed_hosts": failed,
            "outcomes": {one.host: one.as_dict() for one in outcomes},
        }

    def _host(self) -> dict[str, Any]:
        """A light task for each host, so that the recap has it, also where others have read and judged it."""
        sentence = self.play.left(self.play.host, REPORT, "failed_hosts", self.play.host)
        return {"failed": True, "msg": sentence} if sentence else {}

    def _connector(self, name: str) -> Mapping[str, Any]:
        """What a run has left of the host's connector; with separate steps its delivery has it."""
        places = ((DELIVERED,), (RESULT,), (APPS, "settled", name))
        return next((found for place in places if (found := self.play.left(name, *place, "connector"))), {})

    def _preflight(self) -> dict[str, Any]:
        plan = self.play.left(self.play.host, PLAN) or {}
        speaks = {app: host for host, app in (plan.get("leaders") or {}).items()}
        looked: dict[str, _preflight.Looked] = {}
        for one in self._outcomes(self.play.names("ansible_play_hosts_all")):
            app = None
            with suppress(BadVariable):
                app = _fleet.app_of(self.play.of(one.host))
            page = self.play.left(one.host, APPS, "apps", str(app), "consent_url")
            held = self.play.left(one.host, RESULT, "failure", "code") == HELD
            info = self.play.left(one.host, READ) or {}
            looked[one.host] = _preflight.Looked(one, info, speaks.get(app), new_app=held and not page)
        lacking = {leader: self._lacking(leader) for leader in speaks.values()}
        self._show(_preflight.lines(looked, lacking))
        return {"lines": _preflight.lines(looked, lacking), "sentence": _preflight.sentence(looked, lacking)}

    def _lines(self) -> dict[str, Any]:
        self._show(map(str, self._task.args.get("lines") or []))
        return {}

    def _lacking(self, leader: str) -> str:
        known = self.play.of(leader)
        try:
            consent, app = str(known.get("consent")), _fleet.app_of(known)
        except BadVariable as exc:
            return str(exc)
        wanted = (self.play.left(leader, PLAN) or {}).get("permissions") or {}
        return _preflight.lacking(self.play.left(leader, AUTOMATION) or {}, consent, wanted.get(app) or [])

    @staticmethod
    def _show(lines: Iterable[str]) -> None:
        for line in lines:
            display.display(line)

    def _alive(self, names: list[str]) -> list[str]:
        """After an emergency: which secrets of the apps are alive that this run has not made."""
        made = [((self.play.left(name, RESULT) or {}).get("credential") or {}).get("key_id") for name in names]
        reads = (self.play.left(self.play.host, ALIVE) or {}).get("results") or []
        unread = [
            f"the secrets of an app that are still alive are not known: {one.get('msg')}"
            for one in reads
            if one.get("failure")
        ]
        listed = [entry for one in reads for app in one.get("apps") or [] for entry in app["credentials"]]
        alive = [str(one["display_name"]) for one in listed if not one["expired"] and one["key_id"] not in made]
        return unread + ([f"still alive, and not created in this run: {', '.join(alive)}"] if alive else [])

    def _users(self) -> dict[str, Any]:
        """Hosts of the inventory that use the app of this one, and the holders of those that this run took out."""
        users: list[str] = []
        gone: list[str] = []
        mine = _fleet.app_of(self.play.of(self.play.host))
        for name in self.play.all_hosts():
            known = self.play.of(name)
            with suppress(BadVariable):
                if not known.get("url") or _fleet.app_of(known) != mine:
                    continue
                if not self._taken_out(name):
                    users.append(name)
                elif holder := (self.play.left(name, REMOVAL_READ) or {}).get("holder"):
                    gone.append(str(holder))
        return {"users": sorted(users), "holders": gone}

    def _taken_out(self, name: str) -> bool:
        return _outcome.removed(self._removal(name)) and not (self.play.left(name, RESULT) or {}).get("failed")

    def _removal(self, name: str) -> dict[str, Any]:
        steps = {step: self.play.left(name, f"__azure_connector_{step}") or {} for step in _outcome.REMOVAL}
        return {**steps, "users": (self.play.left(name, USERS) or {}).get("users") or []}

    def _flag(self, name: str, default: bool = False) -> bool:
        return bool(check_type_bool(self._task.args.get(name, default)))

    def _strays(self) -> dict[str, Any]:
        """By host, the apps to be read on its behalf, which connectors name and the inventory does not."""
        return {"strays": dataset.strays(*self._gathered(self.play.names("ansible_play_batch")))}

    def _own_variables(self) -> HostVariables:
        return self.play.of(self.play.host)

    def _audit(self) -> dict[str, Any]:
        play_hosts = self.play.names("ansible_play_hosts_all")
        others = [name for name in self.play.all_hosts() if name not in play_hosts]
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
        report = dataset.build(*self._gathered(play_hosts), settings, _audit.tagged(play_hosts, self.play.left))
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
                formers |= {str(one): name for one in self.play.of(name).get("former_holders", []) or []}
        return formers

    def _gathered(self, names: list[str]) -> Any:
        return _audit.gather({name: self._own(name) for name in names}, self.play.left)

    def _own(self, name: str) -> _audit.Own:
        known, stopped = self.play.of(name), self.play.left(name, PLAN, "stopped", name)
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
        left = self.play.left
        confirmed = {one["name"]: one for one in left(name, CONFIRMED, "outcomes") or []}
        apps = left(name, APPS, "apps") or {}
        app_failure = None
        if any((entry or {}).get("failure") for entry in apps.values()):
            with suppress(BadVariable):
                app_failure = (apps.get(_fleet.app_of(self.play.of(name))) or {}).get("failure")
        result = left(name, APPS, "settled", name) or left(name, RESULT)
        if self._flag("removal"):
            result = _outcome.of_removal(result, self._removal(name))
        elif name in (left(name, PLAN, "separate") or []):
            steps = {step: left(name, f"__azure_connector_{step}") or {} for step in _outcome.STEPS}
            result = _outcome.of_steps(result, steps)
        return _outcome.of_host(
            name,
            result,
            stopped=left(name, PLAN, "stopped", name),
            left_out=left(name, PLAN, "left_out", name),
            app_failure=app_failure,
            confirmed=confirmed.get(name),
            check_mode=bool(self._task.check_mode),
            unproven=left(name, PLAN, "unproven", name),
        )
