# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client assertions: signed with a registered certificate, or by a federated issuer.

Their own times are judged by the real clock, because real clients make them by it.
"""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .errors import GraphError, TokenError, bad_request
from .moments import parse_moment, stamp
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

ALGORITHMS = ["RS256", "PS256", "RS384", "RS512"]


def _refuse(number: int, text: str, status: int = 401, error: str = "invalid_client") -> Exception:
    return TokenError(number, status, error, text)


def judge_assertion(tenant: Tenant, application: Record, assertion: str, endpoint: str) -> None:
    """Raises TokenError unless the assertion proves that the caller is the application."""
    app_id = application.data["appId"]
    try:
        header = jwt.get_unverified_header(assertion)
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _refuse(
            50027, f"JWT token is invalid or malformed: {type(error).__name__}.", 400, "invalid_request"
        ) from error
    if claims.get("exp", 0) <= time.time():
        raise _refuse(700024, "Client assertion is not within its valid time range.")
    if claims.get("iss") == app_id:
        _judge_certificate(tenant, app_id, header, claims, assertion, endpoint)
    else:
        _judge_federation(tenant, application, claims, assertion)


def _judge_certificate(
    tenant: Tenant, app_id: str, header: dict[str, Any], claims: dict[str, Any], assertion: str, endpoint: str
) -> None:
    wanted = header.get("x5t#S256") or header.get("x5t") or header.get("kid") or ""
    certificate = next((item for item in tenant.certificates.get(app_id, ()) if wanted in item["thumbprints"]), None)
    if certificate is None:
        raise _refuse(700027, "Client assertion failed signature validation. The key was not found.")
    if certificate["end"] <= tenant.world.now():
        raise _refuse(700027, "Client assertion failed signature validation. The certificate is expired.")
    if claims.get("sub") != app_id or claims.get("aud") not in tenant.audiences(endpoint):
        raise _refuse(700023, "Client assertion audience claim does not match Realm issuer.")
    _verify(assertion, certificate["key"])


def _judge_federation(tenant: Tenant, application: Record, claims: dict[str, Any], assertion: str) -> None:
    credentials = application.data["_federated"]
    issuer, subject, audience = claims.get("iss"), claims.get("sub"), claims.get("aud")
    named = [item for item in credentials if item["issuer"] == issuer]
    if not named:
        raise _refuse(700211, f"No matching federated identity record found for presented assertion issuer '{issuer}'.")
    matching = [item for item in named if item["subject"] == subject]
    if not matching:
        raise _refuse(
            700213, f"No matching federated identity record found for presented assertion subject '{subject}'."
        )
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(one in item["audiences"] for item in matching for one in audiences):
        raise _refuse(
            700212, f"No matching federated identity record found for presented assertion audience '{audience}'."
        )
    key = tenant.issuers.get(str(issuer))
    if key is None:
        raise _refuse(500133, "The keys of the assertion's issuer could not be read.", 400, "invalid_request")
    _verify(assertion, key.public_key())


def _verify(assertion: str, key: Any) -> None:
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=ALGORITHMS,
            options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise _refuse(700027, "Client assertion failed signature validation.") from error


def thumbprints(der: bytes) -> list[str]:
    """All forms in which an assertion may name the certificate."""
    found = []
    for digest in (hashlib.sha1(der).digest(), hashlib.sha256(der).digest()):
        found += [
            base64.urlsafe_b64encode(digest).decode().rstrip("="),
            base64.urlsafe_b64encode(digest).decode(),
            digest.hex().upper(),
        ]
    return found


def key_credential(der: bytes, key_id: str, wish: Data) -> tuple[Data, dict[str, Any]]:
    """The member of ``keyCredentials`` and what the login service keeps of the certificate.

    ``wish``: its name and times, where the caller chose them; a certificate is never good beyond its own.
    """
    certificate = x509.load_der_x509_certificate(der)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if wish.get("startDateTime"):
        start = parse_moment(wish["startDateTime"])
    if wish.get("endDateTime"):
        end = parse_moment(wish["endDateTime"])
        if end > certificate.not_valid_after_utc:
            raise bad_request("Key credential end date is invalid.")
    shown = {
        "customKeyIdentifier": base64.b64encode(hashlib.sha1(der).digest()).decode(),
        "displayName": wish.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": stamp(end),
        "key": None,
        "keyId": key_id,
        "startDateTime": stamp(start),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }
    kept = {
        "thumbprints": thumbprints(der),
        "key": certificate.public_key(),
        "end": end,
        "key_id": key_id,
        "text": base64.b64encode(der).decode(),
    }
    return shown, kept


def take_keys(tenant: Tenant, holder: Data, new: list[Data]) -> list[Data]:
    """The new ``keyCredentials`` of an application or principal: known ones by their ``keyId``, others by their
    certificate, under the ``keyId`` that the caller chose if any. Raises GraphError.
    """
    known = {item["keyId"]: item for item in holder["keyCredentials"]}
    shown: list[Data] = []
    fresh: list[dict[str, Any]] = []
    for item in new:
        if item.get("keyId") in known:
            shown.append(known[item["keyId"]])
            continue
        if item.get("key") is None:
            raise GraphError(400, "KeyCredentialsInvalidValue", "KeyValue cannot be null or empty.")
        if (item.get("type"), item.get("usage")) != ("AsymmetricX509Cert", "Verify"):
            raise bad_request("Only key credentials of type 'AsymmetricX509Cert' and usage 'Verify' are supported.")
        try:
            key_id = item.get("keyId") or tenant.world.ids.uuid()
            made, kept = key_credential(base64.b64decode(item["key"]), key_id, item)
        except ValueError as error:
            raise bad_request("Property 'key' of the key credential is no certificate.") from error
        shown.append(made)
        fresh.append(kept)
    dropped = set(known) - {item["keyId"] for item in shown}
    current = tenant.certificates.get(holder["appId"], [])
    tenant.certificates[holder["appId"]] = [item for item in current if item["key_id"] not in dropped] + fresh
    return shown


def make_certificate(name: str, days: int = 365) -> tuple[bytes, str, str]:
    """A self-signed certificate: DER, PEM, and the private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return (
        certificate.public_bytes(serialization.Encoding.DER),
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        private,
    )
