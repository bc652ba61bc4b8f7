# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment

HOSTILE = {
    "PIP_FIND_LINKS": "/evil",
    "PIP_CONFIG_FILE": "/evil/pip.conf",
    "UV_INDEX_URL": "http://evil",
    "PYTHONPATH": "/evil",
    "PYTHONHOME": "/evil",
    "PYTHONSTARTUP": "/evil",
    "POETRY_VIRTUALENVS_PATH": "/evil",
    "PYENV_VERSION": "2.7.18",
    "VIRTUAL_ENV": "/evil",
    "CONDA_PREFIX": "/evil",
    "__PYVENV_LAUNCHER__": "/evil",
    "LD_PRELOAD": "/evil.so",
}


def test_what_a_person_exported_for_python_tools_is_gone() -> None:
    cleaned = clean_environment({**HOSTILE, "PATH": "/bin", "HOME": "/root"})
    assert not [value for value in cleaned.values() if "evil" in value]
    assert "PYENV_VERSION" not in cleaned
    assert cleaned["PATH"] == "/bin" and cleaned["HOME"] == "/root"


def test_tools_are_told_to_keep_to_themselves() -> None:
    cleaned = clean_environment({})
    assert cleaned["PIP_CONFIG_FILE"] == "/dev/null"
    assert cleaned["PYTHONNOUSERSITE"] == cleaned["UV_NO_CONFIG"] == cleaned["PIP_NO_INPUT"] == "1"
    assert cleaned["PYTHON_KEYRING_BACKEND"].endswith("null.Keyring")


def test_what_the_caller_adds_stands_last() -> None:
    cleaned = clean_environment({"A": "1"}, A="2", PYTHONDONTWRITEBYTECODE="1")
    assert cleaned["A"] == "2" and cleaned["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_given_environment_is_left_alone() -> None:
    base = dict(HOSTILE)
    clean_environment(base)
    assert base == HOSTILE
