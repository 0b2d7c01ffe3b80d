# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Log in as an application with a certificate: PFX, or PEM with its private key."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ... import _libraries
from ..._errors import OptionError
from ..._run import Run
from ..certificates import sha1_of, utc_of
from ..tokens import Token
from . import _msal
from ._base import LoginMethod, read_file

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError as exc:
    _libraries.MISSING["cryptography"] = exc

_KEY_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_CERTIFICATE_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
# From here on msal makes a SHA-256 thumbprint of a PEM certificate by itself
_SHA256_SINCE = (1, 35)


@dataclass(frozen=True)
class Material:
    """:ivar key: private key as unencrypted PEM
    :ivar certificate: leaf as PEM, None when the file holds the key only
    :ivar chain: leaf and what stands above it, in this order, as PEM
    :ivar thumbprint: SHA-1, upper case
    :ivar end: of the certificate
    """

    key: str
    certificate: str | None
    thumbprint: str
    chain: str | None = None
    end: datetime | None = None


class Certificate(LoginMethod):
    NAME = "certificate"

    def validate(self) -> None:
        self.require_application()
        self.require("certificate_path")

    def check_proof(self) -> None:
        self._material()

    def end(self) -> datetime | None:
        """When the certificate in the file ends; None where the file holds the key alone, or is gone meanwhile."""
        try:
            return self._material().end
        except OptionError:
            return None

    def fingerprint(self) -> list[str]:
        # whose token it is does not change when the file is renewed, or taken away
        chain = str(bool(self.options.get("certificate_subject_name_issuer")))
        return [self.option("certificate_path"), self.option("certificate_thumbprint"), chain]

    def authenticate(self, run: Run) -> Token:
        credential = self._credential(self._material())
        attempt = self.attempt("option certificate_path")
        return _msal.application_token(self.endpoints, attempt, credential, {credential["private_key"]}, run)

    def _credential(self, material: Material) -> dict[str, Any]:
        """As msal takes it."""
        credential: dict[str, Any] = {"private_key": material.key}
        if self.options.get("certificate_subject_name_issuer"):
            credential["public_certificate"] = material.chain
        whole = credential.get("public_certificate") not in (None, material.certificate)
        by_itself = material.certificate and not self.option("certificate_thumbprint") and not whole
        if by_itself and _msal_version() >= _SHA256_SINCE:
            credential["public_certificate"] = material.certificate
        else:
            # from a thumbprint msal takes the certificates as they are, else it sends the first of them alone
            credential["thumbprint"] = material.thumbprint
        return credential

    def _material(self) -> Material:
        path = self.option("certificate_path")
        content = read_file("certificate_path", path)
        password = self.option("certificate_password").encode() or None
        if b"-----BEGIN" in content:
            key, certificates = _from_pem(path, content, password)
        else:
            key, certificates = _from_pfx(path, content, password)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise OptionError("certificate_path", f"{path} holds a key that is not RSA, and Entra ID accepts only RSA")
        certificate = _leaf(path, key, certificates)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        thumbprint = self._thumbprint(path, certificate)
        if certificate is None:
            return Material(pem, None, thumbprint)
        chain, end = _pem(_chain(certificate, certificates)), utc_of(certificate, "not_valid_after")
        return Material(pem, _pem([certificate]), thumbprint, chain, end)

    def _thumbprint(self, path: str, certificate: Any) -> str:
        given = re.sub(r"[\s:]", "", self.option("certificate_thumbprint")).upper()
        if given and not re.fullmatch(r"[0-9A-F]{40}", given):
            raise OptionError(
                "certificate_thumbprint", "must be a SHA-1 thumbprint: 40 hexadecimal digits, as the portal shows"
            )
        if certificate is None:
            if not given:
                raise OptionError(
                    "certificate_thumbprint",
                    f"is required, because {path} contains a private key without its certificate; give it, or add the "
                    "certificate to the file",
                )
            if self.options.get("certificate_subject_name_issuer"):
                raise OptionError(
                    "certificate_subject_name_issuer", f"needs the certificate itself, which is not in {path}"
                )
            return given
        actual = sha1_of(certificate)
        if given and given != actual:
            raise OptionError(
                "certificate_thumbprint",
                f"{given} is not the thumbprint of the certificate in {path}, which is {actual}",
            )
        return actual


def _from_pem(path: str, content: bytes, password: bytes | None) -> tuple[Any, list[Any]]:
    block = _KEY_BLOCK.search(content)
    if block is None:
        raise OptionError(
            "certificate_path", f"{path} contains no private key; the certificate alone is not enough to log in"
        )
    encrypted = b"ENCRYPTED" in block.group(0)
    if encrypted and not password:
        raise OptionError("certificate_password", f"is required, because the private key in {path} is encrypted")
    try:
        key = serialization.load_pem_private_key(block.group(0), password if encrypted else None)
    except (ValueError, TypeError):
        if encrypted:
            raise OptionError("certificate_password", f"does not open the private key in {path}") from None
        raise OptionError("certificate_path", f"{path} contains a private key that cannot be read") from None
    try:
        certificates = [x509.load_pem_x509_certificate(found) for found in _CERTIFICATE_BLOCK.findall(content)]
    except ValueError:
        raise OptionError("certificate_path", f"{path} contains a certificate that cannot be read") from None
    return key, certificates


def _chain(leaf: Any, certificates: list[Any]) -> list[Any]:
    """The leaf and its issuers, each after what it has issued, as far as the file has them."""
    chain = [leaf]
    while True:
        above = [one for one in certificates if one not in chain and _issued(one, chain[-1])]
        if not above:
            return chain
        chain.append(above[0])


def _issued(issuer: Any, certificate: Any) -> bool:
    if issuer.subject != certificate.issuer:
        return False
    check = getattr(certificate, "verify_directly_issued_by", None)
    if check is None:
        return True
    try:
        check(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pem(certificates: list[Any]) -> str:
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def _binary(content: bytes) -> bytes:
    """A PFX as it is, also when it is written as base64 text, as Azure Key Vault hands it out."""
    if not _BASE64.fullmatch(content):
        return content
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except ValueError:
        return content


def _from_pfx(path: str, content: bytes, password: bytes | None) -> tuple[Any, list[Any]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(_binary(content), password)
    except (ValueError, TypeError):
        if password:
            raise OptionError(
                "certificate_password", f"does not open {path}, or the file is neither PFX (PKCS #12) nor PEM"
            ) from None
        raise OptionError(
            "certificate_path",
            f"{path} is neither PEM nor a PFX (PKCS #12) file that opens without certificate_password",
        ) from None
    if key is None or certificate is None:
        raise OptionError("certificate_path", f"{path} must hold both the certificate and its private key")
    return key, [certificate, *others]


def _leaf(path: str, key: Any, certificates: list[Any]) -> Any:
    """The certificate of the key; None when there is no certificate at all."""
    if not certificates:
        return None
    mine = key.public_key()
    leaf = next((each for each in certificates if each.public_key() == mine), None)
    if leaf is None:
        raise OptionError("certificate_path", f"{path} contains a certificate that does not belong to its private key")
    ends = utc_of(leaf, "not_valid_after")
    if ends < datetime.now(timezone.utc):
        raise OptionError("certificate_path", f"the certificate in {path} expired on {ends:%Y-%m-%d}; give a valid one")
    return leaf


def _msal_version() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", getattr(_msal.msal, "__version__", "0"))[:2])
