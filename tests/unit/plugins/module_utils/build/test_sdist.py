# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an sdist to a wheel: what pip is told, and what it is not."""

from __future__ import annotations

import os
import pathlib
import stat
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import sdist
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache
from ansible_collections.netdevops.python.plugins.module_utils.build.constraints import build_tools
from ansible_collections.netdevops.python.plugins.module_utils.build.credentials import Credentials, Login
from ansible_collections.netdevops.python.plugins.module_utils.build.sdist import BuiltWheels, Tools, build_sdist
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice
from ansible_collections.netdevops.python.plugins.module_utils.build.tls import trusting
from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Opener
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target

TARGET = parse_target("cp311-manylinux_2_36_x86_64")
PYTHON = Interpreter(
    "/opt/pyenv/versions/3.11.7/bin/python", "3.11.7", "cpython", TARGET, "/p", "/p", "cpython-311", {}
)
INDEX = "https://pypi.example.com/simple/"
CHOICE = Choice("x", "1.0", "x-1.0.tar.gz", "a" * 64, "", ("main",))


class Pip:
    """Answers as pip; remembers what it was told."""

    def __init__(self, make: Any, ours: bool = True, its_own: bool = True) -> None:
        self.make = make
        self.there = {sys.executable: ours, PYTHON.path: its_own}
        self.argv: list[str] = []
        self.env: dict[str, str] = {}
        self.netrc = ""
        self.tools: list[str] = []

    def __call__(self, argv: Sequence[str], **named: Any) -> Completed:
        if "--version" in argv:
            return Completed(tuple(argv), 0 if self.there[argv[0]] else 1, "", "No module named pip")
        self.argv, self.env = list(argv), dict(named["env"])
        if "NETRC" in self.env:
            path = pathlib.Path(self.env["NETRC"])
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            self.netrc = path.read_text()
        if "PIP_FIND_LINKS" in self.env:
            self.tools = sorted(os.listdir(self.env["PIP_FIND_LINKS"]))
        out = pathlib.Path(argv[list(argv).index("--wheel-dir") + 1])
        out.mkdir()
        (out / "x-1.0-py3-none-any.whl").write_bytes(self.make.wheel("x", "1.0"))
        return Completed(tuple(argv), 0, "", "")


@pytest.fixture
def archive(tmp_path: pathlib.Path, make: Any) -> str:
    path = tmp_path / CHOICE.sha256
    path.write_bytes(make.sdist("x", "1.0"))
    return str(path)


def tools(**more: Any) -> Tools:
    return Tools(
        **{"python": PYTHON, "index_url": INDEX, "login": None, "wheels": {}, "constraints": "", "timeout": 5, **more}
    )


def test_pip_is_isolated(make: Any, archive: str) -> None:
    pip = Pip(make)
    environ = {
        "PATH": "/bin",
        "PIP_FIND_LINKS": "/opt/wheels",
        "PYTHONPATH": "/x",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_X": "1",
    }
    built, data = build_sdist(pip, CHOICE, archive, tools(), environ)
    assert (built.file, built.size, built.sha256) == ("x-1.0-py3-none-any.whl", len(data), make.sha256(data))
    assert pip.argv[:5] == [sys.executable, "-I", "-m", "pip", "--python"]
    assert pip.argv[-1].endswith("/x-1.0.tar.gz") and "--no-deps" in pip.argv
    assert pip.env["PIP_CONFIG_FILE"] == "/dev/null" and pip.env["PIP_INDEX_URL"] == INDEX
    assert pip.env["PIP_CERT"] == "/ca.pem" and pip.env["SOURCE_DATE_EPOCH"] == "315532800"
    assert not {"PIP_FIND_LINKS", "PYTHONPATH", "UV_X", "NETRC"} & pip.env.keys()
    assert not os.path.exists(pip.argv[-1])


def test_a_password_is_in_no_argument(make: Any, archive: str) -> None:
    pip = Pip(make)
    build_sdist(pip, CHOICE, archive, tools(login=Login(INDEX, "reader", 'hunter"2')), {})
    assert "hunter" not in " ".join(pip.argv) + " ".join(pip.env.values())
    assert pip.netrc == 'machine pypi.example.com login "reader" password "hunter\\"2"\n'
    assert not os.path.exists(pip.env["NETRC"])


def test_pinned_tools_need_no_index(make: Any, archive: str, tmp_path: pathlib.Path) -> None:
    pip = Pip(make)
    (tmp_path / "digest").write_bytes(b"wheel")
    wheels = {"setuptools-80.0-py3-none-any.whl": str(tmp_path / "digest")}
    build_sdist(pip, CHOICE, archive, tools(wheels=wheels, login=Login(INDEX, "a", "b")), {})
    assert pip.env["PIP_NO_INDEX"] == "1" and pip.tools == list(wheels)
    assert not {"PIP_INDEX_URL", "NETRC"} & pip.env.keys()


