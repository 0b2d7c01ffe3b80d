# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What of an app is ours or known; the options of C(_argspec.ownership_spec)."""

    DOCUMENTATION = r"""
options:
  automation_ids:
    description:
      - Application IDs of your other automations, such as an earlier one. An app that one of them created
        (C(createdByAppId)) is yours. That of the login itself always counts.
      - IDs of clients that everybody uses (Azure CLI, PowerShell, the portal) prove nothing and are refused.
    type: list
    elements: str
    default: []
  known_owners:
    description: Object IDs of users and service principals that may own the app. The login itself always counts.
    type: list
    elements: str
    default: []
  known_credentials:
    description:
      - Credentials of the app that are yours although this collection did not create them.
      - Key IDs of secrets and certificates, SHA-1 thumbprints of certificates, and of federated credentials their ID,
        or issuer and subject with a space between. Not names, since anybody can use any name.
    type: list
    elements: str
    default: []
"""

    ADOPT = r"""
options:
  adopt:
    description:
      - Object ID of the one app that is taken over although others could use it. Anything foreign on it is then a
        warning with the commands that remove it.
      - Without it, an app is only changed when one of your automations created it, or when all its owners, secrets,
        certificates and federated credentials are yours or known; and nothing is granted to an app that has any other.
    type: str
"""
