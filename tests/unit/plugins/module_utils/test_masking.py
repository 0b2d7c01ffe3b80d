# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing secret is shown, in whatever spelling it comes back, and no half of it either."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _masking
from ansible_collections.fleetops.usersync.plugins.module_utils._masking import DROPPED, PART, WHOLE, Secrets, mask

SECRET = 'pa"ss/wörd&+ ~1Q'
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON without escapes": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "address": lambda text: quote(text, safe=""),
    "address in lower case": lambda text: re.sub("%..", lambda code: code.group().lower(), quote(text, safe="")),
    "form": quote_plus,
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "a login's header": lambda text: base64.b64encode(f"admin:{text}".encode()).decode(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(f"a:{text}".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_masked(spelling: str) -> None:
    written = SPELLINGS[spelling](SECRET)
    shown = Secrets({SECRET}).mask(f"the host says {written} and more")
    assert written not in shown and PART in shown and "and more" in shown
    for end in range(8, len(written) + 1):
        # no part of it that would be worth anything is left, wherever it ended
        assert written[end - 8 : end] not in shown


@pytest.mark.parametrize("limit", range(1, 80))
def test_a_text_is_masked_before_it_is_cut(limit: int) -> None:
    secret = "S3cret-with-forty-characters-0123456789ab"
    shown = Secrets({secret}).outside(f"refused because of {secret}, and this too: {secret}", limit)
    assert not any(secret[start : start + 4] in shown for start in range(len(secret) - 4))
    assert len(shown) <= limit + 3


def test_masking_does_not_draw_in_what_lies_behind_the_cut() -> None:
    secrets = Secrets({"A" * 60, "B-another-secret"})
    text = "A" * 60 + "." * 340 + "B-another-secret"
    for limit in range(70, 110):
        assert "B-an" not in secrets.outside(text, limit)


@pytest.mark.parametrize("short", ["1234", "ab", "x", "12345"])
def test_a_text_in_which_a_short_secret_may_stand_is_dropped(short: str) -> None:
    secrets = Secrets({short})
    assert secrets.outside(f"login with {short} failed", 100) == DROPPED
    assert secrets.outside("nothing of it", 100) == "nothing of it"
    # our own sentences keep their letters
    assert secrets.mask(f"x{short}x") == f"x{short}x"


def test_what_a_terminal_obeys_is_written_as_code() -> None:
    evil = "\x1b[2Jgone \u202eevil\u2066 \x9b0m \ud800 \x07"
    shown = Secrets().outside(evil, 100)
    assert shown.isprintable() and "\\u202e" in shown and "\\u001b" in shown
    assert mask({"a": [evil]}, set()) == {"a": [_masking.printable(evil)]}
    json.dumps(mask({evil: evil}, set()), ensure_ascii=False).encode()


def test_results_are_masked_in_names_values_and_numbers() -> None:
    secrets = Secrets({"secret-1", "12345678", "1234"})
    given = {"the secret-1": ["secret-1", "a secret-1 b", 12345678, 1234, True, None, 1.5], "n": {"x": ("secret-1",)}}
    assert mask(given, secrets) == {
        "the ********": [WHOLE, "a ******** b", WHOLE, 1234, True, None, 1.5],
        "n": {"x": [WHOLE]},
    }


def test_too_many_secrets_silence_the_host() -> None:
    secrets = Secrets()
    secrets.silent = True
    assert secrets.outside("anything", 100) == DROPPED


def test_the_secrets_of_a_task_are_known_to_layers_that_know_no_task() -> None:
    with _masking.task(Secrets({"secret-of-a-task"})):
        _masking.learn("learnt-on-the-way", "")
        assert _masking.outside("secret-of-a-task, learnt-on-the-way") == "********, ********"
    assert _masking.outside("secret-of-a-task") == "secret-of-a-task"
