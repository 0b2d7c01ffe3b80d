# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which consumer a host is to the directory: its holder, and the fingerprint of its own id."""

from __future__ import annotations

from typing import Any

from .. import _errors as errors
from .._entra import holders
from .._usersync import probe
from .._usersync.client import Host


def describe(host: Host, connector_id: str | None) -> dict[str, Any]:
    """The return values C(holder) and C(holder_lacks) for one connector. To be asked for before anything is made."""
    found, lacks = name(host, connector_id)
    return {"holder": found, "holder_lacks": lacks}


def of_host(host: Host, azure: list[str]) -> dict[str, Any]:
    """The same for all Azure connectors of a host: no holder where there are several, since each has its own."""
    if len(azure) > 1:
        lacks = f"the host has {len(azure)} Azure connectors, each with its own holder; name one by connector_id"
        return {"holder": None, "holder_lacks": lacks}
    return describe(host, azure[0] if azure else None)


def name(host: Host, connector_id: str | None) -> tuple[str | None, str | None]:
    """The holder, or else why there is none."""
    try:
        return holder(host, connector_id), None
    except errors.OptionError as exc:
        return None, exc.message


def holder(host: Host, connector_id: str | None) -> str:
    """The name of the consumer. To be asked for after the connectors were read.

    A host that has no list of its connectors may have another one, so there the id is always part of the name.

    :param connector_id: None for a connector that is to be made
    :raises OptionError: the address needs a site, or a second connector is to be made, whose id nobody knows yet
    """
    count = host.azure_connectors
    if connector_id is None and count:
        raise errors.OptionError(
            "connector_name",
            "the host has another Azure connector already, so secrets are kept per connector ID, which a connector "
            "that does not exist yet cannot have",
        )
    alone = connector_id is None or count == 1
    return holders.holder(host.address, None if alone else connector_id, host.options.get("site"))


def host_fingerprint(host: Host) -> str:
    return holders.fingerprint(probe.host_id(host))
