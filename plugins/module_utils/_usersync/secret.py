# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What a host shows of the client secret it holds (FIDELITY.md, Secret).

Nobody documents whether it comes back in clear, encrypted with a key of the instance, masked, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .._guid import GUID
from .paths import MISSING

CLEAR, ENCRYPTED, MASKED, ABSENT = "clear", "encrypted", "masked", "absent"
# The form in which Entra ID makes secrets: a hint of three characters, the version, "Q~", the rest
ENTRA_SECRET = re.compile(r"[\w.~-]{3}\dQ~[\w.~-]{30,40}")
MASK_SIGNS = re.compile(r"([*•●·∙xX#.?_-])\1{2,}")
MASK_WORDS = re.compile(
    r"\W*(masked|hidden|redacted|protected|unchanged|secret|not.?shown|sanitized|encrypted)\W*", re.I
)
CIPHER_MARKS = re.compile(r"(\{[\w-]+\}|ENC\(|\$\w+\$|gAAAA|AES|RSA|vault:)", re.I)
# Secrets have 16 to 64 characters with punctuation (FIDELITY.md); a cipher text is longer, or has the signs of
# base64 only from a length on that a secret without any punctuation hardly has
LONGEST_CLEAR = 64
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")


@dataclass(frozen=True)
class Held:
    """The secret as the host shows it.

    :ivar visibility: C(clear), C(encrypted), C(masked) or C(absent)
    :ivar value: what stands in the configuration; never leaves the process
    """

    visibility: str
    value: str | None

    @property
    def hint(self) -> str | None:
        """The first three characters, which Graph shows for every secret too; of a secret in clear only."""
        return self.value[:3] if self.visibility == CLEAR and self.value else None

    def matches(self, secret: str | None) -> bool | None:
        """Whether the host holds this very secret; None when that cannot be seen."""
        if secret is None or self.visibility != CLEAR:
            return None
        return self.value == secret


def look(value: Any, given: str | None = None) -> Held:
    """:param given: the secret that the user wants there: what equals it is in clear, whatever it looks like"""
    if value is MISSING or value is None or not isinstance(value, str) or not value.strip():
        return Held(ABSENT, None)
    if value == given:
        return Held(CLEAR, value)
    if MASK_SIGNS.fullmatch(value) or MASK_WORDS.fullmatch(value):
        return Held(MASKED, value)
    if ENTRA_SECRET.fullmatch(value) or GUID.fullmatch(value):
        return Held(CLEAR, value)
    if CIPHER_MARKS.match(value) or len(value) > LONGEST_CLEAR or BASE64.fullmatch(value):
        return Held(ENCRYPTED, value)
    if MASK_SIGNS.search(value) and len(set(value)) <= len(value) // 2:
        # "abc*****": part of the secret stands in front of the mask
        return Held(MASKED, value)
    return Held(CLEAR, value)
