#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring files of a repository to rendered ones, and leave alone what somebody edited."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: repository_scaffold
short_description: Bring files of a repository to rendered ones, and leave alone what people edited
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Writes files into a folder that people work in, such as a git checkout. The role P(netdevops.python.scaffold#role) renders them.
  - The file C(.scaffold.json) in the repository holds the digests of what was written, and no time and no host. It is committed with the files.
    So a file that is as it was rendered is told from one that somebody edited, and from one that was never rendered, in every clone.
  - A file as it was rendered is updated. One that was edited, or is somebody's own, is left alone, with a warning and a diff in RV(kept), until
    O(overwrite) names it. Then a copy of it is kept in C(.scaffold.kept), which git does not see.
  - A file that was rendered once and is not in O(files) any more is removed, when nobody edited it. A copy of it is kept too, because the state
    is a file of the repository, and so the word of whoever may change that.
  - Ends of lines that git changed (C(core.autocrlf)) are no edit.
  - The copies can be read by their owner alone. Passwords in URLs, and values of what is called password, secret or token in a file that is there, are
    not repeated in diffs.
  - A link or a folder in the place of a file, and a link in the place of a folder, is refused before anything is written.
  - The module runs no git, and commits nothing. What it did is looked at and committed as any other change.
options:
  repository:
    description:
      - Absolute path of the folder. It must belong to the user that the task runs as, or to O(owner).
      - Neither it nor a folder or link on the way to it may be one that other users can change. A group may write into the folder itself.
    type: path
    required: true
  state:
    description:
      - Whether the files are there.
      - With V(absent), what was rendered and not edited is removed, and folders that are empty then.
    type: str
    choices: [present, absent]
    default: present
  files:
    description:
      - All the files. When it is not given, the repository is only read, and RV(facts) is returned.
    type: list
    elements: dict
    suboptions:
      file:
        description: Its path below the repository.
        type: str
        required: true
      content:
        description: Its content.
        type: str
        required: true
      executable:
        description:
          - Whether it is a program. The permissions of a new file are 0755 then, and 0644 otherwise.
          - A file that is there keeps who may read it; who may write it too, where its folder is one of a group.
        type: bool
        default: false
      once:
        description: Whether it is only made where it is missing, and then is the repository's own. Nothing removes it.
        type: bool
        default: false
  overwrite:
    description:
      - The paths of files that are taken over although they were edited, or are somebody's own. V(all) for all of O(files).
      - With O(state=absent), edited files that are named are removed too.
    type: list
    elements: str
    default: []
  known:
    description:
      - The paths that may be removed. What the state names beyond these and O(files) is left alone, with a warning.
      - Without it, all that the state names may be removed.
    type: list
    elements: str
  owner:
    description:
      - The name of the person that the repository belongs to. Root does all of the work with the rights of that person alone.
      - Without it, the repository must belong to the user that the task runs as.
    type: str
  timeout:
    description: How many seconds it may take, and how many to wait for another run.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing.
    support: full
  diff_mode:
    description: Returns what is different between before and after, for each file.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
seealso:
  - module: netdevops.python.wheelhouse_build
"""

EXAMPLES = r"""
- name: Read what the repository says of itself
  netdevops.python.repository_scaffold:
    repository: /srv/src/netcheck
  register: read

- name: Bring two files to what the team has agreed on
  netdevops.python.repository_scaffold:
    repository: /srv/src/netcheck
    files:
      - file: bootstrap.sh
        content: "{{ lookup('ansible.builtin.template', 'bootstrap.sh.j2') }}"
        executable: true
      - file: .python-version
        content: "3.11.7\n"
        once: true

- name: Take over a Makefile that somebody wrote, and keep a copy of it
  become: true
  netdevops.python.repository_scaffold:
    repository: /home/ada/netcheck
    owner: ada
    files:
      - file: Makefile
        content: "{{ lookup('ansible.builtin.template', 'Makefile.j2') }}"
    overwrite: [Makefile]

- name: Take away what is not edited
  netdevops.python.repository_scaffold:
    repository: /srv/src/netcheck
    state: absent
"""

RETURN = r"""
repository:
  description: The folder.
  returned: success
  type: str
  sample: /srv/src/netcheck
facts:
  description: What the repository says of itself. Empty texts where it does not say it.
  returned: when O(files) is not given
  type: dict
  contains:
    pin:
      description: The pin in C(.python-version).
      type: str
    name:
      description: The project's name in C(pyproject.toml).
      type: str
    branch:
      description: The default branch of where it was cloned from; also in a worktree.
      type: str
    git:
      description: Whether C(.git) is in it, so whether it is the top of a checkout.
      type: bool
    owners:
      description: The paths of its CODEOWNERS, those that were not rendered first, each in the order in which GitHub and GitLab look for them.
      type: list
      elements: str
  sample: {"pin": "3.11.7", "name": "netcheck", "branch": "main", "git": true, "owners": ["CODEOWNERS"]}
files:
  description: The files that are ours now, or would be in check mode.
  returned: when O(files) is given
  type: list
  elements: str
  sample: [Makefile, bootstrap.sh]
kept:
  description: The files that were left alone because they are somebody's own.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: The path.
      type: str
    reason:
      description: V(edited) when it was rendered once, V(foreign) when it never was.
      type: str
    diff:
      description: From what is there to what would be rendered; the first 60 lines.
      type: str
  sample: [{"file": "Makefile", "reason": "edited", "diff": "--- Makefile\n+++ Makefile\n"}]
saved:
  description: The copies of what was overwritten or removed.
  returned: when O(files) is given
  type: list
  elements: str
  sample: [.scaffold.kept/Makefile.0c9b3b1a27d1]
actions:
  description: The steps that were taken, or would be, with C(verb), C(subject) and C(reason).
  returned: when O(files) is given
  type: list
  elements: dict
  sample: [{"verb": "update", "subject": "Makefile", "reason": "is as it was rendered before"}]
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import ARGUMENTS, asked


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = ensure(asked(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
