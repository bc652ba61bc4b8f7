# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole audit, of a host that is a folder: environments are real ones, made with a stand-in for the interpreter."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit import audit as audit_module
from ansible_collections.netdevops.python.plugins.module_utils.audit import bounds, environments
from ansible_collections.netdevops.python.plugins.module_utils.audit.audit import Edges, audit
from ansible_collections.netdevops.python.plugins.module_utils.audit.options import ARGUMENTS, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.audit.writable import check_writable
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.host import census, release
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import read_receipt, release_id
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, Host

NOW = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.timezone.utc)
DATES = {"3.11": {"end_of_life": "2027-10-31"}}


def nobody(*_words: object, **_options: object) -> Completed:
    raise AssertionError("an audit starts nothing")


class Audited:
    """A host with one environment, and its audit."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.host = Host(folder / "world")
        self.system = folder / "system"
        self.proc = folder / "proc"
        for path in (self.system / "var/lib/dpkg/info", self.proc):
            path.mkdir(parents=True)
        (self.system / "var/lib/dpkg/info/base-files.list").write_text("/.\n")
        self.host.python.chmod(0o755)
        # The folder of the tests is as open as the machine has it, and the audit is to see that of the test alone.
        for path in (folder, self.host.root, self.host.root / "opt", self.host.app):
            path.chmod(0o755)
        self.host.seal(self.host.wheel())
        self.host.converge()

    def audit(self, **changes: Any) -> dict[str, Any]:
        """Return the report."""
        plain = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
        asked = {"search": [str(self.host.root)], "roots": [str(self.host.root / "pyenv")], "end_of_life": DATES}
        edges = Edges(nobody, str(self.system), str(self.proc), NOW)
        return audit(parse_options({**plain, **asked, **changes}), edges)

    def findings(self, **changes: Any) -> list[tuple[str, str]]:
        """Return code and subject of each finding, the subject relative to the host's folder."""
        return [
            (one["code"], os.path.relpath(one["subject"], self.host.root)) for one in self.audit(**changes)["findings"]
        ]


