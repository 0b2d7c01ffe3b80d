# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps every result as the json callback and AWX keep it: whole, whatever the verbosity."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: everything
type: aggregate
short_description: Keeps every result
description: For the search for secrets.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "everything"

    def _keep(self, result, *_others, **_more):
        kept = {"host": result._host.get_name(), "task": result._task.get_name(), "result": result._result}
        with open(os.environ["USERSYNC_EVERYTHING"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(kept, default=str) + "\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = v2_runner_on_unreachable = _keep
    v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_item_on_skipped = v2_runner_retry = _keep
