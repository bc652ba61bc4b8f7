# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every task said on every host, as a line of JSON each: ansible-core itself has no such output."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: notification
short_description: Write each task's result as a line of JSON
description:
  - For the system tests alone. The file is named by the environment variable C(SYSTEM_TEST_RESULTS).
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"

    def _write(self, result: Any, **more: bool) -> None:
        line = json.dumps([result._host.get_name(), {**result._result, **more}], default=str)
        with open(os.environ["SYSTEM_TEST_RESULTS"], "a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write(result, failed=True, unreachable=True)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write(result, skipped=True)
