# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Files that only their owner may read: written whole or not at all, never through a link that somebody has laid."""

from __future__ import annotations

import os
import stat
import tempfile

from ._errors import OptionError


def write_private(option: str, path: str, text: str, own_folder: bool = False) -> None:
    """Put the text into a file of mode 0600; one that is there already is replaced in one step.

    :param option: that names the file, for the sentence
    :param own_folder: the folder is made where it is missing, and must be a real one into which not everybody may write
    :raises OptionError: the folder is missing, open to everybody or not writable, or the path is a link or a folder
    """
    path = os.path.abspath(os.path.expanduser(path))
    folder = os.path.dirname(path)
    if own_folder:
        _own(option, folder)
    _check(option, path, folder)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
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


def _own(option: str, folder: str) -> None:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        told = os.lstat(folder)
    except OSError as exc:
        raise OptionError(option, f"{folder} cannot be made ({exc.strerror})") from None
    if stat.S_ISLNK(told.st_mode):
        raise OptionError(option, f"{folder} is a symbolic link; name the folder itself")
    if told.st_mode & stat.S_IWOTH:
        raise OptionError(option, f"everybody may write into {folder}; name a folder that belongs to its owner alone")


def _check(option: str, path: str, folder: str) -> None:
    if not os.path.isdir(folder):
        raise OptionError(option, f"the folder {folder} does not exist; create it, for its owner only")
    told = os.stat(folder)
    if told.st_mode & stat.S_IWOTH and not told.st_mode & stat.S_ISVTX:
        raise OptionError(option, f"everybody may write into {folder}; name a folder that belongs to its owner alone")
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
