# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the rotation model: every instance must hold, every mutant must be refuted. See README.md."""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODEL = HERE / "rotation.pml"
REPORT = HERE.parent.parent / "build" / "model.json"
PACKAGES = {"spin": "spin", "gcc": "gcc libc6-dev"}
RULE1, CLOSED, MENDED, QUIET, ENDS = "rule1", "closed", "mended", "quiet", "ends"
CLAIMS = {
    RULE1: "every host that worked holds a live secret, at every instant",
    CLOSED: "one own credential per holder, held by the host, nothing pending, foreign ones untouched",
    MENDED: "a run that was stopped at its write, and lives, leaves the host working",
    QUIET: "after a clean run the next one would mint nothing",
    ENDS: "no run is ever stuck or endless",
}
RENEWED, TAKEOVER, FRESH, STRANGER = 0, 1, 2, 3
THREE = ("PROJECT", "ONE_GIVES_UP")
STATES = re.compile(r"^\s*(\S+) states, stored", re.M)
DEPTH = re.compile(r"depth reached (\d+)")
MEMORY = re.compile(r"^\s*(\S+)\s+total actual memory usage", re.M)
REFUTED = re.compile(
    r"assertion violated (rule1|closed|mended|quiet)|(invalid end state|non-progress cycle) \(at depth"
)


@dataclasses.dataclass(frozen=True)
class Instance:
    """One run of spin: the parameters of the model, and the claim that it must refute (None: all claims hold).

    ``slow``: checked on demand only (``--slow``).
    """

    name: str
    kinds: tuple[int, ...] = (RENEWED,)
    runs: int = 2
    lag: int = 1
    flags: tuple[str, ...] = ()
    refuted: str | None = None
    slow: bool = False

    def defines(self) -> list[str]:
        """The model's parameters as options of spin."""
        kinds = [*self.kinds, RENEWED, RENEWED]
        values = {"ENTRIES": len(self.kinds), "RUNS": self.runs, "LAG": self.lag, "TAG_LAG": 1}
        values |= {f"KIND{index}": kinds[index] for index in range(3)}
        only = {RULE1: ["CLAIM_CLOSED=skip"], MENDED: ["CLAIM_CLOSED=skip"], CLOSED: ["CLAIM_MENDED=skip"]}
        others = only.get(self.refuted or "", [])
        return [f"-D{name}={value}" for name, value in values.items()] + [
            f"-D{flag}" for flag in [*self.flags, *others]
        ]


