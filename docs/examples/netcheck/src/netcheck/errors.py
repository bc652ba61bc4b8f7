# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that a command turns into a message and exit code 2."""


class Unreadable(Exception):
    """An intent or a capture that cannot be read. The text names the file and the next step."""
