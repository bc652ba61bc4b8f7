# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Poetry is started, and which one is not: with what it was heard saying, and nothing run."""

from __future__ import annotations

import os
import pathlib
import re
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import Source
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tool import Place, Poetry
from ansible_collections.netdevops.python.tests.unit.plugins.module_utils.poetry.test_says import heard

VERSION = Completed((), 0, "Poetry (version 2.5.1)\n", "")
SHOWN = Completed((), 0, " name      : internal  \n url       : https://x.invalid/simple/ \n\n name : other\n", "")
INTERNAL = Source("internal", "ann", "s3cret")
QUIET = ["--no-ansi", "--no-interaction", "--no-plugins", "--no-cache"]


class Said:
    """A runner that answers in order, and remembers what it was asked; what version it is stands beside."""

    def __init__(self, *answers: Any, version: Any = VERSION) -> None:
        self.answers = list(answers)
        self.version = version
        self.argv: list[list[str]] = []
        self.env: list[dict[str, str]] = []
        self.cwd: list[str] = []

    def __call__(self, argv: Any, **options: Any) -> Completed:
        self.argv.append(list(argv[1:]))
        self.env.append(dict(options["env"]))
        self.cwd.append(options["cwd"])
        answer = self.version if argv[-1] == "--version" else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Completed)
        return answer


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    """A project, a private folder, and beside them an environment named venv."""
    for folder in ("project", "private", "venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("pyproject.toml", "poetry.lock"):
        (tmp_path / "project" / file).write_text('name = "small-tool"\n')
    python = tmp_path / "venv/bin/python"
    python.write_text("")
    python.chmod(0o755)
    return Place(str(tmp_path / "project"), str(tmp_path / "private"))


def poetry(run: Said, place: Place, *sources: Source, **environ: str) -> Poetry:
    return Poetry(run, "/opt/poetry", place, environ={"HOME": "/home/ann", **environ}, sources=sources, timeout=9)


def venv(place: Place) -> str:
    return f"{os.path.dirname(place.project)}/venv"


def test_a_plan_is_asked_for_without_a_password(place: Place) -> None:
    run = Said(SHOWN, heard("2.5")["proj"])
    planned = poetry(run, place, INTERNAL).plan(Selection(with_=("docs",), root=False), venv(place))
    assert planned.packages == (("click", "8.5.1"), ("iniconfig", "2.3.1"))
    plan = [*QUIET, "install", "--dry-run", "--with=docs", "--no-root"]
    assert run.argv == [[*QUIET, "source", "show"], [*QUIET, "--version"], plan]
    assert run.env[2]["VIRTUAL_ENV"] == venv(place)
    assert "s3cret" not in str(run.env)
    # The project may have plugins of its own, and a poetry.toml that is broken: its version says nothing of them.
    assert run.cwd == [place.project, place.private, place.project]


def test_an_installation_gets_the_password_in_its_environment_alone(place: Place) -> None:
    run = Said(heard("2.5")["install"], heard("2.5")["install"])
    assert poetry(run, place, INTERNAL).install(Selection(only=("main",)), venv(place)) == ()
    packages = [*QUIET, "-v", "install", "--only=main", "--no-root"]
    assert run.argv == [[*QUIET, "--version"], packages, [*QUIET, "-v", "install", "--only-root"]]
    assert run.env[1]["POETRY_HTTP_BASIC_INTERNAL_PASSWORD"] == "s3cret"
    assert "s3cret" not in str(run.argv)
    # Whatever the project runs to be built has no business with it.
    assert ["s3cret" in str(env) for env in run.env] == [False, True, False]


def test_without_passwords_one_start_does_and_without_the_project_too(place: Place) -> None:
    run = Said(*[heard("2.5")["install"]] * 3)
    poetry(run, place).install(Selection(), venv(place))
    poetry(run, place, INTERNAL).install(Selection(root=False), venv(place))
    assert [argv[5:] for argv in run.argv if "install" in argv] == [["install"], ["install", "--no-root"]]


def test_without_a_network_there_is_no_way_to_one(place: Place) -> None:
    run = Said(heard("2.5")["install"])
    theirs = {"HTTPS_PROXY": "http://proxy.invalid", "no_proxy": "127.0.0.1"}
    poetry(run, place, **theirs).install_root(venv(place), closed=True)
    found = run.env[0]
    assert {found[f"{kind}_proxy"] for kind in ("http", "https", "all")} == {"http://127.0.0.1:9"}
    assert (found["HTTPS_PROXY"], found["no_proxy"], found["PIP_NO_INDEX"]) == ("http://127.0.0.1:9", "", "1")


def test_the_environment_is_a_clean_one(place: Place) -> None:
    theirs = {
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "POETRY_INSTALLER_NO_BINARY": ":none:",
        "PIP_INDEX_URL": "x",
        "VIRTUALENV_PIP": "x",
        "PYTHONPATH": "x",
        "XDG_CONFIG_HOME": "/home/ann/.config",
        "POETRY_HTTP_BASIC_INTERNAL_PASSWORD": "x",
        "CONDA_PREFIX": "x",
        "HTTPS_PROXY": "http://proxy.invalid",
        "REQUESTS_CA_BUNDLE": "/etc/ca.pem",
        "PATH": "/home/ann/.pyenv/shims:/usr/bin",
    }
    run = Said(heard("2.5")["proj"])
    poetry(run, place, **theirs).plan(Selection(), venv(place))
    found = run.env[1]
    kept = {"HOME": "/home/ann", "HTTPS_PROXY": "http://proxy.invalid", "REQUESTS_CA_BUNDLE": "/etc/ca.pem"}
    assert {name: found[name] for name in kept} == kept
    assert found["PATH"] == "/usr/bin"
    private = ("POETRY_CONFIG_DIR", "POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_PATH", "XDG_CONFIG_HOME", "TMPDIR")
    assert all(found[name].startswith(place.private) for name in private)
    assert found["POETRY_VIRTUALENVS_IN_PROJECT"] == "false"
    # What the project says of wheels and builds may be meant as protection.
    assert not [name for name in found if name.endswith("_BINARY")]
    assert found["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"
    assert not {"PIP_INDEX_URL", "VIRTUALENV_PIP", "PYTHONPATH", "CONDA_PREFIX"} & set(found)
    assert "POETRY_HTTP_BASIC_INTERNAL_PASSWORD" not in found


def test_it_can_work_in_another_private_folder_and_is_not_asked_its_version_again(place: Place) -> None:
    run = Said(heard("2.5")["proj"], heard("2.5")["install"])
    one = poetry(run, place)
    one.plan(Selection(), venv(place))
    other = pathlib.Path(place.private).with_name("other")
    other.mkdir()
    two = one.at(str(other))
    two.install(Selection(), venv(place))
    assert run.argv.count([*QUIET, "--version"]) == 1
    assert run.env[-1]["POETRY_CACHE_DIR"] == f"{other}/cache"
    assert two.artifacts == f"{other}/cache/artifacts"
    assert place.private not in str(run.env[-1])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Completed((), 0, "Poetry (version 1.7.1)\n", ""), "found 1.7.1, which is too old"),
        (Completed((), 0, "Poetry (version 3.0.0)\n", ""), "found 3.0.0, which is not known here"),
        (Completed((), 0, "", ""), r"what ends with 0: it said nothing\. Install"),
        (Completed((), 127, "", "pyenv: poetry: command not found"), "ends with 127: pyenv: poetry: command not found"),
        (Completed((), 1, "", "No module named 'poetry'."), r"No module named 'poetry'\. Install"),
        (Refused([Problem("/opt/poetry", "cannot be started: No such file or directory.")]), "interpreter may be gone"),
    ],
)
def test_what_is_no_poetry_of_ours_is_refused(place: Place, answer: Any, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        assert poetry(Said(version=answer), place).version
    assert refused.value.problems[0].subject == "/opt/poetry"
    assert "role poetry" in refused.value.problems[0].next_step


@pytest.mark.parametrize(
    ("said", "version"), [("1.8.0", (1, 8, 0)), ("2.0.0b1", (2, 0, 0)), ("2.1", (2, 1, 0)), ("1.10.2", (1, 10, 2))]
)
def test_a_version_is_asked_once(place: Place, said: str, version: tuple[int, ...]) -> None:
    one = poetry(Said(version=Completed((), 0, f"Poetry (version {said})\n", "")), place)
    assert one.version == one.version == version


def test_a_poetry_that_could_not_be_asked_is_not_called_broken(place: Place) -> None:
    with pytest.raises(Unheard):
        assert poetry(Said(version=Unheard([Problem("/opt/poetry", "did not end")])), place).version


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source("unknown", "ann", "s3cret"), "found that it has: 'internal', 'other'"),
        (Source("INTERNAL", "ann", "s3cret"), "is the same to Poetry as 'internal'"),
    ],
)
def test_a_password_for_no_source_of_the_project_is_refused(place: Place, source: Source, words: str) -> None:
    with pytest.raises(Refused, match=words):
        poetry(Said(SHOWN), place, source).plan(Selection(), venv(place))


