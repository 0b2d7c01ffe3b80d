# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Graph's answers in words, and which of them may be repeated (FIDELITY.md, Graph in general)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._errors import AnswerError, GatewayError
from .._http import Answer
from .._masking import outside
from .permissions_needed import hint

# code -> least pause in seconds before the same request may be sent again; all prove that nothing was done
REPEATABLE = {"Directory_ConcurrencyViolation": 3.0, "Error_MsaAppDoesNotExist": 5.0}
STALE_TOKEN = frozenset({"InvalidAuthenticationToken", "Authentication_ExpiredToken"})

_DURATION = re.compile(r"\bP(?:\d+[YMWD])+(?:T(?:\d+[HMS])+)?\b|\b\d+\s+(?:days?|months?|years?)\b", re.IGNORECASE)


def envelope(answer: Answer | None) -> dict[str, Any]:
    """The C(error) object of an answer; {} when the body is HTML, empty or anything else."""
    body = answer.json_or_none() if answer is not None else None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) and isinstance(error.get("code"), str) and error["code"] else {}


def nothing_done(answer: Answer) -> float | None:
    """For C(Http.nothing_done)."""
    if answer.status not in (409, 503):
        return None
    return REPEATABLE.get(str(envelope(answer).get("code")))


def _lifetime(text: str) -> str:
    limit = _DURATION.search(text)
    says = f"allows at most {limit.group(0)}" if limit else "allows only a shorter lifetime"
    return f"the app management policy of the tenant {says}; give the secret a shorter lifetime (valid_days, end_date)"


_SENTENCES: dict[str, str | Callable[[str], str]] = {
    "CredentialInvalidLifetimeAsPerAppPolicy": _lifetime,
    "CredentialTypeNotAllowedAsPerAppPolicy": "the app management policy of the tenant forbids client secrets for this "
    "app; have an administrator exempt it, or use a certificate or a federated credential",
    "SignInAudienceNotAllowedAsPerAppPolicy": "a policy of the tenant forbids this sign_in_audience; use AzureADMyOrg "
    "or have an administrator allow it",
    "HostNameNotOnVerifiedDomain": "an address uses a domain that is not verified in the tenant; use a verified domain "
    "or verify this one",
    "CannotDeleteOrUpdateEnabledEntitlement": "a scope or role that the app itself exposes must be disabled before it "
    "can be changed or removed",
    "Directory_QuotaExceeded": "the automation's identity has reached its quota of directory objects (250 without an "
    "administrator role; deleted objects count for 30 days); purge deleted ones or give it a directory role",
    "Directory_ResourceSizeExceeded": "the app has too many credentials or other values; remove some that are no "
    "longer used",
    "Directory_ConcurrencyViolation": "another run was writing to the same object; run again, with one writer per app "
    "at a time",
    "Error_MsaAppDoesNotExist": "the app was created moments ago and is not known everywhere yet; run again",
    "Authorization_IdentityNotFound": "the automation's application has no service principal in this tenant; check the "
    "option tenant, or have an administrator consent to the application there",
    "InvalidAuthenticationToken": "the access token was refused; it has expired, or it belongs to another cloud or "
    "another API than the options cloud and graph_url name",
    "Authentication_ExpiredToken": "the access token has expired; give a new one",
    "Request_ResourceNotFound": "the object does not exist; it was removed, or its id belongs to another tenant or "
    "kind",
    "Request_UnsupportedQuery": "this service does not support the query; the cloud may not have the feature",
    "TooManyRequests": "the tenant is being throttled, even after all retries; run again later, or with fewer hosts at "
    "a time",
}

