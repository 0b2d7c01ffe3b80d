# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuer and subject of the platforms, letter by letter, and what is never trusted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.trust import PLATFORMS, trust
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError

GOOD: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "github",
        {"repository": "example/fleet", "environment": "production"},
        "https://token.actions.githubusercontent.com",
        "repo:example/fleet:environment:production",
    ),
    (
        "github",
        {"repository": "Example/fleet", "branch": "release/1", "issuer": "https://ghe.example.com/_services/token"},
        "https://ghe.example.com/_services/token",
        "repo:Example/fleet:ref:refs/heads/release/1",
    ),
    (
        "gitlab",
        {"project": "ops/atlassian/fleet", "branch": "main"},
        "https://gitlab.com",
        "project_path:ops/atlassian/fleet:ref_type:branch:ref:main",
    ),
    (
        "azure_devops",
        {
            "organization": "example",
            "organization_id": "22222222-0000-4000-8000-000000000001",
            "project": "Atlassian Fleet",
            "service_connection": "usersync",
        },
        "https://vstoken.dev.azure.com/22222222-0000-4000-8000-000000000001",
        "sc://example/Atlassian Fleet/usersync",
    ),
    (
        "kubernetes",
        {"issuer": "https://oidc.example.com/id/1/", "namespace": "awx", "service_account": "usersync"},
        "https://oidc.example.com/id/1/",
        "system:serviceaccount:awx:usersync",
    ),
    (
        "aap",
        {"issuer": "https://aap.example.com/o", "organization": "Ops", "job_template": "User Sync: rotate"},
        "https://aap.example.com/o",
        "workload_type:aap_controller_automation_job:organization:Ops:job_template:User Sync: rotate",
    ),
]


@pytest.mark.parametrize(("platform", "given", "issuer", "subject"), GOOD)
def test_the_claims_of_each_platform(platform: str, given: dict[str, Any], issuer: str, subject: str) -> None:
    assert trust("trust", platform, given) == {"issuer": issuer, "subject": subject}


def test_every_platform_is_tried_here() -> None:
    assert {platform for platform, _given, _issuer, _subject in GOOD} == set(PLATFORMS)


@pytest.mark.parametrize(("platform", "given", "issuer", "subject"), GOOD)
def test_each_field_is_needed_or_has_a_default(platform: str, given: dict[str, Any], issuer: str, subject: str) -> None:
    for name in set(given) - set(PLATFORMS[platform].defaults):
        with pytest.raises(OptionError, match=rf"^trust: .*\b{name}\b.* must be given for {platform}$"):
            trust("trust", platform, {key: value for key, value in given.items() if key != name})


@pytest.mark.parametrize(
    ("platform", "given", "words"),
    [
        ("jenkins", {}, "platform must be one of aap, azure_devops, github, gitlab, kubernetes, not 'jenkins'"),
        ("github", {"repository": "fleet", "branch": "main"}, "repository: 'fleet' must be owner/name"),
        ("github", {"repository": "a/b", "branch": "*"}, "branch: '*' has a wildcard"),
        ("github", {"repository": "a/b", "branch": "refs/pull/1/merge"}, "must be the name of a protected branch"),
        ("github", {"repository": "a/b", "branch": "pull/1"}, "must be the name of a protected branch"),
        ("github", {"repository": "a/b", "pull_request": "1", "branch": "main"}, "pull_request cannot be given"),
        ("github", {"repository": "a/b", "branch": "main", "environment": "prod"}, "branch cannot be combined with"),
        ("github", {"repository": "a/b", "environment": " "}, "environment is empty"),
        ("gitlab", {"project": "a:b", "branch": "main"}, "without a colon"),
        ("gitlab", {"project": "a/b", "branch": "main", "issuer": "http://gitlab.example.com"}, "https address"),
        ("kubernetes", {"issuer": "https://a.example", "namespace": "A", "service_account": "b"}, "namespace: 'A'"),
        ("azure_devops", {"organization_id": "example"}, "a GUID"),
    ],
)
def test_what_is_never_trusted(platform: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as refused:
        trust("usersync_bootstrap_trust", platform, given)
    assert refused.value.message.startswith("usersync_bootstrap_trust: ") and words in refused.value.message
