#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile a project's lock into a bundle."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_build
short_description: Compile a Poetry project into a bundle of wheels
version_added: 0.1.0
author:
  - netdevops.python contributors (@netdevops)
description:
  - Turns a project with a C(poetry.lock) and a C(.python-version) into a bundle, a folder that holds everything that
    M(netdevops.python.wheelhouse_install) needs to make the environment on a host without a network.
  - Markers, tags, groups and extras are evaluated for each target, never for the machine that builds.
    A package that has no usable file for a target is refused before anything is written, all such packages together.
  - A package that the lock has only as an sdist is built into a wheel with the interpreter of the pin.
  - The same lock gives the same bundle id. A bundle that is whole and up to date is left alone, and no index is asked.
  - The bundle can carry the interpreter as well. It is then one artifact that holds the whole environment.
  - The bundle is written aside and switched into place at once. A run that is interrupted leaves no bundle, or the old one.
requirements:
  - packaging >= 26.1
  - Poetry >= 2.0, where there is a project
  - tomli, on Python older than 3.11
  - pip for the interpreter of the pin, where an sdist must be built
  - ssh-keygen of OpenSSH >= 8.1, where the bundle is to be signed
options:
  project:
    description:
      - Absolute path of the project's folder, which holds C(pyproject.toml), C(poetry.lock) and C(.python-version).
      - Exactly one of O(project) and O(lock) is required.
    type: path
  lock:
    description:
      - Absolute path of a C(poetry.lock) alone. The project's own wheel is then not part of the bundle.
      - A C(pyproject.toml) beside it is used to see whether the lock is stale and which groups are optional.
        Without it, only the group C(main) is taken unless others are named.
    type: path
  dest:
    description:
      - Absolute path of the bundle's folder. It must be absent, empty, or a bundle.
      - Its parent folders are made where they are missing.
    type: path
    required: true
  pin:
    description:
      - The exact interpreter version, such as V(3.11.7).
      - The default is the one in C(.python-version) beside the lock.
    type: str
  targets:
    description:
      - The kinds of hosts to build for, such as V(cp311-manylinux_2_28_x86_64).
      - The C library's version is the oldest one among the hosts. All targets must be of the pin's Python.
      - The default is the kind of this machine.
    type: list
    elements: str
    default: []
  with:
    description: Optional dependency groups to add to the default ones.
    type: list
    elements: str
    default: []
  without:
    description: Dependency groups to leave out.
    type: list
    elements: str
    default: []
  only:
    description:
      - The only dependency groups to take. The project's own wheel belongs to C(main).
      - Mutually exclusive with O(with) and O(without).
    type: list
    elements: str
    default: []
  extras:
    description: Extras of the project to take.
    type: list
    elements: str
    default: []
  root:
    description: Whether the project's own wheel is part of the bundle. It never is in Poetry's non-package mode.
    type: bool
    default: true
  index_url:
    description:
      - The simple index for packages that the lock names no source for.
      - A user and a password come from the environment, in Poetry's names, E(POETRY_HTTP_BASIC_PYPI_USERNAME) and
        E(POETRY_HTTP_BASIC_PYPI_PASSWORD) for this index and the source's own name for others, or from a netrc file.
        They are sent to that host alone. A URL that holds them is refused.
    type: str
    default: https://pypi.org/simple/
  cache:
    description:
      - Absolute path of the folder of fetched files, named by their SHA-256, and of built wheels.
      - The default is C(netdevops-python) in E(XDG_CACHE_HOME), or in C(~/.cache).
    type: path
  poetry:
    description:
      - Path or name of Poetry.
      - The default is the one beside the interpreter that runs this module, then the one on E(PATH).
    type: str
  python:
    description:
      - Absolute path of an interpreter of the pin. It is needed only where a wheel must be built.
      - The default is pyenv's, in E(PYENV_ROOT), C(~/.pyenv) or C(/opt/pyenv), else one on E(PATH) that proves to be the pin.
    type: path
  jobs:
    description: Number of projects that are fetched at a time.
    type: int
    default: 8
  build_constraints:
    description:
      - Absolute path of a requirements file with hashes that names the build backends, such as C(setuptools).
      - Sdists are then built with these wheels alone, and no index is asked by the build.
      - Without it, the newest backends of O(index_url) build them, and no one checks their hashes.
    type: path
  interpreters:
    description:
      - Absolute paths of prebuilt interpreters that the bundle is to carry, so that it is all that a host needs.
      - Each is an archive that M(netdevops.python.pyenv_archive) made, with its description beside it, or a folder of such.
      - Every target gets the archive of the pin that fits it best, the one with the newest C library that the target still has.
        A target that none fits is refused. What the bundle holds of this and is no longer asked for is taken away.
      - Hosts install it where O(netdevops.python.wheelhouse_install#module:interpreter_root) says.
    type: list
    elements: path
    default: []
  sign_key:
    description:
      - Absolute path of the key that signs the manifest, into C(bundle.json.sig) beside it. It must be a private key without a passphrase,
        or a key, private or public, that the ssh-agent of E(SSH_AUTH_SOCK) holds. Nobody is ever asked for a passphrase.
      - A good signature by this key is kept. The signature is no part of the bundle's id.
      - Hosts check it with O(netdevops.python.wheelhouse_install#module:allowed_signers). It is made with C(ssh-keygen -Y sign -n netdevops-bundle),
        and can as well be made by hand, on another machine.
    type: path
  timeout:
    description: Seconds that one command, such as Poetry or the build of an sdist, may take.
    type: int
    default: 600
attributes:
  check_mode:
    support: full
    description: Says what would be fetched and built. Nothing is written, neither to the cache.
  diff_mode:
    support: full
    description: Shows the manifest before and after, with the file names of each target.
  platform:
    support: full
    platforms: posix
    description: Linux.
seealso:
  - module: netdevops.python.wheelhouse_install
"""

EXAMPLES = r"""
- name: Compile the project for this kind of machine
  netdevops.python.wheelhouse_build:
    project: /srv/src/netcheck
    dest: /srv/bundles/netcheck
  delegate_to: localhost
  run_once: true

- name: Compile it for two kinds of hosts, without the group cisco
  netdevops.python.wheelhouse_build:
    project: /srv/src/netcheck
    dest: /srv/bundles/netcheck
    targets:
      - cp311-manylinux_2_28_x86_64
      - cp311-manylinux_2_28_aarch64
    without: [cisco]
    build_constraints: /srv/src/netcheck/build-constraints.txt

- name: Put the interpreter into the bundle too, so that it carries the whole environment
  netdevops.python.wheelhouse_build:
    project: /srv/src/netcheck
    dest: /srv/bundles/netcheck
    targets: [cp311-manylinux_2_34_x86_64]
    interpreters: [/srv/interpreters]

- name: Sign it, so that hosts take it from nobody else
  netdevops.python.wheelhouse_build:
    project: /srv/src/netcheck
    dest: /srv/bundles/netcheck
    sign_key: /etc/netdevops/release_ed25519

- name: Compile a lock alone, from an index of our own
  netdevops.python.wheelhouse_build:
    lock: /srv/locks/edge/poetry.lock
    pin: 3.11.7
    dest: /srv/bundles/edge
    index_url: https://pypi.example.com/simple/
  environment:
    POETRY_HTTP_BASIC_PYPI_USERNAME: reader
    POETRY_HTTP_BASIC_PYPI_PASSWORD: "{{ vault_index_password }}"
"""

RETURN = r"""
bundle_id:
  description: SHA-256 of the manifest. In check mode V(null) while a file must still be fetched or built.
  returned: success
  type: str
  sample: 5d1f0a4c0c1e8f8b2f3c0f4e8c1d9f4a5b6c7d8e9f00112233445566778899aa
bundle:
  description: The bundle's folder, with links resolved.
  returned: success
  type: str
  sample: /srv/bundles/netcheck
targets:
  description: Per target, the number of its wheels and their size in bytes, V(null) in check mode while it is not known.
  returned: success
  type: dict
  sample:
    cp311-manylinux_2_28_x86_64: {wheels: 105, bytes: 99530686}
interpreters:
  description: Per target, the archive of the interpreter that the bundle carries.
  returned: success
  type: dict
  sample:
    cp311-manylinux_2_34_x86_64: cpython-3.11.7-cp311-manylinux_2_34_x86_64.tar.gz
signed_by:
  description: Fingerprint of O(sign_key), and empty text without one.
  returned: success
  type: str
  sample: SHA256:aDsZOd+I5dGIaRXnE0aP5e2qqoRUGpWrtVNKgi0WUPY
fetched:
  description:
    - Number of files that came over the network, and their bytes.
    - In check mode, what would come. The bytes are then V(null), since a lock does not name sizes.
  returned: success
  type: dict
  sample: {files: 104, bytes: 99530686}
built:
  description: The wheels that were no wheels in the lock, with what they were built from.
  returned: success
  type: list
  elements: dict
  sample:
    - name: ncclient
      version: 0.7.0
      file: ncclient-0.7.0-py3-none-any.whl
      origin: {kind: sdist, file: ncclient-0.7.0.tar.gz, sha256: 318e8e3e72b1d2a766f3665cabef33436fd25b607da5f15657a199c648a68435}
actions:
  description: The steps of the plan. There are none when nothing changes.
  returned: success
  type: list
  elements: dict
  sample:
    - {verb: replace, subject: /srv/bundles/netcheck, reason: "other lock, targets"}
seconds:
  description: Seconds per stage.
  returned: success
  type: dict
  sample: {poetry: 0.6, lock: 0.1, interpreter: 0.1, select: 0.1, project: 0.8, look: 0.2, fetch: 4.1, build: 6.0, write: 0.4}
problems:
  description: What is wrong, where the build was refused.
  returned: failure
  type: list
  elements: dict
  sample:
    - {subject: group 'juno', message: "poetry.lock has no such group; it has: main, cisco, junos.", next_step: "Correct the name."}
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.build.build import Build, outcome
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import default_folder
from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked
from ansible_collections.netdevops.python.plugins.module_utils.build.inputs import Request
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process

ARGUMENTS = {
    "project": {"type": "path"},
    "lock": {"type": "path"},
    "dest": {"type": "path", "required": True},
    "pin": {"type": "str"},
    "targets": {"type": "list", "elements": "str", "default": []},
    "with": {"type": "list", "elements": "str", "default": []},
    "without": {"type": "list", "elements": "str", "default": []},
    "only": {"type": "list", "elements": "str", "default": []},
    "extras": {"type": "list", "elements": "str", "default": []},
    "root": {"type": "bool", "default": True},
    "index_url": {"type": "str", "default": "https://pypi.org/simple/"},
    "cache": {"type": "path"},
    "poetry": {"type": "str"},
    "python": {"type": "path"},
    "jobs": {"type": "int", "default": 8},
    "build_constraints": {"type": "path"},
    "interpreters": {"type": "list", "elements": "path", "default": []},
    # Its path: what is in it is never read here.
    "sign_key": {"type": "path", "no_log": False},
    "timeout": {"type": "int", "default": 600},
}


def request(options: Mapping[str, Any], environ: Mapping[str, str]) -> Request:
    """Return the options as the build reads them; an empty text counts as not given."""
    return Request(
        project=options["project"] or "",
        lock=options["lock"] or "",
        dest=options["dest"],
        pin=options["pin"] or "",
        targets=_named(options["targets"]),
        asked=Asked(*(_named(options[name]) for name in ("with", "without", "only", "extras"))),
        root=options["root"],
        index_url=options["index_url"],
        cache=options["cache"] or default_folder(environ),
        poetry=options["poetry"] or "",
        python=options["python"] or "",
        jobs=options["jobs"],
        build_constraints=options["build_constraints"] or "",
        timeout=options["timeout"],
        interpreters=_named(options["interpreters"]),
        sign_key=options["sign_key"] or "",
    )


def _named(names: list[str]) -> tuple[str, ...]:
    # Ansible makes [''] of an empty text, and that is what an unanswered question of a survey gives.
    return tuple(name for name in names if name)


def main() -> None:
    """Plan, and in a run that is no check also build."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    os.umask(0o022)
    try:
        build = Build(request(module.params, os.environ), run_process, os.environ)
        prepared = build.prepare()
        done = prepared.plan.changed and not module.check_mode
        manifest = build.apply(prepared) if done else prepared.manifest
    except Refused as refused:
        module.fail_json(**refused.result())
    except OSError as error:
        module.fail_json(
            msg=f"{error.filename or module.params['dest']}: {error.strerror or error}. Nothing was replaced."
        )
    diff = prepared.plan.diff(prepared.found.path)
    module.exit_json(
        changed=prepared.plan.changed,
        diff=diff,
        **outcome(build, prepared, manifest, done or not prepared.plan.changed),
    )


if __name__ == "__main__":
    main()
