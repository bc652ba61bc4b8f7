#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look over the Python of a host, and tell what is wrong with it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: environment_audit
short_description: Look over the Python of a host, and tell what is wrong with it
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Looks at all environments of a host, at the interpreters that they stand on, at the Pythons of the system, and at every setting that
    changes what one of them runs or where packages come from. It tells what is wrong as findings, each with a stable code, a severity, evidence and a remedy.
  - It reads only, in one pass. It changes nothing, and starts nothing that it finds. The one program that it may start is C(rpm), where that
    says which files belong to the distribution.
  - What it could not read is a finding as well, C(unreadable). It never counts as clean. So an audit of a whole host needs become.
  - Evidence holds names of settings, names of hosts and paths, and never the value of a setting. A password in the URL of an index is not told.
  - The codes are explained in C(docs/audit.md) of the collection.
options:
  search:
    description:
      - The folders in which environments are looked for.
      - One that is not there is told among the notes, where others than the default are given. Each line of a text is a folder.
      - Other machines' file systems and the disks of containers are left out where they are below one of these, and not where they are named.
    type: list
    elements: path
    default: [/opt, /srv, /home, /root, /usr/local, /var/lib]
  roots:
    description:
      - The folders that hold C(versions/), with interpreters. One that is not there has no interpreters.
    type: list
    elements: path
    default: [/opt/pyenv]
  verify:
    description:
      - How releases are compared with their receipts.
      - V(content) reads every file of the current releases.
      - V(stat) takes a file whose size, times, inode, owner and mode are unchanged as unchanged, and reads every other.
    type: str
    choices: [stat, content]
    default: content
  baseline:
    description:
      - What is approved for which environments. The first entry whose O(baseline[].venv) fits counts. An environment that none fits is not checked.
      - An entry that names an environment by its whole path is a finding where that environment is not there.
    type: list
    elements: dict
    default: []
    suboptions:
      venv:
        description: A pattern of paths of environments, in which C(*) stands for anything, slashes as well.
        type: str
        default: '*'
      versions:
        description: Versions of interpreters, exact or as patterns such as V(3.11.*).
        type: list
        elements: str
      bundles:
        description: Ids of bundles, or at least their first eight digits.
        type: list
        elements: str
  end_of_life:
    description:
      - The last day on which a version is supported, by the first two numbers of the version. Each is a dictionary with C(end_of_life), as C(YYYY-MM-DD),
        and C(source), who says so.
      - The role C(audit) hands over a list that comes with it. Without a list no interpreter is judged by its age, and the report says so.
    type: dict
    default: {}
  eol_warning_days:
    description: How many days before the end of life it is told, with a lower severity.
    type: int
    default: 180
  distribution:
    description:
      - Whether the end of life counts for the interpreters of the distribution too. The distribution supports them longer than their makers.
      - Such are those whose program belongs to a package of C(dpkg), C(rpm) or C(apk).
    type: bool
    default: false
  approved_indexes:
    description:
      - The indexes that packages may come from, as names of hosts, as URLs, or as patterns such as V(*.example.net).
      - One with a port, such as V(pypi.example.net:8443), approves that port alone. One without a port approves each port of its host.
      - Of text with several lines each line is an entry. What is no host is refused.
      - Every other host in a configuration or a variable of pip or uv is a finding.
    type: list
    elements: str
    default: []
  suppressions:
    description:
      - Findings that are known and all right until a day. They stay in the report, with the reason, and do not count.
      - After its last day a suppression covers nothing. The finding counts again, and says so.
    type: list
    elements: dict
    default: []
    suboptions:
      code:
        description: The code.
        type: str
        required: true
      subject:
        description: A pattern of subjects, in which C(*) stands for anything, slashes as well.
        type: str
        required: true
      evidence:
        description:
          - Patterns of the lines of evidence that are known. A finding with a line beyond them counts again, and says so.
          - All that is ever found at the subject is covered when it is not given. The subject often is a folder, to which more can be added.
        type: list
        elements: str
      host:
        description: A pattern of names of hosts, as O(host) has them. Every host when it is not given.
        type: str
      reason:
        description: Why it is all right.
        type: str
        required: true
      until:
        description: The last day on which it holds, as C(YYYY-MM-DD).
        type: str
        required: true
  host:
    description: What suppressions call this host. The role C(audit) hands over the name in the inventory.
    type: str
    default: ''
