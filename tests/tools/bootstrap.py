# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create or refresh ``build/venv`` from the pinned requirement files.

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
CONSTRAINTS = "tests/constraints.txt"
RUN = ["tests/requirements.txt"]
DEV = [*RUN, "tests/requirements-plays.txt", "tests/requirements-dev.txt", "tests/unit/requirements.txt"]
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


def describe(venv, python, files, overrides):
    """What the environment is made from; it is made anew when this changes."""
    pins = hashlib.sha256()
    for name in [CONSTRAINTS, *files]:
        with open(os.path.join(ROOT, name), "rb") as stream:
            pins.update(stream.read())
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version, sys.base_prefix)"], text=True)
    return {"path": venv, "python": version.strip(), "pins": pins.hexdigest(), "overrides": overrides, "files": files}


def merged(files, overrides):
    """Requirement lines of the files, with the overridden projects replaced: ``{"ansible-core": "==2.16.19"}``."""
    lines = []
    for name in files:
        with open(os.path.join(ROOT, name), encoding="utf-8") as stream:
            for line in stream:
                project = line.split(";")[0].split("=")[0].strip()
                if line.strip() and not line.startswith("#") and project not in overrides:
                    lines.append(line.strip())
    return lines + [project + pin for project, pin in sorted(overrides.items())]


def ensure(venv=VENV, files=None, python=None, overrides=None):
    """Make the environment ready and return the path of its Python.

    Kept as it is when interpreter and pins are those it was made from, or when it holds more than asked.
    """
    files, python, overrides = sorted(files or RUN), python or sys.executable, overrides or {}
    stamp = os.path.join(venv, "usersync.json")
    venv_python = os.path.join(venv, "bin", "python")
    if os.path.exists(stamp) and os.path.exists(venv_python):
        with open(stamp, encoding="utf-8") as stream:
            made = json.load(stream)
        files = sorted({*files, *(name for name in made["files"] if os.path.exists(os.path.join(ROOT, name)))})
        if made == describe(venv, python, files, overrides):
            return venv_python
    need_venv_modules(python)
    started = time.time()
    name = os.path.relpath(venv, ROOT)
    print(f"setting up {name} (once; needs the package index)", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    log = os.path.join(BUILD, os.path.basename(venv) + ".log")
    if os.path.exists(log):
        os.remove(log)
    logged([python, "-m", "venv", venv], log)
    wanted = os.path.join(venv, "requirements.txt")
    limits = os.path.join(venv, "constraints.txt")
    with open(wanted, "w", encoding="utf-8") as stream:
        stream.write("\n".join(merged(files, overrides)) + "\n")
    with open(limits, "w", encoding="utf-8") as stream:
        stream.write("\n".join(merged([CONSTRAINTS], overrides)) + "\n")
    pip = [venv_python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    logged([*pip, "-r", wanted, "-c", limits], log, cwd=ROOT)
    with open(stamp, "w", encoding="utf-8") as stream:
        json.dump(describe(venv, python, files, overrides), stream)
    print(f"{name} is ready after {time.time() - started:.0f} s", flush=True)
    return venv_python


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what the gates need")
    options = parser.parse_args()
    new_enough_python()
    if options.dev:
        need_programs()
    ensure(files=DEV if options.dev else RUN)


if __name__ == "__main__":
    main()
