# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sin that the audit knows: what somebody does to a host, and exactly what the audit then says."""

from __future__ import annotations

from typing import Any, NamedTuple

APPS = "/opt/netops"
SECRET = "s3cr3t-of-the-index"
SYSTEM = "/usr/lib/python3/dist-packages"

Finding = tuple[str, str]


class Sin(NamedTuple):
    """One sin.

    Attributes:
        do: A shell script. ``PY`` in it is the feature version of the host's Python, ``PIN`` its version.
        finds: Code and subject of what the audit says; ``*`` in a subject stands for the name of a release.
        apps: Environments that are installed for it, with their options.
        undo: A shell script; what is in the folders of ``apps`` goes by itself.
    """

    do: str
    finds: tuple[Finding, ...]
    apps: tuple[tuple[str, dict[str, Any]], ...] = ()
    undo: str = ""


def _app(name: str, do: str, *finds: Finding, undo: str = "", **options: Any) -> Sin:
    return Sin(do, finds, ((name, options),), undo)


RECEIPT = (
    '{"configure_opts":[],"core":{"bin/python3.93":"00"},"installed_at":"2026-01-01T00:00:00Z","modules":[],"origin":'
    '{"kind":"cache","place":"","sha256":""},"patches":[],"schema":1,"target":"any","version":"3.93.2"}'
)


def _old(version: str, code: str) -> Sin:
    folder = f"/opt/pyenv/versions/{version}"
    return Sin(f"mkdir -p {folder}/bin && touch {folder}/bin/python3", ((code, folder),), undo=f"rm -r {folder}")


