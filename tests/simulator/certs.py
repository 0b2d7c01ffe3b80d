# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS certificates and the key that signs tokens."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.asymmetric import rsa

BUILT_IN_NAMES = ("localhost", "127.0.0.1", "::1")


def issue(names: tuple[str, ...], folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for the names and the file with the certificate authority that vouches for it."""
    authority = trustme.CA(organization_name="Simulator", organization_unit_name="fleetops.usersync")
    certificate = authority.issue_cert(*dict.fromkeys((*BUILT_IN_NAMES, *names)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


@lru_cache(maxsize=1)
def signing_key() -> rsa.RSAPrivateKey:
    """One key per process: making it takes longer than starting the rest."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
