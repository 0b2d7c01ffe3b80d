# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make mutants``: errors are put into the code one at a time, by Cosmic Ray, and a test has to notice each.

``MUTANTS="--sample 200 --minutes 60"`` tries a random sample of all mutants, as far as the time goes; the session lies
in ``build/mutants`` and the next call goes on with it, ``--fresh`` begins another one. Who is asked about a mutant are
the tests that ran through its line, as ``make coverage`` found (``build/coverage.data``); a line that no test runs
through has survived. Those that survive are printed; more of them than 5 % fail. What is equivalent is counted among
them, and listed with its reason in ``tests/equivalent.json``.
"""

from __future__ import annotations

import argparse
import ast
import functools
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import bootstrap
import measured
import tree

FOLDER = tree.BUILD / "mutants"
EQUIVALENT = tree.ROOT / "tests" / "equivalent.json"
UTILS = "plugins/module_utils"
WHERE = [f"{UTILS}/{name}" for name in ("_workflow", "_audit", "_entra", "_usersync", "_http.py")]
MOST = 5.0
LIMIT = 240  # seconds for the tests of one mutant
# With annotations as text these change nothing that runs
TEXT_ONLY = re.compile(r"core/ReplaceBinaryOperator_BitOr_")


def copy() -> Path:
    """The folder with the collection's files that are changed."""
    return FOLDER / tree.COLLECTION


def before() -> Path:
    """The same files as they were when the session began; the working copy may have gone on since."""
    return FOLDER / "before"


def begin(programs: Path, sample: int, seed: int) -> None:
    """A new session: every mutant that can be made, of which a random sample stays."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    tree.fill(copy())
    tree.fill(before())
    settings = FOLDER / "cosmic-ray.toml"
    command = f"{measured.python()} {Path(__file__).resolve()} --ask"
    paths = json.dumps([str(copy() / name) for name in WHERE])
    settings.write_text(
        f"[cosmic-ray]\nmodule-path = {paths}\ntimeout = {LIMIT}.0\nexcluded-modules = []\n"
        f'test-command = {json.dumps(command)}\n\n[cosmic-ray.distributor]\nname = "local"\n',
        encoding="utf-8",
    )
    subprocess.run([programs / "cosmic-ray", "init", str(settings), str(session())], check=True)
    with sqlite3.connect(session()) as store:
        rows = store.execute("select job_id, module_path, operator_name, start_pos_row from mutation_specs").fetchall()
        kept = [row for row in rows if not (TEXT_ONLY.match(row[2]) and row[3] in annotated(Path(row[1])))]
        chosen = set(random.Random(seed).sample([row[0] for row in sorted(kept)], min(sample, len(kept))))
        dropped = [(row[0],) for row in rows if row[0] not in chosen]
        for table in ("mutation_specs", "work_items"):
            store.executemany(f"delete from {table} where job_id = ?", dropped)
    note = {"all": len(rows), "without annotations": len(kept), "sample": len(chosen), "seed": seed}
    (FOLDER / "sample.json").write_text(json.dumps(note), encoding="utf-8")


@functools.cache
def annotated(path: Path) -> set[int]:
    """Lines of a file that hold an annotation."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for note in (one for one in notes if one is not None):
            lines.update(range(note.lineno, (note.end_lineno or note.lineno) + 1))
    return lines


def session() -> Path:
    """The session's file."""
    return FOLDER / "session.sqlite"


def tests_of(path: str, lines: set[int]) -> list[str]:
    """Files of the unit tests that ran through one of these lines of ``plugins/...``, quickest folders first.

    A line that runs when the file is imported belongs to all tests that ran through the file.
    """
    from coverage import CoverageData

    data = CoverageData(basename=str(measured.DATA))
    data.read()
    known = next((name for name in data.measured_files() if name.endswith(f"/{path}")), None)
    if known is None:
        return []
    contexts = data.contexts_by_lineno(known)
    in_functions = any(name for line in lines for name in contexts.get(line, []))
    asked = lines if in_functions else set(contexts)
    words = {word for line in asked for name in contexts.get(line, []) for word in name.split(".")}
    found = [one for one in (copy() / "tests" / "unit").rglob("test_*.py") if one.stem in words]
    return sorted((str(one.relative_to(copy())) for one in found), key=lambda name: ("/modules/" in name, name))


