# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create or refresh ``build/venv`` from the locks of the requirement files.

Runs on the Python at hand with nothing installed, so it uses the standard library only and parses on old
interpreters. ``--dev`` adds what the gates need, and the system programs that no Python package carries.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
VENV = os.path.join(BUILD, "venv")
OLDEST_PYTHON = (3, 11)
LOCKS = "tests/locks"
RUN = ["tests/requirements.txt"]
PLAYS = [*RUN, "tests/requirements-plays.txt"]
DEV = [*PLAYS, "tests/requirements-dev.txt", "tests/unit/requirements.txt"]
# what is installed together; a set may hold another one, and is kept where the smaller one is asked for
SETS = {
    "run": RUN,
    "plays": PLAYS,
    "dev": DEV,
    "measured": [*DEV, "tests/requirements-measured.txt"],
    "site": [*RUN, "tests/requirements-site.txt"],
    "gatekeepers": ["tests/requirements-gatekeepers.txt"],
    "mutants": ["tests/requirements-mutants.txt"],
    "certification": ["tests/requirements-certification.txt"],
}
# the sets of one lock, smallest first; those of different locks disagree about versions
GROUPS = [("run", "plays", "dev", "measured"), ("site",), ("gatekeepers",), ("mutants",), ("certification",)]
LOCKED = {"certification": ("3.11", "3.12")}  # where not for every Python: what this ansible-core runs on
PROGRAMS = {"chromium": "chromium", "shellcheck": "shellcheck"}  # program -> Debian package


def stop(message):
    """End with one sentence on standard error."""
    sys.exit("usersync: " + message)


def apt_line(packages):
    """The one line to type for a person who may become root."""
    return "sudo apt-get update && sudo apt-get install -y " + " ".join(sorted(set(packages)))


def need_packages(packages, why):
    """Install Debian packages when root with apt-get at hand, else stop with the line to type."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"{why}; type: {apt_line(packages)}")
    print("{}: installing {} with apt-get".format(why, ", ".join(packages)), flush=True)
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
        logged(command, os.path.join(BUILD, "apt.log"), env=env)


def need_programs(programs=None):
    """See that the system programs are there: ``{program: Debian package}``."""
    programs = PROGRAMS if programs is None else programs
    missing = [name for name in sorted(programs) if shutil.which(name) is None]
    if missing:
        need_packages([programs[name] for name in missing], "{} is missing".format(" and ".join(missing)))


def logged(command, log, **options):
    """Run a command with its output in a file; on failure show the file's end and stop."""
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "ab") as stream:
        code = subprocess.call(command, stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    if code:
        with open(log, encoding="utf-8", errors="replace") as stream:
            sys.stderr.write("".join(stream.readlines()[-25:]))
        stop(f"{command[0]} failed with exit code {code}; all of its output is in {log}")


def new_enough_python():
    """Go on under the first Python that is new enough, or stop."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    for minor in (14, 13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, os.path.abspath(__file__), *sys.argv[1:]])
    wanted = ".".join(str(part) for part in OLDEST_PYTHON)
    found = f"{sys.executable} is {sys.version.split()[0]}"
    stop(f"Python {wanted} or newer is needed, and {found}; name another one with PYTHON=/path/to/python3")


def need_venv_modules(python=None):
    """See that the interpreter can make environments; Debian splits that off into a package of its own."""
    python = python or sys.executable
    if subprocess.call([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) == 0:
        return
    version = subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True)
    package = f"python{version.strip()}-venv"
    need_packages([package], f"the venv module of Python {version.strip()} is missing")


def lock_path(name, version):
    """The lock of a set for a Python such as ``3.12``; that of the sets for tests has no name of its own."""
    group = next(group for group in GROUPS if name in group)
    stem = version if group[0] == "run" else f"{group[0]}-{version}"
    return os.path.join(ROOT, LOCKS, stem + ".txt")


def locked(path):
    """The blocks of a lock: ``[(project, version, {sets}, text)]``."""
    with open(path, encoding="utf-8") as stream:
        blocks = stream.read().split("# for: ")[1:]
    found = []
    for block in blocks:
        sets, text = block.split("\n", 1)
        project, version = text.split()[0].split("==")
        found.append((project, version, set(sets.split()), text))
    return found


def merged(files):
    """Requirement lines of the files."""
    lines = []
    for name in files:
        with open(os.path.join(ROOT, name), encoding="utf-8") as stream:
            lines += [line.strip() for line in stream if line.strip() and not line.startswith("#")]
    return lines


def describe(venv, python, lock, name, overrides):
    """What the environment is made from; it is made anew when this changes."""
    with open(lock, "rb") as stream:
        pins = hashlib.sha256(stream.read()).hexdigest()
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version, sys.base_prefix)"], text=True)
    return {"path": venv, "python": version.strip(), "pins": pins, "set": name, "overrides": overrides}


def largest(name, made):
    """The larger of the set that is asked for and the one that is there."""
    group = next(group for group in GROUPS if name in group)
    there = made.get("set")
    return there if there in group and group.index(there) > group.index(name) else name


def ensure(venv=VENV, name="run", python=None, overrides=None):
    """Make the environment of a set ready and return the path of its Python.

    Kept as it is when interpreter and lock are those it was made from, or when it holds more than asked. What is
    installed has the hash that the lock says; ``overrides`` (``{"ansible-core": "2.16.19"}``) come on top, at the
    versions named.
    """
    python, overrides = python or sys.executable, overrides or {}
    version = subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True)
    lock = lock_path(name, version.strip())
    if not os.path.exists(lock):
        stop(f"{os.path.relpath(lock, ROOT)} is missing, so Python {version.strip()} cannot be used; name another one")
    stamp = os.path.join(venv, "usersync.json")
    venv_python = os.path.join(venv, "bin", "python")
    if os.path.exists(stamp) and os.path.exists(venv_python):
        with open(stamp, encoding="utf-8") as stream:
            made = json.load(stream)
        name = largest(name, made)
        if made == describe(venv, python, lock, name, overrides):
            return venv_python
    need_venv_modules(python)
    started = time.time()
    shown = os.path.relpath(venv, ROOT)
    print(f"setting up {shown} (once; needs the package index)", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    log = os.path.join(BUILD, os.path.basename(venv) + ".log")
    if os.path.exists(log):
        os.remove(log)
    logged([python, "-m", "venv", venv], log)
    wanted = os.path.join(venv, "requirements.txt")
    blocks = [block for project, _version, sets, block in locked(lock) if name in sets and project not in overrides]
    with open(wanted, "w", encoding="utf-8") as stream:
        stream.writelines(blocks)
    pip = [venv_python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    logged([*pip, "--require-hashes", "--no-deps", "-r", wanted], log, cwd=ROOT)
    if overrides:
        logged([*pip, *(f"{project}=={pin}" for project, pin in sorted(overrides.items()))], log, cwd=ROOT)
    with open(stamp, "w", encoding="utf-8") as stream:
        json.dump(describe(venv, python, lock, name, overrides), stream)
    print(f"{shown} is ready after {time.time() - started:.0f} s", flush=True)
    return venv_python


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what the gates need")
    options = parser.parse_args()
    new_enough_python()
    if options.dev:
        need_programs()
    ensure(name="dev" if options.dev else "run")


if __name__ == "__main__":
    main()
