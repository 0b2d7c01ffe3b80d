# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts there are: names, products, context paths, generations, logins."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Generations of User Sync: before 1.5.0 with the authorization-code flow and integer ids, before 2.0 with client
# credentials and integer ids, and 2.x with UUIDs (facts: usersync.md, section 5).
VERSIONS = {"1.4": "1.4.4", "1.9": "1.9.3", "2.x": "2.14.1"}
PRODUCT_VERSIONS = {"jira": "9.12.15", "confluence": "8.5.19", "bitbucket": "8.19.12", "bamboo": "9.6.10"}
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
) -> list[HostSpec]:
    """The fleet: jira01, jira02, confluence01, confluence02, bitbucket01, bamboo01, jira03 and so on.

    ``host_options`` holds options per host name; those under ``*`` are for all. Raises ValueError for an unknown
    generation or for options of a host that does not exist.
    """
    generations = generations or {}
    host_options = host_options or {}
    numbers = dict.fromkeys(PRODUCT_VERSIONS, 0)
    specs = []
    for index in range(count):
        product, context = CYCLE[index % len(CYCLE)]
        numbers[product] += 1
        name = f"{product}{numbers[product]:02d}"
        chosen = generations.get(name, generation)
        if chosen not in VERSIONS:
            raise ValueError(f"unknown generation {chosen!r}; known: {', '.join(VERSIONS)}")
        rng = random.Random(f"{seed}:{name}")
        specs.append(
            HostSpec(
                name=name,
                product=product,
                context=context,
                generation=chosen,
                version=VERSIONS[chosen],
                product_version=PRODUCT_VERSIONS[product],
                username="usersync-admin",
                password=_text(rng, 20, "!%+&:"),
                token=_text(rng, 44),
                options={**host_options.get("*", {}), **host_options.get(name, {})},
            )
        )
    unknown = (set(generations) | set(host_options)) - {spec.name for spec in specs} - {"*"}
    if unknown:
        raise ValueError(f"options for hosts that do not exist: {', '.join(sorted(unknown))}")
    return specs


def _text(rng: random.Random, length: int, extra: str = "") -> str:
    letters = string.ascii_letters + string.digits
    body = [rng.choice(letters) for _unused in range(length - len(extra))]
    for sign in extra:
        body.insert(rng.randrange(1, len(body)), sign)
    return "".join(body)
