# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The findings there are. Each code is stable and has a section in docs/findings.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

ERROR, WARNING, INFO = "error", "warning", "info"
LEVELS = (ERROR, WARNING, INFO)
PAGE = "docs/findings.md"

# code -> the levels it may have, the usual one first
CODES: dict[str, tuple[str, ...]] = {
    "host-unreachable": (ERROR,),
    "host-refused": (ERROR,),
    "token-expires-soon": (WARNING,),
    "login-expires-soon": (WARNING,),
    "usersync-missing": (ERROR,),
    "connector-missing": (WARNING,),
    "secret-expired": (ERROR,),
    "secret-expires-soon": (WARNING,),
    "secret-unknown": (ERROR,),
    "secret-foreign": (INFO,),
    "sync-failed": (ERROR,),
    "sync-partial": (WARNING,),
    "sync-stale": (WARNING,),
    "sync-never": (WARNING,),
    "host-restored": (WARNING,),
    "host-removed": (INFO,),
    "schedule-off": (INFO,),
    "schedule-unclear": (INFO,),
    "old-flow": (WARNING,),
    "not-authorized": (ERROR,),
    "other-app": (WARNING,),
    "other-tenant": (WARNING,),
    "app-unknown": (ERROR,),
    "app-missing": (WARNING,),
    "app-unreadable": (ERROR,),
    "grants-unreadable": (INFO,),
    "app-deactivated": (ERROR,),
    "app-disabled-by-microsoft": (ERROR,),
    "principal-missing": (ERROR,),
    "principal-disabled": (ERROR,),
    "consent-missing": (ERROR,),
    "permission-excess": (INFO, WARNING),
    "permission-savings": (INFO,),
    "personal-accounts": (WARNING,),
    "pending-left": (WARNING,),
    "app-foreign": (ERROR,),
    "credential-without-holder": (WARNING,),
    "credential-former": (WARNING,),
    "credential-elsewhere": (WARNING,),
    "credential-shared": (WARNING,),
    "credential-foreign": (INFO,),
    "credential-expired": (INFO,),
    "redirect-uri-stray": (INFO,),
    "clone-connector": (ERROR, WARNING),
    "shared-secret": (WARNING,),
}


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should know.

    :ivar hosts: inventory hosts that it is about, may be empty
    :ivar app: application id that it is about
    :ivar what: the sentence, without its end
    :ivar remedy: what to do, as the end of that sentence
    """

    code: str
    what: str
    remedy: str
    hosts: Sequence[str] = ()
    app: str | None = None
    level: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The entry of the data set."""
        level = self.level or CODES[self.code][0]
        return {
            "code": self.code,
            "level": level,
            "hosts": list(self.hosts),
            "app_id": self.app,
            "what": self.what,
            "remedy": self.remedy,
            "page": f"{PAGE}#{self.code}",
        }


def worst(levels: Iterable[str]) -> str | None:
    """The worst of the levels, None for none."""
    ranks = [LEVELS.index(level) for level in levels]
    return LEVELS[min(ranks)] if ranks else None


def matches(entry: dict[str, Any], wanted: Iterable[str]) -> bool:
    """Whether a finding has one of the codes, or a level that is at least as bad as one of the levels."""
    for word in wanted:
        if word == entry["code"]:
            return True
        if word in LEVELS and LEVELS.index(entry["level"]) <= LEVELS.index(word):
            return True
    return False
