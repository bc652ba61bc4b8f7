# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interpreter says of itself; the only proof that one is there."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

PROBE_SECONDS = 30
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES)
# Of these an interpreter does not die by itself. The first is the kernel's when memory is short.
_KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, -signal.SIGXCPU)

# Run by the interpreter in question, with -I: no user site, no PYTHON* variables, no current folder; and with -S:
# the .pth files in its site-packages are other people's code, and can be most of its start.
# The libc is asked of the running process (PEP 600), since several can lie on one disk: glibc answers
# gnu_get_libc_version, musl does not and is known by the loader that its binaries name.
# Which libpython runs is asked of the process too: one that was moved takes the distribution's without a word.
# Some modules import in an interpreter that was built without their half in C: that half is asked for as well.
PROBE = r"""
import importlib, json, os, platform, sys, sysconfig
def glibc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    except (AttributeError, ValueError, OSError, IndexError):
        return ""
def musl():
    import re, subprocess
    with open(sys.executable, "rb") as stream:
        loader = re.search(rb"/lib/ld-musl-[a-z0-9_]+\.so\.1", stream.read(1 << 20))
    if not loader:
        return ""
    said = subprocess.run([loader.group().decode()], stderr=subprocess.PIPE, universal_newlines=True).stderr
    found = re.search(r"Version ([0-9]+\.[0-9]+)", said)
    return found.group(1) if found else ""
def mapped():
    with open("/proc/self/maps") as stream:
        paths = {line[line.find("/"):].rstrip() for line in stream if "/" in line}
    return sorted(path for path in paths if os.path.basename(path).startswith("libpython"))
def broken(names):
    bad = {}
    for name in names:
        try:
            module = importlib.import_module(name)
            if name == "hashlib":
                module.sha256(b"").hexdigest()
            elif name == "uuid":
                importlib.import_module("_uuid")
        except Exception as error:
            bad[name] = "%s: %s" % (type(error).__name__, error)
    return bad
libc = ("glibc", glibc()) if glibc() else ("musl", musl())
print(json.dumps({
    "version": platform.python_version(),
    "implementation": sys.implementation.name,
    "cache_tag": sys.implementation.cache_tag,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "arch": platform.machine(),
    "bits": 64 if sys.maxsize > 2**32 else 32,
    "libc": libc[0], "libc_version": libc[1],
    "executable": sys.executable, "prefix": sys.prefix, "base_prefix": sys.base_prefix,
    "broken": broken(sys.argv[1:]), "libpython": mapped(), "config_args": sysconfig.get_config_var("CONFIG_ARGS") or "",
}))
"""


class Interpreter(NamedTuple):
    """What the probe found.

    Attributes:
        path: The absolute path that was probed.
        version: The exact version, such as ``3.11.7``.
        implementation: ``cpython`` for the one kind that is supported.
        target: The kind of host that it makes of this machine.
        prefix: Its installation, or (since Python 3.14) its environment when it is one.
        base_prefix: Its installation.
        cache_tag: The tag of its bytecode files, such as ``cpython-311``.
        broken: Modules asked for that do not import, with the reason.
        libpython: The files of a shared ``libpython`` that it runs with; none for one that is linked statically.
        config_args: What its configure was told, quoted for a shell.
    """

    path: str
    version: str
    implementation: str
    target: Target
    prefix: str
    base_prefix: str
    cache_tag: str
    broken: Mapping[str, str]
    libpython: tuple[str, ...] = ()
    config_args: str = ""


def probe(run: Runner, path: str, modules: Sequence[str] = (), user: tuple[int, int] | None = None) -> Interpreter:
    """Run the interpreter at ``path`` and return what it says of itself.

    Args:
        run: Runs it.
        path: The interpreter.
        modules: Modules that it is to import.
        user: User and group id that root runs it as; root's own when it is None.

    Raises:
        Unheard: when it could not be asked, which says nothing of it.
        Refused: when it is absent, does not run, is not CPython on Linux, or is of a kind that is not supported.
    """
    if not os.path.isabs(path):
        refuse(path, "expected an absolute path to an interpreter.", "A name on PATH may be a shim; name the file.")
    if not _is_there(path):
        refuse(
            path,
            "expected an interpreter, found nothing.",
            "Install it first (netdevops.python.pyenv_install), or name another one in `python`.",
        )
    argv = [path, "-I", "-S", "-c", PROBE, *modules]
    done = _ask(run, argv, user)
    try:
        return _described(path, json.loads(done.stdout))
    except (ValueError, TypeError, KeyError):
        refuse(
            path,
            f"is there and does not work (exit {done.rc}): {done.tail() or 'it said nothing'}.",
            "Install the interpreter again.",
        )


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise _unheard(path, f"cannot be looked at: {error.strerror}.") from None
        return False
    return True


def _ask(run: Runner, argv: Sequence[str], user: tuple[int, int] | None) -> Completed:
    try:
        done = run(argv, env=clean_environment(os.environ), timeout=PROBE_SECONDS, user=user)
    except Unheard as unheard:
        raise _unheard(argv[0], unheard.problems[0].message) from None
    if done.rc in _KILLED:
        raise _unheard(argv[0], f"was killed by signal {-done.rc}.")
    return done


def _unheard(path: str, message: str) -> Unheard:
    step = "Run it again when the host has time and memory for it; look at the interpreter if it stays so."
    return Unheard([Problem(path, f"could not be asked what it is: it {message}", step)])


def _described(path: str, said: Mapping[str, Any]) -> Interpreter:
    if said["implementation"] != "cpython" or said["bits"] != 64:
        refuse(
            path,
            f"expected a 64-bit CPython, found {said['bits']}-bit {said['implementation']}.",
            "Name another interpreter.",
        )
    if not said["libc_version"]:
        refuse(
            path, "its C library is neither glibc nor musl, or does not tell its version.", "Name another interpreter."
        )
    major, minor = said["libc_version"].split(".")[:2]
    digits = "".join(said["version"].split(".")[:2])
    threads = "t" if said["free_threaded"] else ""
    target = Target(f"cp{digits}{threads}", said["libc"], (int(major), int(minor)), said["arch"])
    return Interpreter(
        path,
        said["version"],
        said["implementation"],
        target,
        said["prefix"],
        said["base_prefix"],
        said["cache_tag"],
        said["broken"],
        tuple(said["libpython"]),
        said["config_args"],
    )
