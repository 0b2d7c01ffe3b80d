# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cut ``data/schema.json`` and ``data/permissions.json`` from Microsoft's own schema and permission catalogue.

Usage: ``python cut_tables.py FOLDER`` with ``applications.csdl.xml``, ``permissions-by-path.json`` and
``LICENSE-MIT.txt`` in the folder. Both origins are under the MIT licence, which is copied beside the tables.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
DATA = Path(__file__).resolve().parent.parent / "data"

# The origin lists these alone although they count only together with another permission, or should not be relied on
# (README of the cut-outs): method, end of the path, permission.
DROPPED = (
    ("POST", "/approleassignedto", "Directory.Read.All"),
    ("POST", "/approleassignments", "Directory.Read.All"),
    ("POST", "/owners", "Directory.Read.All"),
    ("POST", "/approleassignedto", "Application.ReadWrite.All"),
    ("POST", "/approleassignments", "Application.ReadWrite.All"),
    ("POST", "/appmanagementpolicies", "Application.Read.All"),
    ("DELETE", "/appmanagementpolicies", "Application.Read.All"),
)


def short(name: str) -> str:
    for prefix in ("Edm.", "graph.", "microsoft.graph."):
        name = name.removeprefix(prefix)
    return name


def type_of(element: ElementTree.Element) -> str:
    """``String``, ``[String]`` for a collection, with ``!`` where null is not allowed."""
    name = element.attrib["Type"]
    text = f"[{short(name[len('Collection(') : -1])}]" if name.startswith("Collection(") else short(name)
    return text + ("!" if element.attrib.get("Nullable") == "false" else "")


def structure(element: ElementTree.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "BaseType" in element.attrib:
        found["base"] = short(element.attrib["BaseType"])
    for flag, attribute in (("open", "OpenType"), ("abstract", "Abstract")):
        if element.attrib.get(attribute) == "true":
            found[flag] = True
    found["properties"] = {item.attrib["Name"]: type_of(item) for item in element.findall(f"{EDM}Property")}
    links = {item.attrib["Name"]: type_of(item) for item in element.findall(f"{EDM}NavigationProperty")}
    if links:
        found["navigation"] = links
    return found


def schema(path: Path) -> dict[str, Any]:
    root = ElementTree.parse(path).getroot()
    block = next(root.iter(f"{EDM}Schema"))
    enums = {
        item.attrib["Name"]: [member.attrib["Name"] for member in item.findall(f"{EDM}Member")]
        for item in block.findall(f"{EDM}EnumType")
    }
    flags = [item.attrib["Name"] for item in block.findall(f"{EDM}EnumType") if item.attrib.get("IsFlags") == "true"]
    types = {
        item.attrib["Name"]: structure(item)
        for kind in ("EntityType", "ComplexType")
        for item in block.findall(f"{EDM}{kind}")
    }
    actions: dict[str, Any] = {}
    for item in block.findall(f"{EDM}Action"):
        parameters = {one.attrib["Name"]: type_of(one) for one in item.findall(f"{EDM}Parameter")}
        bound = parameters.pop("bindingParameter").rstrip("!")
        returns = item.find(f"{EDM}ReturnType")
        actions[f"{bound}/{item.attrib['Name']}"] = {
            "parameters": parameters,
            "returns": None if returns is None else type_of(returns),
        }
    sets = {item.attrib["Name"]: short(item.attrib["EntityType"]) for item in root.iter(f"{EDM}EntitySet")}
    return {"enums": enums, "flags": flags, "types": types, "actions": actions, "sets": sets}


def permissions(path: Path) -> dict[str, Any]:
    """Path, method, then the accepted permissions; each with the list of partners of which it needs one (or none)."""
    origin = json.loads(path.read_text(encoding="utf-8"))
    paths: dict[str, Any] = {}
    for place, methods in origin["permissions_by_path"].items():
        paths[place] = {}
        for method, rule in methods.items():
            pairs = rule.get("also_requires_one_of", {})
            paths[place][method] = {
                name: pairs.get(name, [])
                for name in rule["accepted"]
                if name in pairs or not any(m == method and place.endswith(end) and name == n for m, end, n in DROPPED)
            }
    return {"ids": origin["ids"], "paths": paths}


def write(path: Path, about: str, document: dict[str, Any]) -> None:
    """JSON with one line per entry of the second level: short files, readable differences."""
    lines = [f'  "about": {json.dumps(about)}']
    for name, value in document.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"    {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
            lines.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main(argv: list[str]) -> int:
    folder = Path(argv[1])
    DATA.mkdir(exist_ok=True)
    write(
        DATA / "schema.json",
        "Cut by tools/cut_tables.py from clean_v10_metadata/cleanMetadata.xml of microsoftgraph/msgraph-metadata, "
        "commit f54f11b6, MIT licence (LICENSE-MIT.txt), copyright Microsoft Graph. "
        "[x] is a collection, ! forbids null.",
        schema(folder / "applications.csdl.xml"),
    )
    write(
        DATA / "permissions.json",
        "Cut by tools/cut_tables.py from permissions/new/permissions.json of microsoftgraph/"
        "microsoft-graph-devx-content, commit 6cbd6bbd, MIT licence (LICENSE-MIT.txt), copyright Microsoft Graph. "
        "Application permissions only; entries named in DROPPED of the script are left out.",
        permissions(folder / "permissions-by-path.json"),
    )
    shutil.copyfile(folder / "LICENSE-MIT.txt", DATA / "LICENSE-MIT.txt")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
