# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The secure administrator session of each product (facts section 6.2).

The vendor's own load tests do without it, so it is made only when the user asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _errors as errors
from . import probe, refusals

if TYPE_CHECKING:
    from .client import Host

FORMS = {
    "jira": (
        "secure/admin/WebSudoAuthenticate.jspa",
        "webSudoPassword",
        {
            "webSudoDestination": "/secure/admin/ViewApplicationProperties.jspa",
            "webSudoIsPost": "false",
            "atl_token": "",
        },
    ),
    "confluence": (
        "doauthenticate.action",
        "password",
        {"authenticate": "Confirm", "destination": "/admin/console.action"},
    ),
    "bamboo": (
        "admin/webSudoSubmit.action",
        "password",
        {"web_sudo_destination": "/admin/administer.action", "save": "Submit"},
    ),
}


def elevate(host: Host) -> None:
    """Make the session a secure administrator's.

    :raises OptionError: the product is not named and does not tell what it is
    :raises LoginError, DeniedError: the host refuses the step
    """
    product = host.product or probe.product(host).name
    if host.refusal is not None:
        raise host.refusal
    if product is None:
        raise errors.OptionError(
            "product", "must be named for the websudo step, since the host does not tell which product it is"
        )
    if product not in FORMS:
        host.run.warn(f"websudo: {product} has no secure administrator sessions; the step was left out")
        return
    path, field, form = FORMS[product]
    try:
        answer = host.http.request(
            "POST",
            path,
            form={**form, field: host.options["password"]},
            expect=(200, *refusals.REDIRECTS),
            repeatable=False,
        )
    except errors.AnswerError as exc:
        answer = exc.answer
    if answer.status in refusals.REDIRECTS or answer.status == 200:
        return
    refusal = refusals.explain(errors.AnswerError("", answer=answer), host.how)
    host.refusal = refusal
    raise refusal
