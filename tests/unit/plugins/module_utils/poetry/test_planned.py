# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that Poetry tells: as it was heard, and what must not be believed."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.planned import parse_planned
from ansible_collections.netdevops.python.tests.unit.plugins.module_utils.poetry.test_says import VERSIONS, heard

HEAD = "Package operations: {} installs, {} updates, {} removals{}\n\n"
ALPHA, BETA = "  - Installing alpha (1.0)\n", "  - Installing beta (2.0)\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_packages_and_project_are_read(version: str) -> None:
    planned = parse_planned(heard(version)["proj"].stdout, "Poetry")
    assert planned.packages == (("click", "8.5.1"), ("iniconfig", "2.3.1"))
    assert planned.root == ("myproj", "0.1.0")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_say_the_same_of_everything(version: str) -> None:
    planned = parse_planned(heard(version)["everything"].stdout, "Poetry")
    names = [name for name, _version in planned.packages]
    assert names == ["click", "iniconfig", "markdown-it-py", "markupsafe", "mdurl", "pygments", "rich"]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_comes_from_no_index_says_from_where(version: str) -> None:
    planned = parse_planned(heard(version)["origins"].stdout, "Poetry")
    assert planned.packages[1] == ("gitdep", "0.3.0")
    assert dict(planned.origins) == {
        "click": "/srv/idx/click-8.5.1-py3-none-any.whl",
        "gitdep": dict(planned.origins)["gitdep"],
        "mdurl": "http://127.0.0.1:18183/mdurl-0.1.2-py3-none-any.whl",
        "pathdep": "/srv/pd",
    }
    assert len(dict(planned.origins)["gitdep"]) == 7
    assert [text.partition(",")[0] for text in planned.unwatched()] == ["pathdep is made from /srv/pd"]


@pytest.mark.parametrize("version", VERSIONS)
def test_names_and_versions_come_in_one_form(version: str) -> None:
    planned = parse_planned(heard(version)["empty"].stdout, "Poetry")
    assert (planned.packages, planned.root) == ((), ("my-proj-x", "1.0.0rc1"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_project_that_is_no_package_is_not_installed(version: str) -> None:
    assert parse_planned(heard(version)["no_package"].stdout, "Poetry") == ((), None, (), ())


@pytest.mark.parametrize(
    "said",
    [
        ALPHA,
        HEAD.format(2, 0, 0, "") + ALPHA,
        HEAD.format(1, 0, 0, "") + ALPHA + BETA,
        HEAD.format(1, 0, 0, ", 1 skipped") + ALPHA,
        HEAD.format(1, 1, 0, "") + ALPHA,
        HEAD.format(1, 0, 1, "") + ALPHA,
        HEAD.format(1, 1, 0, "") + ALPHA + "  - Updating beta (1.0 -> 2.0)\n",
        HEAD.format(1, 1, 0, "") + ALPHA + "  - Downgrading beta (2.0 -> 1.0)\n",
        HEAD.format(1, 0, 1, "") + ALPHA + "  - Removing beta (1.0)\n",
        HEAD.format(2, 0, 0, "") + ALPHA + ALPHA,
        HEAD.format(2, 0, 0, "") + ALPHA + "  - Installing beta\n",
        HEAD.format(2, 0, 0, "") + ALPHA + "  - Installing beta (2.0): Failed\n",
        HEAD.format(1, 0, 0, "") + HEAD.format(1, 0, 0, "") + ALPHA,
        "Package operations: many installs\n" + ALPHA,
        HEAD.format(1, 0, 0, "") + ALPHA + "Installing the current project: small tool\n",
        "Installing the current project: a (1)\nInstalling the current project: b (1)\n",
    ],
)
def test_what_does_not_agree_is_refused(said: str) -> None:
    with pytest.raises(Refused, match="its plan is not understood: expected"):
        parse_planned(said, "Poetry 3")


def test_what_is_skipped_is_not_installed() -> None:
    said = HEAD.format(1, 0, 0, ", 1 skipped") + ALPHA
    said += "  - Installing beta (2.0): Skipped for the following reason: Not required\n"
    assert parse_planned(said, "Poetry").packages == (("alpha", "1.0"),)


def test_a_version_is_compared_in_its_one_form() -> None:
    said = HEAD.format(1, 0, 0, "") + "  - Installing Alpha_X (2023.07.22-1)\n"
    assert parse_planned(said, "Poetry").packages == (("alpha-x", "2023.7.22.post1"),)
