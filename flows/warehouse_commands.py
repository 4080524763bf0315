"""The command about the build warehouse: rebuild."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from flows.options import HomeOption, JsonOption
from warehouse.home import Home


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
    for load in rebuilt.landed:
        counts = f"{load.rows_accepted:>9,} accepted  {load.rows_quarantined:>6,} quarantined"
        print(f"{load.survey_id}  {load.uri:<40} {counts}")
    for load in rebuilt.refused:
        print(f"{load.survey_id}  {load.uri:<40} refused as a whole")
    for uri in rebuilt.undeclared:
        print(f"No source names it any more, so its rows are left out: {uri}")
    if rebuilt.set_aside:
        print(f"Before   {rebuilt.set_aside}")
    print("Rebuilt from the raw store. The next run does the whole work once: ./kinscale run")