# part of the text, which Graph shares one code between -> sentence
_BY_TEXT: tuple[tuple[str, str], ...] = (
    (
        "Another object with the same value for property uniqueName",
        "another app has this unique_name, perhaps a deleted one, which keeps it for 30 days; name that app, restore "
        "or purge it, or choose another unique_name",
    ),
    (
        "Another object with the same value for property identifierUris",
        "another app has this identifier URI, perhaps a deleted one, which keeps it for 30 days; restore or purge "
        "that app, or choose another URI",
    ),
    ("does not reference a valid application object", "the app is not known everywhere yet; run again in a minute"),
    (
        "must be in the local tenant",
        "the app is not known everywhere yet, or it belongs to another tenant; run again in "
        "a minute, and check the option tenant",
    ),
    (
        "Not a valid reference update",
        "the service principal is not known everywhere yet, or an id is not that of a "
        "service principal; run again in a minute",
    ),
    (
        "queried reference-property objects are not present",
        "an object that was named does not exist or is not known everywhere yet; run again in a minute",
    ),
    ("added object references already exist", "this owner is already set"),
    (
        "is invalid for the 'owners' reference",
        "an owner must be a user or a service principal; give the object id of the "
        "service principal, not that of the app registration",
    ),
    (
        "No password credential found with keyId",
        "the app has no secret with this key ID, or it is not known everywhere yet",
    ),
    (
        "ServiceManagementReference field is required",
        "the directory requires a service management reference for every app; give one (service_management_reference "
        "of azuread_app, azure_connector_app_service_management_reference of the role)",
    ),
    ("maximum of 2", "an app that is open to personal accounts may have at most two secrets; remove one first"),
    (
        "cannot be deleted or updated unless disabled first",
        "a scope or role that the app itself exposes must be disabled before it can be changed or removed",
    ),
)


def explained(exc: AnswerError, method: str, path: str, roles: set[str] | None) -> AnswerError:
    """The same class of error, in one sentence with a remedy.

    :returns: C(code) is Graph's C(error.code); C(details): C(text) Graph's message, C(method), C(path), C(reasons) the
        codes of its C(details), C(request_id) for Microsoft's support
    """
    answer = exc.answer
    error = envelope(answer)
    path = path.partition("?")[0]
    if not error:
        return not_graphs(exc, method, path)
    code = str(error["code"])
    text = outside(error.get("message") or "", 400)
    details = _details(error)
    reasons = [outside(item["code"], 100) for item in details if item.get("code")]
    message = f"Microsoft Graph refused {method} {path}: {_sentence(answer, code, text, error, method, path, roles)}"
    if text:
        message += f" (it says: {text.rstrip('.')})"
    facts: dict[str, Any] = {"text": text, "method": method, "path": path}
    if reasons:
        facts["reasons"] = reasons
    inner = error.get("innerError") or error.get("innererror")
    if isinstance(inner, dict) and inner.get("request-id"):
        facts["request_id"] = outside(inner["request-id"], 100)
    return type(exc)(message, answer=answer, code=code, **facts)


def not_graphs(exc: AnswerError, method: str, path: str) -> AnswerError:
    """What something before Graph said: nothing is concluded from it, but that it may pass (429, 5xx).

    :returns: an error without a C(code), since Graph gave none
    """
    answer = exc.answer
    if answer.status == 429 or answer.status >= 500:
        state = "is throttled" if answer.status == 429 else "failed"
        message = (
            f"Microsoft Graph or a gateway in front of it {state} (HTTP {answer.status}) at {method} {path}; run again "
            "later"
        )
        return type(exc)(message, answer=answer, method=method, path=path)
    message = (
        f"{method} {path} was answered (HTTP {answer.status}, {answer.kind}) by something in front of Microsoft Graph, "
        "such as a proxy, a firewall or a login page; check the option graph_url, HTTPS_PROXY, and what they let "
        "through"
    )
    return GatewayError(message, answer=answer, method=method, path=path)


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    listed = error.get("details")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _sentence(
    answer: Answer, code: str, text: str, error: dict[str, Any], method: str, path: str, roles: set[str] | None
) -> str:
    # "one of its queried reference-property objects" is in the text of every plain 404 too
    by_text = answer.status != 404 and next(
        (sentence for part, sentence in _BY_TEXT if part.lower() in text.lower()), None
    )
    if by_text:
        return by_text
    if answer.status == 403 and code == "Authorization_RequestDenied":
        permission = hint(method, path, roles)
        return permission or "the automation is not allowed to do that"
    known = _SENTENCES.get(code)
    if known:
        details = [str(item.get("message")) for item in _details(error)]
        return known(" ".join([*details, text])) if callable(known) else known
    if answer.status == 429:
        return str(_SENTENCES["TooManyRequests"])
    if answer.status >= 500:
        return f"the service failed (HTTP {answer.status}); run again later"
    if answer.status == 401:
        return str(_SENTENCES["InvalidAuthenticationToken"])
    return f"it was not accepted (HTTP {answer.status}, {outside(code, 100)})"
