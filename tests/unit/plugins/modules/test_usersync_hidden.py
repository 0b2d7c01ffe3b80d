# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host knows and nobody told us is in no result, diff or backup, nor in what a module says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SECRET = "Zy8Q~aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"
PLANTED: dict[str, Any] = {
    "bindPwd": "planted-bind-pwd-0001",
    "pin": 90210417,
    "shortPin": 7391,
    "sslKey": PEM,
    "jwt": "eyJhbGciOiJub25lIn0.eyJwbGFudGVkIjoiMDAwMiJ9.c2ln",
    "connectionString": "Server=db;Uid=sa;Pwd=planted-0003;",
    "refreshTokens": ["planted-refresh-0004", "planted-refresh-0005"],
    "callback": "https://hooks.example.com/x?sv=1&sig=planted%2Bsig%3D0006",
    "mirror": "https://svc:planted-0007@mirror.example.com/",
    "authorizationHeader": "Bearer planted-0008",
    "apiUser": {"name": "svc", "value": "planted-in-an-object-0009"},
    "license": "planted-license-0010-AAAB",
    "instanceGuid": "3f2b6f0e-90aa-4c33-8d5e-planted00011"[:36],
    "deep": {"er": [{"note": "planted-note-0012"}]},
    "nameThatMeansNothing": "planted-0013",
    "graphFilterToken": "planted-filter-0014",
    "tenantToken": "7d1f5d3c-1111-4222-8333-444455550015",
    "3f2b6f0e90aa4c338d5e444455550016": {"value": 1},
}
NEEDLES = [
    "planted", "90210417", "7391", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "eyJwbGFudGVkIjoiMDAwMiJ9",
    "444455550015", "444455550016", "3f2b6f0e-90aa", SECRET,
]  # fmt: skip


def clean(*texts: Any) -> None:
    for text in texts:
        written = text if isinstance(text, str) else json.dumps(text)
        assert [needle for needle in NEEDLES if needle in written] == []


@pytest.fixture
def planted(live: Any) -> Any:
    live.world()
    live.click_create(client_secret=SECRET, extra=PLANTED)
    return live


def test_the_redacted_backup_shows_what_is_known_and_says_that_it_cannot_be_restored(
    planted: Any, tmp_path: Path
) -> None:
    result = planted.connector(**planted.wanted(backup=True, backup_dir=str(tmp_path / "kept")))
    assert result["changed"]
    text = Path(result["backup_file"]).read_text(encoding="utf-8")
    clean(result, text)
    kept = json.loads(text)
    assert "cannot be restored" in kept["note"]
    assert kept["configuration"]["bindPwd"] == "(not shown: text of 21 characters)"
    assert kept["configuration"]["apiUser"]["value"] == "(not shown: text of 25 characters)"
    assert '"0 0 2 * * ?"' in text


def test_configuration_of_all_connectors_of_a_host(planted: Any) -> None:
    planted.click_create(client_secret=SECRET, extra={"x": "planted-other"}, name="Other")

    def retype() -> None:
        list(planted.inside.store.connectors.values())[1].configuration["type"] = "OKTA"

    planted.sim.call(retype)
    result = planted.info(configuration=True, keys=True, connector_id=None)
    assert len(result["connectors"]) == 2
    clean(result)


def test_the_diff_shows_path_type_and_length(planted: Any) -> None:
    wanted = {"bindPwd": "planted-a-new-bind-pwd", "pin": 90210418, "deep.er": [{"note": "planted-other"}]}
    result = planted.connector(**planted.wanted(settings=wanted))
    clean(result)
    assert result["diff"]["before"]["bindPwd"] == "(not shown: text of 21 characters)"
    assert result["diff"]["after"]["bindPwd"] == "(not shown: text of 22 characters, differs)"
    assert result["diff"]["after"]["pin"] == "(not shown: number, differs)"
    assert result["invocation"]["module_args"]["settings"]["bindPwd"] == "(not shown: text of 22 characters)"
    assert planted.tree()["bindPwd"] == "planted-a-new-bind-pwd"


@pytest.mark.parametrize("check", [True, False])
def test_a_template_is_never_shown(live: Any, check: bool) -> None:
    live.world()
    document = {"name": "x", "type": "AZURE", **PLANTED, "clientSecret": SECRET}
    for template in (document, [document], json.dumps(document)):
        result = live.connector(check=check, **live.wanted(name="Made", template=template))
        clean(result)
        assert result["invocation"]["module_args"]["template"].startswith("(not shown: ")


def test_what_a_host_repeats_of_its_secrets_is_masked(planted: Any) -> None:
    planted.sim.fault(
        "error",
        service="atlassian",
        method="PUT",
        status=400,
        times=9,
        message="cannot bind with planted-bind-pwd-0001, nor with 90210417",
    )
    result = planted.connector(**planted.wanted(name="Renamed"))
    assert result["failed"] and "cannot bind with ********" in result["msg"]
    clean(result)


def test_a_failure_in_the_options_shows_no_more(planted: Any) -> None:
    options = planted.wanted(settings={"bindPwd": "planted-0099"}, pasword="planted-typo", timeout="much")
    result = planted.connector(**options)
    assert result["failed"]
    clean(result)
    result = planted.connector(**planted.wanted(settings={"bindPwd": "planted-0099"}, flow="none"))
    assert result["failed"] and "flow" in result["msg"]
    clean(result)


def test_a_value_that_is_public_stays_in_the_sentences(planted: Any) -> None:
    url = planted.host["url"]
    result = planted.connector(**planted.wanted(settings={"nameThatMeansNothing": url}))
    assert result["changed"] and url in result["connector"]["edit_url"]
