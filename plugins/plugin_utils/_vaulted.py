# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Whether a value came out of a vault: ansible-core 2.19 marks the text, older ones have a type for it."""

from __future__ import annotations

from typing import Any

try:
    from ansible.parsing.vault import VaultHelper
except ImportError:  # before ansible-core 2.19
    VaultHelper = None


def _encrypted_type() -> type:
    """What ansible-core before 2.19 makes of a vaulted text."""
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode

    return AnsibleVaultEncryptedUnicode


def vaulted(value: Any) -> bool:
    """:param value: as the task has it"""
    if VaultHelper is None:
        return isinstance(value, _encrypted_type())
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None
