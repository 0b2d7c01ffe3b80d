# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table of AADSTS codes (authentication.md), and the proof of a new secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import aadsts
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth._msal import TRIES
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.prove import prove_secret
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import LoginError, TransportError, WaitError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import (
    CLIENT_ID,
    DOMAIN,
    SECRET,
    TENANT,
    TokenService,
    refusal,
)

# code, HTTP status, error, how often it is asked, words
ROWS = [
    (7000215, 401, "invalid_client", 1, "option client_secret is wrong .* secret's value and not its ID"),
    (7000222, 401, "invalid_client", 1, "option client_secret .* has expired; create a new secret"),
    (
        700016,
        400,
        "unauthorized_client",
        1,
        f"{CLIENT_ID} is not known in tenant {DOMAIN}; check the options",
    ),
    (700011, 400, "unauthorized_client", 1, "not in the directory .* check the options client_id and tenant"),
    (70001, 400, "unauthorized_client", 1, "is disabled there; .* sign-in is enabled"),
    (7000112, 400, "unauthorized_client", 1, "is disabled in tenant .* enable sign-in"),
    (7000229, 400, "unauthorized_client", 1, "has no service principal in tenant"),
    (90002, 400, "invalid_request", 1, "knows no tenant .* check the option tenant, and the option cloud"),
    (90038, 400, "invalid_request", 1, "belongs to another national cloud .* option cloud"),
    (900432, 400, "invalid_request", 1, "belongs to another national cloud .* option cloud"),
    (65001, 400, "invalid_grant", 1, "grant admin consent"),
    (53003, 400, "invalid_grant", 1, "Conditional Access policy .* blocks"),
    (7000216, 401, "invalid_client", 1, "no usable credential was sent"),
    (7000218, 401, "invalid_client", 1, "no usable credential was sent"),
    (900144, 400, "invalid_request", 1, "is missing a parameter"),
    (700025, 401, "invalid_client", 1, "public client.* Allow public client flows"),
    (700027, 401, "invalid_client", 1, "does not fit the certificates"),
    (700023, 401, "invalid_client", 1, "is for another token service than"),
    (700024, 401, "invalid_client", 1, "check the clock"),
    (700211, 401, "invalid_client", 1, "has the issuer"),
    (700212, 401, "invalid_client", 1, "has the audience"),
    (700213, 401, "invalid_client", 1, "has the subject"),
    (70021, 400, "invalid_request", 1, "issuer, subject and audience"),
    (7002138, 401, "invalid_client", 1, "upper and lower case"),
    (5000225, 400, "invalid_request", 1, f"tenant {DOMAIN} is blocked"),
    (500014, 400, "invalid_resource", 1, "whose sign-in is disabled"),
    (900023, 400, "invalid_request", 1, "neither a tenant ID nor a domain of a tenant"),
    (70043, 400, "invalid_grant", 1, "run az login"),
    (700082, 400, "invalid_grant", 1, "run az login"),
    (50076, 400, "invalid_grant", 1, f"multifactor authentication .* run az login --tenant {DOMAIN}"),
    (50020, 400, "invalid_grant", 1, "is not in tenant"),
    (500011, 400, "invalid_resource", 1, "https://graph.microsoft.com/.default is not a resource of tenant"),
    (650057, 400, "invalid_resource", 1, "is not a valid resource .* graph_url and cloud"),
    (1002012, 400, "invalid_scope", 1, "is not a valid scope"),
    (70011, 400, "invalid_scope", 1, "is not a valid scope"),
    (90033, 400, "temporarily_unavailable", TRIES, "temporarily unavailable"),
    (90006, 503, "temporarily_unavailable", TRIES, "could not serve the request"),
    (90024, 429, "temporarily_unavailable", TRIES, "asked to try again"),
    (90090, 400, "temporarily_unavailable", TRIES, "could not serve the request"),
]


@pytest.mark.parametrize(("code", "status", "error", "times", "words"), ROWS)
def test_row(service: TokenService, run: Run, code: int, status: int, error: str, times: int, words: str) -> None:
    # a service that repeats what it got must not make us repeat it
    service.script += [(status, refusal(code, error, f"Words about {SECRET}."))] * 9
    with pytest.raises(LoginError, match=words) as caught:
        open_graph(service.options(client_secret=SECRET), run)
    failure = caught.value
    assert failure.code == f"AADSTS{code}"
    assert len(service.posts) == times
    assert failure.details["text"] == f"AADSTS{code}: Words about ********."
    assert failure.details["correlation_id"]
    assert SECRET not in failure.message + str(failure.as_failure())


def test_every_code_of_the_table_has_a_row() -> None:
    assert {row[0] for row in ROWS} == set(aadsts.MEANINGS)
    assert set(aadsts.MEANINGS) >= aadsts.TEMPORARY | aadsts.SETTLING


