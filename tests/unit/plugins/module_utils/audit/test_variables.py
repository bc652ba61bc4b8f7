# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables in files of settings."""

from __future__ import annotations

import os
import pathlib
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.variables import (
    check_variables,
    harmful_in,
    settings_in,
)

Put = Callable[..., pathlib.Path]
SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("PYTHONPATH=/srv", ["PYTHONPATH"]),
        ("  export PYTHONPATH='/srv/a b'", ["PYTHONPATH"]),
        ("declare -x PYTHONHOME=/srv PYTHONPATH=/srv", ["PYTHONHOME", "PYTHONPATH"]),
        ("setenv PYTHONSTARTUP /srv/x.py", ["PYTHONSTARTUP"]),
        ("set -gx PYTHONUSERBASE /srv", ["PYTHONUSERBASE"]),
        ("PYTHONPATH DEFAULT=/srv OVERRIDE=/x", ["PYTHONPATH"]),
        ('Environment="A=1" "PYTHONPATH=/srv"', ["PYTHONPATH"]),
        ("A=1; PYTHONPATH=/srv; export PYTHONPATH", ["PYTHONPATH"]),
        ("# PYTHONPATH=/srv", []),
        ("; PYTHONPATH=/srv", []),
        ("PYTHONPATH=", []),
        ("PYTHONPATH=''", []),
        ("unset PYTHONPATH", []),
        ("export PYTHONPATH", []),
        ("echo PYTHONPATH is bad", []),
        ("MY_PYTHONPATH=/srv", []),
        ("UV_INDEX_URL=https://x", ["UV_INDEX_URL"]),
        ("PYTHONPATH+=:/srv", ["PYTHONPATH"]),
        ('export "PYTHONPATH"=/srv', ["PYTHONPATH"]),
        (": ${PYTHONPATH:=/srv}", ["PYTHONPATH"]),
        ("PYTHONPATH = /srv", ["PYTHONPATH"]),
        ("* * * * * PYTHONPATH=/srv run", ["PYTHONPATH"]),
        ("PYTHONPATH=/a # as PYTHONHOME=/b was wrong", ["PYTHONPATH"]),
        ("unset PYTHONPATH  # PYTHONPATH=/old was wrong", []),
        ("A='#' PYTHONPATH=/srv", ["PYTHONPATH"]),
        ('A="\\"#" PYTHONPATH=/srv', ["PYTHONPATH"]),
        ("A=b#c PYTHONPATH=/srv", ["PYTHONPATH"]),
        ("case $x in *PYTHONPATH=*) ;; esac", []),
        ('[ "$PYTHONPATH"=x ]', []),
        ('[ "$PYTHONPATH" = x ]', []),
        ("PYTHON_PRESITE=x", ["PYTHON_PRESITE"]),
    ],
)
def test_what_a_line_sets(line: str, names: list[str]) -> None:
    assert [one.name for one in settings_in(f"\n{line}\n")] == names
    assert {one.where for one in settings_in(f"\n{line}\n")} <= {"line 2"}


def test_systemd_knows_no_comment_after_a_setting(reader: Reader, put: Put) -> None:
    put("/etc/systemd/system/x.service", "Environment=A=1 # PYTHONPATH=/srv\n")
    put("/etc/profile", "A=1 # PYTHONPATH=/srv\n")
    assert [one.subject for one in check_variables(reader, [], ())] == ["/etc/systemd/system/x.service"]


@pytest.mark.parametrize(
    ("value", "counts"),
    [
        ("ignore", False),
        ("error,ignore::DeprecationWarning", False),
        ("ignore::UserWarning:some.module:3", False),
        ("ignore::evil.Category", True),
        ("error,ignore:message:evil.Category:x", True),
        ("$OTHER", True),
    ],
)
def test_warnings_count_where_they_import(reader: Reader, put: Put, value: str, counts: bool) -> None:
    put("/etc/environment", f"PYTHONWARNINGS={value}\n")
    assert bool(list(check_variables(reader, [], ()))) is counts
    assert bool(harmful_in({"PYTHONWARNINGS": value}, ())) is counts


FILES = [
    *("/etc/crontab", "/etc/cron.d/x", "/var/spool/cron/root", "/var/spool/cron/crontabs/ada"),
    *("/home/ada/.bash_aliases", "/home/ada/.ssh/environment", "/home/ada/.zlogin"),
    *("/etc/systemd/system.conf.d/x.conf", "/usr/lib/systemd/user.conf.d/x.conf", "/etc/systemd/user/x.service"),
    *(
        "/etc/environment",
        "/etc/profile",
        "/etc/profile.d/x.sh",
        "/etc/security/pam_env.conf",
        "/etc/environment.d/x.conf",
    ),
    *("/home/ada/.profile", "/home/ada/.bashrc", "/home/ada/.config/environment.d/x.conf"),
    *("/etc/systemd/system/x.service", "/usr/lib/systemd/system/x.service.d/y.conf", "/etc/systemd/system.conf"),
    "/home/ada/.config/systemd/user/x.service",
]


