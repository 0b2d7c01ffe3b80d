# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._files import Access, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_read_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_private("path", str(tmp_path / "key.pem"), "one")
    finally:
        os.umask(before)
    assert mode(tmp_path / "key.pem") == 0o600
    assert (tmp_path / "key.pem").read_text() == "one"


def test_an_open_file_is_replaced_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("before")
    path.chmod(0o644)
    write_private("path", str(path), "after")
    assert path.read_text() == "after" and mode(path) == 0o600
    assert os.listdir(tmp_path) == ["key.pem"]


def test_a_write_that_breaks_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    path.write_text("before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OptionError, match="No space left"):
        write_private("path", str(path), "after")
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["key.pem"]


def test_never_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("foreign")
    (tmp_path / "key.pem").symlink_to(target)
    with pytest.raises(OptionError, match=r"path: .*is a symbolic link; name the file itself"):
        write_private("path", str(tmp_path / "key.pem"), "secret")
    assert target.read_text() == "foreign"


def test_a_folder_of_everybody_is_refused(tmp_path: Path) -> None:
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    open_folder.chmod(0o777)
    with pytest.raises(OptionError, match="is writable by everybody"):
        write_private("path", str(open_folder / "key.pem"), "secret")
    assert os.listdir(open_folder) == []


@pytest.mark.parametrize(("name", "words"), [("missing/key.pem", "does not exist"), (".", "is a folder")])
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(OptionError, match=rf"path: .*{words}"):
        write_private("path", str(tmp_path / "sub" / name), "secret")


def test_a_group_may_read_it_and_an_owner_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr("shutil.chown", lambda path, **whom: given.append((Path(path).read_text(), whom)))
    access = Access.named("backup_", "0640", "usersync", "1234")
    write_private("backup_dir", str(tmp_path / "kept"), "secret", access=access, prefix="backup_")
    assert mode(tmp_path / "kept") == 0o640
    assert given == [("", {"user": "usersync"}), ("", {"group": 1234})], "before anything is in it"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("384", "384 is no mode; write it in quotes"),
        ("rw", "rw is no mode"),
        ("0644", "0644 is not for such a file"),
        ("0660", "0660 is not for such a file"),
        ("0700", "0700 is not for such a file"),
        ("0440", "0440 is not for such a file"),
    ],
)
def test_a_mode_that_lets_others_in_is_refused(told: str, sentence: str) -> None:
    with pytest.raises(OptionError, match=f"^backup_mode: {sentence}"):
        Access.named("backup_", told, None, None)


def test_an_owner_that_is_not_here(tmp_path: Path) -> None:
    for name, sentence in (("owner", "owner"), ("group", "group")):
        access = Access(**{name: "nobody-of-that-name"})
        with pytest.raises(OptionError, match=f"^backup_{name}: nobody-of-that-name is no {sentence} of this machine"):
            write_private("backup_dir", str(tmp_path / "kept"), "secret", access=access, prefix="backup_")
    assert os.listdir(tmp_path) == []
