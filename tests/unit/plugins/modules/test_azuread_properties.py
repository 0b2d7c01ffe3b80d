# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the options of the azuread modules are: one sentence or a result, and no write that nobody ordered."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# The same examples in every run, but for who looks for new ones
EXAMPLES = settings(
    max_examples=int(os.environ.get("USERSYNC_EXAMPLES", "40")),
    derandomize="USERSYNC_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
GUID = "00000000-1111-4000-8000-00000000000"
HARD = [
    "",
    " ",
    "O'Neil",
    "{{ name }}",
    "a\nb",
    'quo"ted',
    "ä€😀",
    "x" * 91,
    "x" * 121,
    "x" * 300,
    "..",
    "%2F",
    "\x00",
    "&=?#",
]
TEXT = st.sampled_from(HARD) | st.text(max_size=12)
IDS = st.sampled_from([f"{GUID}1", f"{GUID}2", f"{GUID.upper()}3", "not-a-guid"]) | TEXT
NAMES = st.sampled_from(["usersync-a", "usersync-b", "Usersync-A"]) | TEXT
URIS = (
    st.sampled_from(
        [
            "https://jira.example.com/cb",
            "http://jira.example.com/cb",
            "http://localhost:1/cb",
            "https://[",
            "https://a:b/",
            "app://x",
            "https://*.example.com",
            "//x",
            "https://jira.example.com/#f",
        ]
    )
    | TEXT
)
NUMBERS = st.sampled_from([0.0, 0.1, 0.2, -1.0]) | st.sampled_from(["nan", "inf", "-inf", "x", "1e400"])
DAYS = st.sampled_from([-1, 0, 1, 30, 31, 180, 99_999, 10**9])
IDENTITY = {
    "object_id": st.none() | IDS,
    "app_id": st.none() | IDS,
    "unique_name": NAMES | st.none(),
    "display_name": NAMES | st.none(),
}
MODES = st.sampled_from(["merge", "exact", "absent"])
LISTS = [
    "redirect_uris",
    "spa_redirect_uris",
    "public_client_redirect_uris",
    "tags",
    "owners",
    "service_principal_tags",
]


def listed(items: Any) -> Any:
    return st.none() | st.lists(items, max_size=3)


def options_of(**strategies: Any) -> Any:
    """Any part of the options, each given or not; the identity as often as not one that is good."""
    named = st.sampled_from([{"unique_name": "usersync-a"}, {"display_name": "usersync-b"}, {}])
    return st.builds(lambda good, rest: {**rest, **good}, named, st.fixed_dictionaries({}, optional=strategies))


APP = options_of(
    **IDENTITY,
    **{name: listed(URIS) for name in LISTS[:3]},
    tags=listed(TEXT | st.sampled_from(["a", "usersync-managed", "usersync-pending:x.test"])),
    owners=listed(IDS),
    service_principal_tags=listed(TEXT | st.just("visible")),
    list_modes=st.fixed_dictionaries({}, optional=dict.fromkeys(LISTS, MODES)),
    state=st.sampled_from(["present", "absent"]),
    home_page_url=URIS,
    logout_url=URIS,
    sign_in_audience=st.sampled_from(["AzureADMyOrg", "AzureADandPersonalMicrosoftAccount", "AzureADMultipleOrgs"]),
    notes=TEXT,
    service_management_reference=TEXT,
    enabled=st.booleans(),
    service_principal=st.booleans(),
    keep_caller_as_owner=st.booleans(),
    adopt=IDS,
    if_deleted=st.sampled_from(["fail", "restore", "purge"]),
    purge=st.booleans(),
)
VALUES = st.sampled_from(
    ["User.Read", "Directory.Read.All", "Read directory data", "Read user chat messages", "User.Raed"]
)
PERMISSION = options_of(
    **IDENTITY,
    permissions=st.lists(
        st.fixed_dictionaries(
            {"name": VALUES | IDS, "type": st.sampled_from(["application", "delegated"])},
            optional={"api": st.sampled_from(["Microsoft Graph", "Windows Azure Active Directory", f"{GUID}1"]) | TEXT},
        ),
        max_size=4,
    ),
    state=st.sampled_from(["present", "absent"]),
    mode=st.sampled_from(["merge", "exact", "keep"]),
    consent=st.sampled_from(["grant", "check", "revoke", "ignore"]),
)
SECRET = options_of(
    **IDENTITY,
    state=st.sampled_from(["present", "confirmed", "absent"]),
    holder=st.sampled_from(["jira01", "jira02", "a:b"]) | TEXT,
    valid_days=DAYS,
    end_date=st.sampled_from(["2040-01-01", "2001-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01", "soon"]) | TEXT,
    never_expires=st.booleans(),
    min_remaining_days=DAYS,
    force=st.booleans(),
    reasons=st.lists(TEXT, max_size=2),
    prove=st.booleans(),
    expected_roles=st.lists(TEXT, max_size=2),
    takeover=st.booleans(),
    key_id=IDS,
    retire=listed(IDS),
    abandoned=st.lists(TEXT, max_size=2),
    expired=st.booleans(),
    all_holders=st.booleans(),
)
FEDERATED = options_of(
    **IDENTITY,
    name=st.sampled_from(["github", "aap-rotate"]) | TEXT,
    state=st.sampled_from(["present", "absent"]),
    issuer=st.sampled_from(["https://ci.example.com", "https://[", "https://a:b/"]) | URIS,
    subject=st.sampled_from(["repo:a:ref:refs/heads/main", "repo:*"]) | TEXT,
    audiences=listed(TEXT),
    description=TEXT,
)
INFO = options_of(
    **IDENTITY,
    tag=TEXT | st.just("usersync-managed"),
    display_name_prefix=TEXT,
    include_federated_credentials=st.booleans(),
    include_owners=st.booleans(),
    include_grants=st.booleans(),
    check_permissions=st.booleans(),
)
# With these no example waits; numbers that are none have their own property
QUICK: dict[str, dict[str, Any]] = {
    "app": {"settle_timeout": 0.2},
    "permission": {"settle_timeout": 0.2},
    "secret": {"prove_timeout": 0.2, "delivery_window": 0.0, "delivery_timeout": 0.0},
    "federated": {"settle_timeout": 0.2},
    "info": {},
}


def play(tenant: Any, module: str, options: dict[str, Any]) -> None:
    """Check mode, then the real run."""
    predicted = tenant.run(module, check=True, **QUICK[module], **options)
    assert tenant.writes() == [], "check mode wrote"
    judge(tenant, predicted)
    real = tenant.run(module, **QUICK[module], **options)
    judge(tenant, real)
    refused = real.get("failure", {}).get("kind") in ("option", "ambiguous", "missing", "state") or (
        real.get("failed") and "failure" not in real
    )
    if refused:
        assert tenant.writes() == [], real["msg"]
    if not predicted.get("failed") and not real.get("failed"):
        assert predicted["changed"] == real["changed"], (predicted, real)
        assert real["changed"] or tenant.writes() == []
        assert real["changed"] or "diff" not in real


def judge(tenant: Any, result: dict[str, Any]) -> None:
    text = str(result)
    assert "Traceback" not in text and tenant.sim.automation["client_secret"] not in text
    if result.get("failed"):
        assert "\n" not in result["msg"] and "failed because of a bug" not in result["msg"], result["msg"]
        assert len(result["msg"]) > 20


@given(options=APP)
@EXAMPLES
def test_app(tenant: Any, options: dict[str, Any]) -> None:
    play(tenant, "app", options)


@given(options=PERMISSION)
@EXAMPLES
def test_permission(tenant: Any, options: dict[str, Any]) -> None:
    tenant.run("app", unique_name="usersync-a", if_deleted="purge")
    play(tenant, "permission", {"permissions": [], **options})


@given(options=SECRET)
@EXAMPLES
def test_secret(tenant: Any, options: dict[str, Any]) -> None:
    tenant.run("app", unique_name="usersync-a", if_deleted="purge")
    play(tenant, "secret", options)


@given(options=FEDERATED)
@EXAMPLES
def test_federated_credential(tenant: Any, options: dict[str, Any]) -> None:
    tenant.run("app", unique_name="usersync-a", if_deleted="purge")
    play(tenant, "federated", options)


@given(options=INFO)
@EXAMPLES
def test_info(tenant: Any, options: dict[str, Any]) -> None:
    play(tenant, "info", options)


@given(number=NUMBERS, option=st.sampled_from(["settle_timeout", "timeout", "prove_timeout", "delivery_window"]))
@EXAMPLES
def test_numbers(tenant: Any, number: Any, option: str) -> None:
    module = "app" if option in ("settle_timeout", "timeout") else "secret"
    result = tenant.run(module, check=True, unique_name="usersync-a", **{option: number}, **holder(module))
    judge(tenant, result)
    if number in ("nan", "inf", "-inf", "x", "1e400", -1.0):
        assert result["failed"] and option in result["msg"] and tenant.writes() == []


def holder(module: str) -> dict[str, str]:
    return {"holder": "jira01.test"} if module == "secret" else {}


LOGIN = st.fixed_dictionaries(
    {},
    optional={
        "tenant": TEXT | st.sampled_from(["common", "example.test", f"{GUID}1"]),
        "client_id": IDS,
        "client_secret": TEXT,
        "auth_method": st.sampled_from(["auto", "client_secret", "certificate", "workload_identity", "access_token"]),
        "certificate_path": st.sampled_from(["/nowhere", "/", "/dev/null"]),
        "certificate_thumbprint": TEXT,
        "federated_token_file": st.sampled_from(["/nowhere", "/", "/dev/null"]),
        "federated_token": TEXT,
        "access_token": TEXT | st.just("a.b.c"),
        "cloud": st.sampled_from(["public", "delos"]),
        "authority_url": URIS,
        "graph_url": URIS,
        "ca_path": st.sampled_from(["/nowhere", "/dev/null", "\x00"]),
    },
)


@given(options=LOGIN)
@EXAMPLES
def test_login(tenant: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The network of the machine that runs the tests is not asked: nothing listens at the addresses that are left."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost")
    result = tenant.run("info", check_permissions=True, timeout=2, **options)
    for secret in ("client_secret", "federated_token", "access_token"):
        if len(options.get(secret, "")) > 8:
            result.pop("invocation", None)
            assert options[secret] not in str(result)
    judge(tenant, result)
