# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The Authorize click of the authorization-code flow, which belongs to a person (old-flow.md).

How a host reports that the click was made is not documented; it is recognised by the member's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._waiting import Waiting
from . import paths
from .connector import Connector, edit_address, read_one
from .leaves import plain

if TYPE_CHECKING:
    from .._run import Run
    from .client import Host

PAUSE, LONGEST_PAUSE, PROGRESS_EVERY = 2.0, 10.0, 60.0


def state(connector: Connector) -> bool | None:
    """Whether the connector is authorised; None when the host does not say."""
    for place, value in [*paths.members(connector.around), *paths.members(connector.configuration)]:
        name = plain(place[-1])
        if name in ("authorized", "authorised", "isauthorized", "isauthorised") and isinstance(value, bool):
            return value
        if name in ("authorizationstate", "authorizationstatus", "authorisationstatus") and isinstance(value, str):
            return not re.search(r"not|un|pending|require|none|fail", value, re.I) if value else None
    return None


def ask(host: Host, connector_id: str, seconds: float, run: Run) -> None:
    """Tell whoever watches the run where to click, and how long it waits."""
    run.progress(f"open {edit_address(host, connector_id)} and click Authorize; waiting {seconds:.0f} s for it")


def wait(host: Host, connector: Connector, seconds: float, key_map: Any = None) -> Connector:
    """Wait for the click, telling the address and how long it still waits.

    :returns: the connector as last read
    :raises WaitError: nobody clicked within the time; its message holds the address
    """
    run = host.run
    address = edit_address(host, connector.id)
    if state(connector) is None:
        run.warn(
            f"this host does not report whether its connector is authorized; open {address}, click Authorize, and save"
        )
        return connector
    waiting = Waiting(run, seconds, PAUSE, LONGEST_PAUSE, factor=1.3, progress_every=PROGRESS_EVERY)
    if state(connector) is False and seconds > 0:
        ask(host, connector.id, seconds, run)
    while state(connector) is not True:
        if waiting.over:
            raise errors.WaitError(
                f"the connector is not authorized yet: open {address}, click Authorize, and run again "
                "(wait_for_authorization makes the task wait for it)",
                code="not_authorized",
                authorize_url=address,
                connector_id=connector.id,
            )
        waiting.rest(lambda: f"still waiting for Authorize at {address}, {waiting.left:.0f} s left")
        connector = read_one(host, connector.id, key_map) or connector
    return connector
