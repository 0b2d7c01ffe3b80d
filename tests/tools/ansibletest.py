# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make ``ansible-test --venv`` work where only a package index can be reached.

Up to 2.19 it downloads a script that installs pip from a server of its makers, unless the script lies in its cache.
The one put there uses the pip that Python itself carries, and then installs what ansible-test asks for.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

GET_PIP = """\
import subprocess
import sys

wanted = [word for word in sys.argv[1:] if not word.startswith("--no-")]
code = subprocess.call([sys.executable, "-m", "ensurepip"])
sys.exit(code or subprocess.call([sys.executable, "-m", "pip", "install", *wanted]))
"""


def prepare(python: Path, home: Path) -> None:
    """Put the script where the ansible-test of this environment looks for it in this home folder."""
    command = [str(python), "-c", "import ansible_test._internal.python_requirements as m; print(m.__file__)"]
    source = Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in set(re.findall(r"pip='([0-9.]+)'", source.read_text(encoding="utf-8"))):
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")


def python_version(python: Path) -> str:
    """``3.11`` for the interpreter of an environment."""
    command = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