TWO = (RENEWED, STRANGER)  # the second fleet's entry is for a host that has a secret
INSTANCES = (
    Instance("3 hosts of each kind", (RENEWED, TAKEOVER, FRESH), flags=THREE, slow=True),
    Instance("3 hosts renewed", (RENEWED,) * 3, flags=THREE, slow=True),
    Instance("3 runs, takeover", (TAKEOVER,), runs=3, slow=True),
    Instance("3 runs, renewed", runs=3),
    Instance("2 hosts renewed, lag 2", (RENEWED,) * 2, lag=2, slow=True),
    Instance("2 hosts renewed", (RENEWED,) * 2),
    Instance("2 hosts taken over", (TAKEOVER,) * 2, slow=True),
    Instance("1 host renewed, lag 2", lag=2),
    Instance("1 host taken over, lag 2", (TAKEOVER,), lag=2),
    Instance("1 fresh host, lag 2", (FRESH,), lag=2),
    Instance("2 fleets, one name, hosts renewed", (RENEWED,) * 2, lag=2, flags=("ONE_NAME",)),
    Instance("2 fleets, one name, taken over, fresh", (TAKEOVER, FRESH), lag=2, flags=("ONE_NAME",)),
    Instance("2 fleets, two names of one host", TWO, lag=2, flags=("ONE_HOST",)),
    Instance("2 fleets, two names of a host taken over", (TAKEOVER, STRANGER), lag=2, flags=("ONE_HOST",)),
    Instance("2 fleets, two names, all sent again", TWO, flags=("ONE_HOST", "SENT_AGAIN")),
    Instance("the address changes", TWO, lag=2, flags=("MOVED",)),
    Instance("the address changes, all sent again", TWO, flags=("MOVED", "SENT_AGAIN")),
    Instance("another host's address as the former one", (RENEWED, TAKEOVER), flags=("TWO_FLEETS", "FORMER")),
    Instance("a clone", TWO, lag=2, flags=("CLONE",)),
    Instance("a delivery is sent again", lag=2, flags=("SENT_AGAIN",)),
    Instance("a stopped process", flags=("STOPPABLE",)),
    Instance("a stopped process, taken over", (TAKEOVER,), flags=("STOPPABLE",), slow=True),
    Instance("a host is restored", flags=("RESTORED",)),
    Instance("a later run confirms", lag=2, flags=("TAKES_UP",)),
    Instance("a later run confirms a takeover", (TAKEOVER,), flags=("TAKES_UP",)),
    Instance("a later run confirms, a host is restored", flags=("TAKES_UP", "RESTORED")),
    Instance("a later run confirms, all sent again", flags=("TAKES_UP", "SENT_AGAIN"), slow=True),
)
MUTANTS = (
    Instance("retire before confirm", flags=("RETIRE_BEFORE_CONFIRM",), refuted=RULE1),
    Instance("retire all others, seen before or not", flags=("RETIRE_ALL_OTHERS",), refuted=RULE1),
    Instance("no wait for young secrets", flags=("NO_WAIT",), refuted=RULE1),
    Instance("no window for deliver", flags=("TOO_LATE=false",), refuted=RULE1),
    Instance("a dead run's deliver counts as ended", flags=("WATCHED=alive",), refuted=RULE1),
    Instance("a secret that was sent is dropped", flags=("DROP_AFTER_SENT",), refuted=RULE1),
    Instance("a spare hides a young secret", (TAKEOVER,), flags=("SPARE_HIDES_SECRET",), refuted=RULE1),
    Instance("a sync from before the delivery confirms", flags=("ANY_SYNC_CONFIRMS",), refuted=RULE1),
    Instance("foreign credentials retired", flags=("RETIRE_FOREIGN",), refuted=CLOSED),
    Instance("tags written as read", (RENEWED,) * 2, flags=("FORGETFUL_TAGS",), refuted=CLOSED),
    Instance("tags not written where a late read fits", flags=("SKIP_SAME_TAGS",), refuted=CLOSED),
    Instance("takeover without a spare", (TAKEOVER,) * 2, flags=("NO_SPARE",), refuted=CLOSED),
    Instance("retire only what a late read shows", (TAKEOVER,), lag=2, flags=("RETIRE_ONLY_SEEN",), refuted=CLOSED),
    Instance("holder by inventory name", (RENEWED,) * 2, flags=("ONE_NAME", "NAMED_BY_INVENTORY"), refuted=RULE1),
    Instance("retire by prefix", (RENEWED,) * 2, flags=("ONE_NAME", "RETIRE_BY_PREFIX"), refuted=RULE1),
    Instance(
        "retire former ones without a hint",
        (RENEWED, TAKEOVER),
        flags=("TWO_FLEETS", "FORMER", "FORMER_WITHOUT_HINT"),
        refuted=RULE1,
    ),
    Instance(
        "no wait for a young former one", TWO, flags=("MOVED", "SENT_AGAIN", "FORMER_WITHOUT_WAIT"), refuted=RULE1
    ),
    Instance("the hint is read after the mint", TWO, flags=("MOVED", "SENT_AGAIN", "FORMER_SEEN_LATE"), refuted=RULE1),
    Instance("a clone calls production its former self", TWO, flags=("CLONE", "FORMER"), refuted=RULE1),
    Instance("repetitions without a look at the clock", flags=("SENT_AGAIN", "UNCHECKED_REPEAT"), refuted=RULE1),
    Instance("no look at the clock after the write", flags=("STOPPABLE", "NO_LOOK_AFTERWARDS"), refuted=MENDED),
    Instance("a late write is left at that", flags=("STOPPABLE", "NO_SECOND_ATTEMPT"), refuted=MENDED),
    Instance("mint on an old sync", flags=("RESTORED", "MINT_ON_OLD_SYNC"), refuted=QUIET),
    Instance("an old sync is trusted", flags=("RESTORED", "TRUST_OLD_SYNC"), refuted=CLOSED),
    Instance("a delivery that nobody read back is taken up", flags=("TAKES_UP", "UNREAD_COUNTS"), refuted=RULE1),
    Instance("taken up beside other attempts", flags=("TAKES_UP", "OTHERS_DO_NOT_MATTER"), refuted=RULE1),
    Instance("a later run's own sync confirms", flags=("TAKES_UP", "RESTORED", "ANY_SYNC_PROVES"), refuted=CLOSED),
)


@dataclasses.dataclass
class Verdict:
    """What spin said about one instance."""

    instance: Instance
    refuted: str | None
    complete: bool
    states: int
    depth: int
    megabytes: float
    seconds: float
    story: list[str]

    @property
    def passed(self) -> bool:
        return self.refuted == self.instance.refuted and (self.complete or self.refuted is not None)

    def line(self) -> str:
        found = f"refuted: {self.refuted}" if self.refuted else "holds" if self.complete else "NOT FINISHED"
        return (
            f"{'ok  ' if self.passed else 'FAIL'} {self.instance.name:<40} {found:<16} {self.states:>10} states "
            f"{self.depth:>4} deep {self.megabytes:>6.0f} MB {self.seconds:>6.1f} s"
        )


def need_tools() -> None:
    """Install spin and gcc with apt-get as root; else stop with the line to type."""
    missing = [PACKAGES[tool] for tool in PACKAGES if shutil.which(tool) is None]
    if not missing:
        return
    packages = " ".join(missing).split()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if any(shutil.which(tool) is None for tool in PACKAGES):
        sys.exit(f"The model needs {' and '.join(PACKAGES)}: sudo apt-get install {' '.join(packages)}")


