# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recognition of settings by name and kind of value, on configurations of our own making."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import AmbiguousError, MissingError, OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import changes, paths, values
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.connector import Connector
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.keymap import KeyMap
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.leaves import LEAVES, plain
from hypothesis import given
from hypothesis import strategies as st

GUID, OTHER = "0f5d1c7e-1111-4222-8333-444455556666", "0f5d1c7e-2222-4222-8333-444455556666"
# As a Java class of another taste might be written; none of these is the simulator's
KEBAB = {
    "unique-id": GUID,
    "display-name": "Entra",
    "connector-type": "azure-ad",
    "user-directory-id": 10300,
    "azure": {"azure-application-id": GUID, "azure-tenant-id": "example.com", "azure-application-secret": "s3cret~x"},
    "schedule": {"enabled": True, "cron-expression": "0 0 2 * * ?"},
    "cleanup": {"cleanup-behavior": "disable-users"},
    "filters": {"required-groups": ["a"], "required-groups-server-side-filter": ""},
    "sync-group-types": ["SECURITY", "DISTRIBUTION"],
    "photos": {"sync-profile-photos": False},
    "oauth-flow": "client-credentials",
}
EXPECTED = {
    "name": "display-name",
    "type": "connector-type",
    "directory_id": "user-directory-id",
    "application_id": "azure.azure-application-id",
    "tenant_id": "azure.azure-tenant-id",
    "application_secret": "azure.azure-application-secret",
    "flow": "oauth-flow",
    "schedule_enabled": "schedule.enabled",
    "schedule_cron": "schedule.cron-expression",
    "cleanup_behavior": "cleanup.cleanup-behavior",
    "required_groups": "filters.required-groups",
    "required_groups_filter": "filters.required-groups-server-side-filter",
    "group_types": "sync-group-types",
    "profile_pictures": "photos.sync-profile-photos",
}


def test_another_taste_of_names() -> None:
    assert KeyMap(KEBAB).known() == EXPECTED


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("azureClientId", "clientid"),
        ("azure_ad_client_id", "clientid"),
        ("AAD-Tenant-ID", "tenantid"),
        ("connectorName", "name"),
        ("entraIdApplicationId", "applicationid"),
        ("azure", "azure"),
    ],
)
def test_plain_names(name: str, expected: str) -> None:
    assert plain(name) == expected


def test_kind_of_value_tells_the_two_directory_ids_apart() -> None:
    keys = KeyMap({"directoryId": 10200, "azure": {"directoryId": GUID}})
    assert paths.show(keys.need("directory_id")) == "directoryId"
    assert paths.show(keys.need("tenant_id")) == "azure.directoryId"


def test_an_empty_directory_id_is_not_taken_for_the_tenant() -> None:
    keys = KeyMap({"directoryId": ""})
    assert keys.find("tenant_id") is None


def test_the_filled_one_of_two_is_meant() -> None:
    keys = KeyMap({"clientId": "", "applicationId": GUID})
    assert paths.show(keys.need("application_id")) == "applicationId"


def test_two_filled_ones_are_an_error_with_kinds_only() -> None:
    with pytest.raises(AmbiguousError) as caught:
        KeyMap({"clientId": OTHER, "applicationId": GUID}).need("application_id")
    assert "clientId (GUID)" in caught.value.message and "applicationId (GUID)" in caught.value.message
    assert GUID not in caught.value.message and OTHER not in caught.value.message


def test_missing_ones_list_the_members() -> None:
    with pytest.raises(MissingError) as caught:
        KeyMap({"a": {"b": "secret-value", "c": [1, 2]}, "d": None}).need("application_id")
    for text in ("a.b (text)", "a.c (list of 2)", "d (null)", "key_map.application_id"):
        assert text in caught.value.message
    assert "secret-value" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("applicationId", "applicationSecret"),
        ("clientId", "clientSecret"),
        ("client_id", "client_secret"),
        ("appID", "appSecret"),
        ("azureClientId", "azureClientSecret"),
    ],
)
def test_a_secret_that_is_left_out_is_named_after_the_id(name: str, secret: str) -> None:
    assert paths.show(KeyMap({"azure": {name: GUID}}).need("application_secret")) == f"azure.{secret}"


def test_a_secret_that_is_left_out_beside_an_odd_id() -> None:
    keys = KeyMap({"azure": {"ref": GUID}}, {"application_id": "azure.ref"})
    with pytest.raises(MissingError):
        keys.need("application_secret")
    assert KeyMap({"azure": {}}, {"application_secret": "azure.key"}).need("application_secret") == ("azure", "key")


def test_the_users_map_wins() -> None:
    keys = KeyMap({"clientId": OTHER, "applicationId": GUID}, {"application_id": "/clientId"})
    assert keys.read("application_id") == OTHER
    with pytest.raises(OptionError):
        KeyMap({"a": "text"}, {"application_id": "a.b"}).need("application_id")


def test_no_list_is_entered() -> None:
    assert KeyMap({"mapping": [{"clientId": GUID}]}).find("application_id") is None


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just(GUID)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.one_of(st.text(max_size=6), st.sampled_from(["clientId", "secret", "name"])), inner),
        ),
    )
)
def test_no_configuration_breaks_it(tree: Any) -> None:
    keys = KeyMap(tree if isinstance(tree, dict) else {"x": tree})
    keys.known()
    for leaf in LEAVES:
        try:
            path = keys.need(leaf)
        except (AmbiguousError, MissingError, OptionError):
            continue
        assert isinstance(path, tuple) and path


