# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Files that only their owner may read: written whole or not at all, never through a link that somebody has laid."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass

from ._errors import OptionError


@dataclass(frozen=True)
class Access:
    """Who may read a file. Without owner and group it belongs to who runs the task."""

    mode: int = 0o600
    owner: str | None = None
    group: str | None = None

    @classmethod
    def named(cls, prefix: str, mode: str, owner: str | None, group: str | None) -> Access:
        """Of three options that begin with ``prefix``.

        :raises OptionError: the mode is none, shuts its owner out, or lets everybody in
        """
        told = f"{mode} is no mode; write it in quotes, such as '0600' or '0640'"
        if not re.fullmatch(r"0?[0-7]{3}", mode):
            raise OptionError(f"{prefix}mode", told)
        bits = int(mode, 8)
        if bits & 0o600 != 0o600 or bits & 0o137:
            raise OptionError(f"{prefix}mode", f"{mode} is not for such a file; take '0600', or '0640' for a group")
        return cls(bits, owner, group)


def write_private(
    option: str, path: str, text: str, own_folder: bool = False, access: Access | None = None, prefix: str = ""
) -> None:
    """Put the text into a file of mode 0600 or that of ``access``; one that is there is replaced in one step.

    :param option: that names the file, for the sentence
    :param own_folder: the folder is made where it is missing, and must be a real one into which not everybody may write
    :param prefix: of the options that named owner and group, for the sentence
    :raises OptionError: the folder is missing, open to everybody or not writable, the path is a link or a folder, or
        the file cannot be given to that owner or group
    """
    access = access or Access()
    path = os.path.abspath(os.path.expanduser(path))
    folder = os.path.dirname(path)
    if own_folder:
        _own(option, folder)
    _check(option, path, folder)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                _give(temporary, access, prefix)
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _flush_folder(folder)
    except OSError as exc:
        raise OptionError(option, f"{path} cannot be written ({exc.strerror})") from None


def _give(path: str, access: Access, prefix: str) -> None:
    """Before anything is in it, so that nobody else ever held it open."""
    for name, kind in ((access.owner, "owner"), (access.group, "group")):
        if name is None:
            continue
        try:
            shutil.chown(path, **{"user" if kind == "owner" else "group": int(name) if name.isdigit() else name})
        except LookupError:
            raise OptionError(f"{prefix}{kind}", f"{name} is no {kind} of this machine") from None
        except OSError as exc:
            raise OptionError(f"{prefix}{kind}", f"a file cannot be given to {name} ({exc.strerror})") from None
    os.chmod(path, access.mode)


def _own(option: str, folder: str) -> None:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        told = os.lstat(folder)
    except OSError as exc:
        raise OptionError(option, f"{folder} cannot be created ({exc.strerror})") from None
    if stat.S_ISLNK(told.st_mode):
        raise OptionError(option, f"{folder} is a symbolic link; name the folder itself")
    if told.st_mode & stat.S_IWOTH:
        raise OptionError(option, f"{folder} is writable by everybody; name a folder that only its owner may write to")


def _check(option: str, path: str, folder: str) -> None:
    if not os.path.isdir(folder):
        raise OptionError(option, f"the folder {folder} does not exist; create it so that only its owner may use it")
    told = os.stat(folder)
    if told.st_mode & stat.S_IWOTH and not told.st_mode & stat.S_ISVTX:
        raise OptionError(option, f"{folder} is writable by everybody; name a folder that only its owner may write to")
    if os.path.islink(path):
        raise OptionError(option, f"{path} is a symbolic link; name the file itself")
    if os.path.isdir(path):
        raise OptionError(option, f"{path} is a folder; name a file")


def _flush_folder(folder: str) -> None:
    """The new name survives a power cut only when the folder itself is flushed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
