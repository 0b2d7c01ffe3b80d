# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Between the options' words and the values that a host uses for them.

Spellings are not documented, so a new value is spelt as the value that stands there now.
"""

from __future__ import annotations

import re
from typing import Any

from .. import _errors as errors
from .leaves import plain
from .paths import MISSING, Path, show

CLIENT_CREDENTIALS, AUTHORIZATION_CODE = "client_credentials", "authorization_code"
CLEANUP_VERBS = {"disable": "disable", "delete": "delete", "anonymize": "anonymi[sz]e", "keep": "keep"}
GROUP_TYPES = ("security", "mail_enabled_security", "office365_security_enabled", "office365", "distribution")


def read(leaf: str, path: Path, value: Any) -> Any:
    """The value in the words of the options; a value that is not understood comes back as it is."""
    if value is MISSING:
        return None
    if leaf == "flow":
        return read_flow(path, value)
    if leaf == "cleanup_behavior":
        return _verb(value) or value
    if leaf == "group_types":
        return _read_group_types(value)
    if leaf == "directory_id" and value is not None:
        return str(value)
    return value


def same(leaf: str, path: Path, value: Any, wanted: Any) -> bool:
    """Whether the value already means what the option wants."""
    if value is MISSING:
        return False
    if leaf == "required_groups":
        return sorted(value or []) == sorted(wanted) if isinstance(value, (list, type(None))) else False
    if leaf == "group_types":
        return bool(_read_group_types(value) == sorted(wanted))
    if leaf in ("application_id", "tenant_id"):
        return isinstance(value, str) and value.lower() == str(wanted).lower()
    if leaf == "cleanup_behavior" and wanted in CLEANUP_VERBS:
        return _verb(value) == str(wanted)
    if leaf == "schedule_cron" and isinstance(value, str):
        return value.split() == str(wanted).split()
    if leaf == "flow":
        return read_flow(path, value) == str(wanted)
    if wanted == "":
        return value in (None, "")
    return type(value) is type(wanted) and bool(value == wanted)


def write(leaf: str, path: Path, value: Any, wanted: Any) -> Any:
    """The value to write for the option, spelt as the present one; :raises OptionError: its spelling is not known"""
    if leaf == "flow":
        return _write_flow(path, value, wanted)
    if leaf == "cleanup_behavior" and wanted in CLEANUP_VERBS:
        return _write_cleanup(path, value, wanted)
    if leaf == "group_types":
        return _write_group_types(path, value, wanted)
    return wanted


def read_flow(path: Path, value: Any) -> str | None:
    """The flow that the value means, None when it is not understood."""
    name = plain(path[-1])
    if isinstance(value, bool):
        if "clientcredential" in name or name.startswith(("new", "usenew")):
            return CLIENT_CREDENTIALS if value else AUTHORIZATION_CODE
        if "authorizationcode" in name or "delegated" in name:
            return AUTHORIZATION_CODE if value else CLIENT_CREDENTIALS
        return None
    text = re.sub(r"[^a-z]", "", value.lower()) if isinstance(value, str) else ""
    if "clientcredential" in text:
        return CLIENT_CREDENTIALS
    return AUTHORIZATION_CODE if re.search(r"auth\w*code|^code$|delegated", text) else None


def _write_flow(path: Path, value: Any, wanted: str) -> Any:
    now = read_flow(path, value)
    if now is None:
        raise errors.OptionError(
            "flow", f"the value at {show(path)} does not show how this host spells the flows; set it under settings"
        )
    if isinstance(value, bool):
        return not value
    words = wanted.split("_")
    if value.isupper():
        words = [word.upper() for word in words]
    for separator in ("_", "-", " "):
        if separator in value:
            return separator.join(words)
    if value.islower() or value.isupper():
        return "".join(words)
    joined = "".join(word.capitalize() for word in words)
    return joined if value[0].isupper() else joined[0].lower() + joined[1:]


def _verb(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return next((verb for verb, sign in CLEANUP_VERBS.items() if re.search(sign, value, re.I)), None)


def _write_cleanup(path: Path, value: Any, wanted: str) -> str:
    now = _verb(value)
    if now is None:
        raise errors.OptionError(
            "cleanup_behavior",
            f"the value at {show(path)} does not show how this host spells the behaviours; give the word as it spells "
            "it",
        )
    # the ending of "Keep Users Without Modification" belongs to keep alone
    bare = re.sub(r"[ _-]?without[ _-]?modifications?", "", value, flags=re.I)
    return re.sub(CLEANUP_VERBS[now], lambda match: _cased(match.group(), wanted), bare, count=1, flags=re.I)


def _cased(pattern: str, word: str) -> str:
    if pattern.isupper():
        return word.upper()
    return word.capitalize() if pattern[0].isupper() else word


def _group_type(name: str) -> str | None:
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    if "distribution" in bare:
        return "distribution"
    if re.search("office365|o365|m365|microsoft365|unified", bare):
        without = re.search("not|non|without|unsecur", bare)
        return "office365_security_enabled" if "security" in bare and not without else "office365"
    if "security" in bare:
        return "mail_enabled_security" if "mail" in bare else "security"
    return None


def _read_group_types(value: Any) -> Any:
    if isinstance(value, dict):
        names = [name for name, on in value.items() if on is True]
    elif isinstance(value, list):
        names = [name for name in value if isinstance(name, str)]
    else:
        return value
    return sorted({_group_type(name) or name for name in names})


def _write_group_types(path: Path, value: Any, wanted: list[str]) -> Any:
    names = list(value) if isinstance(value, (dict, list)) else []
    spelt = {_group_type(str(name)) or str(name): str(name) for name in names}
    unknown = [name for name in wanted if name not in spelt]
    if unknown:
        raise errors.OptionError(
            "group_types",
            f"the value at {show(path)} does not show how this host spells {', '.join(unknown)}; set it under settings",
        )
    if isinstance(value, dict):
        # a kind of group that is none of the five stays as it is
        return {
            name: (_group_type(name) or name) in wanted if _group_type(name) or name in wanted else on
            for name, on in value.items()
        }
    return [spelt[name] for name in wanted]
