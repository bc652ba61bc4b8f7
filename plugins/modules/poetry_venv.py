#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: poetry_venv
short_description: Bring a project's in-project environment to its poetry.lock, by Poetry
version_added: 0.1.0
description:
  - Brings the environment C(.venv) in a project's folder to the packages and versions that its C(poetry.lock) says, and no others, for the
    groups and extras that are asked for. Poetry decides what that is and fetches it, any version from 1.8 to 2.x. What is installed is never
    resolved, and neither C(poetry.lock) nor C(pyproject.toml) is ever written. A lock that does not match C(pyproject.toml) is refused.
  - The lock does not hold what a build needs. Where it names no wheel that fits (an sdist alone, a git repository, a folder), Poetry builds one, and
    resolves and fetches the C(build-system.requires) of that package for it, without a digest to compare. So it does for a project that has a
    build of its own. Setuptools and their like are then as the index has them that day. With O(wheelhouse) nothing is built but the project itself.
  - "C(.venv) is a symbolic link to a I(release), a folder in C(.venv.releases) beside it, as M(netdevops.python.wheelhouse_install) makes them.
    Poetry fills a new release beside the current one; what it installed is compared with its own plan and with the interpreter that was asked for;
    proofs run in it; and then one atomic rename points C(.venv) at it. Whatever fails before that, the environment still is what it was,
    and who is logged in and works in it goes on with the release that they started in."
  - That holds for packages. The project itself is installed editable, with O(root=true). Its code is the checkout, the same one for each release,
    and neither a new release nor a rollback changes it. Who runs it meets another revision as soon as that is checked out.
  - A release ends with a receipt that holds the digest of every file. A later run compares the release with it, names what drifted, and
    repairs it by building it again beside the damaged one. A release that is on the host already is only switched to, so going
    back to an earlier branch installs nothing.
  - Where nothing is to be done, Poetry is not started, and need not even be there. The digests of the lock, of what of C(pyproject.toml) and
    C(poetry.toml) decides and of C(.python-version), the groups and extras, the interpreter, the place of the project (without links), and the
    files of the release say so. Tables of C(pyproject.toml) that belong to linters and test tools, and comments, do not count, unless the file
    holds a text of several lines; then all of it counts. A project that was moved or copied gets an environment of its own.
  - With O(root=true) it also counts which of the folders are there that Poetry looks for its code in (its name and what C(packages) says, beside
    C(pyproject.toml) or in C(src)), and the content of its build script and of scripts of the type C(file). What else a build reads is not known
    here - C sources, the text of a README or a licence - and a change of it alone installs nothing. A warning about dependencies that are folders is
    said only by a run that starts Poetry.
  - Everything is done with the rights of the project's owner. Root works for somebody else with O(owner), and never with more rights than theirs.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  project:
    description:
      - Absolute path of the project's folder, which holds C(pyproject.toml) and C(poetry.lock).
      - It must belong to the user that the module runs as, or to O(owner). A V(~) stands for the home of the user that the module runs as,
        also where O(owner) is given.
      - Who can write there decides which programs run. So the folder, C(pyproject.toml), C(poetry.lock), C(.python-version), C(poetry.toml) and a
        build script are refused where they belong to others than that user and root, or others may write them. A group in which nobody else is does not count.
        Where the project is root's, each folder and file of it (but for C(.git) and environments) and what its links lead to is looked at
        before Poetry is started, and the folders above it in any case.
    type: path
    required: true
  state:
    description:
      - V(present) brings the environment to the lock. V(absent) removes C(.venv) and C(.venv.releases), and nothing else of the project.
        It removes releases alone; an ordinary folder that stands there is refused.
    type: str
    choices: [present, absent]
    default: present
  python:
    description:
      - Absolute path of the interpreter that the environment is made from.
      - When it is not given, it is C(versions/<pin>/bin/python) below O(interpreter_root), with the version in the project's
        C(.python-version). Where both are there, they must agree.
      - One that others than root and the owner could change is refused before it is started, and so is a shim.
    type: path
  interpreter_root:
    description: Absolute path of the folder in which interpreters live, where O(python) is not given; see M(netdevops.python.pyenv_install).
    type: path
    default: /opt/pyenv
  only:
    description:
      - Install these groups and no others; V(main) is the project's own dependencies. Not together with O(with) and O(without).
      - When none of the three is given, it is all groups that are not optional, as C(poetry install) has it.
    type: list
    elements: str
    aliases: [groups]
  with:
    description: Optional groups that are installed as well.
    type: list
    elements: str
  without:
    description: Groups that are left out.
    type: list
    elements: str
  extras:
    description: Extras of the project that are installed as well. Not together with O(all_extras).
    type: list
    elements: str
  all_extras:
    description: Whether all extras of the project are installed.
    type: bool
    default: false
  root:
    description:
      - Whether the project itself is installed, editable, as C(poetry install) does it. A project with C(package-mode = false) never is.
    type: bool
    default: true
  sync:
    description:
      - Whether the environment holds what the lock says and nothing else. A package that somebody added by hand is drift then, and goes.
      - With V(false), packages that somebody added by hand, for instance with C(pip install), are no drift, and are carried on into the next release.
        That is refused for another feature version of Python. Packages of the lock are repaired all the same.
    type: bool
    default: true
  poetry:
    description:
      - Absolute path of Poetry, 1.8 or newer and older than 3. The role P(netdevops.python.poetry#role) installs one.
      - When it is not given, it is looked for in C(/usr/local/bin), C(/opt/netops/poetry/.venv/bin), C(/usr/bin) and the owner's C(~/.local/bin).
        A shim of pyenv, asdf or mise is refused, and so is one that others than root and the owner could change, or whose Python they could.
      - It is started without plugins, also where the project requires some.
    type: path
  sources:
    description:
      - Who asks the private indexes that C(pyproject.toml) names. They are handed to Poetry in its environment only, and are
        in no result, no file and no command line.
      - Poetry has them while it fetches and installs packages, and so has the code that builds a package that has no wheel. The project itself is installed
        after that, without them. Who can become the owner of the project can read them meanwhile.
      - They are not sent unencrypted to another host, unless O(sources[].url) says so, and not to where C(poetry.toml) turns the check of a certificate off.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the source in C(pyproject.toml).
        type: str
        required: true
      user:
        description: The user.
        type: str
      password:
        description: The password or token.
        type: str
      url:
        description:
          - The URL of the source, as it is to be in C(pyproject.toml). Where that has another one, the password is sent nowhere, and the run is refused.
          - Whoever writes C(pyproject.toml) decides where the password goes when it is not given. It must be https then, or a server on the host itself.
        type: str
  wheelhouse:
    description:
      - Absolute path on the host of a bundle (a folder or one tar) that was built from the same lock, or of a folder of wheels. With it, nothing is
        asked of a network. Poetry only says what is to be there; wheels are taken by the name, version and SHA-256 that the lock or the
        bundle names, and nothing else in that folder is looked at.
      - In a folder of wheels, what the lock names no wheel for (an sdist alone, a git repository) is refused, all of it at once. A bundle holds a
        wheel of each sdist, and may hold more groups than are asked for.
      - The project itself is installed by Poetry then too, with no way to a network. One that has a build script of its own is refused, since Poetry
        fetches what that needs; with O(root=false) its dependencies can be installed.
    type: path
  cache:
    description:
      - Absolute path of the folder in which downloads are kept for the next install. It must be the project's owner's alone, of mode 0700; it is
        made when it is not there.
      - C(~/.cache/netdevops-python/poetry) of the owner when it is not given. Where that cannot be made, or others could change or read it,
        nothing is kept.
      - It only holds files that a lock named by name and digest, and of these a run takes only what its own lock names so. Wheels that are built from
        source, and what a build needs, are never kept. All of it may be removed at any time; nothing else removes it.
      - Poetry itself works in a folder that goes with the run, and its own C(~/.cache/pypoetry) is not used. With O(wheelhouse), nothing is kept.
    type: path
  timeout:
    description: Seconds that one command of Poetry may take. Its whole process group is ended then.
    type: int
    default: 900
  owner:
    description:
      - Name of the user whose project it is. Root becomes that user for all of it, in an environment with nothing of root's but
        proxies and certificate authorities (C(https_proxy), C(SSL_CERT_FILE) and their like).
      - The user that the module runs as, when it is not given.
    type: str
  prove:
    description: What must work in a new release before it is switched on.
    type: dict
    suboptions:
      imports:
        description: Modules that must import.
        type: list
        elements: str
      commands:
        description:
          - Commands that must end with 0, each a string or a list of words. The first word is a command of the release or an absolute path.
          - They run in C(/), without a shell.
        type: list
        elements: raw
  prove_timeout:
    description: Seconds that each proof may take.
    type: int
    default: 120
  keep:
    description:
      - How many releases stay, the current one included. The one before it, those in O(hold) and those that a process uses stay in any case.
    type: int
    default: 3
  keep_days:
    description: Releases that were current within so many days stay, also beyond O(keep).
    type: int
    default: 0
  hold:
    description:
      - Names of releases, or their first characters, that stay until they are no longer named here. An empty list lets all of them go.
      - What was named last holds on when it is not given.
    type: list
    elements: str
  commands:
    description:
      - Names of console scripts of the environment that are put into O(commands_path). Each is a launcher that finds out which release is
        current, once, and stays with it. An empty list takes the launchers away; they stay as they are when it is not given.
      - A release that lacks one of them is not switched on.
    type: list
    elements: str
  commands_path:
    description:
      - Absolute path of the folder for O(commands). It must be there, the owner of the project must be able to write into it, and nobody else but root.
    type: path
    default: /usr/local/bin
  legacy_until:
    description:
      - The day (V(YYYY-MM-DD), UTC) from which on an ordinary C(.venv) that was kept beside the environment when a release took its place
        may be removed. It stays for good when this is not given.
    type: str
  history:
    description:
      - Absolute path of the file to which each run that does something adds who did what, when and with which outcome. It is written with the
        rights of the project's owner.
      - C(~/.local/state/netdevops-python/history.jsonl) in the owner's home when it is not given; C(/var/log/netdevops-python/history.jsonl) where
        that is root.
    type: path
  reason:
    description: Why this is done, a sentence for the history.
    type: str
  mode:
    description: Permission bits of folders and programs, in octal; other files get the same without the execute bits. The umask plays no part.
    type: str
    default: "0755"
  compile:
    description: Whether bytecode is made at install time.
    type: bool
    default: true
  verify:
    description:
      - How an existing release is compared with its receipt. V(stat) takes a file whose size, times, mode, owner and inode are unchanged as
        unchanged and reads every other. V(content) reads every file. V(receipt) reads none.
    type: str
    choices: [receipt, stat, content]
    default: stat
  lock_timeout:
    description: Seconds to wait for another run on the same environment.
    type: int
    default: 60
  allow_container:
    description:
      - Whether C(connection=local) is allowed inside a container. An AWX job runs in one that is thrown away when the job ends,
        and the environment with it.
    type: bool
    default: false
  by:
    description: The action plugin says here who runs this, for the history. Not for playbooks.
    type: dict
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: Poetry is asked what it would install, offline, and shown an empty environment outside of the project. It writes nothing there.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
notes:
  - C(.venv) is a link here. A line C(.venv/) in a C(.gitignore) means folders alone and does not match it; write C(.venv).
    C(.venv.releases) has a C(.gitignore) of its own.
  - A C(poetry.toml) in the project says how its developers like to work. Where and how environments are made is not taken from it. What it says of
    builds and wheels holds (C(installer.only-binary), C(installer.no-binary), C(installer.build-config-settings)), and a change of the file is
    another environment.
  - To go back to an earlier release, use M(netdevops.python.wheelhouse_install) with its state V(rolled_back) and C(venv=<project>/.venv), as the owner
    of the project. The next run of this module brings what the lock says again, so the lock goes back too. The code of the project itself does not go
    back with it; check its earlier revision out.
  - Poetry runs code of the project and of the packages that it builds. It does so with the rights of the project's owner, as C(poetry install) by hand does.
  - Each file that a package was installed from must be one that the lock names by name and digest. That is looked at after the installation, for every
    version of Poetry; a lock is read for it in the form that Poetry gives it, and in no other. What a build script of the project needs, Poetry 1.8 has
    pip fetch from PyPI, whatever the sources are.
seealso:
  - module: netdevops.python.wheelhouse_install
  - module: netdevops.python.wheelhouse_build
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: What the repository pins and locks, in its own .venv
  netdevops.python.poetry_venv:
    project: /home/ada/netcheck
    owner: ada
  become: true

- name: Only what it needs to run, with an interpreter that is named, and proven before it is switched on
  netdevops.python.poetry_venv:
    project: /srv/netops/netcheck
    python: /opt/pyenv/versions/3.11.7/bin/python
    poetry: /opt/netops/poetry/.venv/bin/poetry
    only: [main]
    prove:
      imports: [netmiko, napalm]
      commands:
        - [netcheck, --version]

- name: With the optional group docs and a private index that asks for a password
  netdevops.python.poetry_venv:
    project: /home/ada/netcheck
    owner: ada
    with: [docs]
    sources:
      - name: company
        user: builder
        password: "{{ vault_index_password }}"
        url: https://packages.example.net/simple/
  become: true

- name: Without a network, from the bundle that CI built of the same lock
  netdevops.python.poetry_venv:
    project: /home/ada/netcheck
    owner: ada
    wheelhouse: /srv/bundles/netcheck
  become: true

- name: A development box, where people may add packages by hand
  netdevops.python.poetry_venv:
    project: "{{ ansible_facts.user_dir }}/netcheck"
    sync: false

- name: What would change, package by package
  netdevops.python.poetry_venv:
    project: /home/ada/netcheck
    owner: ada
  become: true
  check_mode: true
  diff: true

- name: Back to the release before, in a second
  netdevops.python.wheelhouse_install:
    venv: /home/ada/netcheck/.venv
    state: rolled_back
    reason: netmiko 4.6 drops sessions to the old switches
  become: true
  become_user: ada

- name: Take the environment away, and nothing else of the project
  netdevops.python.poetry_venv:
    project: /home/ada/netcheck
    owner: ada
    state: absent
  become: true
"""

RETURN = r"""
release:
  description: Name of the release that C(.venv) points to, or would point to.
  returned: success
  type: str
  sample: 3f9c0d6a51b2c7e4
previous:
  description: Name of the release that it pointed to before; empty when there was none.
  returned: success
  type: str
  sample: 91b8c2f40a7de355
packages:
  description: Count of packages, and those that are added, removed and changed with their versions. The project itself counts where it is installed.
  returned: when state is present
  type: dict
  sample: {count: 42, added: {}, removed: {}, changed: {netmiko: [4.5.0, 4.6.0]}}
python:
  description: The interpreter that the environment stands on.
  returned: when state is present
  type: str
  sample: /opt/pyenv/versions/3.11.7/bin/python
poetry:
  description: The version of Poetry that said what is to be there.
  returned: when it was started
  type: str
  sample: 2.5.1
root:
  description: Name and version of the project itself; empty where it is not installed.
  returned: when Poetry was started
  type: dict
  sample: {name: netcheck, version: 1.4.0}
drift:
  description: What differed from the receipt, at most 20 lines.
  returned: when state is present
  type: list
  elements: str
  sample: ["edited: lib/python3.11/site-packages/netmiko/utilities.py"]
added_by_hand:
  description: The packages that somebody added by hand, and that are carried on.
  returned: when O(sync=false)
  type: list
  elements: str
  sample: ["ipython 9.1.0"]
kept:
  description: Where an ordinary C(.venv) that stood there is kept, the newest where there are several.
  returned: when there is one, and when a release was switched on
  type: str
  sample: /home/ada/netcheck/.venv.kept-20261120T101500
kept_until:
  description: The day from which on it may be removed; empty for never.
  returned: when there is one
  type: str
  sample: "2027-01-31"
pruned:
  description: Names of the releases that retention let go, or would.
  returned: when state is present
  type: list
  elements: str
freed_bytes:
  description: Bytes of the disk that this freed. In check mode 0.
  returned: when state is present
  type: int
spared:
  description: The releases beyond O(keep) that stay all the same, and why.
  returned: when state is present
  type: dict
  sample: {91b8c2f40a7de355: a rollback goes back to it}
actions:
  description: The steps of the plan.
  returned: success
  type: list
  elements: dict
  sample: [{verb: build, subject: 3f9c0d6a51b2c7e4, reason: another lock or selection}]
seconds:
  description: Seconds per stage; what Poetry takes is in C(build).
  returned: success
  type: dict
  sample: {lock: 0.0, deliver: 0.0, build: 9.1, prove: 0.1, receipt: 0.2, switch: 0.0, prune: 0.0}
problems:
  description: Each problem with its subject, message and next step.
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.converge import converge


def main() -> None:
    """Run the module."""
    module = AnsibleModule({**ARGUMENTS, "by": {"type": "dict"}}, supports_check_mode=True)
    try:
        result = converge(module.params, module.check_mode)
    except Refused as refused:
        module.fail_json(**refused.result())
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
