# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small AWX: as much of its API as the modules of awx.awx ask for. FIDELITY.md tells what is assumed."""
