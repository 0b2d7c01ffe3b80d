# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Certificates by which an app logs in: made here, kept in one file, known again in the directory.

A file of ours holds a private key and its self-signed certificate, whose subject bears an id of that file. The
directory's entry is called C(usersync-certificate:<id of the file>:<UTC time>), so a renewal knows what an earlier one
has left there, and two files of one app never touch each other's.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import _libraries
from .._errors import OptionError
from .auth._base import read_file

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID
except ImportError as exc:
    _libraries.MISSING["cryptography"] = exc

PREFIX = "usersync-certificate"
NAME = re.compile(PREFIX + r":(?P<file>[0-9a-f]{8}):\d{8}T\d{6}Z")
_SUBJECT = re.compile(r"usersync ([0-9a-f]{8})")
_KEY_SIZE = 3072
# Clocks of controller and directory differ a little
_BACKDATED = timedelta(minutes=10)


@dataclass(frozen=True)
class Certificate:
    """One certificate with its private key.

    :ivar file_id: id of the file that it lives in, 8 hexadecimal digits; None for one that was not made here
    :ivar thumbprint: SHA-1, 40 hexadecimal digits in upper case, as the directory and the portal show it
    :ivar pem: private key and certificate; a secret
    :ivar public: the certificate alone, as PEM
    :ivar earlier: thumbprints of the certificates that it took the place of and that may still be on the app
    """

    file_id: str | None
    thumbprint: str
    start: datetime
    end: datetime
    der: bytes
    pem: str
    public: str = ""
    earlier: tuple[str, ...] = ()

    def days_left(self, now: datetime) -> int:
        """Whole days, negative once it has expired."""
        return (self.end - now).days

    def entry(self) -> dict[str, Any]:
        """As Graph takes it among the key credentials of an app."""
        return {
            "displayName": f"{PREFIX}:{self.file_id}:{self.start:%Y%m%dT%H%M%SZ}" if self.file_id else None,
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "key": base64.b64encode(self.der).decode(),
        }


def make(days: int, now: datetime, file_id: str | None = None) -> Certificate:
    """A new key with its certificate. :param file_id: of the file that it takes the place of"""
    file_id = file_id or secrets.token_hex(4)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_SIZE)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"usersync {file_id}")])
    start = now.replace(microsecond=0) - _BACKDATED
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now.replace(microsecond=0) + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _known(certificate, (private + certificate.public_bytes(serialization.Encoding.PEM)).decode())


def load(option: str, path: str) -> Certificate:
    """The certificate of a PEM file that also holds its private key.

    :raises OptionError: the file is missing, unreadable, or holds something else
    """
    content = read_file(option, path)
    try:
        key = serialization.load_pem_private_key(content, None)
        certificates = x509.load_pem_x509_certificates(content)
    except (ValueError, TypeError):
        raise OptionError(
            option,
            f"{path} does not contain a private key and a certificate in PEM form without a password; name "
            "another file",
        ) from None
    mine = [each for each in certificates if each.public_key() == key.public_key()]
    if not mine:
        raise OptionError(option, f"{path} contains a certificate that does not belong to its private key")
    earlier = tuple(sha1_of(each) for each in certificates if each is not mine[0])
    return _known(mine[0], content.decode(), earlier)


def sha1_of(certificate: Any) -> str:
    """40 hexadecimal digits in upper case."""
    # the directory names certificates by SHA-1; nothing is signed with it
    digits: str = certificate.fingerprint(hashes.SHA1()).hex().upper()
    return digits


def _known(certificate: Any, pem: str, earlier: tuple[str, ...] = ()) -> Certificate:
    names = [str(part.value) for part in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    ours = _SUBJECT.fullmatch(names[0]) if len(names) == 1 else None
    return Certificate(
        ours.group(1) if ours else None,
        sha1_of(certificate),
        utc_of(certificate, "not_valid_before"),
        utc_of(certificate, "not_valid_after"),
        certificate.public_bytes(serialization.Encoding.DER),
        pem,
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        earlier,
    )


def utc_of(certificate: Any, member: str) -> datetime:
    """Its C(not_valid_before) or C(not_valid_after)."""
    # the members with _utc are missing from older versions of the library
    aware: datetime | None = getattr(certificate, f"{member}_utc", None)
    return aware or getattr(certificate, member).replace(tzinfo=timezone.utc)


def thumbprint_of(entry: Mapping[str, Any]) -> str | None:
    """SHA-1 of a key credential as Graph returns it (base64, or hexadecimal digits); None when it does not tell."""
    told = str(entry.get("customKeyIdentifier") or "")
    if re.fullmatch(r"[0-9A-Fa-f]{40}", told):
        return told.upper()
    try:
        raw = base64.b64decode(told, validate=True)
    except ValueError:
        return None
    return raw.hex().upper() if len(raw) == 20 else None


def of_file(entries: list[dict[str, Any]], file_id: str | None) -> list[dict[str, Any]]:
    """The entries that runs for this file have made."""
    return [
        entry
        for entry in entries
        if file_id and (named := NAME.fullmatch(entry.get("displayName") or "")) and named["file"] == file_id
    ]


def describe(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A key credential for diffs and results."""
    return {
        "key_id": entry.get("keyId"),
        "display_name": entry.get("displayName"),
        "thumbprint": thumbprint_of(entry),
        "end": entry.get("endDateTime"),
    }


def describe_all(app: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All certificates of an app, in a stable order."""
    listed = app.get("keyCredentials") or []
    return [describe(entry) for entry in sorted(listed, key=lambda e: (e.get("displayName") or "", e["keyId"]))]