attributes:
  check_mode:
    description: Does the same in check mode, since it changes nothing.
    support: full
  diff_mode:
    description: There is nothing to show, since it changes nothing.
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
- name: Look over the host
  become: true
  netdevops.python.environment_audit:
  register: audit_result

- name: Look over it against a baseline, with one finding that is known
  become: true
  netdevops.python.environment_audit:
    host: "{{ inventory_hostname }}"
    baseline:
      - venv: /opt/netops/*
        versions: [3.11.7]
    end_of_life:
      '3.11': {end_of_life: '2027-10-31', source: 'https://devguide.python.org/versions/'}
    approved_indexes: [pypi.example.net]
    suppressions:
      - code: environment-unmanaged
        subject: /opt/legacy/*
        reason: Moves in the next change window.
        until: '2026-12-31'
  register: audit_result

- name: Stop where something grave was found
  ansible.builtin.assert:
    that: audit_result.audit.counts.critical == 0
"""

RETURN = r"""
audit:
  description: The report on this host.
  returned: success
  type: dict
  contains:
    schema:
      description: The version of this form.
      type: int
    audited_at:
      description: When, in UTC.
      type: str
    seconds:
      description: How long it took.
      type: float
    environments:
      description: >-
        Every environment, each with C(venv), C(kind), C(release), C(bundle), C(lock), C(python), C(version), C(built_at), C(age_days), C(packages),
        C(drift) (C(count) and C(some) lines), C(previous), C(releases), C(commands), of which twenty are told, and C(bytes), of the files that its
        receipt names.
      type: list
      elements: dict
    interpreters:
      description: Every interpreter that counts, each with C(folder), C(version) and C(end_of_life), which is empty where it is not known or does not count.
      type: list
      elements: dict
    findings:
      description: >-
        What is wrong, the gravest first, each with C(code), C(severity), C(subject), C(venv), C(message), C(evidence), C(remedy) and C(suppressed), which is
        null or has the C(reason) and the last day, C(until).
      type: list
      elements: dict
    counts:
      description: How many findings there are of each severity, without those that are suppressed. Those that are not listed count as well.
      type: dict
    suppressed:
      description: How many findings are suppressed.
      type: int
    notes:
      description: What is to be said beside the findings, such as a suppression that covers nothing, and how much is not listed where there is too much.
      type: list
      elements: str
  sample:
    schema: 1
    audited_at: "2026-11-20T17:00:00Z"
    seconds: 1.2
    environments:
      - venv: /opt/netops/netcheck/.venv
        kind: managed
        release: 3f9c1d2e4b5a6978
        bundle: 8c1f0e2d3b4a5968778695a4b3c2d1e0f0e1d2c3b4a5968778695a4b3c2d1e0f
        lock: ''
        python: /opt/pyenv/versions/3.11.7/bin/python
        version: 3.11.7
        built_at: "2026-11-02T04:10:00Z"
        age_days: 18
        packages: 100
        drift: {count: 0, some: []}
        previous: ''
        releases: 1
        commands: []
        bytes: 352321536
    interpreters:
      - folder: /opt/pyenv/versions/3.11.7
        version: 3.11.7
        end_of_life: "2027-10-31"
    findings:
      - code: user-site-packages
        severity: medium
        subject: /home/ada/.local/lib/python3.11/site-packages
        venv: ''
        message: packages in the user site of an account
        evidence: [requests, requests-2.31.0.dist-info]
        remedy: Install what needs them into an environment, then remove the folder.
        suppressed:
    counts: {critical: 0, high: 0, medium: 1, low: 0}
    suppressed: 0
    notes: []
problems:
  description: Everything that is wrong with the options, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.audit.audit import audit
from ansible_collections.netdevops.python.plugins.module_utils.audit.options import ARGUMENTS, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused


def main() -> None:
    """Look over the host and tell the report."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        options = parse_options(module.params)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(changed=False, audit=audit(options))


if __name__ == "__main__":
    main()
