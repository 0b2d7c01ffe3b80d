# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Variables that an AWX would store, and show to everybody who may read the inventory: none may hold a secret.

What passes under the name of a secret is a template that takes it from somewhere else, such as a lookup at run time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from jinja2 import Environment, TemplateError, meta, nodes

# Besides the names of our own options: words for which anybody would say that the value is a secret
SECRET_NAME = re.compile(r"(^|_)(password|passwd|passphrase|secret|token|private_key|api_key|access_key)$", re.I)
USERINFO = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s{]*:[^/@\s{]+@", re.IGNORECASE)
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
REMEDY = (
    "and AWX shows variables to everybody who may read the inventory. Take the secret from a credential, from a "
    "vaulted file of a project-sourced inventory, or from a lookup at run time, written as !unsafe followed by the "
    "template in quotes"
)
FALLBACKS = ("default", "d", "ternary")
Path = tuple[str, ...]


def check(
    option: str,
    variables: Mapping[str, Any],
    secret_names: Collection[str],
    vaulted: Callable[[Any], bool] = lambda value: False,
    learn: Callable[[str], None] = lambda value: None,
) -> None:
    """Refuse what would be stored in clear.

    :param variables: of one host, or of the inventory
    :param secret_names: variables and options that our modules treat as secret
    :param vaulted: whether a value came out of a vault
    :param learn: takes each value that must not be shown
    :raises OptionError: with the path of the variable, never with its value
    """
    found = list(leaves(variables))
    sources = _sources(found, secret_names)
    refused = []
    for path, value in found:
        if value is None or value == "" or isinstance(value, bool):
            continue
        named = path[0] in sources or _named_secret(path, secret_names)
        text = value if isinstance(value, str) else None
        if vaulted(value) or (named and not (text and pure(text))):
            learn(str(value))
            refused.append((path, "is" if named else "holds"))
        elif text and (USERINFO.search(text) or PRIVATE_KEY.search(text)):
            learn(text)
            refused.append((path, "holds"))
    for path, verb in refused:
        raise OptionError(option, f"{'.'.join(path)} {verb} a secret, {REMEDY}")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each value that is no mapping and no list, with the names on the way to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner, path)
    elif path:
        yield path, value


def pure(text: str) -> bool:
    """Whether a text is nothing but expressions, each of which takes its value from elsewhere."""
    try:
        body = Environment().parse(text).body
    except TemplateError:
        return False
    parts = [part for node in body for part in (node.nodes if isinstance(node, nodes.Output) else [node])]
    shown = [part for part in parts if not (isinstance(part, nodes.TemplateData) and not part.data.strip())]
    return bool(shown) and all(isinstance(part, nodes.Expr) and _from_elsewhere(part) for part in shown)


def _from_elsewhere(node: nodes.Node) -> bool:
    """Whether none of the values that an expression may come to is written in it."""
    if isinstance(node, (nodes.Name, nodes.Call)):
        return not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr)) or _from_elsewhere(
            node.node.node
        )
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return _from_elsewhere(node.node)
    if isinstance(node, nodes.Filter):
        results = [node.node, *(node.args if node.name in FALLBACKS else [])]
    elif isinstance(node, nodes.CondExpr):
        results = [node.expr1, node.expr2]
    elif isinstance(node, (nodes.Or, nodes.And, nodes.Add)):
        results = [node.left, node.right]
    elif isinstance(node, nodes.Concat):
        results = node.nodes
    else:
        return False
    return all(result is None or _from_elsewhere(result) for result in results)


def _named_secret(path: Path, secret_names: Collection[str]) -> bool:
    return any(part in secret_names or SECRET_NAME.search(part) for part in path)


def _sources(found: list[tuple[Path, Any]], secret_names: Collection[str]) -> set[str]:
    """Variables that the templates of secrets take their value from, directly or through each other."""
    texts: dict[str, list[str]] = {path[0]: [] for path, _value in found}
    for path, value in found:
        if isinstance(value, str) and "{{" in value:
            texts[path[0]].append(value)
    todo = [value for path, value in found if isinstance(value, str) and _named_secret(path, secret_names)]
    sources: set[str] = set()
    while todo:
        try:
            named = meta.find_undeclared_variables(Environment().parse(todo.pop()))
        except TemplateError:
            continue
        for name in named & set(texts) - sources:
            sources.add(name)
            todo += texts[name]
    return sources