FLOWS = [
    ("authenticationFlow", "CLIENT_CREDENTIALS", "AUTHORIZATION_CODE"),
    ("authFlow", "client_credentials", "authorization_code"),
    ("authFlow", "client-credentials", "authorization-code"),
    ("authFlow", "ClientCredentials", "AuthorizationCode"),
    ("authFlow", "clientCredentials", "authorizationCode"),
    ("authFlow", "Client Credentials", "authorization code"),
    ("useClientCredentials", True, False),
    ("newAuthorizationMethod", True, False),
    ("authorizationCodeFlow", False, True),
]


@pytest.mark.parametrize(("name", "one", "other"), FLOWS)
def test_flows_are_spelt_as_the_host_spells_them(name: str, one: Any, other: Any) -> None:
    path = ("azure", name)
    assert values.read_flow(path, one) == "client_credentials"
    assert values.read_flow(path, other) == "authorization_code"
    assert values.same("flow", path, one, "client_credentials")
    written = values.write("flow", path, one, "authorization_code")
    assert values.read_flow(path, written) == "authorization_code"
    if name != "authFlow" or " " not in str(one):
        assert written == other and values.write("flow", path, other, "client_credentials") == one


@pytest.mark.parametrize("value", ["", "2", "MODE_B", 1, None, []])
def test_flows_that_are_not_understood(value: Any) -> None:
    assert values.read_flow(("mode",), value) is None
    with pytest.raises(OptionError, match="settings"):
        values.write("flow", ("mode",), value, "client_credentials")


@pytest.mark.parametrize(
    ("now", "wanted", "written"),
    [
        ("DISABLE_USERS", "delete", "DELETE_USERS"),
        ("disable", "keep", "keep"),
        ("Disable Users", "anonymize", "Anonymize Users"),
        ("KEEP_USERS_WITHOUT_MODIFICATION", "disable", "DISABLE_USERS"),
        ("anonymise-users", "disable", "disable-users"),
        ("DISABLE", "VANISH", "VANISH"),
    ],
)
def test_cleanup_is_spelt_as_the_host_spells_it(now: str, wanted: str, written: str) -> None:
    assert values.write("cleanup_behavior", ("c",), now, wanted) == written


def test_cleanup_of_unknown_spelling() -> None:
    with pytest.raises(OptionError, match="cleanup_behavior"):
        values.write("cleanup_behavior", ("c",), "MODE_2", "disable")


@pytest.mark.parametrize("form", [dict, list])
def test_group_types_in_both_forms(form: type) -> None:
    on = ["Security", "Mail-enabled security", "Office 365 security-enabled", "Office 365 not security-enabled"]
    names = [*on, "Distribution"]
    value: Any = dict.fromkeys(names, True) if form is dict else names
    wanted = ["distribution", "office365"]
    written = values.write("group_types", ("g",), value, wanted)
    assert values.read("group_types", ("g",), written) == sorted(wanted)
    assert values.same("group_types", ("g",), written, ["office365", "distribution"])


def test_group_types_that_the_host_does_not_spell() -> None:
    with pytest.raises(OptionError, match="distribution"):
        values.write("group_types", ("g",), ["SECURITY"], ["security", "distribution"])
    kept = values.write("group_types", ("g",), {"security": True, "exotic": True}, [])
    assert kept == {"security": False, "exotic": True}


def test_only_named_leaves_differ_after_a_change() -> None:
    one = Connector("4", copy.deepcopy(KEBAB), complete=True)
    planned = changes.plan(one, {"schedule_enabled": False, "settings": {"filters.required-groups.0": "b"}}, None)
    after = changes.apply(one.configuration, planned)
    assert [paths.show(place) for place in paths.differences(KEBAB, after)] == [
        "schedule.enabled",
        "filters.required-groups.0",
    ]
    assert one.configuration == KEBAB


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b.0", ("a", "b", "0")),
        ("/a.b/c~1d/e~0f", ("a.b", "c/d", "e~f")),
    ],
)
def test_paths_there_and_back(text: str, path: tuple[str, ...]) -> None:
    assert paths.parse("settings", text) == path
    assert paths.parse("settings", paths.show(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", "/", "/a//b", "a..b"])
def test_texts_that_are_no_paths(text: str) -> None:
    with pytest.raises(OptionError, match="settings"):
        paths.parse("settings", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 2 * * ?", True),
        ("0 0 2 * * ? 2027", True),
        ("0 2 * * *", True),
        ("0 0/5 14,18 ? * MON-FRI", True),
        ("every day at two o'clock", False),
        ("one two three four five", False),
        ("2", False),
        ("", False),
    ],
)
def test_cron_is_recognised(text: str, expected: bool) -> None:
    assert paths.looks_like_cron(text) is expected


def test_types_count_as_differences() -> None:
    assert list(paths.differences({"a": 1}, {"a": True})) == [("a",)]
    assert list(paths.differences({"a": [1, 2]}, {"a": [1]})) == [("a",)]
    assert list(paths.differences({"a": None}, {})) == [("a",)]
