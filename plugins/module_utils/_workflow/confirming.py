# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What a host is still at when its task ends, from the task that returns it to the one that finishes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Confirming:
    """What a later look has to finish; nothing of it is a secret.

    :ivar wait: C(sync) or C(authorize)
    :ivar sync_id: None while the sync is still to be started
    :ivar key_id: of the secret that a login confirms, None where there is none
    :ivar full: whether a full sync is meant, and not the update of one user
    :ivar made: what there is to say of the secret in the end
    """

    wait: str
    holder: str | None
    host_fingerprint: str | None
    object_id: str
    connector_id: str
    sync_id: str | None
    key_id: str | None
    retire: list[str]
    abandoned: list[str]
    full: bool
    made: str

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))