SINS: dict[str, Sin] = {
    "a project without a pin": _app(
        "nopin", f"touch {APPS}/nopin/pyproject.toml", ("pin-missing", f"{APPS}/nopin/.python-version")
    ),
    "a pin of two numbers": _app(
        "halfpin", f"echo PY > {APPS}/halfpin/.python-version", ("pin-unreadable", f"{APPS}/halfpin/.python-version")
    ),
    "a pin of another version": _app(
        "otherpin", f"echo 3.9.1 > {APPS}/otherpin/.python-version", ("pin-differs", f"{APPS}/otherpin/.python-version")
    ),
    "an interpreter that nobody approved": _app("strange", "", ("interpreter-not-approved", f"{APPS}/strange/.venv")),
    "a bundle that nobody approved": _app("wild", "", ("bundle-not-approved", f"{APPS}/wild/.venv")),
    "an environment of the baseline gone": Sin(
        f"mv {APPS}/app /var/app", (("environment-missing", f"{APPS}/app/.venv"),), undo=f"mv /var/app {APPS}/app"
    ),
    "a program of an interpreter changed": Sin(
        "mkdir -p /opt/pyenv/versions/3.93.2/bin && cd /opt/pyenv/versions/3.93.2 && touch bin/python3 bin/python3.93"
        f" && printf %s '{RECEIPT}' > receipt.json && cd /",
        (("interpreter-altered", "/opt/pyenv/versions/3.93.2"),),
        undo="rm -r /opt/pyenv/versions/3.93.2",
    ),
    "the library of an interpreter open to everybody": Sin(
        "mkdir -p /opt/pyenv/versions/3.93.3/bin /opt/pyenv/versions/3.93.3/lib/python3.93"
        " && touch /opt/pyenv/versions/3.93.3/bin/python3 /opt/pyenv/versions/3.93.3/lib/python3.93/site.py"
        " && chmod 0666 /opt/pyenv/versions/3.93.3/lib/python3.93/site.py",
        (("writable-by-others", "/opt/pyenv/versions/3.93.3/lib"),),
        undo="rm -r /opt/pyenv/versions/3.93.3",
    ),
    "an interpreter of yesterday": _old("3.90.1", "interpreter-end-of-life"),
    "an interpreter with few days left": _old("3.91.1", "interpreter-end-of-life-soon"),
    "an interpreter that the list does not know": _old("3.92.1", "interpreter-end-of-life-unknown"),
    "an interpreter removed": _app(
        "broken",
        "rm /opt/tool/bin/python3",
        ("interpreter-broken", f"{APPS}/broken/.venv"),
        python="/opt/tool/bin/python3",
        undo="ln -s /usr/bin/python3 /opt/tool/bin/python3",
    ),
    "an installed file edited": _app(
        "drifted",
        f"echo '# x' >> {APPS}/drifted/.venv/lib/pythonPY/site-packages/alpha/__init__.py",
        ("environment-drifted", f"{APPS}/drifted/.venv"),
    ),
    "a start-up file added to a release": _app(
        "extra",
        f"echo 'import os' > {APPS}/extra/.venv/lib/pythonPY/site-packages/extra.pth",
        ("environment-drifted", f"{APPS}/extra/.venv"),
        ("path-file-code", f"{APPS}/extra/.venv/lib/pythonPY/site-packages/extra.pth"),
    ),
    "a release removed": _app(
        "dangling", f"rm -r {APPS}/dangling/.venv/", ("environment-dangling", f"{APPS}/dangling/.venv")
    )._replace(do=f"rm -r $(readlink -f {APPS}/dangling/.venv)"),
    "a link turned": _app(
        "turned", f"ln -sfn /srv {APPS}/turned/.venv", ("environment-elsewhere", f"{APPS}/turned/.venv")
    ),
    "an ordinary environment": Sin(
        "mkdir -p /srv/own && python3 -m venv --without-pip /srv/own/venv && echo PIN > /srv/own/.python-version",
        (("environment-unmanaged", "/srv/own/venv"),),
        undo="rm -r /srv/own",
    ),
    "an ordinary environment that sees the system's packages": Sin(
        "mkdir -p /srv/wide && python3 -m venv --without-pip --system-site-packages /srv/wide/venv"
        " && echo PIN > /srv/wide/.python-version",
        (("environment-unmanaged", "/srv/wide/venv"), ("system-site-packages", "/srv/wide/venv/pyvenv.cfg")),
        undo="rm -r /srv/wide",
    ),
    "an environment's link removed": _app(
        "orphan", f"rm {APPS}/orphan/.venv", ("releases-orphaned", f"{APPS}/orphan/.venv")
    ),
    "a receipt cut short": _app(
        "cut",
        f"echo '{{' > {APPS}/cut/.venv/receipt.json",
        ("receipt-damaged", f"{APPS}/cut/.venv.releases/*/receipt.json"),
    ),
    "a receipt that names another bundle": _app(
        "forged",
        f'sed -i \'s/"bundle":"....../"bundle":"000000/\' {APPS}/forged/.venv/receipt.json',
        ("environment-drifted", f"{APPS}/forged/.venv"),
    ),
    "a run that was killed": _app(
        "killed", f"mkdir {APPS}/killed/.venv.releases/.incoming-1", ("leftovers", f"{APPS}/killed/.venv.releases")
    ),
    "a command removed": _app(
        "lost",
        "rm /opt/bin/lost/alpha",
        ("command-gone", "/opt/bin/lost/alpha"),
        commands=["alpha"],
        commands_path="/opt/bin/lost",
    ),
    "a command edited": _app(
        "bent",
        "echo '# x' >> /opt/bin/bent/alpha",
        ("command-edited", "/opt/bin/bent/alpha"),
        commands=["alpha"],
        commands_path="/opt/bin/bent",
    ),
    "another lock": _app(
        "locked",
        f"echo PIN > {APPS}/locked/.python-version && echo '# newer' > {APPS}/locked/poetry.lock",
        ("lock-differs", f"{APPS}/locked/poetry.lock"),
    ),
    "a package of pip in the distribution's folder": Sin(
        f"mkdir {SYSTEM}/stray-1.0.dist-info",
        (("system-package-foreign", SYSTEM),),
        undo=f"rmdir {SYSTEM}/stray-1.0.dist-info",
    ),
    "a module of nobody in the distribution's folder": Sin(
        f"touch {SYSTEM}/requestz.py", (("system-package-foreign", SYSTEM),), undo=f"rm {SYSTEM}/requestz.py"
    ),
    "a package of pip in /usr/local": Sin(
        "mkdir -p /usr/local/lib/pythonPY/dist-packages/stray",
        (("system-package-foreign", "/usr/local/lib/pythonPY/dist-packages"),),
        undo="rmdir /usr/local/lib/pythonPY/dist-packages/stray",
    ),
    "no protection from pip": Sin(
        "mv /usr/lib/pythonPY/EXTERNALLY-MANAGED /mnt/kept",
        (("externally-managed-removed", "/usr/lib/pythonPY/EXTERNALLY-MANAGED"),),
        undo="mv /mnt/kept /usr/lib/pythonPY/EXTERNALLY-MANAGED",
    ),
    "pip install --user": Sin(
        "mkdir -p /home/ada/.local/lib/pythonPY/site-packages/stray",
        (("user-site-packages", "/home/ada/.local/lib/pythonPY/site-packages"),),
        undo="rm -r /home/ada/.local",
    ),
    "a .pth with code in the system": Sin(
        f"echo 'import os' > {SYSTEM}/code.pth",
        (("path-file-code", f"{SYSTEM}/code.pth"),),
        undo=f"rm {SYSTEM}/code.pth",
    ),
    "a .pth in the system that looks like virtualenv's": Sin(
        f"printf 'import _virtualenv' > {SYSTEM}/_virtualenv.pth && touch {SYSTEM}/_virtualenv.py",
        (("path-file-code", f"{SYSTEM}/_virtualenv.pth"), ("system-package-foreign", SYSTEM)),
        undo=f"rm {SYSTEM}/_virtualenv.*",
    ),
    "a .pth to elsewhere in the system": Sin(
        f"echo /srv/more > {SYSTEM}/more.pth",
        (("path-file-foreign", f"{SYSTEM}/more.pth"),),
        undo=f"rm {SYSTEM}/more.pth",
    ),
    "a usercustomize in the system": Sin(
        f"touch {SYSTEM}/usercustomize.py",
        (("startup-module", f"{SYSTEM}/usercustomize.py"),),
        undo=f"rm {SYSTEM}/usercustomize.py",
    ),
    "a sitecustomize among shared libraries": Sin(
        "touch /usr/lib/pythonPY/lib-dynload/sitecustomize.py",
        (("startup-module", "/usr/lib/pythonPY/lib-dynload/sitecustomize.py"),),
        undo="rm /usr/lib/pythonPY/lib-dynload/sitecustomize.py",
    ),
    "the distribution's sitecustomize edited": Sin(
        "cp -p /etc/pythonPY/sitecustomize.py /mnt/custom && echo 'import os' >> /etc/pythonPY/sitecustomize.py",
        (("startup-module", "/usr/lib/pythonPY/sitecustomize.py"),),
        undo="cp -p /mnt/custom /etc/pythonPY/sitecustomize.py",
    ),
    "a sitecustomize of an interpreter": Sin(
        "mkdir -p /opt/pyenv/versions/3.93.1/lib/python3.93/site-packages"
        " && touch /opt/pyenv/versions/3.93.1/lib/python3.93/sitecustomize.py",
        (("startup-module", "/opt/pyenv/versions/3.93.1/lib/python3.93/sitecustomize.py"),),
        undo="rm -r /opt/pyenv/versions/3.93.1",
    ),
    "PYTHONPATH for everybody": Sin(
        "echo PYTHONPATH=/srv/more > /etc/environment",
        (("python-variable", "/etc/environment"),),
        undo=": > /etc/environment",
    ),
    "PYTHONPATH of a job": Sin(
        "mkdir -p /etc/cron.d && echo 'PYTHONPATH = /srv/more' > /etc/cron.d/own",
        (("python-variable", "/etc/cron.d/own"),),
        undo="rm /etc/cron.d/own",
    ),
    "a service that is a link": Sin(
        "printf '[Service]\\nEnvironment=PYTHONPATH=/srv\\n' > /srv/linked.service"
        " && mkdir -p /etc/systemd/system && ln -s /srv/linked.service /etc/systemd/system/linked.service",
        (("python-variable", "/etc/systemd/system/linked.service"),),
        undo="rm /srv/linked.service /etc/systemd/system/linked.service",
    ),
    "PYTHONHOME of a service": Sin(
        "mkdir -p /etc/systemd/system/app.service.d && printf '[Service]\\nEnvironment=\"PYTHONHOME=/srv\" A=1\\n'"
        " > /etc/systemd/system/app.service.d/own.conf",
        (("python-variable", "/etc/systemd/system/app.service.d/own.conf"),),
        undo="rm -r /etc/systemd/system/app.service.d",
    ),
    "an index in the profile": Sin(
        f"echo 'export PIP_INDEX_URL=https://ada:{SECRET}@pypi.example.org/simple' > /etc/profile.d/pip.sh",
        (("index-variable", "/etc/profile.d/pip.sh"),),
        undo="rm /etc/profile.d/pip.sh",
    ),
    "a process with PYTHONPATH": _app(
        "process",
        f"PYTHONPATH=/srv/more {APPS}/process/.venv/bin/python -c 'import time; time.sleep(600)' >/dev/null 2>&1 & echo $! > /mnt/pid;"
        " sleep 0.5",
        ("process-variable", f"{APPS}/process/.venv"),
        undo="kill $(cat /mnt/pid)",
    ),
    "pip sent to the internet": Sin(
        f"printf '[global]\\nextra-index-url = https://ada:{SECRET}@pypi.org/simple\\n' > /etc/pip.conf",
        (("index-not-approved", "/etc/pip.conf"),),
        undo="rm /etc/pip.conf",
    ),
    "uv sent to the internet by one account": Sin(
        "mkdir -p /home/ada/.config/uv && echo 'index-url = \"https://pypi.org/simple\"' > /home/ada/.config/uv/uv.toml",
        (("index-not-approved", "/home/ada/.config/uv/uv.toml"),),
        undo="rm -r /home/ada/.config",
    ),
    "a folder open to everybody": _app(
        "open", f"chmod 0777 {APPS}/open", ("writable-by-others", f"{APPS}/open"), undo=f"chmod 0755 {APPS}/open"
    ),
    "a configuration that is a pipe": Sin(
        "mkdir /etc/uv && mkfifo /etc/uv/uv.toml", (("unreadable", "/etc/uv/uv.toml"),), undo="rm -r /etc/uv"
    ),
}
