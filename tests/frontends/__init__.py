# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands between an automation and a host: gateways, firewalls, sign-on pages, proxies with limits."""

from .kinds import KINDS, FrontEnd
from .proxy import Proxy

__all__ = ["KINDS", "FrontEnd", "Proxy"]
