# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the fleet in a real browser: 500 hosts with three environments each, fewer where that is all the same, and a fleet of nothing but nasty names."""

from __future__ import annotations

import itertools
import pathlib
import re
import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import read_fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.page import render_page
from ansible_collections.netdevops.python.plugins.plugin_utils.report.summary import summarise
from ansible_collections.netdevops.python.tests.system.browsing import Browser, browser
from ansible_collections.netdevops.python.tests.unit.support.fleets import fleet, identifier, nasty

pytestmark = pytest.mark.system

ROWS = 1557  # of 500 hosts
SMALL = read_fleet(fleet(100), "Python environments, staging")
NUMBERS = summarise(SMALL)
NOTHING = ("", "none", "\u2013")
NETCHECK = "/opt/netops/netcheck/.venv"
SHOWN = "[...document.querySelectorAll('#fleet tbody')].filter((one) => !one.hidden && one.offsetHeight)"
# How long the browser takes, in milliseconds, for a plain table of as many rows: what a machine is worth, and how busy it is.
PLAIN = """
const begun = performance.now();
const frame = document.createElement("iframe");
document.body.append(frame);
const table = frame.contentDocument.createElement("table");
for (let row = 0; row < arguments[0]; row += 1) {
  const made = table.insertRow();
  for (let cell = 0; cell < 9; cell += 1) made.insertCell().append(`cell ${row} ${cell}`);
}
frame.contentDocument.body.append(table);
table.offsetHeight;
frame.remove();
return performance.now() - begun;
"""
TIMED = "const begun = performance.now(); %s; document.body.offsetHeight; return performance.now() - begun;"


class Page:
    """The page as a person uses it."""

    def __init__(self, own: Browser, path: pathlib.Path) -> None:
        self.browser = own
        self.url = path.as_uri()

    def open(self, fragment: str = "") -> None:
        self.browser.open(self.url + fragment)

    def press(self, *keys: str) -> None:
        ActionChains(self.browser.driver).send_keys(*keys).perform()

    def click(self, selector: str) -> None:
        self.browser.driver.find_element(By.CSS_SELECTOR, selector).click()

    def shown(self) -> list[dict[str, str]]:
        """Return what the rows that can be seen are about, in their order."""
        found: list[dict[str, str]] = self.browser.run(f"return {SHOWN}.map((one) => ({{...one.dataset}}))")
        return found

    def column(self, number: int) -> list[str]:
        script = (
            f"return {SHOWN}.map((one) => one.rows[0].cells[{number}]?.textContent.trim().replace(/\\s+/g, ' ') ?? '')"
        )
        found: list[str] = self.browser.run(script)
        return found

    @property
    def total(self) -> int:
        return int(self.browser.run("return document.querySelectorAll('#fleet tbody').length"))

    def head(self, number: int) -> str:
        self.click(f"#fleet thead th:nth-child({number + 1}) button")
        return str(
            self.browser.run(f"return document.querySelectorAll('#fleet thead th')[{number}].getAttribute('aria-sort')")
        )

    def told(self) -> str:
        return self.browser.driver.find_element(By.ID, "count").text

    def focused(self) -> dict[str, Any]:
        script = "const at = document.activeElement; return {id: at.id, text: at.textContent, open: at.getAttribute('aria-expanded')}"
        found: dict[str, Any] = self.browser.run(script)
        return found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    written = tmp_path_factory.mktemp("large") / "index.html"
    written.write_bytes(render_page(read_fleet(fleet(500), "Python environments, production")))
    return written


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    written = tmp_path_factory.mktemp("small") / "index.html"
    written.write_bytes(render_page(SMALL))
    return written


def opened(own: Browser, path: pathlib.Path) -> Page:
    """Open a page as new."""
    page = Page(own, path)
    own.complaints(), own.requests()
    page.open()
    return page


def check_quiet(page: Page) -> None:
    """Nothing stands on the console, and nothing but the page itself was asked for since it was opened."""
    assert page.browser.complaints() == []
    asked = [url.partition("#")[0].partition(",")[0] for url in page.browser.requests()]
    # What stands before it is of the tab that the browser starts with.
    assert set(asked[asked.index(page.url) :]) <= {"about:blank", page.url, "data:image/svg+xml"}


@pytest.fixture
def page(own: Browser, small: pathlib.Path) -> Iterator[Page]:
    ready = opened(own, small)
    yield ready
    check_quiet(ready)


def everything(page: Page) -> bool:
    return page.told() == f"{page.total} rows, {NUMBERS.hosts} hosts"


def test_it_opens_with_the_worst_on_top(page: Page) -> None:
    worst = [row["worst"] for row in page.shown()]
    assert worst[: NUMBERS.unanswered + 1] == ["unanswered"] * NUMBERS.unanswered + ["critical"] and worst[-1] == ""
    assert everything(page) and len({row["host"] for row in page.shown()}) == NUMBERS.hosts
    lead = page.browser.driver.find_element(By.CLASS_NAME, "lead").text
    assert f"{NUMBERS.unapproved} environments are not on the approved bundle." in lead


