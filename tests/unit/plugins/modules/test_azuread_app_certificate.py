# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of an automation: made, proved, renewed without a gap, taken away; foreign ones stay."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import certificates
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import certificate as workflow
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_certificate
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

NAMED = {"unique_name": "usersync-automation"}


@pytest.fixture
def app(tenant: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(certificates, "_KEY_SIZE", 2048)  # faster to make
    made: dict[str, Any] = tenant.ok("app", **NAMED, display_name="User Sync automation")["app"]
    return made


def registered(tenant: Any) -> list[dict[str, Any]]:
    return list(tenant.app("usersync-automation")["keyCredentials"])


def logs_in(tenant: Any, app: dict[str, Any], path: Path) -> bool:
    STORE.clear()  # a token that was taken before would do
    result = tenant.run(
        "info", client_id=app["app_id"], client_secret=None, certificate_path=str(path), check_permissions=True
    )
    assert not result.get("failed") or "700027" in result["msg"] or "expired" in result["msg"], result["msg"]
    return not result.get("failed")


def test_cycle(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "automation.pem"
    force, absent = {"force": True}, {"state": "absent"}
    for options, changed in (({}, True), ({}, False), (force, True), ({}, False), (absent, True)):
        options = {**NAMED, "path": str(path), **options}
        files = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
        predicted = tenant.ok("certificate", check=True, **options)
        assert tenant.writes() == []
        assert files == {each.name: each.read_bytes() for each in tmp_path.iterdir()}
        result = tenant.ok("certificate", **options)
        assert predicted["changed"] is result["changed"] is changed
        assert os.listdir(tmp_path) == ["automation.pem"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(registered(tenant)) == (0 if options.get("state") == "absent" else 1)
        assert "PRIVATE" not in str(result) and path.read_text().splitlines()[5] not in str(result)
        if not options.get("state"):
            assert result["certificate"]["days_left"] in (364, 365) and logs_in(tenant, app, path)
    assert not tenant.ok("certificate", **NAMED, path=str(path), state="absent")["changed"]
    assert not logs_in(tenant, app, path)


def test_renewed_before_it_expires(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "automation.pem"
    first = tenant.ok("certificate", **NAMED, path=str(path), valid_days=40, min_remaining_days=30)
    assert not tenant.ok("certificate", **NAMED, path=str(path), min_remaining_days=30)["changed"]
    second = tenant.ok("certificate", **NAMED, path=str(path), min_remaining_days=60)
    assert second["changed"] and second["reason"] in ("it expires in 39 days", "it expires in 40 days")
    assert second["certificate"]["thumbprint"] != first["certificate"]["thumbprint"]
    [entry] = second["certificates"]
    assert entry["thumbprint"] == second["certificate"]["thumbprint"]
    assert logs_in(tenant, app, path)


def test_foreign_certificates_stay(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    foreign = tenant.sim.seed("certificate", app_id=app["app_id"])
    one, other = tmp_path / "one.pem", tmp_path / "other.pem"
    for path in (one, other):
        tenant.ok("certificate", **NAMED, path=str(path))
    assert len(registered(tenant)) == 3
    tenant.ok("certificate", **NAMED, path=str(one), force=True)
    assert len(registered(tenant)) == 3 and logs_in(tenant, app, other) and logs_in(tenant, app, one)
    tenant.ok("certificate", **NAMED, path=str(one), state="absent")
    assert len(registered(tenant)) == 2 and logs_in(tenant, app, other) and not logs_in(tenant, app, one)
    assert foreign["key_id"] in [entry["keyId"] for entry in registered(tenant)]


@pytest.mark.parametrize("step", ["write_private", "_register", "prove_certificate", "replace", "_retire"])
@pytest.mark.parametrize("renewal", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_dies_is_finished_by_the_next(
    tenant: Any,
    app: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    renewal: bool,
    after: bool,
) -> None:
    path = tmp_path / "automation.pem"
    if renewal:
        tenant.ok("certificate", **NAMED, path=str(path))

    where = os if step == "replace" else workflow
    real = getattr(where, step)

    def dies(*args: Any) -> None:
        if step == "replace" and not str(args[0]).endswith(".new"):
            return real(*args)
        if after:
            real(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(where, step, dies)
    with pytest.raises((KeyboardInterrupt, AssertionError)):
        tenant.run("certificate", **NAMED, path=str(path), force=renewal)
    monkeypatch.undo()
    assert not path.exists() or logs_in(tenant, app, path), "the file in place works at every moment"
    tenant.ok("certificate", **NAMED, path=str(path))
    assert logs_in(tenant, app, path) and len(registered(tenant)) == 1
    assert os.listdir(tmp_path) == ["automation.pem"]
    assert not tenant.ok("certificate", **NAMED, path=str(path))["changed"]


def test_a_certificate_that_the_app_lost_is_registered_again(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "automation.pem"
    first = tenant.ok("certificate", **NAMED, path=str(path))
    tenant.ok("certificate", **NAMED, path=str(path), state="absent")
    again = tenant.ok("certificate", **NAMED, path=str(path))
    assert again["changed"] and again["reason"] == "the app does not have it"
    assert again["certificate"] == first["certificate"] and logs_in(tenant, app, path)


def test_a_certificate_that_nobody_here_made_is_left_alone(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "company.pem"
    made = tenant.sim.seed("certificate", app_id=app["app_id"])
    path.write_text(made["private_key"] + made["certificate"])
    before = path.read_bytes()
    for state in ("present", "absent"):
        tenant.fails("certificate", "path:", "left alone", **NAMED, path=str(path), state=state)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"path": "/"}, ["path:", "folder"]),
        ({"valid_days": 0}, ["valid_days:"]),
        ({"valid_days": 20}, ["min_remaining_days:", "every run renews"]),
        ({"min_remaining_days": -1}, ["min_remaining_days:"]),
        ({"path": "/nowhere-at-all/automation.pem"}, ["path:", "does not exist"]),
        ({"unique_name": "nobody"}, ["unique_name:", "azuread_app"]),
    ],
)
def test_bad_input(tenant: Any, app: dict[str, Any], tmp_path: Path, options: dict[str, Any], words: list[str]) -> None:
    tenant.fails("certificate", *words, **{**NAMED, "path": str(tmp_path / "a.pem"), **options})
    assert os.listdir(tmp_path) == []


def test_what_is_no_certificate_is_named(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "automation.pem"
    path.write_text("not a key")
    tenant.fails("certificate", "path:", "PEM", **NAMED, path=str(path))
    assert path.read_text() == "not a key"


def test_a_directory_that_lags(tenant: Any, app: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "automation.pem"
    tenant.ok("certificate", **NAMED, path=str(path))
    tenant.sim.advance(60)
    tenant.sim.fault("lag", seconds=3)
    [warning] = tenant.ok("certificate", **NAMED, path=str(path), force=True)["warnings"]
    tenant.sim.clear_faults()
    assert "older ones stay" in warning
    assert logs_in(tenant, app, path) and len(registered(tenant)) == 2
    predicted = tenant.ok("certificate", check=True, **NAMED, path=str(path))
    assert predicted["changed"] and tenant.ok("certificate", **NAMED, path=str(path))["changed"]
    assert logs_in(tenant, app, path) and len(registered(tenant)) == 1
    assert not tenant.ok("certificate", **NAMED, path=str(path))["changed"]


def test_a_login_is_needed() -> None:
    result = run_module(azuread_app_certificate.main, {**NAMED, "path": "a.pem", "auth_method": "client_secret"})
    assert result["failed"] and result["msg"].startswith("tenant: is required")


def test_the_file_shows_every_certificate_that_may_be_left(
    tenant: Any, app: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "automation.pem"
    first = tenant.ok("certificate", **NAMED, path=str(path))
    assert first["thumbprints"] == [first["certificate"]["thumbprint"]]

    def dies(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "_retire", dies)
    with pytest.raises((KeyboardInterrupt, AssertionError)):
        tenant.run("certificate", **NAMED, path=str(path), force=True)
    monkeypatch.undo()
    monkeypatch.setattr(certificates, "_KEY_SIZE", 2048)
    on_app = {certificates.thumbprint_of(entry) for entry in registered(tenant)}
    seen = tenant.ok("certificate", check=True, **NAMED, path=str(path))
    assert len(on_app) == 2 and on_app <= set(seen["thumbprints"])
