# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make release-check`` and ``make release``: what a release has to be, and the tag that makes it one.

The check is a group of gates. When all of them pass from a clean tree, ``build/release.json`` says for which commit,
and ``make release`` tags that commit and no other.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tree
from outcome import GateFailed, NotHere, Outcome

sys.path.insert(0, str(tree.ROOT / "tests" / "demo"))

import simulation

if TYPE_CHECKING:
    from gates import Session

STAMP = tree.BUILD / "release.json"
# the last version whose secrets bore the names of an inventory; nothing was published before 1.0.0
FORMER = "f917d7c"
FORMER_HOLDERS = {"azure_connector_former_holders": ["{{ inventory_hostname }}"]}
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")
FLEET = 3


def galaxy_version() -> str:
    """The version that galaxy.yml names."""
    told = re.search(r"^version: (\S+)$", (tree.ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    if not told or not SEMANTIC.fullmatch(told.group(1)):
        raise GateFailed("galaxy.yml names no semantic version")
    return told.group(1)


def git(*arguments: str) -> str:
    """What git prints about this repository; nothing where it fails."""
    command = ["git", "-C", str(tree.ROOT), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def version(session: Session) -> Outcome:
    """The version is new, the changelog tells of it, and no fragment is left over."""
    new = galaxy_version()
    tags = git("tag", "--list").split()
    if new in tags and git("rev-list", "-n", "1", new) != git("rev-parse", "HEAD"):
        raise GateFailed(f"{new} is tagged already; raise the version in galaxy.yml")
    released = [tuple(map(int, tag.split("."))) for tag in tags if SEMANTIC.fullmatch(tag)]
    if released and tuple(map(int, new.split("."))) < max(released):
        raise GateFailed(f"{new} is older than the last release")
    changelog = (tree.ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8")
    page = (tree.ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("\\", "")
    if f"\n  {new}:" not in changelog or f"## v{new}" not in page:
        raise GateFailed(f"the changelog does not tell of {new}; run antsibull-changelog release")
    left = list((tree.ROOT / "changelogs").glob("fragments/*.yml"))
    if left:
        raise GateFailed(f"{len(left)} fragments are not in the changelog; run antsibull-changelog release")
    return Outcome(1, 0, f"{new}, and the changelog tells of it")


def build(session: Session, source: Path) -> Path:
    """The artifact of a source tree."""
    made = session.temp()
    session.run([str(session.bin / "ansible-galaxy"), "collection", "build", "--output-path", str(made), str(source)])
    return next(iter(made.glob("fleetops-usersync-*.tar.gz")))


def installed(session: Session) -> Outcome:
    """The artifact in an environment that holds only what the README asks for; its playbooks, and the demo with it."""
    venv = session.temp() / "venv"
    programs, empty = venv / "bin", session.temp()
    session.run([sys.executable, "-m", "venv", str(venv)])
    wanted = [
        f"ansible-core=={metadata.version('ansible-core')}",
        "-r",
        str(tree.ROOT / "meta" / "ee-requirements.txt"),
    ]
    session.run([str(programs / "python"), "-m", "pip", "install", "--quiet", *wanted], env=dict(os.environ))
    artifact = build(session, session.tree)
    env = tree.clean_env(programs, empty, session.home)
    install = [str(programs / "ansible-galaxy"), "collection", "install", "--offline", "-p", str(empty), str(artifact)]
    session.run(install, empty, env)
    playbooks = sorted(path.stem for path in (empty / tree.COLLECTION / "playbooks").glob("*.yml"))
    for name in playbooks:
        session.run([str(programs / "ansible-playbook"), "--syntax-check", f"fleetops.usersync.{name}"], empty, env)
    demo = ["tests/demo/run.py", "--hosts", str(FLEET), "--out", str(tree.BUILD / "demo-installed")]
    demo += ["--bin", str(programs), "--artifact", str(artifact)]
    session.run([sys.executable, *demo], tree.ROOT, tree.clean_env(programs, home=session.home))
    return Outcome(len(playbooks) + 1, 0, f"installed elsewhere: {len(playbooks)} playbooks, demo with {FLEET} hosts")


def former(session: Session) -> Path:
    """The collection as it was at FORMER, installed; its folder of collections."""
    if not git("rev-parse", "--verify", f"{FORMER}^{{commit}}"):
        raise NotHere(f"commit {FORMER} is not in this clone, which has not the whole history")
    source, place = session.temp(), session.temp()
    archive = source / "source.tar"
    session.run(["git", "-C", str(tree.ROOT), "archive", "--output", str(archive), FORMER])
    (source / "tree").mkdir()
    session.run(["tar", "-x", "-f", str(archive), "-C", str(source / "tree")])
    return install(session, build(session, source / "tree"), place)


def install(session: Session, artifact: Path, place: Path) -> Path:
    """Install an artifact; returns the folder of collections."""
    command = [str(session.bin / "ansible-galaxy"), "collection", "install", "--offline", "-p", str(place)]
    session.run([*command, str(artifact)], env=tree.clean_env(session.bin, place, session.home))
    return place


@contextlib.contextmanager
def fleet() -> Iterator[simulation.Simulation]:
    """A simulated fleet for one upgrade."""
    with (
        tempfile.TemporaryDirectory(prefix="usersync-upgrade-", dir=tree.plain_temp()) as folder,
        simulation.running(FLEET, Path(folder)) as running,
    ):
        yield running


def setup(session: Session, running: simulation.Simulation, collections: Path, extra: dict[str, Any]) -> list[str]:
    """Run set-up of that collection; returns what it wrote. Every host has to work afterwards."""
    env = tree.clean_env(session.bin, collections, session.home)
    since = running.last()
    command = [str(session.bin / "ansible-playbook"), "-i", running.about["inventory"], "fleetops.usersync.setup"]
    output = session.run([*command, "-e", json.dumps(extra)], env=env)
    if output.count("failed=0") < FLEET:
        raise GateFailed("hosts are missing in the recap", output)
    broken = [host for host, works in running.state()["works"].items() if not works]
    if broken:
        raise GateFailed(f"{', '.join(broken)} no longer works", output)
    return simulation.writes(running.requests(since))


def secrets(running: simulation.Simulation) -> set[str]:
    """Display names of all secrets of the hosts' apps."""
    apps = running.state()["tenant"]["applications"]
    found = [entry["displayName"] for app in apps for entry in app["passwordCredentials"]]
    return {name for name in found if name.startswith("usersync:")}


def upgrade(session: Session) -> Outcome:
    """A fleet that FORMER has set up is taken over, and the run after that writes nothing."""
    old, new = former(session), install(session, build(session, session.tree), session.temp())
    for extra in ({}, FORMER_HOLDERS):
        with fleet() as running:
            setup(session, running, old, {})
            before = secrets(running)
            if len(before) != FLEET:
                raise GateFailed(f"{FORMER} made {len(before)} secrets for {FLEET} hosts")
            setup(session, running, new, extra)
            after = secrets(running)
            # what nobody calls a former name of a host may be anybody's, and stays
            kept = set() if extra else before
            if before & after != kept or len(after - before) != FLEET:
                raise GateFailed(f"the upgrade left {sorted(after)} of {sorted(before)}")
            again = setup(session, running, new, extra)
            if again or secrets(running) != after:
                raise GateFailed(f"the second run after the upgrade wrote {again[:3]}")
    return Outcome(2, 0, f"{FLEET} hosts from {FORMER}, with and without former holders, then nothing to do")


def stamp(results: Sequence[str]) -> None:
    """Note that every gate passed for the commit at hand; only a tree without changes can be released."""
    STAMP.unlink(missing_ok=True)
    if set(results) == {"passed"} and not git("status", "--porcelain"):
        STAMP.write_text(json.dumps({"commit": git("rev-parse", "HEAD"), "version": galaxy_version()}), "utf-8")


def tag() -> str:
    """Tag the commit that was checked; returns the tag.

    Raises :exc:`GateFailed` for any other commit, for a tree with changes, and for a version that is tagged.
    """
    new, head = galaxy_version(), git("rev-parse", "HEAD")
    if git("status", "--porcelain"):
        raise GateFailed("there are changes that are not committed")
    if not STAMP.exists() or json.loads(STAMP.read_text("utf-8")) != {"commit": head, "version": new}:
        raise GateFailed("this commit has not passed; run make release-check first")
    if new in git("tag", "--list").split():
        raise GateFailed(f"{new} is tagged already")
    done = subprocess.run(
        ["git", "-C", str(tree.ROOT), "tag", "-a", new, "-m", f"fleetops.usersync {new}"], check=False
    )
    if done.returncode:
        raise GateFailed("git made no tag")
    return new


def main() -> int:
    """Command line: tag what was checked."""
    try:
        made = tag()
    except GateFailed as reason:
        sys.exit(f"usersync: {reason}")
    print(f"tagged {made}; to publish: git push origin {made}, then ansible-galaxy collection publish the artifact")
    return 0


if __name__ == "__main__":
    os.environ.pop("GIT_DIR", None)
    sys.exit(main())
