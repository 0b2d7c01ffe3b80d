# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant of Microsoft Entra ID and a fleet of Atlassian hosts with User Sync, over TLS, for tests and demos."""

from __future__ import annotations

from .server import Simulator

__all__ = ["Simulator"]
