# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jump host with real interpreters, a real sshd and three people, on a network that leads nowhere."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.tests.system.hosts import IMAGE, IMPORTING, Host, pyenv_program, pyenv_root
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, Result, environment, play, succeeded
from ansible_collections.netdevops.python.tests.system.ssh import (
    FLAGS,
    NETWORK,
    address_of,
    command,
    prepare,
    variables,
)

PEOPLE = ("ada", "grace", "linus")
SHARED = "/opt/pyenv"
PROFILE = "/etc/profile.d/netdevops-pyenv.sh"
KEYS = "/etc/ssh/lab-keys"
SECONDS = 60
# Else 200 MB are copied for nothing.
LEFT_OUT = ("test", "site-packages", "idle_test", "__pycache__", "*.a")
# An interpreter finds what it needs from where it stands, except for its own library.
SETTLE = r"""
for folder in /opt/pyenv/versions/*; do
  [ ! -e "$folder"/lib/libpython3.so ] || echo "$folder/lib" >>/etc/ld.so.conf.d/lab.conf
  grep -lsI '^#!.*/versions/' "$folder"/bin/* | while read -r script; do
    case $script in */pip*|*/pydoc*|*/idle*|*/2to3*) ;; *) rm "$script" ;; esac
  done
done
ldconfig
"""

# Tries for real what a look at permissions only guesses at. What it changes by this it changes back.
ATTACK = r"""
import json, os, sys
tried, done = 0, []
def attempt(what, path, undo=None):
    global tried
    tried += 1
    try:
        got = what()
    except OSError:
        return
    done.append(path)
    if undo:
        undo(got)
for root in sys.argv[1:]:
    for above, folders, files in os.walk(root):
        mine = os.path.join(above, "planted-by-another")
        attempt(lambda: os.open(mine, os.O_CREAT | os.O_WRONLY, 0o600), above, lambda got: (os.close(got), os.unlink(mine)))
        attempt(lambda: os.chmod(above, os.stat(above).st_mode & 0o7777), above)
        for name in files + folders:
            path = os.path.join(above, name)
            attempt(lambda: os.rename(path, path + ".away"), path, lambda got: os.rename(path + ".away", path))
            if name in files and not os.path.islink(path):
                attempt(lambda: os.open(path, os.O_WRONLY | os.O_APPEND), path, os.close)
                attempt(lambda: os.utime(path), path)
print(json.dumps({"tried": tried, "done": sorted(set(done))}))
"""

# The module's own work, without the second that Ansible takes for each run. argv: options, how often, a file that ends what races it.
DIRECT = (
    IMPORTING
    + r"""
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.people.options import ARGUMENTS, asked
defaults = {name: one.get("default") for name, one in ARGUMENTS.items()}
results = []
for options in json.loads(sys.argv[1]):
    try:
        results.append(ensure(asked({**defaults, **options}), False))
    except Refused as refused:
        results.append({"failed": True, **refused.result()})
open(sys.argv[2], "w").close()
print(json.dumps(results))
"""
)


def two_pins(besides: str = "") -> tuple[str, str]:
    """Return two interpreters of this machine, of different feature versions, without the one of version ``besides``."""
    folder = pyenv_root() / "versions"
    found = {}
    for version in ("3.9", "3.10", "3.11", "3.12", "3.13"):
        for path in folder.glob(f"{version}.*"):
            if (
                (path / "bin" / f"python{version}").exists()
                and path.name[len(version) + 1 :].isdigit()
                and path.name != besides
            ):
                found[version] = path.name
    assert len(found) >= 2, f"two interpreters of different feature versions are needed below {folder}: {found}"
    first, second = sorted(found.values(), key=lambda name: int(name.split(".")[1]) not in (11, 12))[:2]
    return first, second


def pyenv_archive(folder: pathlib.Path) -> tuple[str, str]:
    """Make an archive of this machine's pyenv, as GitHub lays it out; return its path and its digest."""
    path = folder / "pyenv.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name in ("bin", "libexec", "completions", "pyenv.d", "plugins/python-build", "LICENSE"):
            archive.add(pyenv_program() / name, f"pyenv-2.x/{name}")
    return str(path), hashlib.sha256(path.read_bytes()).hexdigest()


