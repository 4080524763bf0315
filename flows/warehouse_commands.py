"""The command about the build warehouse: rebuild."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from flows.console import say
from flows.options import HomeOption, JsonOption
from flows.table import Column, draw
from warehouse.home import Home

LOADS = (
    Column("survey"),
    Column("file", fold=True),
    Column("accepted", number=True),
    Column("quarantined", number=True),
    Column("", state=True),
)


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale rebuild --home /srv/kinscale")(rebuild)


def rebuild(
    survey: Annotated[
        list[str] | None, typer.Option("--survey", help="A survey it shall hold; may be repeated; default all.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the build warehouse again from the raw store, when it was damaged or lost. Releases are not touched."""
    import logging

    from flows import terminal, warehouse_rebuild

    with terminal.Progress():
        rebuilt = warehouse_rebuild.rebuild(Home.find(home), logging.getLogger("kinscale").info, survey or ())
    if as_json:
        print(json.dumps(asdict(rebuilt), ensure_ascii=False, default=str))
        return
    landed = [
        (load.survey_id, load.uri, f"{load.rows_accepted:,}", f"{load.rows_quarantined:,}", "")
        for load in rebuilt.landed
    ]
    refused = [(load.survey_id, load.uri, "", "", "refused") for load in rebuilt.refused]
    draw(LOADS, landed + refused)
    for uri in rebuilt.undeclared:
        say(f"No source names it any more, so its rows are left out: {uri}")
    if rebuilt.set_aside:
        say(str(rebuilt.set_aside), "Before", 9)
    say("Rebuilt from the raw store. The next run does the whole work once: ./kinscale run")
