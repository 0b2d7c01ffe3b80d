# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which objects are ours: a record of their ids, kept where only a system administrator writes.

Names, labels and descriptions may be given by anybody, and people edit them. An id is nobody's to give. The record is a
value in the injectors of the set's credential type for Entra ID, which jobs see as one more environment variable.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .kinds import CREDENTIAL_TYPE, Awx, Item

VARIABLE = "USERSYNC_AWX_OBJECTS"
BEING_MADE = 0


@dataclass
class Record:
    """What one credential type holds.

    :ivar ids: by key; BEING_MADE for what a run that died may have made
    :ivar off: schedules that we switched off
    :ivar holder: the credential type; None before there is one
    """

    organization: int
    prefix: str
    ids: dict[str, int] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    holder: Item | None = None

    def text(self) -> str:
        """One flat mapping as JSON, so that no two braces meet, which AWX would take for a template."""
        whole: dict[str, Any] = {"organization": self.organization, "prefix": self.prefix, **self.ids}
        if self.off:
            whole["off"] = " ".join(sorted(self.off))
        return json.dumps(whole, sort_keys=True)

    def differs(self) -> bool:
        """Whether what the AWX holds is not this."""
        return self.holder is None or self.holder["injectors"].get("env", {}).get(VARIABLE) != self.text()


def read(holder: Item) -> Record | None:
    """The record that a credential type holds, if it does."""
    try:
        whole = json.loads((holder.get("injectors") or {}).get("env", {})[VARIABLE])
        organization, prefix = whole.pop("organization"), whole.pop("prefix")
        off = set(whole.pop("off", "").split())
    except (KeyError, ValueError, AttributeError, TypeError):
        return None
    ids = {key: value for key, value in whole.items() if isinstance(value, int)}
    return Record(organization, prefix, ids, off, holder)


def records(awx: Awx) -> list[Record]:
    """Those of all sets in this AWX."""
    held: Iterable[Record | None] = map(read, awx.find(CREDENTIAL_TYPE.endpoint, managed="false"))
    return [record for record in held if record is not None]
