# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that nobody told us about, planted where users, hosts, proxies and answers have them; the search for them.

Each cure is taken out once, and the search must find what then gets out; else its silence would mean nothing.
"""

from __future__ import annotations

import base64
import functools
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from . import worlds
from .broken import COLLECTION
from .fleet import FORCE, ROTATE, Fleet
from .points import Point, Result
from .search import search

if TYPE_CHECKING:
    from simulator.world import World

HERE = Path(__file__).resolve().parent
AUDIT = "fleetops.usersync.audit"
REPORTS = ("html", "json", "prometheus")
PEM = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7planted"
OF_HOSTS: dict[str, Any] = {
    "bindPwd": "planted-bind-pwd-0001",
    "pin": 90210417,
    "sslKey": f"-----BEGIN PRIVATE KEY-----\n{PEM}\n-----END PRIVATE KEY-----\n",
    "jwt": "eyJhbGciOiJub25lIn0.eyJwbGFudGVkIjoiMDAwMiJ9.c2lnbmF0dXJl",
    "connectionString": "Server=db;Uid=sa;Pwd=planted-string-0003;",
    "refreshTokens": ["planted-refresh-0004", "planted-refresh-0005"],
    "callback": "https://hooks.example.com/x?sv=1&sig=planted-sig-0006",
    "mirror": "https://svc:planted-mirror-0007@mirror.example.com/",
    "apiUser": {"name": "svc", "value": "planted-object-0008"},
    "meansNothing": "planted-nameless-0009",
    "instanceGuid": "3f2b6f0e-90aa-4c33-8d5e-aaaa11112222",
}
OF_USERS = {
    "settings": {"proxyPassword": "planted/of&a+user-0010", "smtpPin": 48151623, "meansNothing": "planted-new-0015"},
    "template": {"name": "T", "type": "AZURE", "clientSecret": "planted-template-0011"},
    "headers": {"X-Gate": "planted-gate-0012"},
}
URL_PASSWORD = "planted-in-an-address-0013"
# the library takes what stands before the first of these signs for a host, and says so
PROXY_PASSWORD = "planted-proxy-0014#of/a?rest"


def planted() -> dict[str, str]:
    """Every planted value, and the telling part of those that are longer -> kind."""
    texts = {PEM: "key of a host", URL_PASSWORD: "password in an address", PROXY_PASSWORD: "password of a proxy"}
    for place, tree in (("host", OF_HOSTS), ("user", OF_USERS)):
        for value in _values(tree):
            if len(value) >= 8 and value != "AZURE":
                texts.setdefault(value.partition("Pwd=")[2].strip(";") or value, f"secret of a {place}")
    texts[PROXY_PASSWORD.partition("#")[0]] = "password of a proxy"
    texts["planted-nameless-0009"] = "nameless secret of a host"
    texts["planted-sig-0006"] = texts["planted-mirror-0007"] = "secret of a host"
    return {text: kind for text, kind in texts.items() if "BEGIN" not in text}


def _values(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [text for value in tree.values() for text in _values(value)]
    if isinstance(tree, list):
        return [text for value in tree for text in _values(value)]
    return [str(tree)]


def world_with_secrets(fleet: Fleet) -> None:
    """Hosts set up by hand, whose connectors hold what no documentation knows."""
    fleet.variables["azure_connector_app_adopt"] = fleet.sim.call(_plant, fleet.sim.world)


def _plant(world: World) -> str:
    app = worlds.taken_over(world)
    for host in world.hosts.values():
        for connector in host.store.connectors.values():
            connector.configuration.update(json.loads(json.dumps(OF_HOSTS)))
    return app


class Planted:
    """One fleet with its planted secrets: the plays, and what they leave."""

    def __init__(self, fleet: Fleet, collections: Path | None = None) -> None:
        self.fleet = fleet
        self.collections = collections
        fleet.begin(world_with_secrets)
        self.hostvars = fleet.private / f"hostvars-{id(self)}.json"
        (fleet.place / "everything").mkdir()
        fleet.more_env = {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "everything,ansible.builtin.junit",
            "USERSYNC_EVERYTHING": str(fleet.place / "everything" / "results.jsonl"),
            "JUNIT_OUTPUT_DIR": str(fleet.place / "junit"),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        }
        self._variables = fleet.private / "planted.yml"
        host = next(iter(fleet.sim.hosts))
        given: dict[str, Any] = {
            "azure_connector_settings": OF_USERS["settings"],
            "azure_connector_template": OF_USERS["template"],
            **{f"azure_connector_audit_{kind}": str(fleet.place / f"report.{kind}") for kind in REPORTS},
            "azure_connector_backup": True,
            "azure_connector_backup_dir": str(fleet.place / "backup"),
            "usersync_planted_settings": OF_USERS["settings"],
            "usersync_planted_template": OF_USERS["template"],
            "usersync_planted_headers": OF_USERS["headers"],
            "usersync_planted_url": _with_login(host["url"]),
            "usersync_minting_app": worlds.APP,
            "usersync_place": str(fleet.place),
            "usersync_hostvars_file": str(self.hostvars),
        }
        self._variables.write_text(json.dumps(given), encoding="utf-8")
        self._evil = fleet.private / "evil.yml"
        login = {"azure_connector_username": host["username"], "azure_connector_password": host["password"]}
        hosts = {
            "evil01": {"azure_connector_url": _with_login(host["url"]), **login},
            "evil02": {"azure_connector_url": f"{host['url']}?os_username=a&os_password={URL_PASSWORD}", **login},
        }
        self._evil.write_text(yaml.safe_dump({"usersync_hosts": {"hosts": hosts}}), encoding="utf-8")

    def play(self, playbook: str, *arguments: str, evil: bool = False) -> str:
        """One run; returns its output."""
        more = ["-i", str(self._evil)] if evil else []
        return self.fleet.play(
            playbook, *more, "-e", f"@{self._variables}", *arguments, collections=self.collections
        ).output

    def through_a_proxy(self) -> str:
        proxy = f"http://operator:{PROXY_PASSWORD}@127.0.0.1:9"
        before = dict(self.fleet.more_env)
        self.fleet.more_env |= {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
        try:
            return self.play(AUDIT)
        finally:
            self.fleet.more_env = before

    def echoes(self) -> None:
        """From now on, writes to hosts are refused with what a broken host knows and was sent."""
        for nth, host in enumerate(self.fleet.sim.hosts):
            # the simulator's hosts are logged in to with a token, except for Bitbucket's
            password = host["password"] if host["product"] == "bitbucket" else host["token"]
            login = base64.b64encode(f"{host['username']}:{password}".encode()).decode()
            words = [str(OF_HOSTS["bindPwd"]), quote(password, safe=""), f"Authorization: Basic {login}"]
            # wherever the text is cut, it is well within one of these at one of the hosts
            message = " ".join([*words, "x" * 20 * nth, str(OF_USERS["settings"]["proxyPassword"]), *[password] * 20])
            how = {"service": "atlassian", "host": host["name"], "method": "PUT", "status": 400, "times": 99}
            self.fleet.sim.fault("error", message=message, **how)

    def found(self) -> list[str]:
        """What stands where it must not: below C(place), in variables of hosts, in the tenant's own objects."""
        fleet = self.fleet
        tenant = fleet.place / "tenant.json"
        tenant.write_text(json.dumps(fleet.sim.call(_objects, fleet.sim.world), default=str), encoding="utf-8")
        secrets = {**fleet.secrets(), **planted()}
        halves = {value[:16]: f"half of a {kind}" for value, kind in secrets.items() if kind.startswith("host ")}
        sentences = search([fleet.place], {**secrets, **halves}).sentences()
        if self.hostvars.exists():
            # the user's own variables are the user's; what was minted, and what hosts hold, is not
            minted = {value: kind for value, kind in fleet.secrets().items() if kind == "client secret"}
            minted.pop(fleet.sim.automation["client_secret"], None)
            of_hosts = {value: kind for value, kind in planted().items() if kind.endswith(" of a host")}
            sentences += search([self.hostvars], {**minted, **of_hosts}).sentences()
        return sentences

    def close(self) -> None:
        self.fleet.more_env = {}
        self.fleet.sim.clear_faults()
        self.hostvars.unlink(missing_ok=True)