class JumpHost:
    """A jump host.

    Args:
        folder: A private folder of this machine.
        pins: The versions of its interpreters.
        name: What its container is called, before the number of this process.
        shown: Further folders of this machine that it sees.
        image: What it runs.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        pins: Sequence[str],
        *,
        name: str = "netdevops-jump",
        shown: Sequence[pathlib.Path] = (),
        image: str = IMAGE,
    ) -> None:
        self.folder, self.pins, self.key = folder, pins, folder / "key"
        self.first: list[Result] = []
        public = prepare(self.key)
        self.host = Host(f"{name}-{os.getpid()}", [REPOSITORY / "plugins", *shown], image=image, network=NETWORK)
        try:
            self._people(public)
            self._interpreters()
        except BaseException:
            self.host.close()
            raise

    def _people(self, public: str) -> None:
        for name in PEOPLE:
            self.host.run("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.host.write(KEYS, public)
        self.host.run("/usr/sbin/sshd", "-o", f"AuthorizedKeysFile={KEYS}", "-o", "PermitRootLogin=prohibit-password")
        self.address = address_of(self.host.name)

    def _interpreters(self) -> None:
        left_out = [f"--exclude={name}" for name in LEFT_OUT]
        pack = ["tar", "-C", str(pyenv_root() / "versions"), *left_out, "-cf", "-", *self.pins]
        unpack = ["podman", "exec", "-i", self.host.name, "tar", "-C", f"{SHARED}/versions", "-xf", "-"]
        self.host.run("mkdir", "-p", f"{SHARED}/versions")
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
            subprocess.run(unpack, env=environment(), stdin=packing.stdout, check=True)
        self.host.run("sh", "-c", SETTLE)

    def users(self, *options: Mapping[str, Any], done: str = "/tmp/done") -> list[Result]:
        """Do as root what ``pyenv_users`` does with each of these options; then make the file ``done``."""
        said = self.host.run("python3", "-B", "-c", DIRECT, json.dumps(options), done)
        results: list[Result] = json.loads(said)
        return results

    def play(self, *tasks: Mapping[str, Any], user: str = "", options: Sequence[str] = (), **more: Any) -> list[Result]:
        """Run tasks as root inside of it, or over SSH as ``user``, who is discovered to have a Python."""
        said = {**self.host.variables, **more, **(self.ssh_variables(user) if user else {})}
        return play(tasks, hosts={"jump": said}, options=options)["jump"]

    def ssh_variables(self, user: str) -> dict[str, Any]:
        """Return what an inventory says of it, for a person."""
        alone = {"ansible_ssh_args": "-o ControlMaster=no -o ControlPath=none", "ansible_python_interpreter": "auto"}
        return variables(self.address, user, self.key, **alone)

    def copy(self, user: str, file: pathlib.Path, target: str) -> None:
        """Copy a file there with scp."""
        words = ["scp", "-q", "-i", str(self.key), *FLAGS, str(file), f"{user}@{self.address}:{target}"]
        subprocess.run(words, check=True, timeout=SECONDS)

    def command(self, user: str, line: str) -> str:
        """Run a command over SSH, as a program does it: no terminal, no login shell."""
        words = command(self.address, user, self.key, line)
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log_in(self, user: str) -> subprocess.Popen[str]:
        """Log a person in, at a terminal; what they type goes to its standard input."""
        return subprocess.Popen(
            ["ssh", "-tt", *command(self.address, user, self.key)[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, session: subprocess.Popen[str], *lines: str) -> list[str]:
        """Type lines, leave, and return what was written between the marks."""
        begin, end = "begin-of-said", "end-of-said"
        script = [
            "stty -echo; PS1= PS2=",
            f'echo "{begin[:5]}""{begin[5:]}"',
            *lines,
            f'echo "{end[:3]}""{end[3:]}"',
            "exit 0",
        ]
        said = session.communicate("\n".join(script) + "\n", timeout=SECONDS)[0].replace("\r", "")
        assert f"{begin}\n" in said and f"{end}\n" in said, said
        inside = said.split(f"{begin}\n", 1)[1].split(f"{end}\n", 1)[0]
        return [line for line in inside.splitlines() if "\x1b" not in line and line]

    def snapshot(self, *folders: str) -> str:
        """Return paths, owners, modes, targets and digests of all that is in folders."""
        script = 'find "$@" -printf "%p %u %m %l\\n" | sort; find "$@" -type f -exec sha256sum {} + | sort'
        return self.host.run("sh", "-c", script, "-", *folders)

    def close(self) -> None:
        """Take it away."""
        self.host.close()


def tasks(archive: str, sha256: str, pins: Sequence[str]) -> list[dict[str, Any]]:
    """Return what makes a jump host of it."""
    modules = ["ssl", "zlib"]
    return [
        {"netdevops.python.pyenv_checkout": {"archive": archive, "sha256": sha256}},
        *(
            {"netdevops.python.pyenv_install": {"version": pin, "root": SHARED, "adopt": True, "modules": modules}}
            for pin in pins
        ),
        {"netdevops.python.pyenv_users": {"users": list(PEOPLE), "global": pins[1]}},
        {
            "ansible.builtin.template": {
                "src": str(REPOSITORY / "roles/pyenv/templates/profile.sh.j2"),
                "dest": PROFILE,
                "mode": "0644",
            },
            "vars": {"pyenv_root": SHARED, "pyenv_profile_min_uid": 1000},
        },
    ]


def all_good(results: Sequence[Result]) -> list[bool]:
    """Return which tasks changed something; none may have failed."""
    return [bool(succeeded(result)["changed"]) for result in results]
