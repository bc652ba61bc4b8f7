# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytecode for a release: compiled once, by its own interpreter, in parallel, the same on every host."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import BYTECODE, FILE, Installed
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

COMPILE_SECONDS = 1800
MOST_WORKERS = 8
FILES_PER_WORKER = 16  # for fewer, a process of its own costs more than it saves
# Nearly half of what there is to compile in pandas, numpy and scipy. Python compiles them itself should somebody import one.
TEST_SUITES = frozenset(("test", "tests"))

# Run by the release's interpreter, one process per share of the files. The name inside the code is relative to
# the release (Python puts the real one in at import), the header is that of PEP 552 with mtime and size. A file
# that does not compile is left alone, as pip leaves it: wheels bring test data of other Pythons.
_WORKER = r"""
import gc, hashlib, importlib.util, marshal, os, struct, sys, warnings
root, mode, workers = sys.argv[1], int(sys.argv[2], 8), int(sys.argv[3])
sources = sys.stdin.read().split("\n")[:-1]
gc.disable()
os.umask(0)
warnings.simplefilter("ignore")
sys.setrecursionlimit(10000)
def compiled(source):
    path = os.path.join(root, source)
    with open(path, "rb") as stream:
        text = stream.read()
        found = os.fstat(stream.fileno())
    code = compile(text, source, "exec", dont_inherit=True, optimize=0)
    head = struct.pack("<4sIII", importlib.util.MAGIC_NUMBER, 0, int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF)
    return head + marshal.dumps(code)
def work(share, out):
    for source in share:
        try:
            data = compiled(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        target = importlib.util.cache_from_source(source, optimization="")
        folder = os.path.join(root, os.path.dirname(target))
        try:
            os.mkdir(folder, int(sys.argv[4], 8))
        except FileExistsError:
            pass
        descriptor = os.open(os.path.join(root, target), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        out.write("%s %d %s\t%s\n" % (hashlib.sha256(data).hexdigest(), len(data), target, source))
    out.flush()
children = []
for n in range(workers):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            with os.fdopen(writer, "w") as out:
                work(sources[n::workers], out)
            status = 0
        except OSError as error:
            sys.stderr.write("%s\n" % error)
            sys.stderr.flush()
        finally:
            os._exit(status)
    os.close(writer)
    children.append((child, reader))
failed = 0
for child, reader in children:
    with os.fdopen(reader) as said:
        sys.stdout.write(said.read())
    failed |= os.waitpid(child, 0)[1]
sys.stdout.flush()
sys.exit(1 if failed else 0)
"""


def compile_all(run: Runner, interpreter: Interpreter, tree: Tree) -> None:
    """Compile the sources of the release that have no bytecode yet.

    Raises:
        Refused: when the compiler itself fails (a full disk, say).
    """
    sources = _uncompiled(tree, interpreter.cache_tag)
    if not sources:
        return
    workers = max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0)), len(sources) // FILES_PER_WORKER))
    argv = [
        interpreter.path,
        "-I",
        "-S",
        "-c",
        _WORKER,
        tree.here,
        f"{tree.file_mode(False):o}",
        str(workers),
        f"{tree.mode:o}",
    ]
    listing = "".join(source + "\n" for source in sources)
    done = run(argv, env=clean_environment(os.environ), timeout=COMPILE_SECONDS, stdin=listing)
    if done.rc != 0:
        refuse(
            tree.root,
            f"its bytecode could not be compiled: {done.tail()}.",
            "Make room on the disk, or set compile to false.",
        )
    _register(done.stdout, tree)


def _uncompiled(tree: Tree, cache_tag: str) -> list[str]:
    sources = []
    for path, file in tree.files.items():
        if file.kind == FILE and _is_run(path, tree.site_packages):
            folder, _slash, name = path.rpartition("/")
            if f"{folder}/__pycache__/{name[:-3]}.{cache_tag}.pyc" not in tree.files:
                sources.append(path)
    return sources


def _is_run(path: str, site_packages: str) -> bool:
    """Whether programs import this file; packages bring their test suites, which they do not."""
    if not path.endswith(".py") or not path.startswith(site_packages + "/"):
        return False
    return TEST_SUITES.isdisjoint(path[len(site_packages) :].split("/")[:-1])


def _register(listing: str, tree: Tree) -> None:
    for line in listing.split("\n")[:-1]:  # Not splitlines: a name may hold what that splits at.
        target, source = line.split("\t")
        sha256, size, path = target.split(" ", 2)
        wheel = tree.files[source].wheel
        tree.files[path] = Installed(path, BYTECODE, tree.file_mode(False), int(size), sha256, wheel)
