# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``netcheck-report``: the interfaces of all devices as one table, with those whose error rate stands out."""

import enum
from pathlib import Path
from typing import Annotated

import orjson
import pandas as pd
import typer
from scipy.stats import median_abs_deviation

from netcheck.check import observe
from netcheck.cli import BUNDLED_CAPTURES, BUNDLED_INTENT, CapturesOption, IntentOption, fail
from netcheck.errors import Unreadable
from netcheck.facts import DeviceFacts
from netcheck.intent import load

app = typer.Typer(add_completion=False)
COLUMNS = ("device", "interface", "up", "mtu", "packets", "errors")
# Beyond this many robust standard deviations a rate is called an outlier (Iglewicz and Hoaglin, 1993).
OUTLIER = 3.5


class Format(enum.StrEnum):
    """What `netcheck-report` writes."""

    CSV = "csv"
    JSON = "json"


def frame(facts: dict[str, DeviceFacts]) -> pd.DataFrame:
    """Return one row per interface. ``errors_per_million`` is per million received packets."""
    rows = [
        (name, port, state.up, state.mtu, state.packets, state.errors)
        for name, device in facts.items()
        for port, state in device.interfaces.items()
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"mtu": "Int64"})
    # An interface that received nothing has no rate; zero would call it clean.
    table["errors_per_million"] = (table["errors"] / table["packets"].where(table["packets"] > 0) * 1e6).round(3)
    table["outlier"] = outliers(table["errors_per_million"])
    return table


def outliers(rates: "pd.Series[float]") -> "pd.Series[bool]":
    """Tell which rates stand out above the others, by the median so that one bad port cannot hide itself."""
    spread = median_abs_deviation(rates.dropna(), scale="normal") if rates.notna().any() else 0.0
    above = rates - rates.median()
    return above.gt(OUTLIER * spread) & above.gt(0)


def render(table: pd.DataFrame, form: Format) -> str:
    """Return `table` as text, with a newline at its end."""
    if form is Format.CSV:
        return str(table.to_csv(index=False))
    rows = orjson.loads(table.to_json(orient="records"))
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


@app.command()
def main(
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output otherwise.")] = None,
    intent: IntentOption = BUNDLED_INTENT,
    captures: CapturesOption = BUNDLED_CAPTURES,
) -> None:
    """Summarize the interfaces of all devices. Without options: the sample that is included."""
    try:
        text = render(frame(observe(load(intent), captures)), form)
    except Unreadable as error:
        raise fail(error) from error
    if output:
        output.write_text(text, "utf-8")
    else:
        typer.echo(text, nl=False)
