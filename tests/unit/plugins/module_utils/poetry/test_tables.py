# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.poetry.tables import deciding, mentioned

DECIDES = """\
[tool.poetry]
name = "app"
a = [
  ["x"],
]
[[tool.poetry.source]]
name = 'company'
"""


@pytest.mark.parametrize(
    "other",
    [
        "# a note\n",
        "\n\n",
        "[tool.ruff]\nline-length = 100\n",
        "[tool.ruff.lint] # what is looked at\nselect = [\n  'E',\n]\n",
        "[ tool . mypy ]\nstrict = true\n",
        "[[tool.mypy.overrides]]\nmodule = 'x'\n",
        "[tool.pytest.ini_options]\naddopts = '-q ]'\n",
        # Python ends a line at these as well, TOML does not.
        "[tool.ruff]\nx = 'a\u2028[project]'\n",
        "[tool.ruff]\nx = 'a\x85[project]' # \u2028[project]\n",
    ],
)
def test_what_other_tools_and_readers_are_told_decides_nothing(other: str) -> None:
    assert deciding(DECIDES + other) == deciding(DECIDES)


@pytest.mark.parametrize(
    "other",
    [
        "b = 1\n",
        "[project]\nname = 'app'\n",
        "[tool.poetry.group.dev.dependencies]\nspam = '1'\n",
        "[dependency-groups]\ndev = ['spam']\n",
        "[build-system]\nrequires = []\n",
        "[tool]\npoetry.name = 'x'\n",
        "[tool.poetry-dynamic-versioning]\nenable = true\n",
        "[tool.setuptools]\npackages = []\n",
        "[tool.ruffle]\nx = 1\n",
        '[tool."ruff"]\nx = 1\n',
        "[tool.ruff]\nx = 1\n[project]\nname = 'x'\n",
        "x = [\n  [1],\n  [tool.ruff]\n]\ny = 1\n",
    ],
)
def test_whatever_else_is_there_may_decide(other: str) -> None:
    assert deciding(DECIDES + other) != deciding(DECIDES)


def test_what_looks_like_a_table_within_a_list_is_none() -> None:
    one = DECIDES + "x = [\n  [1],\n  [tool.ruff]\n]\ny = "
    assert deciding(one + "1\n") != deciding(one + "2\n")


def test_a_bracket_in_a_text_opens_nothing() -> None:
    one = DECIDES + 'b = "[" # ]]\n[tool.ruff]\nx = '
    assert deciding(one + "1\n") == deciding(one + "2\n")


def test_a_comment_behind_a_value_decides_nothing_and_a_text_like_one_does() -> None:
    assert deciding('[tool.poetry] # all\nb = "x # 1" # why\n') == '[tool.poetry]\nb = "x # 1"'


def test_what_may_name_a_file_is_told_by_its_key() -> None:
    text = """
        name = "net-check"
        packages = [{include = "one"}, { from = 'lib', include = "two/**/*.py" }]
        command = {reference = "bin/x.sh", type = "file"}
        [tool.poetry.build]
        script = "build.py"
        surname = "no"
    """
    assert mentioned(text) == {
        "name": ["net-check"],
        "include": ["one", "two/**/*.py"],
        "from": ["lib"],
        "reference": ["bin/x.sh"],
        "script": ["build.py"],
    }


@pytest.mark.parametrize(
    "uncertain",
    ['b = """\n[tool.ruff]\n"""\n', "b = '''\n'''\n", "b = 'open\n", "b = ]\n", "b = [\n", 'b = "\\\\" "\n'],
)
def test_of_what_is_not_certain_all_counts(uncertain: str) -> None:
    text = DECIDES + uncertain + "# a note\n"
    assert deciding(text) == text
