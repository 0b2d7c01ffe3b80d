# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The delivery window: for how long after its mint a secret may be sent to its host (rotation.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .. import _errors as errors
from .. import _moments as moments
from .._run import Run


@dataclass(frozen=True)
class Window:
    """Kept by two clocks, and over as soon as one of them says so: one may be set back, the other may stand still.

    :ivar until: by C(run.now), the directory's clock where the directory has been heard
    :ivar not_after: by C(run.monotonic); what :meth:`Http.request` takes
    """

    until: datetime
    not_after: float

    @classmethod
    def begin(cls, run: Run, seconds: float) -> Window:
        """Opens now, right before the mint."""
        return cls(run.now() + timedelta(seconds=seconds), run.monotonic() + seconds)

    @classmethod
    def read(cls, deliver_by: str, run: Run) -> Window:
        """From the option C(deliver_by); :raises OptionError: it is no time."""
        until = moments.parse(deliver_by)
        if until is None:
            raise errors.OptionError("deliver_by", "must be a time in UTC such as 2026-01-31T12:00:00Z")
        return cls(until, run.monotonic() + (until - run.now()).total_seconds())

    def left(self, run: Run) -> float:
        """Seconds, 0 or less when it has passed."""
        return min((self.until - run.now()).total_seconds(), self.not_after - run.monotonic())

    def told(self, run: Run) -> str:
        """For a task after this one, which knows this machine's clock only."""
        return moments.stamp(datetime.now(timezone.utc) + timedelta(seconds=self.left(run)))

    def check(self, run: Run) -> float:
        """What C(not_after) is for a write that begins now; :raises StateError: the window is closed."""
        if self.left(run) <= 0:
            raise self.closed()
        return min(self.not_after, run.monotonic() + self.left(run))

    @staticmethod
    def closed() -> errors.StateError:
        return errors.StateError(
            "delivery_window: the time in which the new secret may be sent to the host has passed, so it was not "
            "sent; run again, with a longer window if this happens again",
            code="window_over",
        )