@pytest.mark.parametrize(
    ("result", "code", "words"),
    [
        (refusal(999999), "AADSTS999999", r"\(AADSTS999999\): Words of the service$"),
        (
            refusal(50053, text="The account is locked. Ask 'somebody' e.g. an administrator."),
            "AADSTS50053",
            "The account is locked$",
        ),
        ({"error": "x", "error_description": "Something is odd. Really."}, "x", "Something is odd$"),
        ({"error": "invalid_scope"}, "invalid_scope", "not a valid scope"),
        ({"error": "unheard_of"}, "unheard_of", "was refused; check the options tenant and client_id"),
        ({"error": "x", "error_description": "AADSTS7000222: late"}, "AADSTS7000222", "has expired"),
        ({"error": "x", "error_codes": ["50000", 7000222]}, "AADSTS7000222", "has expired"),
        ({}, "unknown_error", "was refused"),
    ],
)
def test_errors_that_the_table_does_not_know(result: dict[str, Any], code: str, words: str) -> None:
    attempt = aadsts.Attempt(TENANT, CLIENT_ID, "option client_secret", "https://login.example", "scope")
    with pytest.raises(LoginError, match=words) as caught:
        raise aadsts.login_error(result, attempt)
    assert caught.value.code == code
    if code not in ("AADSTS7000222", "invalid_scope", "unheard_of", "unknown_error"):
        assert "check the option" not in caught.value.message


def test_a_secret_in_the_words_of_the_service_is_masked_before_they_are_cut() -> None:
    attempt = aadsts.Attempt(TENANT, CLIENT_ID, "option client_secret", "https://login.example", "scope")
    long = refusal(999998, text="x" * 290 + SECRET + " is it.")
    failure = aadsts.login_error(long, attempt, {SECRET})
    for start in range(4, len(SECRET)):
        assert SECRET[:start] not in failure.message + str(failure.as_failure())


def prove(service: TokenService, run: Run, wait: float = 60.0, secret: str = SECRET) -> dict[str, Any]:
    return prove_secret(service.options(), DOMAIN, CLIENT_ID, secret, wait, run)


def test_prove_waits_for_what_is_not_yet_known(service: TokenService, run: Run, pauses: list[float]) -> None:
    progress: list[str] = []
    run.progress = progress.append
    service.script += [(400, refusal(700016)), *[(401, refusal(7000215))] * 5, (400, refusal(7000229)), (503, b"")]
    claims = prove(service, run)
    assert claims["appid"] == CLIENT_ID
    # the same request again and again: msal would have replayed the first answer for a minute
    assert len(service.posts) == 9
    assert len(progress) == 8
    assert pauses == sorted(pauses[:4]) + pauses[4:]
    assert max(pauses) <= 3 * 1.25
    assert SECRET in run.secrets
    assert SECRET not in " ".join(progress)


def test_prove_waits_as_long_as_told(service: TokenService, run: Run) -> None:
    with pytest.raises(WaitError, match=r"not accepted within 10 s .* the new secret is wrong") as caught:
        prove(service, run, wait=10.0, secret="another")
    failure = caught.value
    assert failure.code == "AADSTS7000215"
    assert failure.details["text"].startswith("AADSTS7000215: ")
    assert failure.details["waited"] <= 10
    assert failure.details["tries"] == len(service.posts) > 3
    assert "another" not in failure.message


def test_prove_without_waiting_tries_once(service: TokenService, run: Run, pauses: list[float]) -> None:
    with pytest.raises(WaitError):
        prove(service, run, wait=0, secret="another")
    assert len(service.posts) == 1
    assert pauses == []


@pytest.mark.parametrize("code", sorted(set(aadsts.MEANINGS) - aadsts.SETTLING - aadsts.TEMPORARY))
def test_prove_does_not_wait_for_what_never_comes(service: TokenService, run: Run, code: int) -> None:
    service.script.append((401, refusal(code)))
    with pytest.raises(LoginError) as caught:
        prove(service, run)
    assert caught.value.code == f"AADSTS{code}"
    assert len(service.posts) == 1


def test_prove_goes_on_after_a_lost_connection(run: Run, script_login: Any) -> None:
    import requests

    adapter = script_login(always=lambda request: requests.exceptions.ConnectionError("reset"))
    with pytest.raises(WaitError, match=r"the connection was lost"):
        prove_secret({}, TENANT, CLIENT_ID, SECRET, 5, run)
    assert len(adapter.sent) > 2
    script_login(requests.exceptions.SSLError("no"))
    with pytest.raises(TransportError, match=r"ca_path"):
        prove_secret({}, TENANT, CLIENT_ID, SECRET, 5, run)