def test_each_column_sorts_in_both_directions(page: Page) -> None:
    assert page.head(0) == "ascending"
    hosts = page.column(0)
    assert hosts[:4] == ["ams-edge-1"] * 3 + ["ams-edge-6"] and hosts[-1] == "waw-edge-99"
    assert page.head(0) == "descending" and page.column(0)[0] == "waw-edge-99"
    assert page.head(4) == "descending" and page.column(4)[0] == "83 d" and page.column(4)[-1] in NOTHING
    assert page.head(4) == "ascending" and page.column(4)[0] == "19 d" and page.column(4)[-1] in NOTHING
    assert page.head(5) == "descending" and page.column(5)[0] == "≠ 2"
    assert page.head(6) == "descending" and page.shown()[0]["worst"] == "unanswered"
    assert page.head(6) == "ascending" and page.shown()[-1]["worst"] == "unanswered"
    assert page.head(7) == "ascending" and page.column(7)[0] == "3.9.18"
    assert page.head(8) == "ascending" and page.column(8)[0] == "✗ ended 2025-10-31"
    for number in (1, 2, 3):
        assert page.head(number) == "ascending"
        values = [value for value in page.column(number) if value not in NOTHING]
        assert len([one for one, _equal in itertools.groupby(values)]) == len(set(values)), "equal ones stand together"
    assert page.browser.run("return document.querySelectorAll('#fleet [aria-sort]').length") == 1
    assert everything(page)


def test_filters_narrow_down_to_who_is_not_on_the_approved_bundle(page: Page) -> None:
    page.click("[data-view=off] button")
    rows = page.shown()
    assert len(rows) == NUMBERS.unapproved > 1 and {row["standing"] for row in rows} == {"unapproved"}
    assert page.told() == f"{len(rows)} of {page.total} rows, {len(rows)} hosts"
    page.click("#names")
    limit = page.browser.run("return document.getElementById('hosts').value").split(",")
    assert limit == [row["host"] for row in rows]
    page.click("[data-view=off] button")
    assert everything(page), "a second press takes it back"
    page.click(f"[data-bundle='{identifier('netcheck', 6)}'][data-venv='{NETCHECK}'] button")
    assert [row["host"] for row in page.shown()] == limit
    page.click("#clear")
    for view, number in (
        ("unanswered", NUMBERS.unanswered),
        ("drifted", NUMBERS.drifted),
        ("suppressed", NUMBERS.suppressed),
    ):
        page.click(f"[data-view={view}] button")
        assert len(page.shown()) == number > 0
    page.click("[data-view=all] button")
    page.browser.driver.find_element(By.ID, "severity").send_keys("high or worse")
    assert {row["worst"] for row in page.shown()} == {"critical", "high"}


def test_the_text_filter_finds_names_paths_codes_and_evidence(page: Page) -> None:
    drifted, silent = NUMBERS.drifted, NUMBERS.unanswered
    old = identifier("netcheck", 6)
    expected = {
        "edge-41 NETCHECK": 1,
        "writable-by": drifted,
        "debug.pth": drifted,
        old: NUMBERS.unapproved,
        "timed out": silent,
        "?!": 0,
    }
    for words, number in expected.items():
        page.press("/")
        assert page.focused()["id"] == "text"
        page.press(words)
        assert len(page.shown()) == number, words
        assert page.browser.run("return document.getElementById('empty').hidden") is (number > 0)
        page.press(Keys.ESCAPE)
        assert everything(page)
        page.press(Keys.ESCAPE)


def test_the_keyboard_reaches_every_row(page: Page) -> None:
    page.press("/", Keys.ARROW_DOWN)
    first = page.focused()
    assert first["text"] == page.shown()[NUMBERS.unanswered]["host"] and first["open"] == "false"
    assert page.browser.run("return document.querySelector('.more').offsetHeight") == 0
    page.press(Keys.ENTER)
    assert page.focused()["open"] == "true"
    details = page.browser.run(
        "const row = document.activeElement.closest('tbody').rows[1]; return row.offsetHeight > 0 && row.textContent"
    )
    assert "writable-by-others" in details and "Run the play of the environment" in details
    page.press(Keys.ARROW_LEFT)
    assert page.focused()["open"] == "false"
    page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ARROW_RIGHT)
    assert page.focused()["text"] == page.shown()[NUMBERS.unanswered + 1]["host"] and page.focused()["open"] == "true"
    page.press(Keys.END)
    assert page.focused()["text"] == page.shown()[-1]["host"]
    stops = page.browser.run(
        "return [...document.querySelectorAll('.row button')].filter((one) => one.tabIndex === 0).length"
    )
    assert stops == 1, "one stop for the tab key, and arrows from there"
    outline = page.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus can be seen"


