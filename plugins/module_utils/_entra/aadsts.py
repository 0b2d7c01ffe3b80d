# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the token service's AADSTS codes mean and what to do about them (authentication.md)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import LoginError

# Worth another try after a pause, whoever logs in
TEMPORARY = frozenset({90006, 90024, 90033, 90090})
# What a secret, an app or a service principal that was made seconds ago is answered with
SETTLING = frozenset({7000215, 700016, 7000229})

_CODE = re.compile(r"AADSTS(\d+)")


@dataclass(frozen=True)
class Attempt:
    """Who tried to log in, in the words of the options.

    :ivar credential: what proved the identity, for example C(option client_secret)
    """

    tenant: str
    client_id: str
    credential: str
    authority: str
    scope: str


# code -> sentence; the fields are those of Attempt
MEANINGS: dict[int, str] = {
    7000215: "{credential} is wrong for application {client_id}; check that it is the secret's value and not its "
    "ID, which the portal shows beside it, and that it was made for this application (a new one takes a few seconds "
    "to work)",
    7000222: "{credential} of application {client_id} has expired; create a new secret for it and use that one",
    700016: "application {client_id} is not known in tenant {tenant}; check the options client_id and tenant "
    "(a new application takes a few seconds to be known)",
    700011: "application {client_id} is not in the directory of tenant {tenant}; check the options client_id "
    "and tenant",
    70001: "application {client_id} is not in tenant {tenant} or is disabled there; check the options client_id and "
    "tenant, and that sign-in is enabled for its enterprise application",
    7000112: "application {client_id} is disabled in tenant {tenant}; have an administrator enable sign-in for its "
    "enterprise application",
    7000229: "application {client_id} has no service principal in tenant {tenant}; create one (azuread_app does), or "
    "have an administrator consent to the application there",
    90002: "{authority} knows no tenant {tenant}; check the option tenant, and the option cloud or authority_url: each "
    "national cloud has its own tenants",
    90038: "tenant {tenant} belongs to another national cloud than {authority}; set the option cloud to the right one",
    900432: "tenant {tenant} belongs to another national cloud than {authority}; set the option cloud to the right one",
    65001: "nobody has consented to the permissions that application {client_id} requests; have an administrator of "
    "tenant {tenant} grant admin consent to it",
    53003: "a Conditional Access policy of tenant {tenant} blocks application {client_id}; have an administrator "
    "exempt this workload identity or run from an allowed network location",
    7000216: "no usable credential was sent for application {client_id}; give the option client_secret, "
    "certificate_path or federated_token_file",
    7000218: "no usable credential was sent for application {client_id}; give the option client_secret, "
    "certificate_path or federated_token_file",
    900144: "the token request is missing a parameter; check that the options tenant and client_id are not empty, and "
    "that no proxy in front of {authority} strips the request",
    700025: "application {client_id} is marked as a public client, so it may not use {credential}; in the portal, set "
    "Allow public client flows to No for it",
    700027: "{credential} does not fit the certificates of application {client_id}; check that this certificate is "
    "uploaded to the application and, if given, the option certificate_thumbprint",
    700023: "{credential} is for another token service than {authority}; check the options authority_url and cloud",
    700024: "the assertion of {credential} is not valid yet or no longer valid; check the clock of this machine and "
    "that the token is renewed",
    70021: "no federated credential of application {client_id} matches the token in {credential}; compare issuer, "
    "subject and audience of both, letter by letter",
    700211: "no federated credential of application {client_id} has the issuer of the token in {credential}; compare "
    "them letter by letter, including a slash at the end",
    700212: "no federated credential of application {client_id} has the audience of the token in {credential}; the "
    "usual one is api://AzureADTokenExchange",
    700213: "no federated credential of application {client_id} has the subject of the token in {credential}; add one "
    "(azuread_app_federated_credential), or run from the branch, environment or template that is trusted",
    7002138: "the subject of the token in {credential} differs from that of the federated credential of application "
    "{client_id} only in upper and lower case; write it there exactly as in the token",
    500014: "{scope} belongs to an application whose sign-in is disabled in tenant {tenant}; have an administrator "
    "enable its enterprise application",
    5000225: "tenant {tenant} is blocked; its administrators have to resolve this with Microsoft",
    900023: "{tenant} is neither a tenant ID nor a domain of a tenant; check the option tenant",
    70043: "{credential} has expired under the sign-in frequency policy of tenant {tenant}; run az login, or let the "
    "automation log in as an application",
    700082: "{credential} has expired because it was not used for too long; run az login, or let the automation log in "
    "as an application",
    50076: "{credential} does not include the multifactor authentication that tenant {tenant} requires; run az login "
    "--tenant {tenant}, or let the automation log in as an application",
    50020: "{credential} belongs to an account that is not in tenant {tenant}; run az login --tenant {tenant} "
    "with one of its accounts",
    500011: "{scope} is not a resource of tenant {tenant}; check the options graph_url and cloud",
    650057: "{scope} is not a valid resource for application {client_id}; check the options graph_url and cloud",
    1002012: "{scope} is not a valid scope; check the options graph_url and cloud",
    70011: "{scope} is not a valid scope; check the options graph_url and cloud",
    90033: "the token service {authority} is temporarily unavailable; try again later",
    90006: "the token service {authority} could not serve the request; try again later",
    90024: "the token service {authority} asked to try again; try again later",
    90090: "the token service {authority} could not serve the request; try again later",
}

