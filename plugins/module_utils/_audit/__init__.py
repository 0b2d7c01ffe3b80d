# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The state of a fleet: from what was read to one data set, its findings and its outputs. Pure, asks nobody."""
