# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which third-party libraries this Python lacks; whoever imports one says so here, _front tells the user."""

from __future__ import annotations

# name on the package index -> the error of the import
MISSING: dict[str, ImportError] = {}
