# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds secrets in whatever files a run left, however they are written there."""

from __future__ import annotations

import base64
import html
import json
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 8


class TooShort(ValueError):
    """A secret is so short that it would be found by chance."""


def forms(secret: str) -> dict[str, bytes]:
    """How a secret may be written: name of the form -> bytes to look for."""
    if len(secret) < SHORTEST:
        raise TooShort(f"a secret of {len(secret)} characters cannot be looked for")
    raw = secret.encode()
    as_json = json.dumps(secret)[1:-1]
    found = {
        "plain": raw,
        "JSON": as_json.encode(),
        "JSON in JSON": json.dumps(as_json)[1:-1].encode(),
        "JSON with HTML's signs as code": "".join(_code(sign) for sign in as_json).encode(),
        "YAML": secret.replace("'", "''").encode(),
        "shell": shlex.quote(secret).strip("'").encode(),
        "repr": repr(secret)[1:-1].encode(),
        "HTML": html.escape(secret).encode(),
        "URL": quote(secret, safe="").encode(),
        "URL, slashes kept": quote(secret).encode(),
        "form": quote_plus(secret).encode(),
        "UTF-16": secret.encode("utf-16-le"),
        "hex": raw.hex().encode(),
    }
    for shift in range(3):
        # Within a longer text the first and the last sign of base64 depend on the neighbours
        cut = base64.b64encode(b"\0" * shift + raw)
        end = len(cut) - 4 if (shift + len(raw)) % 3 else len(cut)
        core = cut[4 if shift else 0 : end]
        found[f"base64 at {shift}"] = core
        found[f"base64 for URLs at {shift}"] = core.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def _code(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if sign in "<>&'+" else sign


@dataclass
class Searched:
    """What was looked at and what was found: (file, kind of secret, form)."""

    files: int = 0
    size: int = 0
    secrets: set[str] = field(default_factory=set)
    found: list[tuple[str, str, str]] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """One per finding, without the secret."""
        return [f"a {kind} stands in {place} as {form}" for place, kind, form in self.found]


def search(places: Iterable[Path], secrets: Mapping[str, str], leave_out: Iterable[Path] = ()) -> Searched:
    """Look for each secret (value -> kind) in all files below the places, their names included."""
    result = Searched(secrets=set(secrets))
    needles = [
        (kind, form, needle) for secret, kind in secrets.items() for form, needle in _distinct(forms(secret)).items()
    ]
    out = [path.resolve() for path in leave_out]
    for path in files(places):
        if any(path.resolve().is_relative_to(other) for other in out):
            continue
        content = str(path).encode(errors="replace") + b"\n" + path.read_bytes()
        result.files += 1
        result.size += len(content)
        for kind, form, needle in needles:
            if needle in content:
                result.found.append((path.name, kind, form))
    return result


def files(places: Iterable[Path]) -> list[Path]:
    """All regular files below the places, links not followed."""
    found: list[Path] = []
    for place in places:
        if place.is_file():
            found.append(place)
        for folder, _folders, names in os.walk(place):
            found += [Path(folder, name) for name in names if Path(folder, name).is_file()]
    return sorted(set(found))


def _distinct(known: dict[str, bytes]) -> dict[str, bytes]:
    """Each byte string once, under its first name."""
    first: dict[bytes, str] = {}
    for name, needle in known.items():
        first.setdefault(needle, name)
    return {name: needle for needle, name in first.items()}
