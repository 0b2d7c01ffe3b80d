# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m simulator``: run until SIGTERM or SIGINT; one JSON document on stdout says where everything is, and
standard error what to try next.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from .commandline import advice, arguments
from .server import Servers


async def run(folder: Path, options: dict[str, Any]) -> None:
    servers = Servers(folder, **options)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await servers.start()
        description = servers.control.describe()
        print(json.dumps(description), flush=True)
        print(advice(folder, description), file=sys.stderr, flush=True)
        await stop.wait()
    finally:
        await servers.stop()


def main(argv: list[str] | None = None) -> int:
    options = vars(arguments(argv))
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="simulator: %(levelname)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    state_dir = options.pop("state_dir")
    options.update(options.pop("like"))
    with tempfile.TemporaryDirectory(prefix="simulator-") as temporary:
        folder = Path(state_dir or temporary).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            asyncio.run(run(folder, options))
        except OSError as error:
            sys.exit(f"simulator: the address cannot be listened at: {error.strerror or error}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
