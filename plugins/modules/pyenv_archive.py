#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make of an installed CPython an archive that other hosts install without a compiler."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_archive
short_description: Pack an installed CPython into an archive for other hosts
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Makes of an installed version an archive, RV(archive), and a description beside it, RV(description). M(netdevops.python.pyenv_install)
    installs it on other hosts in seconds, without a compiler, below any root.
  - The description tells what a host must have. This is the processor, the C library and its oldest version that will do,
    and the shared libraries. It is read from the programs and libraries that are packed, so it does not depend on what the build box has
    beyond that. A host checks all of it, and the archive's digest, before it unpacks a byte.
  - The version must prove itself. It is started and has to say that it is that version in that folder, and its binaries have to be
    those that its receipt names, where it has one.
  - The same files always give the same bytes. Owners and names of users are left out, modes are V(0755) and V(0644), times are those of the
    files in whole seconds. Only another release of zlib on the build box may compress differently.
  - An archive is up to date when its digest is the one in its description, and when paths, sizes, times and modes of the installed files are those
    that it was packed from, and the options too. Then nothing is packed. The files are not read for that. Remove the archive to pack it again all the same.
  - Run paths that name the installation's own folder are made relative (C($ORIGIN)) in the packed copy. So a moved interpreter never starts
    with the libpython of the distribution. A program that has no such run path and needs a library of its own tree is refused.
  - A python-build-standalone archive of the kind C(install_only), given as O(src), gets such a description too. Nothing of it is run.
options:
  version:
    description:
      - The exact version, such as V(3.11.7), that is installed below O(root).
      - Exactly one of O(version), O(version_file) and O(src) is needed.
    type: str
  version_file:
    description:
      - A C(.python-version) file on the build box, or the folder that holds one. It must hold one exact version and nothing else.
    type: path
  root:
    description:
      - The folder that holds C(versions/).
    type: path
    default: /opt/pyenv
  dest:
    description:
      - The folder on the build box for the archive and its description. It is created when it is missing.
    type: path
    required: true
  without:
    description:
      - What is left out. An archive of CPython 3.11 has some 28 MB with the default, and 76 MB with everything.
      - V(tests) are CPython's own test suites C(test), C(ctypes/test), C(distutils/tests), C(idlelib/idle_test), C(lib2to3/tests), C(sqlite3/test),
        C(tkinter/test) and C(unittest/test), and the compiled modules that they alone use (C(_testcapi) and others). C(test.support) is gone with them.
        C(venv) and C(ensurepip) go on working.
      - V(optimized_caches) is the bytecode for C(python -O) and C(-OO).
      - V(caches) is all bytecode. Then each start of a program that may not write there compiles what it imports.
      - V(static_library) is C(libpython*.a), for those who link CPython into a program of their own.
      - V(packages) is everything in C(site-packages), also C(pip), and the scripts that these packages brought. C(python -m venv) brings its own pip.
    type: list
    elements: str
    choices: [caches, optimized_caches, packages, static_library, tests]
    default: [optimized_caches, static_library, tests]
  optional_modules:
    description:
      - Compiled modules of the standard library whose shared libraries a host may lack. There, such a module does not import, and everything else works.
      - The libraries of all other modules are needed on each host.
    type: list
    elements: str
    default: [_crypt, _dbm, _gdbm, _tkinter, nis, ossaudiodev, spwd]
  src:
    description:
      - A python-build-standalone archive of the kind C(install_only) or C(install_only_stripped) on the build box (C(.tar.gz)).
      - It is copied to O(dest) as it is, and described. O(without) does not change it.
    type: path
  src_sha256:
    description:
      - The SHA-256 that O(src) must have. Take it from the page of the release.
    type: str
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing. RV(sha256) and RV(size) of a new archive are not known then.
    support: full
  diff_mode:
    description: Returns the description before and after.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux on x86_64 or aarch64
notes:
  - Build on the oldest distribution that is to run it. The libraries that it needs have to be there under the same names.
    C(libssl.so.3), for example, is OpenSSL 3.
  - The path of the build stays in bytecode (CPython corrects it when it imports) and in programs and libraries, where it is not used.
  - A path that is shorter than C($ORIGIN/../lib) leaves no room for a run path. A version below C(/opt/pyenv/versions/) has that room.
seealso:
  - module: netdevops.python.pyenv_install
  - module: netdevops.python.wheelhouse_build
  - name: python-build-standalone
    description: Where C(install_only) archives come from.
    link: https://github.com/astral-sh/python-build-standalone
"""

EXAMPLES = r"""
- name: Pack the interpreter that the project pins
  netdevops.python.pyenv_archive:
    version_file: /srv/projects/bgp-linter
    dest: /srv/python-archives

- name: Pack it small, without pip and bytecode
  netdevops.python.pyenv_archive:
    version: 3.11.7
    dest: /srv/python-archives
    without: [caches, packages, static_library, tests]

- name: Describe an archive that was downloaded, for hosts that have no way to the internet
  netdevops.python.pyenv_archive:
    src: /srv/downloads/cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz
    src_sha256: 6d3cc4c8ad9f1d0d7b7d6c4c0ab1d7a6b4a2e5a3f0f4f8a1c2b3d4e5f6071829
    dest: /srv/python-archives
"""

RETURN = r"""
archive:
  description: The archive.
  returned: success
  type: str
  sample: /srv/python-archives/cpython-3.11.7-cp311-manylinux_2_34_x86_64.tar.gz
description:
  description: Its description.
  returned: success
  type: str
  sample: /srv/python-archives/cpython-3.11.7-cp311-manylinux_2_34_x86_64.tar.gz.json
version:
  description: The exact version of its interpreter.
  returned: success
  type: str
  sample: 3.11.7
target:
  description: The oldest kind of host that it runs on.
  returned: success
  type: str
  sample: cp311-manylinux_2_34_x86_64
sha256:
  description: The archive's digest. Empty in check mode when it would be packed.
  returned: success
  type: str
  sample: 808a541c2f538b2a3c05049c5d1169140decc3554fb8c1330860f50b120e8abc
size:
  description: The archive's size in bytes. 0 in check mode when it would be packed.
  returned: success
  type: int
  sample: 26614270
unpacked:
  description: The size of its files in bytes.
  returned: success
  type: int
  sample: 68025997
libraries:
  description: The shared libraries that a host must have.
  returned: success
  type: list
  elements: str
  sample: [libcrypto.so.3, libsqlite3.so.0, libssl.so.3, libz.so.1]
optional_libraries:
  description: The shared libraries that only O(optional_modules) need.
  returned: success
  type: list
  elements: str
  sample: [libtcl8.6.so, libtk8.6.so]
before:
  description: The description that was there. Empty when there was none.
  returned: success
  type: dict
after:
  description: The description that is there now, or would be in check mode.
  returned: success
  type: dict
actions:
  description: The steps that were taken, or would be.
  returned: success
  type: list
  elements: dict
  sample:
    - verb: pack
      subject: /srv/python-archives/cpython-3.11.7-cp311-manylinux_2_34_x86_64.tar.gz
      reason: none there
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import ARGUMENTS, wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_plan import ensure


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=dict(ARGUMENTS), supports_check_mode=True)
    try:
        result = ensure(wanted(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
