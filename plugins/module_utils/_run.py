# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What a workflow gets from its surroundings, and what it gives back. Knows no Ansible class."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ._masking import Secrets


@dataclass
class Run:
    """The surroundings of one task.

    :ivar check_mode: predict, write nothing
    :ivar warn: takes one sentence for the user
    :ivar progress: takes one line while something takes long
    :ivar encrypt: (text, password) -> the text as ansible-vault writes it; None where Ansible's vault is not at hand
    :ivar secrets: every value that must not appear in a result; a workflow adds what it learns
    """

    check_mode: bool = False
    warn: Callable[[str], None] = lambda text: None
    progress: Callable[[str], None] = lambda text: None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    encrypt: Callable[[str, str], str] | None = None
    secrets: Secrets = field(default_factory=Secrets)

    def masked(self, text: Any, limit: int = 300) -> str:
        """A text from outside in one line, without secrets in any spelling, then cut."""
        return self.secrets.outside(text, limit)


@dataclass
class Result:
    """What a workflow returns.

    :ivar changed: something was written, or would be in check mode
    :ivar before: the object before, in the shape of the info module, without secrets; None when it did not exist
    :ivar after: the object after (in check mode: as it would be)
    :ivar values: further return values
    :ivar secret: a new secret; leaves under the one key that C(Definition.secret_key) names
    """

    changed: bool
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None
