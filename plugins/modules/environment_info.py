#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which environments a host has, what is in them, and what stands on what."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: environment_info
short_description: Tell which Python environments a host has, what is in them, and who depends on what
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Looks at one environment, or finds all of them on a host in one walk, and tells what each is - a release of
    M(netdevops.python.wheelhouse_install), an ordinary virtual environment, or what is left of one.
  - It writes nothing, anywhere, and starts no interpreter. Receipts say what a release is; O(verify) says how far they are believed.
  - Run it with become to see everything. What the task's user may not look into is named in RV(unreadable), or is an environment of
    the kind V(unreadable); it is no error.
  - The result stays below 200 kB. Where it would be more, details are left out, and are named in C(cut) of their environment; ask for one
    environment alone to have them.
options:
  venv:
    description:
      - Absolute path of the one environment that is to be told of. The result has none where nothing of that kind stands there.
      - All environments below O(search) when it is not given.
    type: path
  search:
    description:
      - Folders in which environments are looked for. File systems of other machines that are mounted in them are left out; name such a
        folder itself to have it searched. Looking takes about a second per 100,000 folders; an environment's own folders do not count.
      - It is V(/opt), V(/srv), V(/home), V(/root), V(/usr/local) and V(/var/lib) when neither this nor O(venv) is given.
      - With O(venv), only what else stands on its interpreter is looked for there, and nothing when this is not given.
    type: list
    elements: path
  packages:
    description:
      - How much is told of the packages of each environment.
      - V(count) is their number, V(versions) adds the version of each, and V(whole) the SHA-256 of the wheel that it came from, too.
    type: str
    choices: [count, versions, whole]
    default: versions
  verify:
    description:
      - How a release is compared with its receipt.
      - V(stat) takes a file whose size, times, mode, owner and inode are unchanged as unchanged and reads every other, as git does.
      - V(content) reads every file. V(receipt) reads none, and only looks whether the interpreter is there.
    type: str
    choices: [receipt, stat, content]
    default: stat
  processes:
    description:
      - Whether to tell which processes use each environment. Of processes of other users, only root sees all that they use.
    type: bool
    default: true
  history:
    description: How many entries of the history of the host are told, the last ones. With O(venv), those of that environment.
    type: int
    default: 0
  history_file:
    description:
      - Absolute path of the history, as O(netdevops.python.wheelhouse_install#module:history) names it.
      - C(/var/log/netdevops-python/history.jsonl) for root, C(~/.local/state/netdevops-python/history.jsonl) for other users, when it is not given.
    type: path
  cyclonedx:
    description:
      - Whether to add a bill of materials in the format CycloneDX 1.6 to each environment, as C(cyclonedx).
      - The same environment gives the same bill each time. Its time is that of the release.
    type: bool
    default: false
  disk:
    description: Whether to add up the bytes that each environment takes on the disk with all its releases, which looks at every file.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode, and does the same there.
    support: full
  diff_mode:
    description: There is never a difference, since it changes nothing.
    support: none
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
seealso:
  - module: netdevops.python.wheelhouse_install
  - module: netdevops.python.pyenv_facts
"""

EXAMPLES = r"""
- name: Say which release is current, and what a rollback goes back to
  netdevops.python.environment_info:
    venv: /opt/netops/bgp-linter/.venv
  register: linter

- name: Show it
  ansible.builtin.debug:
    msg: >-
      {{ one.release }} since {{ one.current_since }}, before that {{ one.previous or 'nothing' }},
      {{ one.drift.count }} files drifted
  loop: "{{ linter.environments }}"
  loop_control:
    loop_var: one
    label: "{{ one.venv }}"

- name: Find the hosts where a package is too old, in any environment
  netdevops.python.environment_info:
    processes: false
    verify: receipt
  become: true
  register: all

- name: Name them
  ansible.builtin.debug:
    msg: "{{ item.venv }} has paramiko {{ item.packages.versions.paramiko }}"
  loop: "{{ all.environments }}"
  loop_control:
    label: "{{ item.venv }}"
  when: item.packages.versions.paramiko | default('99') is version('3.4', '<')

- name: Take a bill of materials
  netdevops.python.environment_info:
    venv: /opt/netops/bgp-linter/.venv
    cyclonedx: true
  register: linter

- name: Keep it on the controller
  ansible.builtin.copy:
    dest: "bills/{{ inventory_hostname }}.cdx.json"
    content: "{{ linter.environments[0].cyclonedx | to_nice_json }}"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
environments:
  description: The environments, by path.
  returned: success
  type: list
  elements: dict
  contains:
    venv:
      description: The path that people use.
      type: str
    kind:
      description:
        - V(managed) for a link to a release with its receipt, V(dangling) for a link to a release that is gone or has no receipt that can be
          believed, V(elsewhere) for a link to something else while releases stand beside it, V(orphaned) for releases without a link.
        - V(ordinary) for a virtual environment that is no release, V(kept) for one that a release took the place of.
        - V(unreadable) where the task's user may not see what it is.
      type: str
    detail:
      description: A sentence about it; empty for a managed one.
      type: str
    release:
      description: Name of the current release.
      type: str
    bundle:
      description: Id of the bundle that it was built from.
      type: str
    lock:
      description: SHA-256 of the lock that the bundle was compiled from.
      type: str
    interpreter:
      description:
        - C(path), C(version), C(target) and C(sha256) of the interpreter, and C(ok), whether it is there and, as far as O(verify) looks, still is
          the one that the release was built with.
      type: dict
    packages:
      description: C(count), and, as O(packages) says, C(versions) and C(wheels), each by the name of the package.
      type: dict
    drift:
      description: C(count) of the differences between the release and its receipt, and C(some), at most 20 of them as lines.
      type: dict
    built_at:
      description: When the current release was built, in UTC; empty where it is no release.
      type: str
    age_days:
      description: How many days ago that was.
      type: int
    current_since:
      description: Since when it is current, in UTC; empty where nobody wrote it down.
      type: str
    previous:
      description: The release that a rollback goes back to; empty without one.
      type: str
    releases:
      description:
        - Its releases, the newest first, each with C(name), C(bundle), C(lock), C(built_at), C(last_current), C(current), C(held) and C(in_use).
      type: list
      elements: dict
    broken:
      description: Names of releases whose receipt cannot be believed.
      type: list
      elements: str
    leftovers:
      description: Names of what interrupted runs left among the releases, or what a run is at work on just now.
      type: list
      elements: str
    commands:
      description: The launchers that were put somewhere for everybody, each path with the command that it starts.
      type: dict
    public:
      description: Whether every user of the host may start its Python, as the permissions of the folders and files on the way to that say.
      type: bool
    kept:
      description: The folders that are kept since a release took their place.
      type: list
      elements: str
    processes:
      description:
        - C(count) of the processes that use it, and C(some), at most 20 of them, each with C(pid), C(what) shows the use, C(detail), and the C(release).
          Of one that names nothing but the stable path, that is empty.
        - V(null) without O(processes).
      type: dict
    bytes:
      description: What it takes on the disk; V(null) without O(disk).
      type: int
    cyclonedx:
      description: The bill of materials, with O(cyclonedx).
      type: dict
    cut:
      description: What was left out to keep the result small.
      type: list
      elements: str
  sample:
    - venv: /opt/netops/bgp-linter/.venv
      kind: managed
      detail: ""
      release: 3f9c2a1b5d6e7f80
      bundle: 5b1d7c0e9f8a6b4c3d2e1f00112233445566778899aabbccddeeff0011223344
      lock: 9e107d9d372bb6826bd81d3542a419d69e107d9d372bb6826bd81d3542a419d6
      interpreter:
        path: /opt/pyenv/versions/3.11.7/bin/python
        version: 3.11.7
        target: cp311-manylinux_2_28_x86_64
        sha256: 9b3c4a1f2d5e60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9
        ok: true
      packages:
        count: 2
        versions: {"netaddr": "1.3.0", "paramiko": "3.5.1"}
      drift: {"count": 0, "some": []}
      built_at: "2026-03-01T09:30:00Z"
      age_days: 12
      current_since: "2026-03-01T09:30:01Z"
      previous: 77aa01bc44d2e9f1
      releases:
        - name: 3f9c2a1b5d6e7f80
          bundle: 5b1d7c0e9f8a6b4c3d2e1f00112233445566778899aabbccddeeff0011223344
          lock: 9e107d9d372bb6826bd81d3542a419d69e107d9d372bb6826bd81d3542a419d6
          built_at: "2026-03-01T09:30:00Z"
          last_current: "2026-03-13T10:00:00Z"
          current: true
          held: false
          in_use: true
      broken: []
      leftovers: []
      commands: {"/usr/local/bin/bgp-linter": "bgp-linter"}
      public: true
      kept: []
      processes:
        count: 1
        some:
          - {"pid": 4711, "what": "command line", "detail": "/opt/netops/bgp-linter/.venv.releases/3f9c2a1b5d6e7f80/bin/bgp-linter",
             "release": "3f9c2a1b5d6e7f80"}
      bytes:
      cut: []
interpreters:
  description:
    - The interpreters that they stand on, each with C(home), the folder of the program, C(version), C(ok), and C(dependents), which are C(count) and
      C(some), at most 20 of them.
    - A dependent has C(kind) (V(environment), V(process) or V(global)), C(path) and C(detail). Processes and the global pin are told of versions of
      pyenv alone.
  returned: success
  type: list
  elements: dict
  sample:
    - home: /opt/pyenv/versions/3.11.7/bin
      version: 3.11.7
      ok: true
      dependents:
        count: 1
        some:
          - {"kind": "environment", "path": "/opt/netops/bgp-linter/.venv", "detail": "its pyvenv.cfg names /opt/pyenv/versions/3.11.7/bin"}
history:
  description:
    - The last entries of the history, the oldest first, each with C(at), C(what), C(venv), C(outcome), C(from), C(to), C(by), C(reason), C(seconds)
      and C(current), the release that the environment pointed to when that had ended.
    - C(outcome) is C(done), C(failed), C(incomplete) (switched, and something failed after that), C(started) or C(interrupted).
  returned: success
  type: list
  elements: dict
  sample: []
unreadable:
  description: Folders that the task's user may not look into.
  returned: success
  type: list
  elements: str
  sample: [/home/netops]
processes_unseen:
  description: How many processes of other users could be judged by their command line alone.
  returned: success
  type: int
  sample: 0
left_out:
  description: How many entries of which list of this result were left out to keep it small.
  returned: success
  type: dict
  sample: {}
problems:
  description: Everything that is wrong with the options, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.info import tell

ARGUMENTS: dict[str, dict[str, Any]] = {
    "venv": {"type": "path"},
    "search": {"type": "list", "elements": "path"},
    "packages": {"type": "str", "choices": ["count", "versions", "whole"], "default": "versions"},
    "verify": {"type": "str", "choices": ["receipt", "stat", "content"], "default": "stat"},
    "processes": {"type": "bool", "default": True},
    "history": {"type": "int", "default": 0},
    "history_file": {"type": "path"},
    "cyclonedx": {"type": "bool", "default": False},
    "disk": {"type": "bool", "default": False},
}


def main() -> None:
    """Look, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = tell(module.params)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
