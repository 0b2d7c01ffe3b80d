# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The secure administrator session of each product (FIDELITY.md, Getting in).

The vendor's own load tests do without it, so it is made only when the user asks for it, or when the host itself asks
and the user allows it. Where the product elevates permissions by REST, that is tried first; it is documented for Bamboo
10.1 and later, and a product that has none answers 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._http import Answer
from . import probe, refusals, refuser

if TYPE_CHECKING:
    from .client import Host

REST = "rest/tsv/latest/elevate-permissions/password"
ABSENT = (404, 405)
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
    answer = _post(host, REST, json={"password": host.options["password"]})
    there = answer.status not in ABSENT and not (answer.status == 200 and refuser.is_page(answer))
    if there and answer.status not in (200, 201, 202, 204):
        raise _refusal(host, answer)
    if there:
        return
    if product is None:
        raise errors.OptionError(
            "product", "must be set for the websudo step, since the host does not say which product it is"
        )
    if product not in FORMS:
        host.run.warn(f"websudo: {product} has no secure administrator sessions; the step was skipped")
        return
    path, field, form = FORMS[product]
    answer = _post(host, path, form={**form, field: host.options["password"]})
    if answer.status in refusals.REDIRECTS or answer.status == 200:
        return
    raise _refusal(host, answer)


def _refusal(host: Host, answer: Answer) -> errors.UsersyncError:
    if "totp" in answer.text[: refuser.READ_OF_A_BODY].lower():
        return host.refused(refusals.told("totp", answer, refuser.who(answer, host.run.masked), host.asked))
    return host.refused(refusals.explain(errors.AnswerError("", answer=answer), host.asked))


def _post(host: Host, path: str, **body: Any) -> Answer:
    """One POST, never repeated after it may have arrived: a wrong password counts as a failed login."""
    try:
        return host.ask("POST", path, expect=(200, *refusals.REDIRECTS), repeatable=False, **body)
    except errors.AnswerError as exc:
        if not isinstance(exc.answer, Answer):
            raise
        return exc.answer
