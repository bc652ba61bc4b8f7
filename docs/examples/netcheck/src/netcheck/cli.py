# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``netcheck``.

Its exit code is 0 when all is as intended, 1 with findings, 2 when something cannot be read.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from netcheck import __version__
from netcheck.capture import BUNDLED
from netcheck.check import check, select
from netcheck.errors import Unreadable
from netcheck.finding import Finding
from netcheck.intent import Intent, load

app = typer.Typer(add_completion=False)
IntentOption = Annotated[str, typer.Option(help="Inventory: a file or an http(s) address.", show_default="the sample")]
CapturesOption = Annotated[
    Path, typer.Option(help="Folder of captures, one folder per device.", show_default="the sample")
]
BUNDLED_INTENT = str(BUNDLED / "intent.yml")
BUNDLED_CAPTURES = BUNDLED / "captures"


def fail(error: Unreadable) -> typer.Exit:
    """Print `error` for a person and return the exit to raise."""
    Console(stderr=True, soft_wrap=True).print(f"netcheck: {error}", style="red", markup=False, highlight=False)
    return typer.Exit(2)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"netcheck {__version__}")
        raise typer.Exit


def summary(intent: Intent, findings: list[Finding]) -> Table:
    """Return one line per device, with the number of its findings."""
    table = Table("device", "platform", "sessions", "findings", title="Devices")
    for name, device in intent.devices.items():
        count = sum(row.device == name for row in findings)
        state = f"[red]{count}" if count else "[green]none"
        table.add_row(name, device.platform, str(len(device.bgp)), state)
    return table


def details(findings: list[Finding]) -> Table:
    """Return one line per finding."""
    table = Table("device", "subject", "expected", "found", title="Findings")
    for row in findings:
        table.add_row(*row)
    return table


@app.command()
def main(
    devices: Annotated[list[str] | None, typer.Argument(help="Only these devices.")] = None,
    intent: IntentOption = BUNDLED_INTENT,
    captures: CapturesOption = BUNDLED_CAPTURES,
    version: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True)] = False,  # noqa: ARG001
) -> None:
    """Compare stored show output with the inventory. Without options: the sample that is included."""
    console = Console()
    try:
        wanted = select(load(intent), devices or [])
        findings = check(wanted, captures)
    except Unreadable as error:
        raise fail(error) from error
    console.print(summary(wanted, findings))
    if findings:
        console.print(details(findings))
        raise typer.Exit(1)
