# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The switches that end all logins of an app, told apart (azuread.md). Pure: asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import StateError

# What Graph shows of an app that Microsoft has not disabled
_NOT_DISABLED = (None, "", "NotDisabled")


@dataclass(frozen=True)
class Obstacle:
    """Why no secret of an app can be used.

    :ivar code: C(app_deactivated), C(app_disabled_by_microsoft), C(principal_missing), C(principal_disabled)
    :ivar problem: half a sentence
    :ivar remedy: half a sentence, an imperative
    """

    code: str
    problem: str
    remedy: str

    @property
    def sentence(self) -> str:
        return f"{self.problem}; {self.remedy}"

    def error(self) -> StateError:
        return StateError(f"no secret was created, because {self.sentence}", code=self.code)


def why_no_secret(
    app: Mapping[str, Any], principal: Mapping[str, Any] | None, principal_read: bool = True
) -> Obstacle | None:
    """The first of :func:`obstacles`; None when there is none, as far as was read."""
    return next(obstacles(app, principal, principal_read), None)


def of_described(app: Mapping[str, Any]) -> list[Obstacle]:
    """The same of an app in the shape of :func:`applications.describe`."""
    principal = app.get("service_principal")
    raw = {"isDisabled": app.get("enabled") is False, "disabledByMicrosoftStatus": app.get("disabled_by_microsoft")}
    known = {"accountEnabled": principal.get("enabled")} if principal else None
    return [*obstacles(raw, known, bool(app.get("service_principal_read")))]


def obstacles(
    app: Mapping[str, Any], principal: Mapping[str, Any] | None, principal_read: bool = True
) -> Iterator[Obstacle]:
    """What stands in the way of every login of the app.

    :param app: as Graph has it
    :param principal: its service principal as Graph has it; None when it has none
    :param principal_read: False when the principal may not be read, so that nothing is said about it
    """
    status = app.get("disabledByMicrosoftStatus")
    if status not in _NOT_DISABLED:
        yield Obstacle(
            "app_disabled_by_microsoft",
            f"Microsoft has disabled the app registration ({status}), so nobody can log in with it",
            "ask Microsoft support, since nobody in the tenant can undo it, or create another app",
        )
    if app.get("isDisabled"):
        yield Obstacle(
            "app_deactivated",
            "the app registration is deactivated, so nobody can log in with it",
            "find out who deactivated it and why, then activate it in the portal (App registrations, Activate) or with "
            "azuread_app and enabled: true",
        )
    if not principal_read:
        return
    if principal is None:
        yield Obstacle(
            "principal_missing",
            "the app has no service principal in this tenant, so nobody can log in with it",
            "create it with azuread_app (service_principal: true), then consent to its permissions again",
        )
    elif principal.get("accountEnabled") is False:
        yield Obstacle(
            "principal_disabled",
            "sign-in is disabled for the service principal of the app, so nobody can log in with it",
            "have an administrator find out why and enable it in the portal (Enterprise applications, Properties, "
            "Enabled for users to sign-in); this collection never does that",
        )


def disabled_by_microsoft(app: Mapping[str, Any]) -> str | None:
    """The status that Microsoft has given the app, None for a good one."""
    status = app.get("disabledByMicrosoftStatus")
    return None if status in _NOT_DISABLED else str(status)
