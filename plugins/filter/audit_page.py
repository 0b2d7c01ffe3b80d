# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_page
short_description: The state of a fleet as a page
version_added: 1.0.0
description:
  - Renders a Jinja2 template with the data set. Every value is escaped, whatever the template does, so that a host name
    with markup in it stays text; a template marks as C(safe) what is meant to be markup.
  - The template gets C(report), C(documentation), C(words), C(source) and C(csp_hash), and no variable of Ansible.
positional: _input, template
options:
  _input:
    description: The data set of the audit, C(azure_connector_report).
    type: dict
    required: true
  template:
    description: Path of the template on the controller. It may include and import files of its folder.
    type: path
    required: true
  documentation:
    description: Base address of the pages about the findings.
    type: str
    default: https://github.com/fleetops/usersync/blob/main
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: A page of your own
  ansible.builtin.copy:
    content: "{{ azure_connector_report | fleetops.usersync.audit_page(playbook_dir ~ '/fleet.html.j2') }}"
    dest: /srv/www/usersync.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit, _audit_page

DOCUMENTATION_URL = "https://github.com/fleetops/usersync/blob/main"


def audit_page(report: Mapping[str, Any], template: str, documentation: str = DOCUMENTATION_URL) -> Any:
    """See :func:`_audit_page.render`."""
    return _audit.inert(_audit_page.render(report, str(template), str(documentation)))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_page": audit_page}
