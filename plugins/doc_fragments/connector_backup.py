# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """A copy of the configuration before it is changed."""

    DOCUMENTATION = r"""
options:
  backup:
    description:
      - Whether to keep the configuration in a file of O(backup_dir) before it is changed or removed. Only the file's
        owner may read it, unless O(backup_mode) says more. It is written on the machine where the task runs.
    type: bool
    default: false
  backup_dir:
    description:
      - Folder for the backups. It is created if it is missing, so that only its owner can use it.
      - A folder that everybody may write to, or that is a symbolic link, is refused.
    type: path
  backup_content:
    description:
      - V(redacted) shows the settings that have an option here, and of all others path, type and length. It shows what
        was there, but cannot be restored.
      - V(full) is the whole configuration with every secret in it, encrypted as C(ansible-vault) does it. It is written
        only by tasks that run on the controller.
    type: str
    choices: [redacted, full]
    default: redacted
  backup_mode:
    description:
      - Mode of a backup, in quotes. The owner reads and writes, a group may read, nobody else gets in.
    type: str
    default: "0600"
  backup_owner:
    description: Owner of a backup. To give a file away takes root.
    type: str
  backup_group:
    description: Group of a backup.
    type: str
  backup_keep_days:
    description:
      - For how many days backups are kept. Older ones of the same connector in O(backup_dir) are removed after a new
        one was written. Without it all are kept.
    type: int
  backup_vault_password:
    description: Password with which O(backup_content=full) is encrypted. C(ansible-vault view) asks for it.
    type: str
"""
