# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start-up file of a release: a process that starts through the environment's link belongs to one release for good.

``.venv/bin/python`` has the link's path in ``sys.prefix`` and ``sys.path``, so each import would follow the link anew,
and after a switch find the packages of another release beside those it has. The ``site`` module of every Python runs the
``.pth`` files of an environment in the order of their names, before anything else is imported from there: the first one
is ours, and puts the release's own path where the link's was.

What is left: between two feature versions of Python, a start of ``.venv/bin/python`` itself that is under way while the link
is switched, some ten milliseconds, finds no folder of its own version. It fails with ModuleNotFoundError and sees nothing of
either. Console scripts and launchers name their interpreter by the release's own path and have no such moment.
"""

from __future__ import annotations

import hashlib
import os

from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

# "+" sorts before digits, letters, "-", "." and "_"; a name that starts with a dot is passed over by newer Pythons.
STARTUP_FILE = "+netdevops-release.pth"

# Said to whoever opens the file. One line is code, and the one that starts with "import" (site's rule).
_HEAD = """\
# Written by netdevops.python. A process that starts through the link of the environment stays with the release that it
# started in: after a switch it would import from the next one. Part of the receipt; see the collection's documentation.
"""

# Names that site has at hand: sitedir, the folder whose .pth files it runs, and known_paths, what it put on sys.path.
# A start by the release's own path, which is that of console scripts, ends with the comparison.
_LINE = (
    'import os, sys; str(locals().get("sitedir")).startswith({release} + "/") or '
    'exec({code!r}, {{**locals(), "release": {release}}})\n'
)

# Whatever is not as expected leaves the process as it is: it has started without this file until now.
# - What site was led to must lie beside the release that this file names: the link may lead to the next release by now,
#   but a copy of the tree elsewhere, or a container that has it at another path, is another environment.
# - sys._base_executable stays: up to Python 3.10 an environment that is made from this one goes on as its `home`.
# - site goes on with the names that it has listed, and opens each through the link: they are opened in the release.
#   Where Python has a lib64, a second folder follows, which is the same.
#   It lists the release itself in its second round (it looks at sys.prefix again), which ends this.
_CODE = """\
try:
    import os, site, sys
    prefix = os.path.dirname(os.path.dirname(os.path.dirname(sitedir)))
    def stays(path):
        inside = isinstance(path, str) and (path + "/").startswith(prefix + "/")
        return release + path[len(prefix):] if inside else path
    if os.path.samefile(prefix + "/..", release + "/..") and os.path.isdir(stays(sitedir)):
        for name in ("prefix", "exec_prefix", "executable"):
            setattr(sys, name, stays(getattr(sys, name, None)))
        site.PREFIXES[:] = map(stays, site.PREFIXES)
        def follow(folder):
            sys.path[:] = map(stays, sys.path)
            known_paths.add(stays(folder))
        original = site.addpackage
        def addpackage(folder, *rest):
            if folder == stays(folder):
                site.addpackage = original
            else:
                follow(folder)
            return original(stays(folder), *rest)
        follow(sitedir)
        site.addpackage = addpackage
except Exception:
    pass
"""


def startup_text(release: str) -> bytes:
    """Return the start-up file of the release at that absolute path.

    It is ASCII: until Python 3.13 ``site`` reads these files in the encoding of the locale.
    """
    path = ascii(release) if release.isascii() else f"os.fsdecode({os.fsencode(release)!r})"
    return (_HEAD + _LINE.format(release=path, code=_CODE)).encode("ascii")


def write_startup(tree: Tree) -> None:
    """Put the start-up file into a release that is being built, as the environment's own."""
    data = startup_text(tree.root)
    tree.write(f"{tree.site_packages}/{STARTUP_FILE}", data, hashlib.sha256(data).hexdigest(), "")
