#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_install
short_description: Install a proven Python environment from a bundle, offline
version_added: 0.1.0
description:
  - Brings a virtual environment to exactly the wheels of a bundle, with no network and no pip on the host.
  - Each state is a I(release), a folder that is built at its final path, proven, and never changed afterwards.
    The path in O(venv) is a symbolic link that one atomic rename points at the new release. Whatever fails before that,
    the environment still is what it was.
  - A release ends with a receipt that holds the digest of every file. A later run compares the release with it, names what
    drifted, and repairs it by building the release again beside the damaged one.
  - Only wheels that the host lacks travel, in one transfer, together with the interpreter where the host lacks that and the bundle
    carries it. Between two releases, files that are the same are hard links.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  venv:
    description:
      - Absolute path of the environment. Releases stand beside it, in a folder of the same name with C(.releases) added.
      - An ordinary virtual environment that stands there is kept beside it, under a name that ends in C(.kept-) and the time.
        One that holds anything else as well, such as a project or C(src), is refused.
    type: path
    required: true
  state:
    description:
      - V(present) brings the environment to what is asked; V(absent) removes the link and all its releases.
      - V(rolled_back) points the environment at an earlier release that is still on the host, after each of its files has been compared with
        its receipt and its interpreter has been started in it. It needs no bundle and no network, and deletes nothing. See O(release).
        The next run with V(present) brings the bundle that it is given, so whoever rolls back changes the inventory too.
      - With V(rolled_back), an option that means nothing to it is refused. Those that it takes are O(venv), O(release), O(reason),
        O(prove_again), O(prove_timeout), O(lock_timeout), O(history) and O(allow_container).
    type: str
    choices: [present, rolled_back, absent]
    default: present
  bundle:
    description:
      - A bundle that M(netdevops.python.wheelhouse_build) made, a folder or one tar of it. It lies on the controller,
        or on the host with O(remote_src=true).
      - One of O(bundle) and O(requirements) is required when O(state=present).
    type: path
  bundle_id:
    description:
      - Refuse any bundle but this one (64 hexadecimal digits). A job that was approved for one bundle installs no other.
    type: str
  remote_src:
    description: Whether O(bundle) lies on the host.
    type: bool
    default: false
  requirements:
    description:
      - A hash-pinned C(requirements.txt) on the controller, the plain form without a bundle.
      - It is compiled for the host on the controller, which needs the Python library C(packaging) 26.1 or newer for it.
    type: path
  wheelhouse:
    description: The folder of wheels on the controller that O(requirements) refers to.
    type: path
  python:
    description:
      - Absolute path of the interpreter on the host. It must be exactly the pin of the bundle.
      - One of O(python) and O(interpreter_root) is required when O(state=present).
    type: path
  interpreter_root:
    description:
      - Absolute path of the folder on the host in which interpreters live, such as V(/opt/pyenv).
        The environment then stands on C(versions/<pin>/bin/python) below it, with the pin of O(bundle); O(python) need not be given.
      - Where that interpreter is lacking, or does not work, the one that the bundle carries for this host is installed there first,
        as M(netdevops.python.pyenv_install) does it; see O(netdevops.python.wheelhouse_build#module:interpreters).
        One that is there and is the pin is taken as it is, wherever it came from.
      - The archive travels with the wheels, in the same transfer, and only to a host that lacks it.
        The id of the bundle vouches for it, by the digests in the manifest and in the description of the archive.
    type: path
  groups:
    description:
      - The dependency groups that are wanted, out of those that the bundle was compiled for. V(main) is the project's own dependencies.
      - All of them when it is not given.
    type: list
    elements: str
  prove:
    description:
      - What must work in a new release before it is switched on.
    type: dict
    suboptions:
      imports:
        description: Modules that must import.
        type: list
        elements: str
      commands:
        description:
          - Commands that must end with 0, each a string or a list of words. The first word is a command of the release or an absolute path.
          - They run as O(owner), in C(/), without a shell.
        type: list
        elements: raw
  prove_timeout:
    description: Seconds that each proof may take.
    type: int
    default: 120
  keep:
    description:
      - How many releases stay on the host, the current one included.
      - Whatever it says, these stay too - the release before the current one, those in O(hold), and those that a process uses.
      - A release that drifted stays beside the one that repairs it as long as there is room. It is the first to go.
      - An environment that was made from an earlier release (up to Python 3.10, C(venv) writes that as its C(home)) is not looked for here
        and breaks with it. M(netdevops.python.wheelhouse_prune) looks, and spares such a release.
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
  release:
    description:
      - With O(state=rolled_back), the name of the release to go to, or its first characters. It may be older or newer than the current one.
      - The one that was current before, when it is not given; each run then goes back by one more.
    type: str
  leaving:
    description:
      - With O(state=rolled_back), the release or the bundle that is to be left, the name or the id or its first characters.
        Where it is not the current one (any more), nothing is done, and the message says so.
      - A job that is launched a second time, because a host failed or by mistake, then takes no host back by two releases.
    type: str
  reason:
    description: Why this is done, a sentence for the history of the host.
    type: str
  prove_again:
    description:
      - With O(state=rolled_back), whether what was declared to work in that release (see O(prove)), when it was installed, must work in it
        again before the switch. Its interpreter is started in any case, and each of its files is read.
    type: bool
    default: false
  commands:
    description:
      - Names of console scripts of the environment that are put into O(commands_path) for everybody. They are plain names, none of
        them C(python).
      - Each is a launcher, a short C(/bin/sh) script that finds out which release is current, once, and stays with it.
        A switch of the environment does not touch it, and what runs goes on with the release that it began with.
      - A file that stands there and is none of this environment's launchers is never overwritten; a launcher is known by the line that
        names its environment, and one that was edited below that line is written again. An empty list takes the launchers away;
        they stay as they are when it is not given.
      - A release that lacks one of them, or one of those that are there already, is not switched on. After a rollback to such a release
        the launcher says so and ends with 127.
    type: list
    elements: str
  commands_path:
    description:
      - Absolute path of the folder for O(commands). It must be there, and nobody but root and the user that the module runs as may write
        into it or replace it.
    type: path
    default: /usr/local/bin
  legacy_until:
    description:
      - The day (V(YYYY-MM-DD), UTC) from which on a folder that was kept beside the environment when it took its place may be removed.
        The first run on that day or later removes it, unless a process still uses it. Only what this module moved there itself is removed.
      - It stays for good when this is not given.
    type: str
  allowed_signers:
    description:
      - Absolute path of a file on the host that says whose signatures count, in the format of C(ssh-keygen) (ALLOWED SIGNERS in its manual).
      - A bundle whose manifest has no good signature of one of them, C(bundle.json.sig) for the namespace C(netdevops-bundle), is refused
        before anything of it is unpacked and before an interpreter is taken from it. The host needs C(ssh-keygen) of OpenSSH 8.1 or newer.
      - Nobody but root and the user that the module runs as may be able to write to this file, or to replace it.
      - A run with nothing to install needs no signature, nor does a rollback. What was installed stands for itself by its receipt.
      - Signatures are not looked at when it is not given.
    type: path
  history:
    description:
      - Absolute path of the file on the host to which each run that does something adds who did what, when and with which outcome.
      - An outcome is C(done); C(failed), and the environment is what it was; C(incomplete), when the environment was switched to what is asked,
        and something failed that comes after it, such as removing an old release; or C(started) of what runs or was killed.
        C(current) is the release that the environment pointed to in the end.
      - C(/var/log/netdevops-python/history.jsonl) for root, C(~/.local/state/netdevops-python/history.jsonl) for other users, when it is not given.
    type: path
  owner:
    description: Name of the user who owns the files. The user that the module runs as, when it is not given.
    type: str
  group:
    description: Name of the group of the files. The group of O(owner), when it is not given.
    type: str
  mode:
    description:
      - Permission bits of folders and programs, in octal; other files get the same without the execute bits. The umask plays no part.
    type: str
    default: "0755"
  compile:
    description:
      - Whether bytecode is made at install time. It is three quarters of the work of a first install, and saves as much at each
        start of a program where nobody who runs it may write into the environment.
      - The test suites that packages bring (folders named V(test) or V(tests)) are left out; no program imports them.
    type: bool
    default: true
  verify:
    description:
      - How an existing release is compared with its receipt.
      - V(stat) takes a file whose size, times, mode, owner and inode are unchanged as unchanged and reads every other, as git does.
      - V(content) reads every file. V(receipt) reads none.
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
  source:
    description: The action plugin says here what the controller has. Not for playbooks.
    type: str
  pin:
    description: The action plugin says here which Python the bundle is for. Not for playbooks.
    type: str
  delivery:
    description: The action plugin says here where it put what the host lacked. Not for playbooks.
    type: path
  by:
    description: The action plugin says here who runs this, for the history. Not for playbooks.
    type: dict
  brought:
    description: The action plugin says here that an interpreter that was lacking is there now, or in check mode would be. Not for playbooks.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: With O(state=rolled_back) and without O(release), each run goes back by one more.
notes:
  - A process that was started from an ordinary virtual environment keeps what it has imported when that is replaced.
    What it imports later comes from the release, since its paths lead there; restart services in the same change window.
  - The scripts in a folder that is kept name the environment in their first line, and so start the new one. To go back by hand to
    what was there before, move the link away and the folder back with two C(mv), and the scripts are right again.
seealso:
  - module: netdevops.python.wheelhouse_build
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: The environment that the change window depends on
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/netcheck/.venv
    bundle: /srv/bundles/netcheck
    python: /opt/pyenv/versions/3.11.7/bin/python
    groups: [main, junos]
    prove:
      imports: [netmiko, napalm]
      commands:
        - [netcheck, --version]

- name: The same with the interpreter that the bundle carries, on a host that has none
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/netcheck/.venv
    bundle: /srv/bundles/netcheck
    interpreter_root: /opt/pyenv

- name: From a hash-pinned requirements.txt and a folder of wheels
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/tools/.venv
    requirements: files/requirements.txt
    wheelhouse: files/wheels
    python: /usr/bin/python3

- name: Back to the release that was current before, whatever is wrong with this one
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/netcheck/.venv
    state: rolled_back
    reason: netmiko 4.6 drops sessions to the old switches

- name: To one release, by the first characters of its name
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/netcheck/.venv
    state: rolled_back
    release: 3f9c0d6a

- name: Take the environment away
  netdevops.python.wheelhouse_install:
    venv: /opt/netops/tools/.venv
    state: absent
"""

RETURN = r"""
release:
  description: Name of the release that the environment points to, or would point to.
  returned: success
  type: str
  sample: 3f9c0d6a51b2c7e4
previous:
  description: Name of the release that it pointed to before; empty when there was none.
  returned: success
  type: str
  sample: 91b8c2f40a7de355
bundle_id:
  description: Id of the bundle; of a rollback, of the one that the release was made from.
  returned: when state is present or rolled_back
  type: str
target:
  description: The target of the bundle that was chosen for this host.
  returned: when something is to be done
  type: str
  sample: cp311-manylinux_2_28_x86_64
interpreter:
  description: The interpreter that the bundle brought, its archive, and the size of that in bytes.
  returned: when it was lacking, and in check mode when it is
  type: dict
  sample:
    version: 3.11.7
    executable: /opt/pyenv/versions/3.11.7/bin/python
    file: cpython-3.11.7-cp311-manylinux_2_28_x86_64.tar.gz
    size: 25182736
packages:
  description: Count of packages, and those that are added, removed and changed with their versions.
  returned: when state is present or rolled_back
  type: dict
  sample: {count: 106, added: {}, removed: {}, changed: {netmiko: [4.5.0, 4.6.0]}}
delivered:
  description: How many wheels the host lacked, and their size in bytes.
  returned: when state is present
  type: dict
  sample: {wheels: 3, bytes: 1204331}
drift:
  description: What differed from the receipt, at most 20 lines.
  returned: when state is present
  type: list
  elements: str
  sample: ["edited: lib/python3.11/site-packages/netmiko/utilities.py"]
kept:
  description: Where an ordinary folder that stood at O(venv) is kept, the newest where there are several.
  returned: when there is one, also where O(state=absent) leaves it, and when a release was switched on
  type: str
  sample: /opt/netops/netcheck/.venv.kept-20261120T101500
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
  description: Bytes of the disk that this freed. A file that another release has as well frees nothing. In check mode 0.
  returned: when state is present
  type: int
spared:
  description:
    - The releases beyond O(keep) that stay all the same, and why. One that a process uses goes with a later run.
  returned: when state is present
  type: dict
  sample: {91b8c2f40a7de355: a rollback goes back to it}
msg:
  description: Of a rollback, where the environment is now, and what the next installation does about it.
  returned: when state is rolled_back, and on failure
  type: str
actions:
  description: The steps of the plan.
  returned: success
  type: list
  elements: dict
seconds:
  description: Seconds per stage.
  returned: success
  type: dict
  sample: {lock: 0.0, deliver: 0.3, verify: 0.4, build: 9.1, prove: 0.4, receipt: 0.2, switch: 0.0, settle: 0.0, prune: 0.1}
problems:
  description: Each problem with its subject, message and next step.
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS, CONSTRAINTS
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge

# What the action plugin hands over to the module; it refuses them from a playbook.
HANDOVER = {
    "source": {"type": "str"},
    "pin": {"type": "str"},
    "delivery": {"type": "path"},
    "brought": {"type": "bool", "default": False},
    "by": {"type": "dict"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule({**ARGUMENTS, **HANDOVER}, supports_check_mode=True, **CONSTRAINTS)
    try:
        result = converge(module.params, module.check_mode)
    except Refused as refused:
        module.fail_json(**refused.result())
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
