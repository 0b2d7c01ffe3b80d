# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Job templates, workflows with their steps, and schedules of a set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import merge
from .kinds import Item, Thing
from .schedules import keep as keep_schedules
from .sets import CREDENTIALS
from .writer import Writer, given

NODES = "workflow_job_template_nodes"
NODE = "workflow_job_template_node"
LINKS = ("success_nodes", "always_nodes", "failure_nodes")
NOTIFICATIONS = ("started", "success", "error")
HOSTS = "usersync_hosts"


def keep(writer: Writer) -> None:
    """Make or change them."""
    for entry in writer.options["definitions"]["job_templates"]:
        _job(writer, entry)
    for entry in writer.options["definitions"]["workflows"]:
        thing = writer.set[entry["key"]]
        _workflow(writer, thing, entry)
        _Steps(writer, thing, entry["nodes"]).keep()
    keep_schedules(writer)


def _members(writer: Writer, thing: Thing, name: str) -> list[Item]:
    return writer.awx.find(f"{thing.kind.endpoint}/{thing.id}/{name}") if thing.found else []


def _credentials(writer: Writer, thing: Thing) -> tuple[list[int], list[str]]:
    """Those that are held now, and all that are wanted: ours, unless somebody put another of the same type there."""
    held = _members(writer, thing, "credentials")
    types = {one["credential_type"] for one in held}
    ids = [one["id"] for one in held]
    wanted = list(ids)
    for key, kind in CREDENTIALS.items():
        ours = writer.set[key].id
        if ours is not None and ours not in ids and writer.set[kind].id not in types:
            wanted.append(ours)
    texts = [str(one) for one in wanted]
    return ids, texts + [one for one in writer.options["vault_credentials"] or [] if one not in texts]


def _lists(writer: Writer, thing: Thing) -> tuple[dict[str, list[int]], dict[str, Any]]:
    """Lists whose members are added to or were given: what is held, and the arguments."""
    label = writer.set["label"]
    held = {"labels": [one["id"] for one in _members(writer, thing, "labels")]}
    kept = [str(one) for one in held["labels"] if one != label.id]
    arguments: dict[str, Any] = {"labels": [*kept, str(label.id) if label.id else label.name]}
    whens = [*NOTIFICATIONS, *(["approvals"] if thing.kind.module.startswith("workflow") else [])]
    for when in whens:
        arguments.update(given(**{f"notification_templates_{when}": writer.options[f"notifications_{when}"]}))
    for name in arguments:
        held.setdefault(name, [one["id"] for one in _members(writer, thing, name)])
    return held, arguments


def survey(writer: Writer, key: str) -> dict[str, Any]:
    """A survey as it is wanted where nobody has changed it."""
    return writer.options["definitions"]["surveys"][key]


def pattern_given(writer: Writer) -> list[str]:
    """Variables whose default in a survey was given."""
    return [HOSTS] if writer.options["hosts_pattern"] is not None else []