def shown(url: str, name: str = "internal") -> Completed:
    return SHOWN._replace(
        stdout=f" name      : other \n url : https://o/ \n\n name      : {name}\n url       : {url}\n"
    )


@pytest.mark.parametrize(
    ("url", "said", "words"),
    [
        ("", "http://x.invalid/simple/", "would be sent unencrypted: pyproject.toml says http://x.invalid/simple/"),
        ("", "http://127.x.invalid/", "would be sent unencrypted"),
        ("", "HTTP://[::2]/", "would be sent unencrypted"),
        ("https://x.invalid/simple", "https://y.invalid/simple", "found https://y.invalid/simple in pyproject.toml"),
        ("https://x.invalid/simple", "http://x.invalid/simple", "found http://x.invalid/simple in"),
    ],
)
def test_a_password_goes_nowhere_that_it_was_not_meant_for(place: Place, url: str, said: str, words: str) -> None:
    run = Said(shown(said))
    with pytest.raises(Refused, match=re.escape(words)):
        poetry(run, place, INTERNAL._replace(url=url)).plan(Selection(), venv(place))
    assert run.argv == [[*QUIET, "source", "show"]]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "https://x.invalid/simple/"),
        ("", "http://127.0.0.1:8080/simple/"),
        ("", "http://[::1]/simple/"),
        ("http://x.invalid/simple", "http://x.invalid/simple/"),
    ],
)
def test_a_password_goes_where_it_was_meant_for(place: Place, url: str, said: str) -> None:
    run = Said(shown(said), heard("2.5")["proj"])
    assert poetry(run, place, INTERNAL._replace(url=url)).plan(Selection(), venv(place)).packages


