# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a host shows the client secret it holds, and what it takes for one (FIDELITY.md, Secret).

Whether a host returns the secret in clear, encrypted with a key of the instance, masked or not at all is unknown, and
so is what a PUT of a mask does. All of it is played.
"""

from __future__ import annotations

import typing as t

from cryptography.fernet import Fernet, InvalidToken

MASK = "********"
CIPHER_PREFIX = "{ENC}"


class Vault:
    """Renders and absorbs secrets for one instance; a clone of the instance shares the key."""

    def __init__(self, visibility: str, mask_on_put: str, key: bytes | None = None) -> None:
        self.visibility = visibility
        self.mask_on_put = mask_on_put
        self.key = key or Fernet.generate_key()
        self._fernet = Fernet(self.key)
        self._shown: dict[str, str] = {}

    def show(self, secret: str) -> str | None:
        """What a GET returns for the secret; None means that the member is left out."""
        if not secret:
            return None if self.visibility == "absent" else ""
        if self.visibility == "masked":
            return MASK
        if self.visibility == "absent":
            return None
        if self.visibility == "encrypted":
            return self.seal(secret)
        return secret

    def seal(self, secret: str) -> str:
        """The encrypted form; the same text for the same secret as long as it is stored."""
        if secret not in self._shown:
            self._shown[secret] = CIPHER_PREFIX + self._fernet.encrypt(secret.encode()).decode()
        return self._shown[secret]

    def absorb(self, given: t.Any, stored: str) -> str:
        """The secret to keep after a PUT brought given (None when the member is missing)."""
        if given is None:
            return stored if self.visibility == "absent" else ""
        text = str(given)
        if text == MASK and self.visibility == "masked":
            return stored if self.mask_on_put == "keep" else MASK
        if self.visibility == "encrypted" and text.startswith(CIPHER_PREFIX):
            try:
                return self._fernet.decrypt(text[len(CIPHER_PREFIX) :].encode()).decode()
            except InvalidToken:
                return text  # another instance's key: the login will fail, as in life
        return text

    def ciphertexts(self) -> list[str]:
        """Every encrypted form ever shown, for leak checks."""
        return list(self._shown.values())