def _with_login(url: str) -> str:
    return url.replace("://", f"://operator:{URL_PASSWORD}@")


def _objects(world: World) -> list[dict[str, Any]]:
    """All objects of the tenant as everybody in it may read them."""
    kinds = ("application", "servicePrincipal", "oAuth2PermissionGrant", "appRoleAssignment")
    records = [record for kind in kinds for record in world.tenant.store.records(kind)]
    return [{key: value for key, value in record.data.items() if not key.startswith("_")} for record in records]


def everything(one: Planted) -> list[str]:
    """All runs in which something once got out; returns what is wrong with the runs themselves."""
    outputs = [
        one.play(str(HERE / "plays" / "setup.yml"), evil=True),
        one.play(AUDIT),
        one.play(str(HERE / "plays" / "careless.yml")),
        one.through_a_proxy(),
    ]
    one.echoes()
    outputs.append(one.play(ROTATE, *FORCE))
    outputs.append(one.play(str(HERE / "plays" / "careless.yml")))
    wrong = [f"run {number} played nothing" for number, text in enumerate(outputs, 1) if "PLAY RECAP" not in text]
    left = [f"report.{kind}" for kind in REPORTS] + ["junit", "cache", "backup", "everything"]
    return wrong + [f"there is no {name} to be searched" for name in left if not (one.fleet.place / name).exists()]


