# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Looking again and again until something is so: growing pauses, one deadline, a line of progress now and then."""

from __future__ import annotations

from collections.abc import Callable

from ._run import Run

SHORTEST = 0.1


class Waiting:
    """One wait, which begins when it is made.

    :param seconds: how long it may take; the last pause ends with it
    :param pause: the first pause, in seconds, which grows by ``factor`` up to ``longest``
    :param progress_every: seconds between two lines of progress
    """

    def __init__(
        self,
        run: Run,
        seconds: float,
        pause: float = 0.2,
        longest: float = 2.0,
        factor: float = 2.0,
        progress_every: float = 30.0,
    ) -> None:
        self.run = run
        self.seconds = seconds
        self._pause, self._longest, self._factor = pause, longest, factor
        self._every = progress_every
        self._begun = self._reported = run.monotonic()

    @property
    def spent(self) -> float:
        return self.run.monotonic() - self._begun

    @property
    def left(self) -> float:
        return self.seconds - self.spent

    @property
    def over(self) -> bool:
        return self.left <= 0

    def rest(self, progress: Callable[[], str] | None = None) -> None:
        """Pause until the next look.

        :param progress: makes the line that is shown when one is due
        """
        now = self.run.monotonic()
        if progress is not None and now - self._reported >= self._every:
            self._reported = now
            self.run.progress(progress())
        self.run.sleep(min(self._pause, max(self.seconds - (now - self._begun), SHORTEST)))
        self._pause = min(self._pause * self._factor, self._longest)
