# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate with its key, in all the files that people have them in."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()


class Pair:
    """A self-signed certificate."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _certificate(self.key, 2100)
        self.public_key = self.key.public_key()
        self.thumbprint = self.certificate.fingerprint(hashes.SHA1()).hex(":").upper()

    def write(self, folder: Path, layout: str) -> Path:
        """The file in a layout; see the branches."""
        path = folder / f"{layout}.file"
        content = self._content(layout)
        if layout == "folder":
            path.mkdir()
        elif content is not None:
            path.write_bytes(content)
        return path

    def _content(self, layout: str) -> bytes | None:
        certificate = self.certificate.public_bytes(PEM)
        key = _pem(self.key, PLAIN)
        secured = serialization.BestAvailableEncryption(b"open")
        layouts: dict[str, Any] = {
            "pfx": lambda: pkcs12.serialize_key_and_certificates(b"x", self.key, self.certificate, None, PLAIN),
            "pfx-encrypted": lambda: pkcs12.serialize_key_and_certificates(
                b"x", self.key, self.certificate, None, secured
            ),
            "pfx-no-key": lambda: pkcs12.serialize_key_and_certificates(b"x", None, self.certificate, None, PLAIN),
            "pem": lambda: key + certificate,
            "pem-encrypted": lambda: certificate + _pem(self.key, secured),
            "pem-chain": lambda: _another().public_bytes(PEM) + certificate + key,
            "pem-no-key": lambda: certificate,
            "pem-other": lambda: key + _another().public_bytes(PEM),
            "pem-expired": lambda: key + _certificate(self.key, 2020).public_bytes(PEM),
            "pem-elliptic": lambda: _pem(ec.generate_private_key(ec.SECP256R1()), PLAIN) + certificate,
            "pem-broken": lambda: key + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "pem-broken-key": lambda: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "key-only": lambda: key,
            "pfx-base64": lambda: base64.encodebytes(self._content("pfx") or b""),
            "base64-noise": lambda: b"QUJD\nREVG\n",
            "noise": lambda: b"\x00noise",
            "empty": lambda: b"\n",
        }
        return layouts[layout]() if layout in layouts else None


@lru_cache(maxsize=1)
def _another() -> x509.Certificate:
    return _certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048), 2100)


def _pem(key: Any, encryption: Any) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption)


def _certificate(key: Any, last_year: int) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "automation")])
    ends = datetime(last_year, 1, 31, tzinfo=timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_after(ends)
    return builder.not_valid_before(datetime(2000, 1, 1, tzinfo=timezone.utc)).sign(key, hashes.SHA256())


@dataclass
class Chain:
    """:ivar expected: what an assertion must carry, base64 of DER; :ivar file: key and certificates in a bad order"""

    public_key: Any
    file: Path
    expected: list[str]


def certificate_chain(folder: Path) -> Chain:
    """A leaf, two authorities above it, and a stranger of the same name."""
    names = ("root", "issuing", "automation")
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _name in names]
    made = []
    for number, name in enumerate(names):
        above = max(number - 1, 0)
        made.append(_issue(name, keys[number], names[above], keys[above]))
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    mixed = [_issue("issuing", stranger, "issuing", stranger), made[0], made[2], made[1]]
    path = folder / "chain.pem"
    path.write_bytes(b"".join(one.public_bytes(PEM) for one in mixed) + _pem(keys[2], PLAIN))
    ordered = [made[2], made[1], made[0]]
    der = [base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in ordered]
    return Chain(keys[2].public_key(), path, der)


def _issue(name: str, key: Any, issuer: str, issuer_key: Any) -> x509.Certificate:
    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2000, 1, 1, tzinfo=timezone.utc))
    return builder.not_valid_after(datetime(2100, 1, 31, tzinfo=timezone.utc)).sign(issuer_key, hashes.SHA256())