@pytest.mark.parametrize("path", FILES)
def test_where_it_is_looked(reader: Reader, put: Put, path: str) -> None:
    put(path, "Environment=PYTHONPATH=/srv\n")
    [finding] = check_variables(reader, ["/home/ada"], ())
    assert (finding.code, finding.subject) == ("python-variable", path)
    assert finding.evidence == ("line 1 sets PYTHONPATH",)


def test_a_file_that_a_unit_names(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/etc/systemd/system/x.service", "EnvironmentFile=-/etc/default/x\nEnvironmentFile=/etc/%i\n")
    put("/etc/default/x", "PYTHONHOME=/srv\n")
    (root / "etc/systemd/system/alias.service").symlink_to("x.service")
    assert [one.subject for one in check_variables(reader, [], ())] == ["/etc/default/x"]


def test_a_unit_that_has_two_names_is_told_once(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/etc/systemd/system/x.service", "Environment=PYTHONHOME=/srv\n")
    (root / "etc/systemd/system/alias.service").symlink_to("x.service")
    assert [one.subject for one in check_variables(reader, [], ())] == ["/etc/systemd/system/x.service"]


@pytest.mark.parametrize("target", ["/opt/app/app.service", "../../../opt/app/app.service"])
def test_a_unit_that_is_a_link_out_of_the_folders(reader: Reader, put: Put, root: pathlib.Path, target: str) -> None:
    unit = put("/opt/app/app.service", "Environment=PYTHONHOME=/srv\n")
    folder = root / "etc/systemd/system"
    folder.mkdir(parents=True)
    (folder / "app.service").symlink_to(unit if target.startswith("/") else target)
    (folder / "gone.service").symlink_to("/dev/null")
    assert [one.subject for one in check_variables(reader, [], ())] == ["/etc/systemd/system/app.service"]


def test_what_harms_nobody(reader: Reader, put: Put) -> None:
    put(
        "/etc/environment",
        "PYTHONUNBUFFERED=1\nPYTHONUTF8=1\nPYTHONNOUSERSITE=1\nPIP_NO_INPUT=1\nUV_OFFLINE=1\nPIP_CONFIG_FILE=/dev/null\n",
    )
    assert not list(check_variables(reader, [], ()))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"PIP_INDEX_URL=https://ada:{SECRET}@pypi.example.org:443/simple", "PIP_INDEX_URL: pypi.example.org"),
        (
            f'export PIP_EXTRA_INDEX_URL="https://ok.example.net/ https://{SECRET}@b.example.org/x"',
            "PIP_EXTRA_INDEX_URL: b.example.org",
        ),
        (f"UV_INDEX=own=https://{SECRET}@c.example.org/simple", "UV_INDEX: c.example.org"),
        ("PIP_TRUSTED_HOST=d.example.org:8080", "PIP_TRUSTED_HOST: d.example.org"),
        (f"PIP_PROXY=ada:{SECRET}@proxy.example.org:3128", "PIP_PROXY: proxy.example.org"),
        (f"PIP_PROXY=http://ada:{SECRET}@proxy.example.org:3128", "PIP_PROXY: proxy.example.org"),
        ("PIP_CONFIG_FILE=/srv/pip.conf", "PIP_CONFIG_FILE: another file of settings counts"),
        ("PIP_INDEX_URL=$INDEX", "PIP_INDEX_URL: from another variable, which cannot be told"),
    ],
)
def test_indexes(reader: Reader, put: Put, line: str, told: str) -> None:
    put("/etc/environment", line + "\n")
    [finding] = check_variables(reader, [], ("ok.example.net",))
    assert (finding.code, finding.evidence) == ("index-variable", (f"line 1 sets {told}",))
    assert SECRET not in str(finding)


@pytest.mark.parametrize(
    "line",
    [
        "PIP_INDEX_URL=https://OK.example.net/simple",
        "PIP_FIND_LINKS=/srv/wheels",
        "UV_INSECURE_HOST=ok.example.net",
        "PIP_PROXY=ok.example.net:3128",
    ],
)
def test_approved_indexes(reader: Reader, put: Put, line: str) -> None:
    put("/etc/environment", line + "\n")
    assert not list(check_variables(reader, [], ("ok.example.net",)))


def test_of_a_process() -> None:
    environ = {
        "PYTHONPATH": "/srv",
        "PYTHONHOME": "",
        "PATH": "/bin",
        "PIP_INDEX_URL": f"https://{SECRET}@x.example.org",
    }
    lines = harmful_in(environ, ())
    assert lines == ["sets PYTHONPATH", "sets PIP_INDEX_URL: x.example.org"]


def test_a_file_that_cannot_be_read_is_remembered(reader: Reader, root: pathlib.Path) -> None:
    os.mkfifo(root / "etc/environment")
    assert not list(check_variables(reader, [], ()))
    assert "/etc/environment" in reader.unreadable
