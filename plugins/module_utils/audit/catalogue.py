# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that the audit knows: how grave it is, what it means, what helps, and where the rule comes from.

A code is never renamed and never used again for something else: suppressions, dashboards and tickets name it.
"""

from __future__ import annotations

from typing import NamedTuple

LOW, MEDIUM, HIGH, CRITICAL = SEVERITIES = ("low", "medium", "high", "critical")


class Entry(NamedTuple):
    """What is known of a code.

    Attributes:
        title: What is wrong, in a few words.
        severity: One of ``SEVERITIES``.
        means: What it means for people who rely on the host.
        remedy: What to do.
        source: Where the rule comes from.
    """

    title: str
    severity: str
    means: str
    remedy: str
    source: str


CATALOGUE = {
    "pin-missing": Entry(
        "a project without a pin",
        MEDIUM,
        "A folder that holds a project, or an ordinary environment, has no .python-version: whoever makes the environment anew takes any Python.",
        "Write the exact version into .python-version beside the environment.",
        "pyenv, choosing the Python version",
    ),
    "pin-unreadable": Entry(
        "a pin that is none",
        MEDIUM,
        "A .python-version beside an environment is not one line with one exact version: each tool reads it in another way.",
        "Write one exact version into it, such as 3.11.7, and nothing else.",
        "pyenv, choosing the Python version",
    ),
    "pin-differs": Entry(
        "an environment that stands on another interpreter than its pin",
        HIGH,
        "What runs is not what was agreed on in review.",
        "Build the bundle with the pin that is wanted and run the play, or correct .python-version.",
        "pyenv, choosing the Python version",
    ),
    "environment-missing": Entry(
        "an environment of the baseline that is not there",
        HIGH,
        "The baseline names this environment by its whole path, and the audit came across none there.",
        "Run the play of the environment, or take it out of the baseline of this host; search where it is.",
        "the baseline that was given",
    ),
    "interpreter-not-approved": Entry(
        "an interpreter that the baseline does not name",
        HIGH,
        "The environment stands on a version that nobody approved for it.",
        "Move the project to an approved version, or approve this one in the baseline.",
        "the baseline that was given",
    ),
    "bundle-not-approved": Entry(
        "a bundle that the baseline does not name",
        HIGH,
        "The environment is whole, and of another bundle than the one that was approved for it.",
        "Install the approved bundle, or approve this one in the baseline.",
        "the baseline that was given",
    ),
    "interpreter-end-of-life": Entry(
        "an interpreter past its end of life",
        HIGH,
        "This version of Python gets no security fixes any more.",
        "Move what stands on it to a supported version, then remove it with pyenv_install, state absent.",
        "https://devguide.python.org/versions/",
    ),
    "interpreter-end-of-life-soon": Entry(
        "an interpreter whose end of life is near",
        LOW,
        "This version of Python will soon get no security fixes any more.",
        "Plan the move of what stands on it to a supported version.",
        "https://devguide.python.org/versions/",
    ),
    "interpreter-end-of-life-unknown": Entry(
        "an interpreter whose end of life nobody told",
        LOW,
        "The list of dates does not name this version, so nothing can be said of it.",
        "Give a newer list of dates.",
        "https://devguide.python.org/versions/",
    ),
    "interpreter-altered": Entry(
        "an interpreter whose programs are not as they were installed",
        CRITICAL,
        "Whoever changed them decides what runs in every environment that stands on this interpreter.",
        "Find out who changed it, then install the version anew with pyenv_install.",
        "the receipt of the interpreter",
    ),
    "interpreter-broken": Entry(
        "an environment whose interpreter is gone",
        CRITICAL,
        "Nothing of this environment can start.",
        "Run the play of the environment: it brings the interpreter back, or says what lacks.",
        "PEP 405",
    ),
    "environment-drifted": Entry(
        "files that are not as they were installed",
        HIGH,
        "Somebody or something changed what was installed, proven and approved.",
        "Find out who changed it, then run the play of the environment: it builds the release anew.",
        "the receipt of the release",
    ),
    "environment-dangling": Entry(
        "an environment whose release is gone",
        CRITICAL,
        "The link points to nothing that can run.",
        "Run the play of the environment, or go back to an earlier release with state rolled_back.",
        "the link and the receipt",
    ),
    "environment-elsewhere": Entry(
        "a link that leads to something other than its releases",
        HIGH,
        "What runs under this path is nothing that was installed here and proven.",
        "Find out who turned the link, then run the play of the environment.",
        "the link",
    ),
    "environment-unmanaged": Entry(
        "an ordinary virtual environment",
        MEDIUM,
        "Nobody can tell what is in it, from where, and whether it was changed.",
        "Take its place with wheelhouse_install, which keeps the old one beside it, or remove it.",
        "pyvenv.cfg, PEP 405",
    ),
    "releases-orphaned": Entry(
        "releases without an environment",
        LOW,
        "No link leads to these releases. They take room, and no play looks after them.",
        "Run the play of the environment, or remove them with wheelhouse_install, state absent.",
        "the folder of the releases",
    ),
    "receipt-damaged": Entry(
        "a receipt that cannot be believed",
        HIGH,
        "The receipt of a release was edited or cut short, so nothing says what belongs in it.",
        "Run the play of the environment: it builds the release anew.",
        "the receipt of the release",
    ),
    "leftovers": Entry(
        "what an interrupted run left",
        LOW,
        "A run was killed. What it left takes room and harms nobody.",
        "Run the play of the environment: each run sweeps first.",
        "the folder of the releases",
    ),
    "command-gone": Entry(
        "a command that is not there any more",
        HIGH,
        "A command that an environment put into a folder of commands was removed, or is a file of somebody else's now.",
        "Run the play of the environment.",
        "the state of the commands",
    ),
    "command-edited": Entry(
        "a command that was edited",
        HIGH,
        "The launcher of a command is not as it was written: people start something else under its name.",
        "Find out who changed it, then run the play of the environment.",
        "the state of the commands",
    ),
    "lock-differs": Entry(
        "a lock that is not the one of the release",
        MEDIUM,
        "The lock file beside the environment is not what the release was compiled from: one of them is out of date.",
        "Build the bundle from this lock and install it, or bring the lock up to date.",
        "the receipt of the release",
    ),
    "system-package-foreign": Entry(
        "packages in a system Python that no package manager knows",
        HIGH,
        "Tools of the distribution import these packages, and no update of the distribution ever corrects them.",
        "Remove them with pip uninstall, and install what needs them into an environment.",
        "PEP 668",
    ),
    "externally-managed-removed": Entry(
        "a system Python that lost its protection from pip",
        MEDIUM,
        "The distribution ships EXTERNALLY-MANAGED, and somebody removed it: pip writes into the system Python unasked.",
        "Install the package anew that ships it.",
        "PEP 668",
    ),
    "user-site-packages": Entry(
        "packages in the user site of an account",
        MEDIUM,
        "Every Python of this version that the account starts outside of an environment imports these before the system's.",
        "Install what needs them into an environment, then remove the folder.",
        "PEP 370",
    ),
    "system-site-packages": Entry(
        "an environment that sees the packages of its interpreter",
        MEDIUM,
        "What it imports is not only what was installed into it.",
        "Set include-system-site-packages = false in pyvenv.cfg, or make the environment anew.",
        "PEP 405",
    ),
    "path-file-code": Entry(
        "a .pth file that runs code",
        HIGH,
        "Each Python that reads the folder runs this at its start, before any program.",
        "Find out who put it there and what needs it, and remove it.",
        "the module site",
    ),
    "path-file-foreign": Entry(
        "a .pth file that leads elsewhere",
        MEDIUM,
        "Each Python that reads the folder imports from another folder as well.",
        "Install what is there as a package, and remove the file.",
        "the module site",
    ),
    "startup-module": Entry(
        "a sitecustomize, a usercustomize or an archive before the standard library",
        HIGH,
        "Each Python that finds it runs it at its start, before any program.",
        "Find out who put it there and what needs it, and remove it.",
        "the module site",
    ),
    "python-variable": Entry(
        "a variable that changes what Python runs",
        MEDIUM,
        "A file of settings sets it for everybody, one account or a service: programs import or run something else.",
        "Remove it, and set it where a single command needs it.",
        "Python, environment variables",
    ),
    "index-variable": Entry(
        "a variable that sends pip or uv to an index that is not approved",
        HIGH,
        "Whoever runs pip or uv with these settings gets packages from there.",
        "Remove it, or name the host among the approved indexes.",
        "pip, environment variables; uv, environment variables",
    ),
    "process-variable": Entry(
        "a running process of an environment with such a variable",
        MEDIUM,
        "What this process imports is not only what was installed into its environment.",
        "Find out who sets the variable, take it away and start the process again.",
        "Python, environment variables",
    ),
    "index-not-approved": Entry(
        "a configuration of pip or uv that names a host that is not approved",
        HIGH,
        "pip or uv gets packages from there, or believes a host without checking its certificate.",
        "Take the setting away, or name the host among the approved indexes.",
        "pip, configuration files; uv, configuration files",
    ),
    "writable-by-others": Entry(
        "a path of an environment that others can write to",
        CRITICAL,
        "Somebody other than root and the owner of the environment decides what runs in it.",
        "Take the permission away, or give the path to root or to the owner of the environment.",
        "CWE-732",
    ),
    "unreadable": Entry(
        "something that could not be looked at",
        MEDIUM,
        "The audit could not read this, and what is there is not known. It does not count as clean.",
        "Run the audit with become, or see why it cannot be read.",
        "this audit",
    ),
}
