# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Whether a value came out of a vault.

Since ansible-core 2.19 a text is marked with where it came from. Before, a variable is of a type of its own, but what a
template makes of it is plain text, so that texts are compared with those of all vaulted variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

try:
    from ansible.parsing.vault import VaultHelper
except ImportError:  # before ansible-core 2.19
    VaultHelper = None


def _encrypted_type() -> type:
    """What ansible-core before 2.19 makes of a vaulted text."""
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode

    return AnsibleVaultEncryptedUnicode


def teller(variables: Mapping[str, Any]) -> Callable[[Any], bool]:
    """What tells whether a value of a task came out of a vault. :param variables: of the task"""
    if VaultHelper is not None:
        return lambda value: VaultHelper.get_ciphertext(value, with_tags=False) is not None
    plain = set(_decrypted(dict(variables)))
    return lambda value: str(value) in plain


def _decrypted(value: Any) -> Iterator[str]:
    """The texts of all vaulted values that can be read here."""
    if isinstance(value, _encrypted_type()):
        yield str(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _decrypted(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _decrypted(inner)
