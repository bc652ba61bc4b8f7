# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

pytest.importorskip("ansible.errors", reason="filters run on controllers alone")

from ansible.errors import AnsibleFilterError

from ansible_collections.netdevops.python.plugins.filter.audit_prometheus import FilterModule
from ansible_collections.netdevops.python.tests.unit.support.fleets import environment, report
from ansible_collections.netdevops.python.tests.unit.support.metrics import read_samples


def test_the_filter_gives_the_text_of_a_host() -> None:
    text = FilterModule().filters()["audit_prometheus"](report([environment()]), "edge-1")
    assert 'netdevops_python_audit_info{inventory_hostname="edge-1"} 1\n' in text
    assert len(read_samples(text)) > 10


@pytest.mark.parametrize("answer", [None, {}, {"failed": True, "msg": "no"}, {"schema": 2}])
def test_no_report_is_no_empty_file(answer: object) -> None:
    with pytest.raises(AnsibleFilterError, match="expected the report of an audit, found none: "):
        FilterModule().filters()["audit_prometheus"](answer, "edge-1")
