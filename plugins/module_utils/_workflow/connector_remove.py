# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Removal of a connector, and of its user directory only when that is named and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._run import Result, Run
from .._usersync import backup, describe, sync
from .._usersync import connector as connectors
from .._usersync.client import Host
from .._usersync.connector import Connector
from .._waiting import Waiting


def validate(options: Mapping[str, Any]) -> None:
    """:raises OptionError: the deletion of a directory is asked for by halves"""
    directory, confirmed = options.get("directory_id"), options.get("confirm_directory_delete")
    if not (directory or confirmed):
        return
    if options.get("state") != "absent":
        raise errors.OptionError(
            "directory_id", "names the user directory to delete, which only works with state: absent"
        )
    if not directory:
        raise errors.OptionError("directory_id", "must name the user directory, since confirm_directory_delete is true")
    if not confirmed:
        raise errors.OptionError(
            "confirm_directory_delete",
            f"must be true to delete the user directory {directory} with all its users; leave both out to keep it",
        )
    if not str(directory).isdecimal():
        raise errors.OptionError("directory_id", "must be the number of the user directory")


def run(host: Host, found: Connector | None, options: Mapping[str, Any], run: Run) -> Result:
    """The state absent."""
    if found is None:
        return Result(False, None, None, _values(host, describe.absent({}), None))
    last = sync.last(host, found.id)
    described = describe.connector(host, found, last)
    before = {"id": found.id, "name": found.name, "directory_id": described["directory_id"]}
    directory = options.get("directory_id")
    if directory and described["directory_id"] != str(directory):
        shown = described["directory_id"] or "not known (key_map can name its member)"
        raise errors.OptionError(
            "directory_id", f"{directory} is not the user directory of connector {found.id}, which is {shown}"
        )
    values = _values(host, {**describe.absent({}), "id": found.id}, last)
    values["directory_deleted"] = bool(directory)
    if run.check_mode:
        return Result(True, before, {}, values)
    saved = backup.save(found, host.base_url, options, run)
    if saved:
        values["backup_file"] = saved
    if directory:
        # First, so that a run that dies in between still knows whose directory it was
        host.write("DELETE", f"directory/{directory}", expect=(200, 202, 204, 404))
    _delete(host, found)
    _gone(host, found, options, run)
    return Result(True, before, {}, values)


def _delete(host: Host, found: Connector) -> None:
    try:
        host.write("DELETE", connectors.path_of(found.id))
    except (errors.ThrottledError, errors.UnavailableError, errors.DeniedError):
        raise
    except errors.AnswerError as exc:
        if isinstance(exc, errors.NotFoundError) and connectors.read_one(host, found.id) is None:
            return
        raise errors.StateError(
            f"the host does not let connector {found.id} be removed through its API ({exc.message}); remove it by "
            f"hand: open {host.base_url}/{connectors.ADMIN_PAGE} and click Delete next to it; the next run then finds "
            "it removed",
            code="delete_refused",
            clicks_at=f"{host.base_url}/{connectors.ADMIN_PAGE}",
            connector_id=found.id,
        ) from None


def _gone(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> None:
    wait = Waiting(run, float(options["verify_timeout"]))
    while connectors.read_one(host, found.id) is not None:
        if wait.over:
            raise errors.StateError(
                f"the host accepted the removal of connector {found.id} but still shows it; look at "
                f"{host.base_url}/{connectors.ADMIN_PAGE}",
                code="still_there",
                connector_id=found.id,
            )
        wait.rest()


def _values(host: Host, described: dict[str, Any], last: sync.Status | None) -> dict[str, Any]:
    return {
        "connector": described,
        "last_sync": last.as_dict() if last else None,
        "created": False,
        "written": [],
        "product": host.product,
        "versions": None,
        "directory_deleted": False,
    }
