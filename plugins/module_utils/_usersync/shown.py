# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What may be shown of a foreign configuration: the settings that have an option. Of all else type and length only.

A name tells nothing certain: a secret may be called C(pin), be a number, look like a GUID, or stand within an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import paths
from .connector import Connector
from .leaves import LEAVES
from .paths import MISSING, Path

# A configuration in which something is hidden so cannot be given back to a host
HIDDEN = re.compile(r"\(not shown: [a-z ]+[0-9]*[a-z ]*(, differs)?\)")


def hidden(value: Any, differs: bool = False) -> str:
    """What a value is, and how long, without anything of it."""
    if value is MISSING:
        kind = "nothing"
    elif isinstance(value, str):
        kind = f"text of {len(value)} characters"
    elif isinstance(value, list):
        kind = f"list of {len(value)}"
    elif isinstance(value, dict):
        kind = f"object of {len(value)} members"
    else:
        kind = "null" if value is None else "boolean" if isinstance(value, bool) else "number"
    return f"(not shown: {kind}{', differs' if differs else ''})"


def settings(given: Any) -> Any:
    """The option C(settings), each member of which is one that has no option of its own."""
    return (
        {paths.fit_name(str(text)): hidden(value) for text, value in given.items()}
        if isinstance(given, dict)
        else hidden(given)
    )


def template(given: Any) -> Any:
    """The option C(template): the name of a file is shown, a document is not."""
    if isinstance(given, str) and not given.lstrip().startswith(("{", "[")):
        return given
    return hidden(given)


# Of definitions: options that may hold a secret anywhere inside, and what may be shown of them
HIDES = {"settings": settings, "template": template}


def configuration(connector: Connector) -> dict[str, Any]:
    """The configuration with every member hidden that is not known."""
    known = {path for path, _value in known_settings(connector)}

    def walk(value: Any, path: Path) -> Any:
        if path in known:
            return value
        if isinstance(value, dict) and len(path) < paths.DEEPEST:
            return {paths.fit_name(str(name)): walk(inner, (*path, str(name))) for name, inner in value.items()}
        return hidden(value)

    shown: dict[str, Any] = walk(connector.configuration, ())
    return shown


def known_settings(connector: Connector) -> Iterator[tuple[Path, Any]]:
    """The settings that have an option, the secret apart, where their values are what the option takes."""
    for name, leaf in LEAVES.items():
        path = connector.keys.find(name)
        value = MISSING if path is None else paths.get(connector.configuration, path)
        if name != "application_secret" and path is not None and value is not MISSING and leaf.fits(value):
            yield path, value


def is_hidden(document: Any) -> bool:
    """Whether something in a document was hidden by this module."""
    if isinstance(document, dict):
        return any(is_hidden(value) for value in document.values())
    if isinstance(document, list):
        return any(is_hidden(value) for value in document)
    return isinstance(document, str) and bool(HIDDEN.fullmatch(document))
