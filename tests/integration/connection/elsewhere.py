# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is this machine but does not say so, as another machine would look from the controller.

It notes each file that is put on the "other machine", with its content, below the folder that ELSEWHERE_FILES names.
"""

from __future__ import annotations

DOCUMENTATION = """
name: elsewhere
short_description: A machine that is not the controller
description: For tests.
author: fleetops.usersync contributors
extends_documentation_fragment: [connection_pipelining]
"""

import os
import shutil
import uuid

from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    transport = "elsewhere"

    def put_file(self, in_path: str, out_path: str) -> None:
        shutil.copy(in_path, os.path.join(os.environ["ELSEWHERE_FILES"], uuid.uuid4().hex))
        super().put_file(in_path, out_path)
