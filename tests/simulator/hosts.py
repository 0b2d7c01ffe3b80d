# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts there are: names, products, context paths, generations, logins."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Generations of User Sync: before 1.5.0 with the authorization-code flow and integer ids, before 2.0 with client
# credentials and integer ids, then with UUIDs: 2.11 has simulated syncs, 2.14 a public Java API (FIDELITY.md, Atlassian
# hosts).
VERSIONS = {"1.4": "1.4.4", "1.9": "1.9.3", "2.11": "2.11.2", "2.14": "2.14.1"}
# 2.x in place of a generation means the newest
NEWEST = {"2.x": "2.14"}
# Which products stand beside each other, named by the Jira among them (FIDELITY.md, Getting in)
PLATFORMS = {
    "jira9": {"jira": "9.12.15", "confluence": "8.5.19", "bitbucket": "8.19.12", "bamboo": "9.6.10"},
    "jira10": {"jira": "10.3.16", "confluence": "9.2.13", "bitbucket": "9.4.16", "bamboo": "10.0.3"},
    "jira11": {"jira": "11.3.4", "confluence": "10.2.7", "bitbucket": "10.2.2", "bamboo": "12.1.3"},
    "jira12": {"jira": "12.0.1", "confluence": "11.0.1", "bitbucket": "11.0.0", "bamboo": "13.0.0"},
}
CYCLE = (
    ("jira", ""),
    ("jira", ""),
    ("confluence", "/wiki"),
    ("confluence", "/confluence"),
    ("bitbucket", ""),
    ("bamboo", ""),
)


@dataclass(frozen=True)
class HostSpec:
    """What a host is built from.

    ``context`` is empty or a path such as ``/wiki``; ``generation`` a key of VERSIONS; ``options`` is free for the
    host's own switches.
    """

    name: str
    product: str
    context: str
    generation: str
    version: str
    product_version: str
    username: str
    password: str
    token: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Base path below the simulator's address: ``/confluence01/wiki``."""
        return f"/{self.name}{self.context}"


def plan(
    count: int,
    seed: int,
    generation: str = "2.x",
    generations: Mapping[str, str] | None = None,
    host_options: Mapping[str, Mapping[str, Any]] | None = None,
    platform: str = "jira10",
    platforms: Mapping[str, str] | None = None,
    cycle: Sequence[tuple[str, str]] = CYCLE,
) -> list[HostSpec]:
    """The fleet: jira01, jira02, confluence01, confluence02, bitbucket01, bamboo01, jira03 and so on.

    ``cycle``: other products and context paths, in turn. ``host_options`` holds options per host name; those under
    ``*`` are for all. Raises ValueError for an unknown generation or platform, or for options of a host that does not
    exist.
    """
    platforms = platforms or {}
    generations = generations or {}
    host_options = host_options or {}
    numbers = dict.fromkeys(PLATFORMS[_known("platform", platform, PLATFORMS)], 0)
    specs = []
    for index in range(count):
        product, context = cycle[index % len(cycle)]
        numbers[product] += 1
        name = f"{product}{numbers[product]:02d}"
        chosen = generations.get(name, generation)
        chosen = _known("generation", NEWEST.get(chosen, chosen), VERSIONS)
        stands_on = _known("platform", platforms.get(name, platform), PLATFORMS)
        rng = random.Random(f"{seed}:{name}")
        specs.append(
            HostSpec(
                name=name,
                product=product,
                context=context,
                generation=chosen,
                version=VERSIONS[chosen],
                product_version=PLATFORMS[stands_on][product],
                username="usersync-admin",
                password=_text(rng, 20, "!%+&:"),
                token=_text(rng, 44),
                options={**host_options.get("*", {}), **host_options.get(name, {})},
            )
        )
    unknown = (set(generations) | set(platforms) | set(host_options)) - {spec.name for spec in specs} - {"*"}
    if unknown:
        raise ValueError(f"options for hosts that do not exist: {', '.join(sorted(unknown))}")
    return specs


def _known(what: str, word: str, table: Mapping[str, Any]) -> str:
    if word not in table:
        raise ValueError(f"unknown {what} {word!r}; known: {', '.join(table)}")
    return word


def _text(rng: random.Random, length: int, extra: str = "") -> str:
    letters = string.ascii_letters + string.digits
    body = [rng.choice(letters) for _unused in range(length - len(extra))]
    for sign in extra:
        body.insert(rng.randrange(1, len(body)), sign)
    return "".join(body)
