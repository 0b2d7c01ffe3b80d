# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private mount and network namespaces in which Microsoft's names lead to this machine.

As a program (``namespace.py FOLDER COMMAND...``) it runs inside them: starts the loopback, puts the names into
``/etc/hosts`` for this process and its children alone, and becomes the command.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

NAMES = ("graph.microsoft.com", "login.microsoftonline.com", "management.azure.com", "management.core.windows.net")
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40


def unshare() -> list[str]:
    """The start of a command that enters the namespaces; who is not root maps itself to root in them."""
    alone = ["unshare", "--net", "--mount"]
    return alone if os.geteuid() == 0 else [alone[0], "--map-root-user", *alone[1:]]


def refusal() -> str | None:
    """Why this machine does not let the witnesses in, as one sentence; None if it does."""
    try:
        done = subprocess.run([*unshare(), "true"], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "the witnesses need the program unshare (Debian package util-linux) for their private namespaces"
    if done.returncode == 0:
        return None
    reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    return f"this machine allows no private mount and network namespaces, which the witnesses need ({reason})"


def inside() -> bool:
    """Whether Microsoft's names lead to this machine."""
    try:
        return socket.gethostbyname(NAMES[0]) == "127.0.0.1"
    except OSError:
        return False


def main(folder: Path, command: list[str]) -> None:
    """Prepare the namespaces and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP | IFF_RUNNING))
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(NAMES)}\n", encoding="utf-8")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
    if not inside():
        sys.exit(f"usersync: {NAMES[0]} does not lead to this machine although /etc/hosts says so")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