def _survey(writer: Writer, thing: Thing, key: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The survey that is there and the arguments for the one that is wanted."""
    if key is None:
        return {}, {}
    current = next(iter(_members(writer, thing, "survey_spec")), {})
    wanted = merge.survey(current, survey(writer, key), pattern_given(writer))
    writer.surveys[thing.key] = wanted
    return current, {"survey_enabled": True, "survey_spec": wanted}


def _job(writer: Writer, entry: Mapping[str, Any]) -> None:
    options, found, thing = writer.options, writer.set, writer.set[entry["key"]]
    parts = [found[key].id for key in ("project", "inventory", "execution_environment", *CREDENTIALS, "label")]
    check = entry.get("check", False)
    held, lists = _lists(writer, thing)
    held["credentials"], wanted = _credentials(writer, thing)
    if options["instance_groups"] is not None:
        held["instance_groups"] = [one["id"] for one in _members(writer, thing, "instance_groups")]
        lists["instance_groups"] = options["instance_groups"]
    current, asked = _survey(writer, thing, entry.get("survey"))
    made: dict[str, Any] = {}
    if thing.found is None:
        made = {
            "description": entry["description"],
            "forks": options["defaults"]["forks"],
            "timeout": entry["timeout"],
            "job_slice_count": 1,
            "diff_mode": check,
            "ask_limit_on_launch": True,
            "ask_verbosity_on_launch": True,
            "ask_variables_on_launch": False,
        }
    variables = dict(entry.get("extra_vars") or {})
    if entry.get("fail_on") and (options["audit_fail_on"] is not None or thing.found is None):
        variables["azure_connector_audit_fail_on"] = options["audit_fail_on"] or (
            options["defaults"]["audit_fail_on"] if options["audit_fail_on"] is None else []
        )
    before = merge.mapping(str(thing), (thing.found or {}).get("extra_vars"), writer.parse)
    whole = merge.over(before, variables)
    if whole is not None:
        made["extra_vars"] = whole
    writer.write(
        thing,
        possible=None not in parts,
        held=held,
        organization=found.organization["name"],
        project=str(found["project"].id),
        playbook=f"{options['project_playbooks']}{entry['playbook']}",
        inventory=str(found["inventory"].id),
        execution_environment=str(found["execution_environment"].id),
        credentials=wanted,
        job_type="check" if check else "run",
        allow_simultaneous=entry.get("simultaneous", False),
        ask_job_slice_count_on_launch=entry.get("sliced", False),
        **lists,
        **{**made, **given(forks=options["forks"])},
        **_as_is(thing, current, asked),
    )


def _as_is(thing: Thing, current: Mapping[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The survey's arguments; without the survey where it is as wanted, which only its own address tells."""
    if thing.found and asked and asked["survey_spec"] == current:
        return {"survey_enabled": True}
    return asked


def _workflow(writer: Writer, thing: Thing, entry: Mapping[str, Any]) -> None:
    found = writer.set
    held, lists = _lists(writer, thing)
    current, asked = _survey(writer, thing, entry["survey"])
    made: dict[str, Any] = {}
    if thing.found is None:
        made = {"description": entry["description"], "ask_limit_on_launch": True, "ask_variables_on_launch": False}
    writer.write(
        thing,
        possible=None not in (found["inventory"].id, found["label"].id),
        held=held,
        organization=found.organization["name"],
        inventory=str(found["inventory"].id),
        allow_simultaneous=False,
        **lists,
        **made,
        **_as_is(thing, current, asked),
    )


class _Steps:
    """The steps of one workflow, and its links; steps and links that somebody added stay."""

    def __init__(self, writer: Writer, thing: Thing, nodes: list[Mapping[str, Any]]) -> None:
        self.writer, self.thing = writer, thing
        asked = writer.options["approval"]
        self.nodes = [node for node in nodes if asked or not node.get("for_approval")]
        self.dropped = [node for node in nodes if not asked and node.get("for_approval")]
        self.asked = asked
        self.fresh: set[str] = set()

    def keep(self) -> None:
        there = self._there()
        for node in self.nodes:
            self._step(node, there.get(node["identifier"]))
        for node in self.dropped:
            if node["identifier"] in there:
                self._apply(node, state="absent")
        there = self._there()
        for node in self.nodes:
            self._links(node, there)

    def _there(self) -> dict[str, Item]:
        if self.thing.id is None:
            return {}
        nodes = self.writer.awx.find(NODES, workflow_job_template=self.thing.id)
        return {node["identifier"]: node for node in nodes}

    def _apply(self, node: Mapping[str, Any], made: bool = False, possible: bool = True, **arguments: Any) -> None:
        self.writer.apply(
            self.thing.key,
            NODE,
            f"step '{node['identifier']}' of the {self.thing}",
            made,
            possible and self.thing.id is not None,
            identifier=node["identifier"],
            workflow_job_template=str(self.thing.id),
            organization=self.writer.set.organization["name"],
            **arguments,
        )

    def _step(self, node: Mapping[str, Any], there: Item | None) -> None:
        options = self.writer.options
        if there is None:
            self.fresh.add(node["identifier"])
        if "approval" in node:
            timeout = options["approval_timeout"]
            if there and there.get("unified_job_template") and timeout is None:
                return
            approval = {
                "name": node["approval"],
                "description": node["description"],
                "timeout": options["defaults"]["approval_timeout"] if timeout is None else timeout,
            }
            self._apply(node, there is None, approval_node=approval)
            return
        template = self.writer.set[node["template"]].id
        slices = given(job_slice_count=options["slices"]) if node.get("sliced") else {}
        same = there and there.get("unified_job_template") == template
        if same and all(there.get(name) == value for name, value in slices.items()):  # type: ignore[union-attr]
            return
        self._apply(node, there is None, template is not None, unified_job_template=str(template), **slices)

    def _links(self, node: Mapping[str, Any], there: Mapping[str, Item]) -> None:
        """In tasks of their own: together with an approval, the module looks for them at a wrong address."""
        names = {item["id"]: name for name, item in there.items()}
        current = there.get(node["identifier"], {})
        ours = {one["identifier"] for one in self.nodes}
        links = node.get("links", {}) if self.asked or "links_alone" not in node else node["links_alone"]
        wanted: dict[str, list[str]] = {}
        for kind in LINKS:
            held = [names[one] for one in current.get(kind, []) if one in names]
            wanted[kind] = [*links.get(kind, []), *(one for one in held if one not in ours)]
        if any({names.get(one) for one in current.get(kind, [])} != set(wanted[kind]) for kind in LINKS):
            possible = all(name in there for kind in LINKS for name in wanted[kind])
            self._apply(node, possible=possible, told=node["identifier"] not in self.fresh, **wanted)
