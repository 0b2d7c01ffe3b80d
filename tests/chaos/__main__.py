# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m chaos``: try the points, keep the figures in ``build/chaos.json``. See the package for how to read them.

Ends with 0 when every point survived, 1 when one did not, 3 when the time was over before all were tried.
"""

from __future__ import annotations

import argparse
import fnmatch
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import tree

from . import plan
from .figures import Figures
from .fleet import Tools
from .runner import Runner


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a few points of each part, for make test")
    parser.add_argument("--only", default="*", help="names of points, with wildcards: 'kill/forced/*'")
    parser.add_argument("--resume", action="store_true", help="try only what has not survived yet, as the figures say")
    parser.add_argument("--minutes", type=float, default=90, help="begin no further point after this time")
    parser.add_argument("--jobs", type=int, default=3, help="points side by side; they wait more than they compute")
    parser.add_argument("--pairs", type=int, default=20, help="random pairs of faults")
    parser.add_argument("--out", type=Path, help="the figures (default: build/chaos.json or build/chaos-short.json)")
    parser.add_argument("--keep", type=Path, help="folder for what the runs of failed points left")
    parser.add_argument("--list", action="store_true", help="only name the points")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    logging.getLogger("simulator").setLevel(logging.ERROR)  # a caller that is gone is no news here
    scratch = Path(tempfile.mkdtemp(prefix="usersync-chaos-", dir=tree.plain_temp()))
    try:
        with tree.collection_tree() as collection:
            programs = Path(sys.executable).parent
            tools = Tools(programs, collection.parents[2], scratch, tree.clean_env(programs, home=scratch / "home"))
            form, name = ("short", "chaos-short.json") if options.short else ("whole", "chaos.json")
            figures = Figures(options.out or tree.BUILD / name, form, resume=options.resume)
            with Runner(tools, options.jobs, options.minutes, figures, options.keep) as runner:
                points = plan.short(tree.BUILD) if options.short else plan.whole(runner, options.pairs, tree.BUILD)
                points = [point for point in points if fnmatch.fnmatch(point.name, options.only)]
                if options.list:
                    print("\n".join(point.name for point in points))
                    return 0
                runner.run([point for point in points if not figures.survived(point.name)])
            return figures.close(len(points))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