def call(command: list[str], folder: str, limit: float) -> str:
    """:raises subprocess.TimeoutExpired: after that many seconds; :raises RuntimeError: for a tool that fails"""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=limit, check=False, errors="replace"
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:2])} failed: {(done.stdout + done.stderr).strip()[-600:]}")
    return done.stdout


def first(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    return float(found[1]) if found else 0.0


def search(instance: Instance, folder: str, limit: float, memory: int) -> str:
    """Build the verifier and search for broken claims and for runs that are stuck. :returns: its output"""
    call(["spin", "-a", *instance.defines(), str(MODEL)], folder, 60)
    switches = [
        "-O0" if instance.refuted else "-O2",
        "-w",
        "-DSAFETY",
        "-DCOLLAPSE",
        "-DVECTORSZ=2048",
        f"-DMEMLIM={memory}",
    ]
    # Breadth first finds the shortest counterexample, but only a single host leaves room for that.
    if instance.refuted and len(instance.kinds) == 1:
        switches.append("-DBFS")
    call(["gcc", *switches, "-o", "pan", "pan.c"], folder, 300)
    return call(["./pan", "-m1000000"], folder, limit)


def endless(folder: str, limit: float, memory: int) -> str:
    """The model has no cycle that is meant, so any cycle is a run without end. :returns: the verifier's output"""
    switches = ["-O0", "-w", "-DNP", "-DNOSTUTTER", "-DVECTORSZ=2048", f"-DMEMLIM={memory}"]
    call(["gcc", *switches, "-o", "pan", "pan.c"], folder, 300)
    return call(["./pan", "-l", "-m1000000"], folder, limit)


def tell(instance: Instance, folder: str) -> list[str]:
    """The counterexample, one step a line."""
    trail = next(Path(folder).glob("*.trail"), None)
    if trail is None:
        return []
    text = call_anyway(["spin", "-k", trail.name, *instance.defines(), str(MODEL)], folder)
    return [line.strip() for line in text.splitlines() if re.match(r"\s*(run \d+, )?entry \d+: ", line)]


def call_anyway(command: list[str], folder: str) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False).stdout


def check(instance: Instance, limit: float, memory: int) -> Verdict:
    """Decide one instance; spin's files are gone afterwards."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="usersync-model-") as folder:
        try:
            output = search(instance, folder, limit, memory)
            if not instance.refuted and len(instance.kinds) == 1 and instance.runs == 2 and not instance.flags:
                output += endless(folder, limit, memory)
        except subprocess.TimeoutExpired:
            output = f"no answer in {limit:.0f} s"
        except (RuntimeError, OSError) as exc:
            output = str(exc)
        found = REFUTED.search(output)
        complete = "errors: 0" in output and not re.search(r"Search not completed|error: max", output)
        return Verdict(
            instance=instance,
            refuted=(found[1] or ENDS) if found else None,
            complete=complete,
            states=int(first(STATES, output)),
            depth=int(first(DEPTH, output)),
            megabytes=first(MEMORY, output),
            seconds=time.monotonic() - begun,
            story=tell(instance, folder) if found else [] if complete else output.splitlines()[-6:],
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a part of the names of the instances and mutants to check")
    parser.add_argument("--slow", action="store_true", help="also the instances that take minutes each")
    parser.add_argument("--story", action="store_true", help="print each counterexample, also an expected one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    parser.add_argument("--limit", type=float, default=1200, help="seconds for each search (default 1200)")
    parser.add_argument("--memory", type=int, default=1900, help="megabytes for each search (default 1900)")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    need_tools()
    chosen = [
        entry
        for entry in [*INSTANCES, *MUTANTS]
        if (options.only in entry.name if options.only else options.slow or not entry.slow)
    ]
    for name, text in CLAIMS.items():
        print(f"claim {name}: {text}")
    verdicts = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(check, entry, options.limit, options.memory) for entry in chosen]
        for future in concurrent.futures.as_completed(waiting):
            verdict = future.result()
            verdicts.append(verdict)
            print(verdict.line(), flush=True)
            if options.story or not verdict.passed:
                print("".join(f"       {step}\n" for step in verdict.story), end="", flush=True)
    passed = sum(verdict.passed for verdict in verdicts)
    REPORT.parent.mkdir(exist_ok=True)
    figures = [
        {"name": entry.instance.name, "expected": entry.instance.refuted or "holds", "passed": entry.passed}
        | {"states": entry.states, "depth": entry.depth, "seconds": round(entry.seconds, 1)}
        for entry in verdicts
    ]
    REPORT.write_text(json.dumps({"claims": CLAIMS, "checked": figures}, indent=1) + "\n", encoding="utf-8")
    refuted = sum(entry.refuted is not None for entry in chosen)
    print(f"model: {len(CLAIMS)} claims on {len(chosen) - refuted} instances, {refuted} mutants")
    print(f"{passed} passed, {len(verdicts) - passed} failed")
    return 0 if verdicts and passed == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