# the OAuth error, where the answer has neither a number nor a word of explanation
_BY_ERROR = {
    "invalid_client": "{credential} of application {client_id} was refused; check it and the option client_id",
    "unauthorized_client": "application {client_id} may not log in to tenant {tenant}; check the options client_id "
    "and tenant",
    "invalid_resource": "{scope} is not a resource of tenant {tenant}; check the options graph_url and cloud",
    "invalid_scope": "{scope} is not a valid scope; check the options graph_url and cloud",
    "invalid_tenant": "{authority} knows no tenant {tenant}; check the options tenant, cloud and authority_url",
    "temporarily_unavailable": "the token service {authority} is temporarily unavailable; try again later",
}
_FALLBACK = (
    "the login of application {client_id} at tenant {tenant} was refused; check the options tenant and client_id, "
    "and {credential}"
)


def codes(result: Mapping[str, Any]) -> list[int]:
    """The AADSTS numbers of a token error, from C(error_codes) or, failing that, from the description."""
    listed = result.get("error_codes")
    found = [int(code) for code in listed if str(code).isdigit()] if isinstance(listed, list) else []
    return found or [int(code) for code in _CODE.findall(str(result.get("error_description") or ""))]


def login_error(result: Mapping[str, Any], attempt: Attempt, secrets: Collection[str] = ()) -> LoginError:
    """A token error in words.

    :param result: the error JSON of the token endpoint, as it is or as msal hands it on
    :param secrets: never to be repeated, whatever the service repeats
    :returns: C(code) is C(AADSTS...) or the OAuth error; C(details): C(error), C(text), C(correlation_id)
    """
    numbers = codes(result)
    known = next((number for number in numbers if number in MEANINGS), None)
    error = str(result.get("error") or "unknown_error")
    number = known if known is not None else (numbers[0] if numbers else None)
    code = f"AADSTS{number}" if number is not None else error
    # masked as a whole, since half a secret is a secret too
    described = _without(str(result.get("error_description") or ""), secrets)
    text = "".join(described.splitlines()[:1])[:300]
    details: dict[str, Any] = {"error": error, "text": text}
    if result.get("correlation_id"):
        details["correlation_id"] = str(result["correlation_id"])
    # the Azure CLI logs in for a user, so that a sentence about an application would name none
    told = known is not None and (bool(attempt.client_id) or "{client_id}" not in MEANINGS[known])
    if known is not None and told:
        sentence = MEANINGS[known].format(**vars(attempt))
    else:
        sentence = first_sentence(described) or _BY_ERROR.get(error, _FALLBACK).format(**vars(attempt))
    return LoginError(f"Entra ID refused the login ({code}): {sentence}", code=code, **details)


def first_sentence(described: str) -> str:
    """Microsoft's own words, without the code in front and without the ids behind; "" when there are none."""
    text = re.sub(r"^\s*(AADSTS\d+|[a-z_]+): *", "", " ".join(described.split()))
    text = re.split(r" (?:Trace ID|Correlation ID|Timestamp|Error Code):", text, maxsplit=1)[0]
    sentence = re.split(r"(?<=[.!?]) (?=[A-Z'])", text, maxsplit=1)[0]
    return sentence.strip().rstrip(".")[:300]


def number(error: LoginError) -> int | None:
    """The AADSTS number of a LoginError."""
    found = _CODE.fullmatch(error.code or "")
    return int(found.group(1)) if found else None


def _without(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, "********")
    return text