@pytest.fixture
def audited(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Audited:
    """A host that is as it should be."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(release, "sync_file_system", lambda path: None)
    # Who else writes on the way to the folder of the tests is this machine's matter.
    monkeypatch.setattr(
        audit_module,
        "check_writable",
        lambda grounds, missed: (
            one for one in check_writable(grounds, missed) if one.subject.startswith(str(tmp_path))
        ),
    )
    return Audited(tmp_path)


@pytest.mark.parametrize("verify", ["stat", "content"])
def test_clean(audited: Audited, verify: str) -> None:
    report = audited.audit(verify=verify)
    assert report["findings"] == []
    assert report["notes"] == []
    assert report["counts"] == {"critical": 0, "high": 0, "medium": 0, "low": 0}
    [row] = report["environments"]
    assert row["venv"] == str(audited.host.venv)
    assert (row["kind"], row["packages"], row["version"], row["drift"]) == (
        "managed",
        1,
        "3.11.7",
        {"count": 0, "some": []},
    )
    files = (path for path in audited.host.release.rglob("*") if path.is_file() and not path.is_symlink())
    assert row["bytes"] == sum(path.stat().st_size for path in files if not path.name.startswith("receipt."))
    assert row["release"] == audited.host.release.name
    assert row["age_days"] <= (NOW.date() - dt.date(2020, 1, 1)).days
    [interpreter] = report["interpreters"]
    assert (interpreter["version"], interpreter["end_of_life"]) == ("3.11.7", "2027-10-31")
    assert (report["schema"], report["audited_at"], report["suppressed"]) == (1, "2026-11-20T17:00:00Z", 0)
    json.dumps(report)


@pytest.mark.parametrize("verify", ["stat", "content"])
def test_drift(audited: Audited, verify: str) -> None:
    (audited.host.site / "spam/__init__.py").unlink()
    (audited.host.release / "receipt.json").write_bytes(
        (audited.host.release / "receipt.json").read_bytes().replace(b'"bundle":"', b'"bundle":"0', 1)
    )
    [finding] = audited.audit(verify=verify)["findings"]
    assert (finding["code"], finding["subject"], finding["venv"]) == (
        "environment-drifted",
        *[str(audited.host.venv)] * 2,
    )
    assert sorted(finding["evidence"]) == [f"deleted: {SITE}/spam/__init__.py", "edited: receipt.json"]
    assert audited.audit(verify=verify)["environments"][0]["drift"]["count"] == 2


def test_a_receipt_that_cannot_be_followed(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_words: object) -> None:
        raise KeyError("mode")

    monkeypatch.setattr(environments, "examine", fails)
    assert ("unreadable", f"opt/app/.venv.releases/{audited.host.release.name}") in audited.findings()


def test_kinds(audited: Audited) -> None:
    venv, name = audited.host.venv, audited.host.release.name
    venv.unlink()
    assert audited.findings() == [("releases-orphaned", "opt/app/.venv")]
    venv.symlink_to("/srv")
    assert audited.findings() == [("environment-elsewhere", "opt/app/.venv")]
    venv.unlink()
    venv.symlink_to(".venv.releases/0123456789abcdef")
    assert audited.findings() == [("environment-dangling", "opt/app/.venv")]
    venv.unlink()
    venv.symlink_to(f".venv.releases/{name}")
    (audited.host.releases / name / "receipt.json").write_text("{}")
    assert audited.findings() == [("receipt-damaged", f"opt/app/.venv.releases/{name}/receipt.json")]
    (audited.host.releases / name / "receipt.json").unlink()
    assert audited.findings() == [("environment-dangling", "opt/app/.venv")]


def test_an_ordinary_environment_and_a_kept_one(audited: Audited) -> None:
    home = audited.host.root / "srv/own/bin"
    home.mkdir(parents=True)
    (home / "python3").touch(0o755)
    (home / "python3").chmod(0o755)
    for folder in (audited.host.root / "srv/own/venv", audited.host.app / ".venv.kept-20260101T000000"):
        (folder / "bin").mkdir(parents=True)
        for path in (audited.host.root / "srv", home.parent, home, folder, folder / "bin"):
            path.chmod(0o755)
        (folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.11.4\n")
        (folder / "pyvenv.cfg").chmod(0o644)
        (folder / "bin/python").symlink_to(home / "python3")
    record = {"folder": str(folder), "day": "2026-01-01", "packages": 0, "inode": folder.stat().st_ino}
    (audited.host.releases / ".kept").write_text(json.dumps([record]))
    assert audited.findings() == [("environment-unmanaged", "srv/own/venv"), ("pin-missing", "srv/own/.python-version")]
    kinds = {row["kind"]: row["version"] for row in audited.audit()["environments"]}
    assert kinds == {"managed": "3.11.7", "kept": "3.11.4", "ordinary": "3.11.4"}
    (audited.host.app / ".venv.kept-20260101T000000/bin").chmod(0o777)
    (audited.host.app / ".venv.kept-20260101T000000/pip.conf").write_text("[global]\nindex-url=https://pypi.org\n")
    assert len(audited.findings()) == 2, "nobody starts the kept one"
    (home / "python3").unlink()
    assert ("interpreter-broken", "srv/own/venv") in audited.findings()


def test_an_interpreter_that_is_gone_is_told_once(audited: Audited) -> None:
    audited.host.python.unlink()
    assert audited.findings() == [("interpreter-broken", "opt/app/.venv")]


def test_leftovers_only_where_nobody_is_at_work(audited: Audited) -> None:
    (audited.host.releases / ".incoming-1").mkdir()
    assert audited.findings() == [("leftovers", "opt/app/.venv.releases")]
    from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
    from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
    from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages

    with locked(Environment(str(audited.host.venv)), 1, (os.geteuid(), os.getegid()), Stages()):
        assert audited.findings() == []


def test_a_host_without_a_package_manager_is_not_clean(audited: Audited) -> None:
    (audited.system / "var/lib/dpkg/info/base-files.list").unlink()
    [finding] = audited.audit()["findings"]
    assert (finding["code"], finding["subject"]) == ("unreadable", "the package database")


def test_the_distributions_sitecustomize(audited: Audited) -> None:
    """Debian's is a link to a file of settings. That one is anybody's who is root, and the link stays as it was."""
    folder, settings = audited.system / "usr/lib/python3.11", audited.system / "etc/python3.11/sitecustomize.py"
    for path in (folder, settings.parent):
        path.mkdir(parents=True)
    settings.write_text("shipped")
    (folder / "sitecustomize.py").symlink_to("/etc/python3.11/sitecustomize.py")
    assert [code for code, _subject in audited.findings()] == ["startup-module"], "nobody owns it"
    dpkg = audited.system / "var/lib/dpkg"
    names = "/usr/lib/python3.11/sitecustomize.py\n/etc/python3.11/sitecustomize.py\n"
    (dpkg / "info/libpython3.11-minimal.list").write_text(names)
    digest = hashlib.md5(b"shipped", usedforsecurity=False).hexdigest()
    (dpkg / "status").write_text(f"Conffiles:\n /etc/python3.11/sitecustomize.py {digest}\n")
    assert audited.findings() == []
    settings.write_text("edited")
    assert [code for code, _subject in audited.findings()] == ["startup-module"]


def test_without_dates_it_is_said(audited: Audited) -> None:
    report = audited.audit(end_of_life={})
    assert report["findings"] == []
    assert "no dates" in report["notes"][0]


def test_suppressed(audited: Audited) -> None:
    (audited.host.releases / ".incoming-1").mkdir()
    known = {"code": "leftovers", "subject": "*", "reason": "so", "until": "2026-11-20", "host": "a*"}
    report = audited.audit(suppressions=[known], host="ams-1")
    assert (report["suppressed"], report["counts"]["low"]) == (1, 0)
    assert report["findings"][0]["suppressed"] == {"reason": "so", "until": "2026-11-20"}
    assert audited.audit(suppressions=[known], host="fra-1")["counts"]["low"] == 1


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("examine_environment", "opt/app/.venv"),
        ("row", "opt/app/.venv"),
        ("check_environment", "opt/app/.venv"),
        ("check_pin", "opt/app/.venv"),
        ("check_lifetimes", "the ages of interpreters"),
        ("check_variables", "the variables"),
        ("check_startup", "what runs at start-up"),
        ("check_processes", "the processes"),
        ("find_interpreters", "the interpreters"),
        ("find_homes", "the homes of accounts"),
        ("find_owners", "the package database"),
    ],
)
def test_what_nobody_thought_of_takes_away_one_thing(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, name: str, subject: str
) -> None:
    (audited.host.releases / ".incoming-1").mkdir()
    real = getattr(audit_module, name)

    def fails(*words: Any, **options: Any) -> Any:
        if name == "row" and not words[0].standing.receipt:
            return real(*words, **options)
        raise RuntimeError("a secret")

    def never(*words: Any, **options: Any) -> Any:
        yield fails(*words, **options)

    monkeypatch.setattr(audit_module, name, never if name.startswith("check_") else fails)
    report = audited.audit()
    wanted = str(audited.host.root / subject) if subject.startswith("opt") else subject
    found = {one["subject"]: one["evidence"] for one in report["findings"] if one["code"] == "unreadable"}
    assert found == {wanted: ["cannot be judged: RuntimeError"]}
    assert name == "check_environment" or "leftovers" in [one["code"] for one in report["findings"]]
    assert [one["venv"] for one in report["environments"]] == [str(audited.host.venv)]


def test_a_census_that_fails_is_no_host_without_environments(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_words: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(census, "census", fails)
    [finding] = audited.audit()["findings"]
    assert (finding["code"], finding["subject"]) == ("unreadable", "the search for environments")


def test_one_file_does_not_stop_the_audit(audited: Audited) -> None:
    """Each of these once did."""
    own = audited.host.root / "srv/own"
    (own / "bin").mkdir(parents=True)
    (own / "pyvenv.cfg").write_text("home = /usr\0/bin\n")
    (audited.host.releases / ".commands").write_text(json.dumps({"commands": {"/a\0/n": "n"}}))
    (audited.system / "home/eve").mkdir(parents=True)
    (audited.system / "home/eve/.profile").symlink_to("/proc/self/mem")
    os.utime(audited.host.release / "receipt.json", (1 << 40, 1 << 40))
    report = audited.audit()
    assert {row["venv"]: row["release"] for row in report["environments"]} == {
        str(own): "",
        str(audited.host.venv): audited.host.release.name,
    }
    assert "/home/eve/.profile" in {one["subject"] for one in report["findings"] if one["code"] == "unreadable"}


def test_a_name_that_is_no_utf_8_is_legible(audited: Audited) -> None:
    folder = os.path.join(os.fsencode(audited.host.root), b"srv/caf\xe9")
    os.makedirs(folder)
    with open(folder + b"/pyvenv.cfg", "wb") as stream:
        stream.write(b"home = /usr/caf\xe9\nversion = 3.11.2\n")
    report = audited.audit()
    json.dumps(report, ensure_ascii=False).encode("utf-8")
    assert any(row["venv"].endswith("srv/caf\\udce9") for row in report["environments"])


def set_variables(audited: Audited, count: int) -> None:
    profiles = audited.system / "etc/profile.d"
    profiles.mkdir(parents=True)
    for number in range(count):
        (profiles / f"{number:02}.sh").write_text("PYTHONPATH=/srv\nPYTHONHOME=/srv\n")


def test_many_of_a_code_are_counted_and_not_listed(audited: Audited) -> None:
    set_variables(audited, 60)
    report = audited.audit()
    assert len(report["findings"]) == 41 and sum(report["counts"].values()) == 60
    assert "20 more" in [one["subject"] for one in report["findings"]]
    assert report["notes"][-1] == "20 findings of python-variable are counted and not listed, 0 of them suppressed"


def test_all_of_a_code_are_judged_before_any_is_left_out(audited: Audited) -> None:
    """The last of many was never seen by a suppression, and what was left out was no longer suppressed."""
    set_variables(audited, 60)
    known = [
        {"code": "python-variable", "subject": f"/etc/profile.d/{pattern}", "reason": "so", "until": "2026-11-20"}
        for pattern in ("[0-3]?.sh", "59.sh")
    ]
    report = audited.audit(suppressions=known)
    assert (sum(report["counts"].values()), report["suppressed"]) == (19, 41)
    shown = [one["subject"] for one in report["findings"] if one["suppressed"] is None]
    assert shown == [f"/etc/profile.d/{number}.sh" for number in range(40, 59)], "those that count come first"
    assert len(report["findings"]) == 40 and not any("covers nothing" in note for note in report["notes"])
    assert "20 findings" in report["notes"][-1] and "20 of them suppressed" in report["notes"][-1]
    everything = audited.audit(suppressions=[{**known[0], "subject": "*"}])
    assert (sum(everything["counts"].values()), everything["suppressed"]) == (0, 60)


def test_a_long_report_is_made_short(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(audited, 30)
    for number in range(50):
        (audited.host.root / f"srv/{number:02}").mkdir(parents=True)
        (audited.host.root / f"srv/{number:02}/pyvenv.cfg").write_text("home = /usr/bin\n")
    full = audited.audit()
    assert len(full["environments"]) == 51 and not any("not listed: the report" in note for note in full["notes"])
    for most in (40_000, 20_000, 8_000):
        monkeypatch.setattr(bounds, "MOST_BYTES", most)
        short = audited.audit()
        assert len(json.dumps(short)) <= most + 20, "and the seconds"
        assert "only the first line of each evidence is told" in short["notes"]
        assert (short["counts"], short["suppressed"]) == (full["counts"], full["suppressed"])
        gone = len(full["environments"]) - len(short["environments"])
        assert not gone or f"{gone} environments more are not listed: the report is too long" in short["notes"]
    assert gone and 0 < len(short["findings"]) < len(full["findings"])
    assert [one["code"] for one in short["findings"]] == [one["code"] for one in full["findings"]][
        : len(short["findings"])
    ]


def test_one_receipt_does_not_take_the_place_of_all_others(audited: Audited) -> None:
    """Whoever owns a release may write into its receipt what is as long as he likes, with an id that fits."""
    for number in range(5):
        (audited.host.root / f"srv/{number}").mkdir(parents=True)
        (audited.host.root / f"srv/{number}/pyvenv.cfg").write_text("home = /usr/bin\n")
    receipt = read_receipt(str(audited.host.release))
    assert receipt
    version, long = "3" * 400_000, "x" * 400_000
    forged = receipt._replace(
        bundle=long,
        lock=long,
        interpreter={**receipt.interpreter, "version": version, "path": "/" + long},
        release=release_id(receipt.asked, version, receipt.interpreter["target"], receipt.packages),
    )
    (audited.host.release / "receipt.json").write_bytes(forged.encode())
    report = audited.audit()
    assert len(report["environments"]) == 6 and len(json.dumps(report)) < 50_000


def test_many_commands_of_one_environment(audited: Audited) -> None:
    forged = {f"/etc/{'z' * 200}{number:05}/n": "n" for number in range(3000)}
    (audited.host.releases / ".commands").write_text(json.dumps({"commands": forged}))
    report = audited.audit()
    [row] = report["environments"]
    assert len(row["commands"]) == 21 and row["commands"][-1] == "and 2980 more"
    assert len(json.dumps(report)) < 200_000


def test_all_that_is_wrong_with_options_is_refused(audited: Audited) -> None:
    with pytest.raises(Refused) as caught:
        audited.audit(search=["opt"], baseline=[{}], suppressions=[{}], end_of_life={"x": 1})
    assert {problem.subject.partition(",")[0] for problem in caught.value.problems} == {
        *("search", "baseline", "suppressions", "end_of_life"),
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_no_clean_environment(audited: Audited) -> None:
    audited.host.site.chmod(0)
    try:
        assert "unreadable" in {code for code, _subject in audited.findings()}
    finally:
        audited.host.site.chmod(0o755)


def test_what_is_gone_is_told(audited: Audited) -> None:
    gone = str(audited.host.root / "opt/gone/.venv")
    baseline = [{"venv": venv, "versions": ["3.*"]} for venv in (gone, str(audited.host.venv))]
    assert audited.findings(baseline=baseline) == [("environment-missing", "opt/gone/.venv")]
    report = audited.audit(search=[f"{audited.host.root}\n{audited.host.root}/srv"])
    assert report["notes"] == [f"{audited.host.root}/srv is no folder of this host: nothing was found there"]
    assert len(report["environments"]) == 1


def test_an_interpreter_below_versions(audited: Audited) -> None:
    folder = audited.host.root / "pyenv/versions/3.11.9"
    (folder / "lib/python3.11/lib-dynload").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/python3").touch(0o755)
    (folder / "lib/python3.11/site.py").touch()
    for path in (audited.host.root / "pyenv", *(audited.host.root / "pyenv").rglob("*")):
        path.chmod(0o755)
    assert audited.findings() == []
    (folder / "lib/python3.11/site.py").chmod(0o666)
    assert audited.findings() == [("writable-by-others", "pyenv/versions/3.11.9/lib")]
    (folder / "lib/python3.11/site.py").chmod(0o644)
    (folder / "bin").chmod(0o1777)
    assert audited.findings() == [("writable-by-others", "pyenv/versions/3.11.9/bin")]


def test_a_folder_that_only_is_called_kept(audited: Audited) -> None:
    named = audited.host.root / "srv/x.kept-20260101T000000"
    named.mkdir(parents=True)
    (named / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert ("environment-unmanaged", "srv/x.kept-20260101T000000") in audited.findings()