def clean(name: str, fleet: Fleet) -> Result:
    """Everything is played, and nothing of what was planted is found."""
    started = time.monotonic()
    result = Result(name)
    one = Planted(fleet)
    try:
        result.wrong += everything(one) + one.found()
    finally:
        one.close()
    result.seconds = round(time.monotonic() - started, 2)
    return result


@dataclass(frozen=True)
class Cure:
    """What keeps something in.

    :ivar edits: (file below plugins/module_utils, what stands there, what stands there without the cure)
    :ivar finds: in a sentence of what must be found then
    """

    edits: tuple[tuple[str, str, str], ...]
    finds: str


CURES = {
    "invocation": Cure(
        (
            ("_front.py", "elif name in hides:", "elif name in ():"),
            ("_front.py", "return secret | {text for text in hidden", "return secret | {text for text in ()"),
        ),
        "secret of a user stands in results.jsonl",
    ),
    "configuration": Cure(
        (("_usersync/shown.py", "        return hidden(value)\n\n    shown", "        return value\n\n    shown"),),
        "key of a host stands in",
    ),
    "diff": Cure(
        (
            (
                "_usersync/changes.py",
                "return shown.hidden(change.before), shown.hidden(change.after, differs=True)",
                "return str(change.before), str(change.after)",
            ),
        ),
        "nameless secret of a host stands in results.jsonl",
    ),
    "spellings": Cure((("_masking.py", "dict.fromkeys(in_base64(secret), True)", "{}"),), "as base64"),
    "cut": Cure(
        (("_masking.py", 'return "".join([*parts, text[position:end]])', "return text[:end]"),),
        "half of a host",
    ),
    "masking": Cure(
        (("_masking.py", "                return self._masked_until(text, len(text))", "                return text"),),
        "password in an address stands in careless",
    ),
    "addresses": Cure(
        (("_address.py", '    if "@" in plain or any(', "    if False and any("),),
        "password in an address stands in tenant.json",
    ),
    "proxies": Cure(
        (
            ("_proxies.py", " or not _PLACE.fullmatch(place) or not _agreed(scheme, login, place)", ""),
            ("_proxies.py", "    _learn(login)\n", ""),
            ("_exchange.py", "cannot be sent as it is ({type(exc).__name__})", "cannot be sent as it is ({exc})"),
        ),
        "password of a proxy",
    ),
    "async": Cure(
        (("../plugin_utils/_action.py", "if self._task.async_val and self.definition.secret_key:", "if False:"),),
        "client secret stands in",
    ),
}


def without(name: str, cure: Cure, fleet: Fleet) -> Result:
    """The same with one cure taken out: the search must find what gets out then."""
    started = time.monotonic()
    result = Result(name)
    copy = fleet.tools.scratch / f"{name.replace('/', '-')}-{id(fleet)}"
    shutil.copytree(fleet.tools.collections / COLLECTION, copy / COLLECTION, symlinks=True)
    for file, stands, instead in cure.edits:
        path = copy / COLLECTION / "plugins" / "module_utils" / file
        text = path.read_text(encoding="utf-8")
        if stands not in text:
            return Result(name, [f"{file} no longer holds the cure: {stands}"])
        path.write_text(text.replace(stands, instead), encoding="utf-8")
    one = Planted(fleet, copy)
    try:
        result.wrong += everything(one)
        found = one.found()
    finally:
        one.close()
        shutil.rmtree(copy)
    if not any(cure.finds in sentence for sentence in found):
        result.wrong.append(f"'{cure.finds}' is not among what was found: {sorted(set(found))}")
    result.notes["found"] = sorted({sentence for sentence in found if cure.finds in sentence})
    result.seconds = round(time.monotonic() - started, 2)
    return result


def left(name: str, fleet: Fleet) -> Result:
    """A play of one's own that leaves a new secret in a variable of its host is found out."""
    started = time.monotonic()
    result = Result(name)
    one = Planted(fleet)
    try:
        one.play(str(HERE / "plays" / "leaves.yml"))
        found = one.found()
    finally:
        one.close()
    if not any("client secret stands in hostvars" in sentence for sentence in found):
        result.wrong.append("a secret that was left in a variable was not found")
    result.seconds = round(time.monotonic() - started, 2)
    return result


def points() -> list[Point]:
    made = [
        Point("planted/clean", functools.partial(clean, "planted/clean")),
        Point("planted/left", functools.partial(left, "planted/left")),
    ]
    for cure in CURES:
        name = f"planted/without-{cure}"
        made.append(Point(name, functools.partial(without, name, CURES[cure])))
    return made
