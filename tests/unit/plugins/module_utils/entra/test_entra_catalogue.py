# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line of Graph's error catalogue (FIDELITY.md): what is repeated, how often, how fast, what is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.graph import Graph
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.principals import is_replication
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import (
    AnswerError,
    ConflictError,
    DeniedError,
    GatewayError,
    LostAnswerError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import graph_error

ONCE = 1
# what _http.Retry allows
ALL = 6


@dataclass
class Line:
    """:ivar call: verb and path
    :ivar answer: what Graph says each time
    :ivar times: how often the call is made
    :ivar words: what the user reads
    :ivar kind: of the exception
    :ivar settles: the same call is worth repeating for an object that this run made
    """

    call: str
    answer: tuple[Any, ...]
    times: int
    words: str
    kind: type[AnswerError] = AnswerError
    settles: bool = False
    least_pause: float = 0.0


APP = "applications/a"
SP = "servicePrincipals/s"
GONE = "Resource 'a' does not exist or one of its queried reference-property objects are not present."
LINES = {
    "malformed": Line(
        f"PATCH {APP}",
        graph_error(400, "Request_BadRequest", "Property x is invalid."),
        ONCE,
        r"refused PATCH applications/a: it was not accepted \(HTTP 400, Request_BadRequest\) \(it says: Property x is",
    ),
    "unique name taken": Line(
        "PATCH applications(uniqueName='x')",
        graph_error(
            400, "Request_BadRequest", "Another object with the same value for property uniqueName already exists."
        ),
        ONCE,
        "another app has this unique_name, perhaps a deleted one, which keeps it for 30 days; name that app, restore",
    ),
    "identifier taken": Line(
        f"PATCH {APP}",
        graph_error(400, "Request_BadRequest", "Another object with the same value for property identifierUris exists"),
        ONCE,
        "another app has this identifier URI, perhaps a deleted one",
    ),
    "principal before its app": Line(
        "POST servicePrincipals",
        graph_error(
            400,
            "Request_BadRequest",
            "The appId 'x' of the service principal does not reference a valid application object.",
        ),
        ONCE,
        "the app is not known everywhere yet; run again in a minute",
        settles=True,
    ),
    "principal before its app, as a refusal": Line(
        "POST servicePrincipals",
        graph_error(
            403,
            "Authorization_RequestDenied",
            "When using this permission, the backing application of the service principal being created must be in the "
            "local tenant",
        ),
        ONCE,
        "not known everywhere yet, or it belongs to another tenant",
        DeniedError,
        settles=True,
    ),
    "grant before its principal": Line(
        f"POST {SP}/appRoleAssignedTo",
        graph_error(400, "Request_BadRequest", "Not a valid reference update."),
        ONCE,
        "the service principal is not known everywhere yet, or an id is not that of a service principal",
        settles=True,
    ),
    "delegated grant before its principal": Line(
        "POST oauth2PermissionGrants",
        graph_error(400, "Request_BadRequest", GONE),
        ONCE,
        "does not exist or is not known everywhere yet",
        settles=True,
    ),
    "not found": Line(
        f"GET {APP}",
        graph_error(404, "Request_ResourceNotFound", GONE),
        ONCE,
        "the object does not exist; it was removed, or its id belongs to another tenant or kind",
        NotFoundError,
        settles=True,
    ),
    "role already assigned": Line(
        f"POST {SP}/appRoleAssignedTo",
        graph_error(400, "Request_MultipleObjectsWithSameKeyValue", "EntitlementGrant entry already exists."),
        ONCE,
        "EntitlementGrant entry already exists",
    ),
    "grant already there": Line(
        "POST oauth2PermissionGrants",
        graph_error(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists."),
        ONCE,
        "Permission entry already exists",
        ConflictError,
    ),
    "owner already set": Line(
        f"POST {APP}/owners/$ref",
        graph_error(
            400, "Request_BadRequest", "One or more added object references already exist for the following: 'owners'."
        ),
        ONCE,
        "this owner is already set",
    ),
    "owner of the wrong kind": Line(
        f"POST {APP}/owners/$ref",
        graph_error(
            400,
            "Request_BadRequest",
            "The reference target 'x' of type 'Application' is invalid for the 'owners' reference.",
        ),
        ONCE,
        "an owner must be a user or a service principal",
    ),
    "no such secret": Line(
        f"POST {APP}/removePassword",
        graph_error(400, "Request_BadRequest", "No password credential found with keyId 'k'."),
        ONCE,
        "has no secret with this key ID, or it is not known everywhere",
    ),
    "lifetime": Line(
        f"POST {APP}/addPassword",
        graph_error(
            400,
            "CredentialInvalidLifetimeAsPerAppPolicy",
            "Credential lifetime exceeds the max value allowed as per assigned policy",
            details=[{"code": "InvalidKeyEndDate", "message": "The limit is P180D.", "target": "EndDate"}],
        ),
        ONCE,
        "the app management policy of the tenant allows at most P180D; give the secret a shorter lifetime",
    ),
    "lifetime, limit not told": Line(
        f"POST {APP}/addPassword",
        graph_error(400, "CredentialInvalidLifetimeAsPerAppPolicy", "No."),
        ONCE,
        "the app management policy of the tenant allows only a shorter lifetime",
    ),
    "secrets forbidden": Line(
        f"POST {APP}/addPassword",
        graph_error(400, "CredentialTypeNotAllowedAsPerAppPolicy"),
        ONCE,
        "policy of the tenant forbids client secrets .* use a certificate or a federated credential",
    ),
    "audience forbidden": Line(
        "POST applications",
        graph_error(400, "SignInAudienceNotAllowedAsPerAppPolicy"),
        ONCE,
        "forbids this sign_in_audience; use AzureADMyOrg",
    ),
    "domain not verified": Line(
        f"PATCH {APP}",
        graph_error(400, "HostNameNotOnVerifiedDomain"),
        ONCE,
        "a domain that is not verified in the tenant",
    ),
    "entitlement enabled": Line(
        f"DELETE {APP}", graph_error(400, "CannotDeleteOrUpdateEnabledEntitlement"), ONCE, "must be disabled before"
    ),
    "entitlement enabled, in words": Line(
        f"PATCH {APP}",
        graph_error(
            400, "Request_BadRequest", "Permission (scope or role) cannot be deleted or updated unless disabled first."
        ),
        ONCE,
        "must be disabled before it can be changed or removed",
    ),
    "two secrets": Line(
        f"POST {APP}/addPassword",
        graph_error(400, "Request_BadRequest", "Not allowed to add 3 passwords. There is a maximum of 2 passwords."),
        ONCE,
        "open to personal accounts may have at most two secrets; remove one first",
    ),
    "size": Line(
        f"POST {APP}/addPassword",
        graph_error(403, "Directory_ResourceSizeExceeded"),
        ONCE,
        "too many credentials or other values; remove some",
        DeniedError,
    ),
    "quota": Line(
        "POST applications",
        graph_error(403, "Directory_QuotaExceeded"),
        ONCE,
        "reached its quota of directory objects .*deleted objects count",
        DeniedError,
    ),
    "denied": Line(
        "POST applications",
        graph_error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        ONCE,
        "it needs Application.ReadWrite.OwnedBy or Application.ReadWrite.All, and the automation's token does not have "
        "Application.ReadWrite.OwnedBy; grant that as an application permission",
        DeniedError,
    ),
    "no identity": Line(
        "GET organization",
        graph_error(401, "Authorization_IdentityNotFound"),
        ONCE,
        "has no service principal in this tenant",
        DeniedError,
    ),
    "foreign token": Line(
        f"GET {APP}",
        graph_error(401, "InvalidAuthenticationToken"),
        ONCE,
        "the access token was refused; it has expired, or it belongs to another cloud",
        DeniedError,
    ),
    "personal app not yet there": Line(
        f"PATCH {APP}",
        graph_error(409, "Error_MsaAppDoesNotExist"),
        ALL,
        "created moments ago and is not known everywhere yet",
        ConflictError,
        least_pause=5.0,
    ),
    "concurrency as a conflict": Line(
        f"POST {APP}/addPassword",
        graph_error(409, "Directory_ConcurrencyViolation"),
        ALL,
        "another run was writing to the same object",
        ConflictError,
        least_pause=3.0,
    ),
    "concurrency as unavailable": Line(
        f"POST {APP}/addPassword",
        graph_error(503, "Directory_ConcurrencyViolation"),
        ALL,
        "another run was writing to the same object",
        UnavailableError,
        least_pause=3.0,
    ),
    "throttled": Line(
        "POST applications",
        graph_error(429, "TooManyRequests", headers={"Retry-After": "2.128"}),
        ALL,
        "is being throttled, even after all retries",
        ThrottledError,
        least_pause=2.128,
    ),
    "failure of a write that may have been done": Line(
        f"POST {APP}/removePassword", graph_error(500, "InternalServerError"), ONCE, r"HTTP 500", UnavailableError
    ),
    "unavailable": Line(
        f"GET {APP}",
        graph_error(503, "ServiceUnavailable", headers={"Retry-After": "7"}),
        ALL,
        r"the service failed \(HTTP 503\); run again later",
        UnavailableError,
        least_pause=7.0,
    ),
    "unavailable in HTML": Line(
        f"PATCH {APP}",
        (502, b"<html>Bad Gateway</html>"),
        ALL,
        r"Microsoft Graph or a gateway in front of it failed \(HTTP 502\)",
        UnavailableError,
    ),
    "unavailable and empty": Line(
        f"DELETE {APP}",
        (504, None),
        ALL,
        r"Microsoft Graph or a gateway in front of it failed \(HTTP 504\)",
        UnavailableError,
    ),
    "unavailable for a creation": Line(
        "POST applications",
        (503, None),
        ONCE,
        r"Microsoft Graph or a gateway in front of it failed \(HTTP 503\)",
        UnavailableError,
    ),
    "not Graph": Line(
        f"GET {APP}",
        (404, b"<html>Not Found</html>"),
        ONCE,
        "something in front of Microsoft Graph, such as a proxy, a firewall or a login page; check the option "
        "graph_url",
        GatewayError,
    ),
}


def call(graph: Graph, line: Line) -> Any:
    verb, path = line.call.split()
    return {"GET": graph.get, "DELETE": graph.delete, "POST": graph.post}.get(
        verb, lambda where: graph.patch(where, {})
    )(path)


@pytest.mark.parametrize("name", LINES)
def test_line(graph_of: Any, pauses: list[float], name: str) -> None:
    line = LINES[name]
    graph, adapter = graph_of(*[line.answer] * line.times)
    with pytest.raises(AnswerError, match=line.words) as caught:
        call(graph, line)
    failure = caught.value
    assert failure.__class__ is line.kind
    assert adapter.answers == []
    assert len(pauses) == line.times - 1
    assert [pause for pause in pauses if pause < line.least_pause] == []
    longest = [1.25 * max(line.least_pause, 0.5 * 2**nth) for nth in range(len(pauses))]
    assert [pause for pause, most in zip(pauses, longest, strict=True) if pause > most] == []
    assert is_replication(failure) is line.settles
    assert "\n" not in failure.message
    if isinstance(line.answer[1], dict):
        assert failure.code == line.answer[1]["error"]["code"]
        assert failure.details["request_id"] == "r-1"
        assert failure.details["text"] == line.answer[1]["error"]["message"]
    assert failure.as_failure()["status"] == line.answer[0]


@pytest.mark.parametrize("name", [name for name, line in LINES.items() if line.times == ALL])
def test_line_that_passes(graph_of: Any, pauses: list[float], name: str) -> None:
    line = LINES[name]
    graph, adapter = graph_of(line.answer, line.answer, (200, {"id": "a"}))
    assert call(graph, line) == (None if line.call.startswith("DELETE") else {"id": "a"})
    assert len(adapter.sent) == 3
    assert len(pauses) == 2
    assert graph.stats["retries"] == 2


def test_reasons_come_back(graph_of: Any) -> None:
    graph, _adapter = graph_of(LINES["lifetime"].answer)
    with pytest.raises(AnswerError) as caught:
        call(graph, LINES["lifetime"])
    assert caught.value.as_failure()["reasons"] == ["InvalidKeyEndDate"]
    assert caught.value.as_failure()["path"] == "applications/a/addPassword"


@pytest.mark.parametrize(("repeatable", "times"), [(False, 1), (True, 6)])
def test_lost_answer_to_a_creation(graph_of: Any, repeatable: bool, times: int) -> None:
    import requests

    graph, adapter = graph_of(*[requests.exceptions.ReadTimeout("late")] * times)
    with pytest.raises(LostAnswerError, match=r"no answer within 30 s"):
        graph.post("applications/a/addPassword", {}, repeatable=repeatable)
    assert len(adapter.sent) == times


def test_a_removal_that_was_done_although_its_answer_was_lost(graph_of: Any) -> None:
    import requests

    missing = LINES["not found"].answer
    graph, _adapter = graph_of(requests.exceptions.ConnectionError("reset"), missing)
    graph.delete("applications/a")
    graph, _adapter = graph_of(missing)
    with pytest.raises(NotFoundError):
        graph.delete("applications/a")


def test_very_long_retry_after_is_cut(graph_of: Any, pauses: list[float]) -> None:
    graph, _adapter = graph_of(
        graph_error(429, "TooManyRequests", headers={"Retry-After": "86400"}), (200, {"id": "a"})
    )
    graph.get("organization")
    assert 120 <= pauses[0] <= 150
