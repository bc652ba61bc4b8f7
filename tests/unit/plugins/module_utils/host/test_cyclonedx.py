# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bill of materials names all that an environment consists of, and is the same each time."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.host.cyclonedx import Content, bill_of

PYTHON = {"path": "/usr/bin/python3", "version": "3.11.2", "target": "cp311-manylinux_2_36_x86_64", "sha256": "d" * 64}
WHOLE = Content(
    "/opt/app/.venv",
    "0123456789abcdef",
    "b" * 64,
    "c" * 64,
    PYTHON,
    [["eggs", "2.0+local.1", "a" * 64], ["spam", "1.0", "5" * 64]],
    "2026-03-01T09:30:00Z",
)
ORDINARY = Content(
    "/srv/tool", "", "", "", {"path": "", "version": "", "target": "", "sha256": ""}, [["Foo.bar_baz", "1", ""]], ""
)


def values(component: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in component["properties"]}


def test_each_package_and_the_interpreter_are_components() -> None:
    bill = bill_of(WHOLE)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    eggs, spam, python = bill["components"]
    assert (eggs["type"], eggs["name"], eggs["version"]) == ("library", "eggs", "2.0+local.1")
    assert (eggs["purl"], spam["purl"]) == ("pkg:pypi/eggs@2.0%2Blocal.1", "pkg:pypi/spam@1.0")
    assert spam["hashes"] == [{"alg": "SHA-256", "content": "5" * 64}]
    assert (python["type"], python["purl"]) == ("platform", "pkg:generic/cpython@3.11.2")
    assert python["hashes"][0]["content"] == "d" * 64
    assert values(python) == {"netdevops.python:path": PYTHON["path"], "netdevops.python:target": PYTHON["target"]}


def test_the_environment_is_what_it_is_about_and_depends_on_all_of_them() -> None:
    bill = bill_of(WHOLE)
    about = bill["metadata"]["component"]
    assert (about["type"], about["name"], about["version"]) == ("application", WHOLE.venv, WHOLE.release)
    assert values(about) == {"netdevops.python:bundle": "b" * 64, "netdevops.python:lock": "c" * 64}
    refs = [component["bom-ref"] for component in bill["components"]]
    assert len(set(refs)) == len(refs)
    assert bill["dependencies"] == [{"ref": about["bom-ref"], "dependsOn": refs}]
    assert bill["metadata"]["timestamp"] == WHOLE.built_at


def test_the_serial_number_follows_from_the_content() -> None:
    serial = bill_of(WHOLE)["serialNumber"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", serial)
    assert bill_of(WHOLE) == bill_of(WHOLE)
    others = {
        bill_of(WHOLE._replace(**change))["serialNumber"]
        for change in ({"venv": "/x/y"}, {"packages": []}, {"lock": ""})
    }
    assert len(others | {serial}) == 4


def test_what_nobody_knows_is_left_out() -> None:
    bill = bill_of(ORDINARY)
    package, python = bill["components"]
    assert package == {
        "type": "library",
        "bom-ref": "pkg:pypi/foo-bar-baz@1",
        "name": "foo-bar-baz",
        "version": "1",
        "purl": "pkg:pypi/foo-bar-baz@1",
    }
    assert python == {
        "type": "platform",
        "bom-ref": "pkg:generic/cpython",
        "name": "cpython",
        "purl": "pkg:generic/cpython",
    }
    assert bill["metadata"] == {"component": {"type": "application", "bom-ref": "environment", "name": "/srv/tool"}}


def test_a_package_that_is_there_under_two_spellings_is_one_component() -> None:
    bill = bill_of(ORDINARY._replace(packages=[["Foo_bar", "1", ""], ["foo-bar", "1", ""]]))
    assert [component["name"] for component in bill["components"]] == ["foo-bar", "cpython"]
