# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the audit: what it shows is what the data says, it sorts and filters, and text stays text."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit import made_up

EVIL = '<script>window.hit=1</script><img src=x onerror="window.hit=1">\'"&amp;{{ 7*7 }}\u2028</script>'
HOSTS, FINDINGS = "hosts", "findings"

# Luminance and contrast as WCAG 2 defines them, of every text against the nearest background that is not transparent
CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const channel = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const texts = "h1,h2,h3,p,dt,dd,small,label,output,th button,td,th,a,code,.badge,.remedy";
  for (const node of document.querySelectorAll(texts)) {
    if (!node.innerText || !node.innerText.trim()) continue;
    const pair = [luminance(rgb(getComputedStyle(node).color)), luminance(behind(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(node.tagName + "." + node.className + " " + ratio.toFixed(2));
  }
  return Array.from(new Set(poor));
}"""


def quiet(shown: Any) -> bool:
    """Nothing on the console, no dialog, and no address but the page itself."""
    return shown.console == [] and len(shown.asked) == 1


def test_page_tells_what_the_data_says(show: Any) -> None:
    report = made_up.varied()
    shown = show(report)
    assert json.loads(shown.page.locator("#report").inner_text()) == report

    figures = dict(
        zip(shown.page.locator("dt").all_inner_texts(), shown.page.locator("dd").all_inner_texts(), strict=True)
    )
    # after the number of hosts the worst first
    counts = {**report["summary"]["hosts"], "expired": report["summary"]["expired_secrets"]}
    order = ("total", "expired", "unreachable", "error", "warning", "ok")
    assert list(figures.values())[:6] == [str(counts[name]) for name in order] and counts["expired"] == 2
    assert report["summary"]["next_secret_end"]["end"][:10] in list(figures.values())[6]

    assert shown.column(HOSTS) == [host["host"] for host in report["hosts"]]
    words = {"ok": "OK", "warning": "Warning", "error": "Error", "unreachable": "Not read"}
    for row, host in zip(shown.rows(HOSTS), report["hosts"], strict=True):
        assert row[1].endswith(words[host["state"]])
        assert row[3] == host["usersync_version"] or (row[3] == "–" and host["usersync_version"] is None)
        for one in host["connectors"]:
            assert (one["secret"]["end"] or "not known")[:10] in row[8]
    told = shown.rows(FINDINGS)
    assert [row[1] for row in told] == list(dict.fromkeys(one["code"] for one in report["findings"]))
    for one in report["findings"]:
        [row] = [row for row in told if row[1] == one["code"]]
        assert [name for name in one["hosts"][:12] if name not in row[2]] == []
    shown.page.evaluate("document.querySelectorAll('table[data-name=findings] details').forEach(d => d.open = true)")
    whole = " ".join(row[3] for row in shown.rows(FINDINGS))
    for one in report["findings"]:
        alike = [each for each in report["findings"] if each["code"] == one["code"]]
        assert one["remedy"][1:] in whole and (one["what"][1:] in whole or len(alike) > 1)
    assert len(shown.rows("secrets")) == len(report["apps"][0]["credentials"])
    link = shown.page.locator("table[data-name=findings] a").first.get_attribute("href")
    assert link == f"https://docs.example/{report['findings'][0]['page']}"
    assert quiet(shown)


def test_sorting_by_clicks(show: Any) -> None:
    shown = show(made_up.varied())
    head = shown.page.locator(
        "table[data-name=hosts] th", has=shown.page.get_by_role("button", name="Host", exact=True)
    )
    head.get_by_role("button").click()
    names = shown.column(HOSTS)
    assert names == sorted(names) and head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    assert shown.column(HOSTS) == sorted(names, reverse=True) and head.get_attribute("aria-sort") == "descending"

    shown.page.locator("table[data-name=hosts]").get_by_role("button", name="State").click()
    assert head.get_attribute("aria-sort") == "none"
    states = [state.split(" ", 1)[1] for state in shown.column(HOSTS, 1)]
    order = ["Not read", "Error", "Warning", "OK"]
    assert states == sorted(states, key=order.index)

    shown.page.locator("table[data-name=secrets]").get_by_role("button", name="Days left").press("Enter")
    days = [-1 if text == "expired" else int(text) for text in shown.column("secrets", 4)]
    assert days == sorted(days)
    assert quiet(shown)


def test_filters_by_clicks(show: Any) -> None:
    report = made_up.varied()
    shown = show(report)
    page, found = shown.page, report["findings"]
    page.get_by_label("Level").select_option("error")
    errors = [one for one in found if one["level"] == "error"]
    assert len(shown.rows(FINDINGS)) == len({one["code"] for one in errors})
    assert set(shown.column(HOSTS)) == {name for one in errors for name in one["hosts"]}
    page.get_by_label("Finding", exact=True).select_option("secret-expired")
    assert shown.column(FINDINGS, 1) == ["secret-expired"]
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.getElementById('filter-level').value === ''")
    assert len(shown.rows(FINDINGS)) == len({one["code"] for one in found})

    page.get_by_label("Host or app").fill("JIRA02")
    assert shown.column(HOSTS) == ["jira02"]
    assert all("jira02" in row[2] for row in shown.rows(FINDINGS)) and shown.rows(FINDINGS)
    assert all("jira02" in " ".join(row) for row in shown.rows("secrets")) and shown.rows("secrets")
    assert f"1 of {len(report['hosts'])} hosts" in page.get_by_role("status").inner_text()
    page.get_by_label("Host or app").fill("nothing like it")
    assert (shown.rows(FINDINGS), shown.rows(HOSTS)) == ([], [])
    assert quiet(shown)


def test_markup_in_names_and_messages_stays_text(show: Any) -> None:
    report = made_up.varied(names={0: EVIL, 7: EVIL + "2"}, message=EVIL)
    report["apps"][0]["display_name"] = EVIL
    shown = show(report)
    assert json.loads(shown.page.locator("#report").inner_text()) == report
    assert shown.page.evaluate("window.hit") is None
    assert shown.page.locator("img, iframe, main script").count() == 0
    assert shown.page.locator("script").count() == 2
    assert shown.page.locator("table[data-name=hosts] tbody th").first.text_content().strip() == EVIL
    assert quiet(shown)


def test_five_hundred_hosts(show: Any) -> None:
    report = made_up.varied(500)
    shown = show(report)
    assert len(shown.rows(HOSTS)) == 50
    shown.page.locator("table[data-name=hosts] + button.more").click()
    assert len(shown.rows(HOSTS)) == 500 and not shown.page.locator("table[data-name=hosts] + button.more").is_visible()
    took = shown.page.evaluate(
        """() => { const start = performance.now();
        document.querySelector("table[data-name=hosts] th button").click();
        const text = document.getElementById("filter-text");
        text.value = "jira1"; text.dispatchEvent(new Event("input"));
        document.body.offsetHeight; return performance.now() - start; }"""
    )
    fitting = [host["host"] for host in report["hosts"] if "jira1" in host["host"] + host["url"]]
    assert shown.column(HOSTS) == sorted(fitting, key=lambda name: int(name.removeprefix("jira"))) and fitting
    assert took < 2000
    assert quiet(shown)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(show: Any, scheme: str) -> None:
    shown = show(made_up.varied(), color_scheme=scheme)
    assert shown.page.evaluate(CONTRAST) == []
    backs = {"light": "rgb(246, 247, 249)", "dark": "rgb(18, 21, 27)"}
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == backs[scheme]


def test_landmarks_headers_and_keyboard(show: Any) -> None:
    shown = show(made_up.varied())
    page = shown.page
    for role in ("banner", "main", "contentinfo", "search"):
        assert page.get_by_role(role).count() == 1, role
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    for table in page.locator("table").all():
        assert table.locator("thead th:not([scope=col])").count() == 0
        assert table.get_attribute("aria-labelledby")
    assert page.locator("table[data-name=hosts] tbody th[scope=row]").count() == 24
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"{style}.outlineStyle") == "solid" and page.evaluate(f"{style}.outlineWidth") == "3px"


def test_phone_shows_everything_without_scrolling_sideways(show: Any) -> None:
    shown = show(made_up.varied(), width=360, height=740)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
    label = shown.page.evaluate(
        "getComputedStyle(document.querySelector('table[data-name=hosts] td'), '::before').content"
    )
    assert "attr(data-label)" in label or "State" in label
    assert shown.page.locator("table[data-name=hosts]").get_by_role("button", name="Last sync").is_visible()


@pytest.mark.parametrize(("count", "most"), [(50, 12_000), (500, 12_000)])
def test_a_large_fleet_is_a_short_page_on_a_phone(show: Any, count: int, most: int) -> None:
    """Summary first, then what is worst; the rest is a click away."""
    shown = show(made_up.varied(count), width=360, height=740)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert shown.page.evaluate("document.documentElement.scrollHeight") <= most
    assert len(shown.rows(HOSTS)) == 10
    assert quiet(shown)


def test_a_host_behind_a_click_is_found_by_its_link(show: Any) -> None:
    shown = show(made_up.varied(500))
    last = shown.page.locator("table[data-name=hosts] tbody tr").last
    assert not last.is_visible()
    identifier = last.get_attribute("id")
    shown.page.evaluate(f"location.hash = '#{identifier}'")
    last.wait_for(state="visible")
    assert quiet(shown)


def test_the_filter_looks_into_a_group(show: Any) -> None:
    shown = show(made_up.varied(60))
    shown.page.get_by_label("Finding", exact=True).select_option("secret-expires-soon")
    shown.page.locator("table[data-name=findings] tbody tr:visible summary").first.click()
    every = shown.page.locator("table[data-name=findings] li:visible").count()
    shown.page.get_by_label("Host or app").fill("bitbucket02")
    assert every > 1 and shown.page.locator("table[data-name=findings] li:visible").count() == 1


def test_paper_has_no_controls_and_all_rows(show: Any) -> None:
    shown = show(made_up.varied(), color_scheme="dark")
    shown.page.emulate_media(media="print")
    assert not shown.page.get_by_role("search").is_visible()
    assert len(shown.rows(HOSTS)) == 24
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_fleet_without_findings_and_one_that_could_not_be_read(show: Any) -> None:
    assert "Nothing was found" in show(made_up.healthy()).page.locator("main").inner_text()
    gone = made_up.read(0, result=None, failure={"message": "no answer", "kind": "transport", "code": None})
    shown = show(made_up.build([gone], [made_up.app_read(None, failure={"message": "login refused"})]))
    assert "No secret could be read" in shown.page.locator("main").inner_text()
    assert quiet(shown)


PICTURES: dict[str, dict[str, Any]] = {
    "report.png": {"count": 24, "width": 1280, "height": 1150},
    "report-phone.png": {"count": 500, "width": 390, "height": 844, "device_scale_factor": 2},
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_for_the_gallery(show: Any, tmp_path: Path, name: str) -> None:
    """Kept in the folder that USERSYNC_IMAGES names."""
    folder = Path(os.environ.get("USERSYNC_IMAGES") or tmp_path)
    how = {**PICTURES[name]}
    shown = show(made_up.varied(how.pop("count")), **how)
    picture = folder / name
    shown.page.screenshot(path=picture)
    assert 20_000 < picture.stat().st_size < 300_000