def test_a_click_opens_a_row_and_a_link_leads_to_a_host(page: Page) -> None:
    page.click("#fleet tbody:nth-of-type(5) td:nth-child(5)")
    assert page.browser.run("return document.querySelectorAll('tbody.open').length") == 1
    page.open("#host-lon-edge-2")
    assert {row["host"] for row in page.shown()} == {"lon-edge-2"} and page.told() == f"5 of {page.total} rows, 1 host"
    assert page.browser.run("return document.querySelectorAll('tbody.open').length") == 5
    page.press(Keys.ESCAPE)
    assert everything(page)
    page.browser.run("location.hash = '#host-par-edge-3'")
    assert [row["host"] for row in page.shown()] == ["par-edge-3"]


@pytest.mark.parametrize(
    ("width", "scheme", "media"),
    [(1440, "light", ""), (1440, "dark", ""), (900, "light", ""), (400, "dark", ""), (1000, "light", "print")],
)
def test_it_fits_in_every_window(page: Page, width: int, scheme: str, media: str) -> None:
    page.browser.emulate(width, scheme=scheme, media=media)
    assert page.browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    paper = page.browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is (scheme == "light")
    assert page.browser.run("return document.getElementById('tools').offsetHeight > 0") is (media == "")
    page.browser.emulate(1440)


def test_500_hosts_cost_little_more_than_a_plain_table(own: Browser, large: pathlib.Path) -> None:
    page = opened(own, large)
    assert page.total == ROWS and page.told() == f"{ROWS} rows, 500 hosts"
    plain = statistics.median(own.run(PLAIN, ROWS) for _round in range(3))
    load = own.run("return performance.getEntriesByType('navigation')[0].duration")
    text = "const at = document.getElementById('text'); at.value = '%s'; at.dispatchEvent(new Event('input'))"
    done = {
        "sort": TIMED % "document.querySelectorAll('#fleet thead button')[2].click()",
        "filter": TIMED % (text % "edge-4"),
        "filter again": TIMED % (text % "edge-41"),
        "all": TIMED % "document.getElementById('clear').click()",
    }
    taken = {name: own.run(script) for name, script in done.items()}
    check_quiet(page)
    told = ", ".join(f"{name} {ms:.0f} ms" for name, ms in taken.items())
    print(f"plain table {plain:.0f} ms, load {load:.0f} ms, {told}")
    assert load < 20 * plain and max(taken.values()) < 10 * plain, told


def test_it_is_read_without_a_script(small: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with browser(tmp_path, javascript=False) as still:
        Page(still, small).open()
        seen = still.driver.find_elements(By.CSS_SELECTOR, "#fleet tr.row")
        assert len(seen) > NUMBERS.environments and seen[-1].is_displayed()
        assert still.driver.find_element(By.CSS_SELECTOR, ".more .finding").is_displayed()
        assert not still.driver.find_element(By.ID, "tools").is_displayed()
        assert not still.driver.find_elements(By.TAG_NAME, "button")[0].is_displayed()


def test_names_are_text_in_the_browser_too(own: Browser, tmp_path: pathlib.Path) -> None:
    written = tmp_path / "nasty.html"
    written.write_bytes(render_page(read_fleet(nasty(), "</title><script>alert(1)</script>")))
    own.complaints(), own.requests()
    nasties = Page(own, written)
    nasties.open()
    assert len({row["host"] for row in nasties.shown()}) == len(nasty())
    assert own.run("return document.scripts.length + document.images.length") == 1
    assert own.driver.title == "</title><script>alert(1)</script>"
    for width in (1440, 900, 400):
        own.emulate(width)
        assert own.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
    own.emulate(1440)
    for link in own.run("return [...new Set([...document.querySelectorAll('dd a')].map((one) => one.hash))]"):
        nasties.open(link)
        assert len({row["host"] for row in nasties.shown()}) == 1, link
    assert own.complaints() == []


def test_the_policy_stops_what_is_not_of_the_page(own: Browser, small: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """That nothing was asked for above is no proof while nothing tries to."""
    spoilt = tmp_path / "spoilt.html"
    evil = '<script>document.title = "evil"</script><img src="http://192.0.2.1/x.png"><style>body { display: none }</style>'
    spoilt.write_text(re.sub("<footer>", evil + "<footer>", small.read_text(encoding="utf-8")), encoding="utf-8")
    own.open(spoilt.as_uri())
    assert own.driver.title != "evil" and own.run("return getComputedStyle(document.body).display") == "block"
    assert len([line for line in own.complaints() if "Content Security Policy" in line]) >= 3
    assert own.refused() == ["csp"]
