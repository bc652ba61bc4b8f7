# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import html.parser
import re
from typing import Any

import pytest

pytest.importorskip("jinja2", reason="the page is made on controllers alone")

from ansible_collections.netdevops.python.plugins.plugin_utils.report import page
from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import ENDS_SOON, read_fleet
from ansible_collections.netdevops.python.tests.unit.support.fleets import (
    NASTY,
    environment,
    finding,
    fleet,
    identifier,
    nasty,
    report,
)

VENV = "/opt/netops/netcheck/.venv"
VOID = {"meta", "link", "input", "rect", "img", "br", "hr"}


class Reader(html.parser.HTMLParser):
    """What a page is made of; refuses elements that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[dict[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} is there twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tbody" and "data-host" in dict(attrs):
            self.rows.append(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def rendered(reports: dict[str, Any], title: str = "Fleet") -> str:
    return page.render_page(read_fleet(reports, title)).decode("utf-8")


def read(reports: dict[str, Any], title: str = "Fleet") -> Reader:
    reader = Reader()
    reader.feed(rendered(reports, title))
    reader.close()
    assert reader.open == []
    return reader


def test_every_host_and_every_environment_has_a_row() -> None:
    reader = read(fleet(500))
    assert len({row["data-host"] for row in reader.rows}) == 500
    assert len([row for row in reader.rows if row["data-venv"]]) == 1490
    anchors = [row["id"] for row in reader.rows if "id" in row]
    assert len(anchors) == len(set(anchors)) == 500


def test_it_is_as_small_as_it_must_be() -> None:
    assert len(rendered(fleet(3))) < 64 * 1024
    assert len(rendered(fleet(500))) < 3 * 1024 * 1024


def test_the_worst_comes_first_and_hosts_without_answer_before_it() -> None:
    own = environment()
    reports = {
        "a": report([own]),
        "b": report([own], [finding("x", "medium", VENV)] * 5),
        "c": report([own], [finding("y", "critical", VENV)]),
        "d": None,
    }
    reader = read(reports)
    assert [row["data-host"] for row in reader.rows] == ["d", "c", "b", "a"]
    assert [row["data-worst"] for row in reader.rows] == ["unanswered", "critical", "medium", ""]
    assert "1 of 4 hosts did not answer, and nothing is known of them." in reader.words
    assert "There is 1 critical finding." in reader.words


def test_a_clean_fleet_says_so_and_one_that_did_not_answer_does_not() -> None:
    own = environment()
    assert "All 2 hosts answered, and nothing is wrong." in read({"a": report([own]), "b": report([own])}).words
    assert "nothing is wrong" not in read({"a": None}).words
    known = [finding(code, "high", suppressed={"reason": "r", "until": "2027-01-31"}) for code in ("x", "y")]
    told = read({"a": report([own], known[:1]), "b": report([own])}).words
    assert "All 2 hosts answered, and nothing is wrong that is not known: 1 finding is suppressed." in told
    assert "nothing is wrong that is not known: 2 findings are suppressed." in read({"a": report([own], known)}).words
    assert "nothing is wrong" not in read({"a": report([own], [finding("x", "low")])}).words
    assert "There is 1 finding of severity low." in read({"a": report([own], [finding("x", "low")])}).words
    assert (
        "There are 2 critical findings."
        in read({"a": report([own], [finding("x", "critical"), finding("y", "critical"), finding("z", "low")])}).words
    )
    assert "There are no hosts." in read({}).words


def test_a_row_tells_what_an_engineer_looks_for() -> None:
    drifted = environment(drift={"count": 2, "some": ["changed lib/a.py", "added lib/b.pth"]}, version="3.9.18")
    suppressed = {"reason": "CHG0042", "until": "2027-01-31"}
    found = [finding("x", "high", VENV), finding("y", "low", subject="/etc/pip.conf", suppressed=suppressed)]
    reader = read(
        {"a": report([drifted], found, notes=["one suppression covers nothing"]), "b": report([environment(number=6)])}
    )
    for word in (
        "≠ 2",
        "one suppression covers nothing",
        "1 high",
        "changed lib/a.py",
        "✗ ended 2025-10-31",
        "/etc/pip.conf",
        "Suppressed until 2027-01-31: CHG0042",
    ):
        assert word in reader.words
    assert "87 packages, 2 releases, 70 MiB" in reader.words and identifier("netcheck", 7)[:12] in reader.words
    assert "1 environment is on another bundle than most hosts have at the same path." in reader.words


def test_bundles_in_use_are_of_paths_that_have_one() -> None:
    own = environment("scratch", venv="/home/jdoe/venv", kind="ordinary", bundle="")
    assert "Bundles in use" not in read({"a": report([own])}).words
    others = [environment(f"p{number}") for number in range(1, 9)]
    words = read({"a": report([own, *others])}).words
    assert "Bundles in use" in words and "2 more paths" in words and "no bundle" not in words


def test_nothing_of_a_host_becomes_markup() -> None:
    names = {tag for tag, _attributes in read(fleet(60)).tags}
    reader = read(nasty(), NASTY[0])
    assert {tag for tag, _attributes in reader.tags} <= {*names, "details", "summary"}
    assert not [name for _tag, attributes in reader.tags for name in attributes if name.startswith("on")]
    links = [attributes["href"] for _tag, attributes in reader.tags if attributes.get("href")]
    assert {link.partition(":")[0] if link and link[0] != "#" else "#" for link in links if link} == {"#", "data"}
    assert [tag for tag, _attributes in reader.tags if tag in ("script", "style")] == ["style", "script"]
    assert len({row["data-host"] for row in reader.rows}) == len(nasty())


def test_nothing_is_fetched() -> None:
    for _tag, attributes in read(fleet(60)).tags:
        for name in ("src", "srcset", "action", "style", "data", "poster"):
            assert name not in attributes
    assert "url(" not in page._asset("page.css") and "@import" not in page._asset("page.css")


def test_the_policy_names_the_style_and_the_script_that_are_there() -> None:
    text = rendered(fleet(3))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{rule} &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;;") and "unsafe" not in policy
    assert "</" not in page._asset("page.js") and "</" not in page._asset("page.css")


def test_the_same_fleet_gives_the_same_bytes() -> None:
    reports = fleet(60)
    assert rendered(reports) == rendered(dict(reversed(list(reports.items()))))


def test_no_two_hosts_share_a_fragment() -> None:
    names = ["a b", "a~20~b", "a-b", "a_b", "ä", "~", "~7e~", "a", "A"]
    assert len({page.anchor(name) for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]+", page.anchor(name)) for name in [*names, *NASTY])


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/opt/netops/netcheck/.venv", ("/opt/netops/", "netcheck", "/.venv")),
        ("/home/jdoe/venv", ("/home/jdoe/", "venv", "")),
        ("/.venv", ("", "", "/.venv")),
        ("/venv", ("/", "venv", "")),
        ("venv", ("", "venv", "")),
        ("a/.venv", ("", "a", "/.venv")),
        ("/", ("/", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_path_is_shown_whole(path: str, parts: tuple[str, str, str]) -> None:
    assert page._path(path) == parts and "".join(parts) == path


@pytest.mark.parametrize(
    ("day", "told", "state"),
    [
        ("2026-11-19", "", "over"),
        ("2026-11-20", "/opt/p/3.11.2", "soon"),
        ("2026-11-20", "", "supported"),
        ("2029-01-01", "/opt/p/3.11.2", "soon"),
        ("2029-01-01", "/opt/p/3.12.1", "supported"),
        ("", "", "unknown"),
    ],
)
@pytest.mark.parametrize("suppressed", [None, {"reason": "r", "until": "2027-01-31"}])
def test_the_audit_alone_says_what_ends_soon(
    day: str, told: str, state: str, suppressed: dict[str, str] | None
) -> None:
    interpreters = [
        {"folder": "/opt/p/3.11.2", "version": "3.11.2", "end_of_life": day},
        {"folder": "/opt/p/3.12.1", "version": "3.12.1", "end_of_life": "2028-10-31"},
    ]
    found = [finding(ENDS_SOON, "low", subject=told, suppressed=suppressed)] if told else []
    other = finding("unreadable", "low", subject="/opt/p/3.11.2")
    (host,) = read_fleet({"a": report(findings=[other, *found], interpreters=interpreters)}, "").hosts
    assert page.life_of(host, "3.11.2").state == state


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (73_400_320, "70 MiB"), (1 << 53, "8192 TiB")]
)
def test_sizes(number: int, text: str) -> None:
    assert page._size(number) == text


# ---- contrast: WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (what is no text, 3)

TEXT = [
    *(
        (ink, paper)
        for ink in ("ink", "dim", "bad", "warn", "high", "medium", "low", "accent")
        for paper in ("paper", "raised")
    ),
    ("bad", "bad-paper"),
    ("ink", "bad-paper"),
    ("high", "high-paper"),
    ("on-critical", "critical"),
    ("on-accent", "accent"),
    ("ink", "target"),
    ("dim", "target"),
    ("bad", "target"),
    ("warn", "target"),
]
SHAPES = [("focus", "paper"), ("focus", "raised"), ("most", "paper"), ("warn", "paper"), ("bad", "paper")]


def palettes() -> dict[str, dict[str, str]]:
    css = page._asset("page.css")
    found = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    light, dark, paper = found
    return {"light": light, "dark": {**light, **dark}, "print": {**light, **paper}}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_it_is_told() -> None:
    assert round(contrast("#ffffff", "#000000"), 2) == 21 and round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_everything_can_be_read(scheme: str) -> None:
    colours = palettes()[scheme]
    weak = [
        (one, two, round(contrast(colours[one], colours[two]), 2))
        for one, two in TEXT
        if contrast(colours[one], colours[two]) < 4.5
    ]
    weak += [
        (one, two, round(contrast(colours[one], colours[two]), 2))
        for one, two in SHAPES
        if contrast(colours[one], colours[two]) < 3
    ]
    assert weak == []