@pytest.mark.parametrize("text", ["cert = false", '"verify"=false', "company.cert = false"])
def test_no_password_goes_to_whoever_answers(place: Place, text: str) -> None:
    pathlib.Path(place.project, "poetry.toml").write_text(f"[certificates.internal]\n{text}\n")
    with pytest.raises(Refused, match="turns the check of a certificate off"):
        poetry(Said(), place, INTERNAL).plan(Selection(), venv(place))
    assert poetry(Said(heard("2.5")["proj"]), place).plan(Selection(), venv(place)).packages


@pytest.mark.parametrize("password", ["click", "8.5", "install", "small"])
def test_a_password_that_is_a_part_of_the_plan_changes_nothing_of_it(place: Place, password: str) -> None:
    run = Said(SHOWN, heard("2.5")["proj"])
    planned = poetry(run, place, INTERNAL._replace(password=password)).plan(Selection(), venv(place))
    assert planned.packages == (("click", "8.5.1"), ("iniconfig", "2.3.1"))
    run = Said(shown("https://x.invalid/internal/"), heard("2.5")["proj"])
    source = Source("internal", "ann", "internal", "https://x.invalid/internal/")
    assert poetry(run, place, source).plan(Selection(), venv(place)).packages == planned.packages


def test_a_password_that_would_go_to_two_sources_is_refused(place: Place) -> None:
    shown = SHOWN._replace(stdout=" name : internal \n\n name : In-ternal\n\n name : in.ternal\n")
    with pytest.raises(Refused, match="the password of one would be sent to the other"):
        poetry(Said(shown), place, INTERNAL).plan(Selection(), venv(place))


@pytest.mark.parametrize("file", ["pyproject.toml", "poetry.lock"])
def test_what_a_merge_left_is_named_by_line(place: Place, file: str) -> None:
    path = pathlib.Path(place.project, file)
    path.write_text("a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other\n")
    with pytest.raises(Refused, match="found what a merge left in line 2"):
        poetry(Said(), place).plan(Selection(), venv(place))
    path.unlink()
    with pytest.raises(Refused, match="expected a file of the project"):
        poetry(Said(), place).install(Selection(), venv(place))


def test_plugins_that_the_project_requires_are_a_warning(place: Place) -> None:
    pathlib.Path(place.project, "pyproject.toml").write_text("[tool.poetry.requires-plugins]\nx = '1'\n")
    planned = poetry(Said(heard("2.5")["proj"]), place).plan(Selection(), venv(place))
    assert planned.warnings == (
        f"{place.project}/pyproject.toml requires plugins of Poetry. None is loaded here: what they change is left out.",
    )


def test_without_an_environment_poetry_is_not_started(place: Place) -> None:
    for work in (poetry(Said(), place).install_root, lambda venv: poetry(Said(), place).plan(Selection(), venv)):
        with pytest.raises(Refused, match="expected an environment"):
            work(f"{place.project}/.venv")


def test_1_8_that_leaves_the_project_out_has_failed(place: Place) -> None:
    done = heard("1.8")["readme"]
    assert done.rc == 0
    one = poetry(Said(done, done), place)
    for install in (lambda: one.install(Selection(), venv(place)), lambda: one.install_root(venv(place))):
        with pytest.raises(Refused, match="cannot be installed itself"):
            install()


def test_no_password_is_in_what_is_refused(place: Place) -> None:
    failed = Completed((), 1, "RuntimeError: s3cret is wrong", "")
    with pytest.raises(Refused) as refused:
        poetry(Said(failed), place, INTERNAL).install(Selection(), venv(place))
    assert "******** is wrong" in str(refused.value)
    for error in (Refused, Unheard):
        with pytest.raises(error) as refused:
            poetry(Said(error([Problem("p", "starts with 's3cret'")])), place, INTERNAL).install_root(venv(place))
        assert "s3cret" not in str(refused.value)
