# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m simulator``: run until SIGTERM or SIGINT; one JSON document on stdout says where everything is."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from .hosts import NEWEST, PLATFORMS, VERSIONS
from .server import Servers


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--hosts", type=int, default=6, help="number of Atlassian hosts")
    parser.add_argument("--port", type=int, default=0, help="TLS port of everything but the control (0: any)")
    parser.add_argument("--control-port", type=int, default=0, help="port of the control address (0: any)")
    parser.add_argument("--names", default="", help="further host names of the certificate, by comma")
    parser.add_argument("--address", default="localhost", help="the host name in all addresses that are told")
    parser.add_argument("--listen", default="127.0.0.1", help="address that the TLS port listens at")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same ids and secrets")
    parser.add_argument("--users", type=int, default=25, help="number of users in the tenant")
    parser.add_argument("--page-size", type=int, default=100, help="size of Graph's pages")
    parser.add_argument("--generation", choices=[*VERSIONS, *NEWEST], default="2.x", help="User Sync on all hosts")
    parser.add_argument("--generations", default="", help="other generations of single hosts: jira02=1.9,bamboo01=1.4")
    parser.add_argument("--platform", choices=list(PLATFORMS), default="jira10", help="versions of the products")
    parser.add_argument("--platforms", default="", help="other platforms of single hosts: jira02=jira11,jira03=jira12")
    parser.add_argument("--host-options", default="{}", help="JSON: options per host name, or * for all")
    parser.add_argument("--state-dir", default=None, help="folder for the certificate and the inventory")
    return parser.parse_args(argv)


def pairs(text: str) -> dict[str, str]:
    """``a=b,c=d`` as a dictionary."""
    return dict(pair.split("=", 1) for pair in text.split(",") if pair)


async def run(folder: Path, options: dict[str, Any]) -> None:
    servers = Servers(folder, **options)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await servers.start()
        print(json.dumps(servers.control.describe()), flush=True)
        await stop.wait()
    finally:
        await servers.stop()


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="simulator: %(levelname)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    options = {
        "hosts": args.hosts,
        "port": args.port,
        "control_port": args.control_port,
        "listen": args.listen,
        "names": tuple(name for name in args.names.split(",") if name),
        "address": args.address,
        "seed": args.seed,
        "users": args.users,
        "page_size": args.page_size,
        "generation": args.generation,
        "generations": pairs(args.generations),
        "platform": args.platform,
        "platforms": pairs(args.platforms),
        "host_options": json.loads(args.host_options),
    }
    with tempfile.TemporaryDirectory(prefix="simulator-") as temporary:
        folder = Path(args.state_dir or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(run(folder, options))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