def test_which_pip(make: Any, archive: str) -> None:
    pip = Pip(make, ours=False)
    build_sdist(pip, CHOICE, archive, tools(), {})
    assert pip.argv[0] == PYTHON.path
    with pytest.raises(Refused, match="has no pip, which builds sdists") as caught:
        build_sdist(Pip(make, ours=False, its_own=False), CHOICE, archive, tools(), {})
    assert f"{PYTHON.path} -m ensurepip" in str(caught.value)


def test_a_build_that_fails(archive: str) -> None:
    def failing(argv: Sequence[str], **named: Any) -> Completed:
        return Completed(tuple(argv), 0 if "--version" in argv else 1, "", "error: no compiler")

    for wheels, step in (
        ({}, "Install what it needs to compile"),
        ({"a.whl": archive}, "Add what it needs to build to `build_constraints`"),
    ):
        with pytest.raises(
            Refused, match=r"x 1.0: its sdist x-1.0.tar.gz does not build: error: no compiler"
        ) as caught:
            build_sdist(failing, CHOICE, archive, tools(wheels=wheels), {})
        assert step in str(caught.value)


def test_a_wheel_is_found_again_by_all_that_it_depends_on(tmp_path: pathlib.Path, make: Any) -> None:
    wheels = BuiltWheels(str(tmp_path), Cache(str(tmp_path)))
    data = make.wheel("x", "1.0")
    built = sdist.described("x-1.0-py3-none-any.whl", data)
    wheels.keep("a" * 64, PYTHON, "", built, data)
    assert wheels.find("a" * 64, PYTHON, "") == built
    assert wheels.find("b" * 64, PYTHON, "") is None
    assert wheels.find("a" * 64, PYTHON, "c" * 64) is None
    assert wheels.find("a" * 64, PYTHON._replace(target=TARGET._replace(abi="cp312")), "") is None
    assert wheels.find("a" * 64, None, "") is None
    with open(Cache(str(tmp_path)).path(built.sha256), "ab") as stream:
        stream.write(b"!")
    assert wheels.find("a" * 64, PYTHON, "") is None


def test_build_tools_are_the_pinned_ones(index: Any, make: Any) -> None:
    digest = index.add("setuptools", "setuptools-80.0-py3-none-any.whl", make.wheel("setuptools", "80.0"))
    index.add("setuptools", "setuptools-80.0.tar.gz", b"sdist")
    index.add("setuptools", "setuptools-80.1-py3-none-any.whl", make.wheel("setuptools", "80.1"))
    text = f"setuptools==80.0 ; python_version >= '3.9' --hash=sha256:{digest}\nold==1.0 ; python_version < '3.0' --hash=sha256:{'0' * 64}\n"
    opener = Opener(Credentials({}, {}), trusting({}), 5)
    try:
        choices = build_tools(opener, index.url, text, "tools.txt", PYTHON)
        assert [(choice.file, choice.sha256) for choice in choices] == [("setuptools-80.0-py3-none-any.whl", digest)]
        with pytest.raises(Refused) as caught:
            build_tools(
                opener,
                index.url,
                f"setuptools==80.0 --hash=sha256:{'0' * 64}\nwheel==1.0 --hash=sha256:{'0' * 64}\n",
                "tools.txt",
                PYTHON,
            )
    finally:
        opener.close()
    said = str(caught.value)
    assert (
        "tools.txt, line 1: the index has no wheel of setuptools 80.0" in said and "tools.txt, line 2: http://" in said
    )


def test_build_constraints_in_a_build(world: Any, make: Any, tmp_path: pathlib.Path) -> None:
    digest = world.index.add("setuptools", "setuptools-80.0-py3-none-any.whl", make.wheel("setuptools", "80.0"))
    file = tmp_path / "tools.txt"
    file.write_text(f"setuptools==80.0 --hash=sha256:{digest}\n")
    _changed, plain = world.build()
    changed, result = world.build(build_constraints=str(file))
    assert changed and result["fetched"]["files"] == 1, "setuptools; the sdist is in the cache"
    assert result["built"][1]["origin"]["build_constraints"] == make.sha256(file.read_bytes())
    assert result["bundle_id"] != plain["bundle_id"]
    assert world.build(build_constraints=str(file))[0] is False
    environment = [env for argv, env in world.calls if "--wheel-dir" in argv][-1]
    assert environment["PIP_NO_INDEX"] == "1"
    file.write_text("setuptools\n")
    with pytest.raises(Refused, match=r"tools.txt, line 1: expected setuptools==VERSION"):
        world.build(build_constraints=str(file))
