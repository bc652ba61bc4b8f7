# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``netcheck-collect``: fetch the captures from the devices themselves, with Nornir and Netmiko."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Host, Hosts, Inventory
from nornir.core.plugins.connections import ConnectionPluginRegister
from nornir.core.task import Result, Task
from nornir.plugins.runners import ThreadedRunner
from nornir_netmiko.tasks import netmiko_send_command
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from tenacity import retry, stop_after_attempt, wait_exponential

from netcheck import platforms
from netcheck.capture import Capture
from netcheck.check import select
from netcheck.cli import fail
from netcheck.errors import Unreadable
from netcheck.intent import Intent, load

app = typer.Typer(add_completion=False)
Send = Callable[[Task, str], str]


class Login(BaseSettings):
    """Credentials, from NETCHECK_USERNAME and NETCHECK_PASSWORD: never from the command line."""

    model_config = SettingsConfigDict(env_prefix="netcheck_")
    username: str
    password: SecretStr


def inventory(intent: Intent, login: Login) -> Inventory:
    """Return the Nornir inventory of `intent`. Raises `Unreadable` when a platform's group is not installed."""
    hosts = {
        name: Host(
            name=name,
            hostname=str(device.address),
            platform=device.platform,
            username=login.username,
            password=login.password.get_secret_value(),
            data={"commands": platforms.commands(device.platform)},
        )
        for name, device in intent.devices.items()
    }
    return Inventory(hosts=Hosts(hosts), defaults=Defaults())


@retry(stop=stop_after_attempt(3), wait=wait_exponential(max=8), reraise=True)
def over_ssh(task: Task, command: str) -> str:
    """Run `command` on the device; a connection that fails is tried three times."""
    return str(netmiko_send_command(task, command, read_timeout=120).result)


def fetch(task: Task, captures: Path, send: Send = over_ssh) -> Result:
    """Store the output of every command that the platform of this host needs."""
    capture = Capture(captures, task.host.name)
    paths = [capture.store(command, send(task, command)) for command in task.host["commands"]]
    return Result(host=task.host, result=paths)


def collect(devices: Inventory, captures: Path, send: Send = over_ssh, workers: int = 20) -> dict[str, str]:
    """Fetch from all devices at once. Returns the error of each device that failed."""
    ConnectionPluginRegister.auto_register()
    nornir = Nornir(inventory=devices, runner=ThreadedRunner(num_workers=workers))
    results = nornir.run(fetch, captures=captures, send=send)
    return {name: str(result.exception) for name, result in results.items() if result.failed}


def login() -> Login:
    """Return the credentials. Raises `Unreadable` that names the variables which are not set."""
    try:
        return Login()
    except ValidationError as error:
        missing = ", ".join(f"NETCHECK_{row['loc'][0]}".upper() for row in error.errors())
        raise Unreadable(f"set {missing} in the environment") from None


@app.command()
def main(
    captures: Annotated[Path, typer.Argument(help="Folder to write to.")],
    intent: Annotated[str, typer.Option(help="Inventory: a file or an http(s) address.")],
    device: Annotated[list[str] | None, typer.Option(help="Only this device; may be repeated.")] = None,
) -> None:
    """Fetch what `netcheck` reads from the devices of an inventory."""
    try:
        wanted = select(load(intent), device or [])
        failed = collect(inventory(wanted, login()), captures)
    except Unreadable as error:
        raise fail(error) from error
    for name, problem in failed.items():
        Console(stderr=True).print(f"{name}: {problem}", style="red", markup=False)
    raise typer.Exit(1 if failed else 0)