def changed() -> tuple[str, set[int]]:
    """The file that is mutated now, relative to the collection, and the lines that differ."""
    for where in WHERE:
        folder = copy() / where
        for path in [folder] if folder.suffix else sorted(folder.rglob("*.py")):
            name = str(path.relative_to(copy()))
            was = (before() / name).read_text(encoding="utf-8").splitlines()
            now = path.read_text(encoding="utf-8").splitlines()
            if was != now:
                pairs = zip(was, [*now, *[""] * len(was)], strict=False)
                return name, {number for number, (old, new) in enumerate(pairs, 1) if old != new}
    return "", set()


def ask() -> int:
    """The test command of the session: 0 where no test notices the mutant."""
    name, lines = changed()
    if not name:
        return 0
    wanted = tests_of(name, lines)
    if not wanted:
        return 0
    collections = str(copy().parents[2])
    env = {**tree.clean_env(Path(sys.executable).parent, Path(collections)), "PYTHONPATH": collections}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *wanted]
    done = subprocess.run(
        command, cwd=copy(), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return done.returncode


def told() -> int:
    """Print what came of it; 1 where too many survive."""
    note = json.loads((FOLDER / "sample.json").read_text(encoding="utf-8"))
    reasons = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    with sqlite3.connect(session()) as store:
        left = store.execute("select count(*) from work_items").fetchone()[0]
        rows = store.execute(
            "select s.module_path, s.start_pos_row, s.operator_name, r.test_outcome, r.worker_outcome, r.diff "
            "from work_results r join mutation_specs s on s.job_id = r.job_id"
        ).fetchall()
    alive = [row for row in rows if row[3] == "SURVIVED"]
    for path, line, operator, _test, _worker, diff in alive:
        name = str(Path(path).relative_to(copy()))
        print(f"\n{name}:{line} {operator}")
        print("\n".join(text for text in diff.splitlines()[3:] if text[:1] in "+-"))
        key = "\n".join(text[1:].strip() for text in diff.splitlines()[3:] if text[:1] == "+")
        print(f"equivalent: {reasons[name][key]}" if key in reasons.get(name, {}) else "no test notices it")
    share = 100 * len(alive) / len(rows) if rows else 100.0
    drawn = f"{note['sample']} of {note['without annotations']} mutants drawn (seed {note['seed']})"
    print(f"\n{drawn}, {len(rows)} of {left} tried")
    print(f"{len(alive)} survived, {share:.1f} %, where {MOST:.0f} % may")
    return 0 if share <= MOST else 1


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--fresh", action="store_true", help="begin again, with another sample")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        return ask()
    if not measured.DATA.exists():
        sys.exit("usersync: build/coverage.data is missing; run make coverage first")
    programs = Path(bootstrap.ensure(str(tree.scratch() / "venv-mutants"), "mutants")).parent
    if options.fresh or not session().exists():
        begin(programs, options.sample, options.seed)
    started = time.monotonic()
    command = [str(programs / "cosmic-ray"), "exec", str(FOLDER / "cosmic-ray.toml"), str(session())]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, env=env, cwd=FOLDER) as child:
        try:
            child.wait(options.minutes * 60)
        except subprocess.TimeoutExpired:
            child.terminate()
    # one that was cut off may have left its error in the copy
    shutil.copytree(before(), copy(), dirs_exist_ok=True)
    print(f"{(time.monotonic() - started) / 60:.0f} min")
    return told()


if __name__ == "__main__":
    sys.exit(main())
