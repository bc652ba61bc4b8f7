#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``audit_report``. Its work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: audit_report
short_description: Show the audits of all hosts on one page, as JSON and as JUnit XML
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops-python)
description:
  - Makes one report of what M(netdevops.python.environment_audit) said on each host, and writes it into a folder of the host that the task
    runs on. With C(delegate_to=localhost) that is the controller; with a web server, people read it there.
  - The page shows hosts and environments with their bundle, release, age, drift, findings and the end of life of their Python. It is one file
    that needs no network. It sorts and filters with a script of its own, and can be read without it.
  - JUnit XML has a test suite per host, a test case for the host and for each of its environments, and a skipped one for each suppressed
    finding, so that a CI system shows the audit as it shows tests.
  - A host without a report is shown as one that did not answer, and never as clean.
  - Each file is replaced at once, by a rename. Equal reports give equal bytes; what is old is old as of the audit.
options:
  reports:
    description:
      - By inventory name, what was registered of M(netdevops.python.environment_audit), or its RV(netdevops.python.environment_audit#module:audit).
      - A host without an answer has null, an empty text, or the reason as a text. A failed or unreachable result is its own reason.
    type: dict
    required: true
  dest:
    description:
      - The folder, as an absolute path. It is created with mode 0755 where it is missing, with those above it.
    type: str
    required: true
  name:
    description:
      - What the files are called, without the ending. Reports of several plays or slices lie beside each other with a name each.
      - With an empty text they are C(index.html), C(audit.json) and C(audit.xml).
    type: str
    default: ''
  title:
    description: The title of the page, and the name of the JUnit report.
    type: str
    default: Python environments
  formats:
    description: Which files are written.
    type: list
    elements: str
    choices: [html, json, junit]
    default: [html, json, junit]
  mode:
    description:
      - The permissions of the files, as four octal digits.
      - A report tells what is weak about hosts, so it is not for everybody. Where a web server shows it, give the folder the server's group
        and the set-group-ID bit, or use V(0644) with a server that asks who is reading.
    type: str
    default: '0640'
  replace:
    description:
      - Whether to replace a report of other hosts. Without it the new report is refused where the one in JSON that is there, with the same O(name),
        is about a host that is in the inventory of this run and not in O(reports), or where most of its hosts are not in O(reports).
      - So neither the slices of a job nor a run with C(--limit) take the place of each other's report, or of that of all hosts.
      - Hosts may come, and go from the inventory. Where O(formats) is without V(json), nothing says which hosts a report was about.
    type: bool
    default: false
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Names the files with their digests before and after, and not their content.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: Two audits are not the same arguments. Each has its time, and the report of the second one is another one.
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
notes:
  - In AWX the controller is a container that is gone when the job ends. Delegate the task to a host that stays.
  - Where a job is sliced, each slice knows its own hosts alone. Give each a O(name), or audit without slices; with one name for all, all but one are refused.
seealso:
  - module: netdevops.python.environment_audit
  - plugin: netdevops.python.audit_prometheus
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Audit the hosts
  netdevops.python.environment_audit:
  register: audit_result
  ignore_unreachable: true
  ignore_errors: true

- name: Show all of them on one page, also those that did not answer
  netdevops.python.audit_report:
    reports: >-
      {{ dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars) | map(attribute='audit_result', default=''))) }}
    dest: /srv/www/python
    title: Python environments, production
  delegate_to: www1.example.net
  run_once: true

- name: Do not be green where nobody could look
  ansible.builtin.assert:
    that: audit_result.audit is defined
"""

RETURN = r"""
files:
  description: The files of the report.
  returned: success
  type: list
  elements: str
  sample: [/srv/www/python/index.html, /srv/www/python/audit.json, /srv/www/python/audit.xml]
hosts:
  description: How many hosts the report is about.
  returned: success
  type: int
  sample: 500
environments:
  description: How many environments they have.
  returned: success
  type: int
  sample: 1490
unanswered:
  description: The hosts that did not answer.
  returned: success
  type: list
  elements: str
  sample: [par-edge-3]
counts:
  description: How many findings of each severity there are on all hosts together, without the suppressed ones.
  returned: success
  type: dict
  sample: {"critical": 0, "high": 2, "medium": 0, "low": 7}
actions:
  description: The files that were written, or would be, with C(verb), C(subject) and C(reason).
  returned: success
  type: list
  elements: dict
  sample: [{"verb": write, "subject": /srv/www/python/index.html, "reason": differs}]
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused

ARGUMENTS = {
    "reports": {"type": "dict", "required": True},
    "dest": {"type": "str", "required": True},
    "name": {"type": "str", "default": ""},
    "title": {"type": "str", "default": "Python environments"},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": ["html", "json", "junit"],
        "default": ["html", "json", "junit"],
    },
    "mode": {"type": "str", "default": "0640"},
    "replace": {"type": "bool", "default": False},
}


def main() -> None:
    """Refuse: whoever comes here has lost the action plugin."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    message = "expected its action plugin on the controller to do the work, found none."
    step = (
        "Call it by its full name, netdevops.python.audit_report, from a playbook, with the whole collection installed."
    )
    module.fail_json(**Refused([Problem("audit_report", message, step)]).result())


if __name__ == "__main__":
    main()
