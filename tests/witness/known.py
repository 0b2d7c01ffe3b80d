# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known misbehaviour of the witnesses: what fails or differs in the client itself, each with its public issue.

A test that meets one names it by its key and asserts that it is still so, in exactly this version; with new pins the
entry has to be looked at again. Nothing else is excused.
"""

from __future__ import annotations

from dataclasses import dataclass

import environments


@dataclass(frozen=True)
class Known:
    """``project`` in ``version`` does ``what``, as ``issue`` says."""

    project: str
    version: str
    issue: str
    what: str

    def still(self, client: environments.Client) -> None:
        """Raises AssertionError when other pins are in use than those that it was seen in."""
        found = client.pins()[self.project]
        assert found == self.version, f"{self.project} is {found} now; look at {self.issue} again: {self.what}"


ADMIN_CONSENT = Known(
    "azure-cli",
    "2.91.0",
    "https://github.com/Azure/azure-cli/issues/29424",
    "'ad app permission admin-consent' calls a portal's back end, which takes no service principal",
)
GRANT_REPLACES = Known(
    "azure-cli",
    "2.91.0",
    "https://github.com/Azure/azure-cli/issues/20974",
    "'ad app permission grant' removes every earlier grant of that client and API, so its scopes vanish",
)
ONE_YEAR = Known(
    "azure-cli",
    "2.91.0",
    "https://github.com/Azure/azure-cli/issues/28522",
    "'credential reset' asks for one year whatever the tenant's policy allows, and is refused",
)
CREATE_PATCHES = Known(
    "azure-cli",
    "2.91.0",
    "https://github.com/Azure/azure-cli/issues/30427",
    "'ad app create' changes an app that has the display name already",
)
KEY_VALUE = Known(
    "ansible",
    "12.3.0",
    "https://github.com/ansible-collections/azure/issues/1872",
    "azure_rm_adapplication (azure.azcollection 3.12.0) sends a certificate without its content, which is refused",
)
