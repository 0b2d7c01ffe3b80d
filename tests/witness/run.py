# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make witness``: the clients of Azure against the simulated tenant, under Microsoft's own names."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environments  # noqa: E402
import namespace  # noqa: E402
import tree  # noqa: E402


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="witness", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the recordings anew")
    parser.add_argument("--relock", action="store_true", help="write the pins anew from what is installed")
    options, words = parser.parse_known_args()
    started = time.monotonic()
    reason = namespace.refusal()
    if reason:
        sys.exit(f"usersync: {reason}")
    for client in environments.CLIENTS:
        if options.relock:
            environments.relock(client)
        environments.ensure(client)
        print(f"{client.name}: {client.told()}", flush=True)
    with tree.collection_tree() as copy, tempfile.TemporaryDirectory(prefix="witness-") as folder:
        env = {
            **tree.clean_env(Path(sys.executable).parent, copy.parents[2]),
            "PYTHONPATH": str(copy.parents[2]),
            "WITNESS_HOME": str(environments.home()),
            "WITNESS_RECORDINGS": str(HERE / "recordings"),
            "WITNESS_RECORD": "1" if options.record else "",
        }
        enter = [*namespace.unshare(), sys.executable, str(HERE / "namespace.py"), folder]
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5", "tests/witness"]
        whole = [*enter, *pytest, *words]
        code = subprocess.run(whole, check=False, cwd=copy, env=env, stdin=subprocess.DEVNULL).returncode
    print(f"the witnesses took {time.monotonic() - started:.0f} s", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
