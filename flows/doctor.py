"""The command `doctor`: every check, in the order in which one would look, as a table or as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from flows.checkup.finding import Finding
from flows.console import say
from flows.options import HomeOption, JsonOption
from flows.table import STYLES
from warehouse.home import Home

STATES = ("ok", "warn", "fail", "skipped")
INDENT = 25
"""Where the words begin beside the state and the name of a check."""


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale doctor --json")(doctor)


def doctor(
    home: HomeOption = None,
    notify_test: Annotated[
        bool, typer.Option("--notify-test", help="Also send a trial line to every channel of the settings.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check installation, data folder, server and schedules, and say what to do. Ends with 1 when a check fails."""
    from flows.terminal import Progress

    folder = Home.find(home)
    with Progress("looking at the installation and the data folder"):
        findings = list(check(folder, notify_test))
    failed = any(finding.state == "fail" for finding in findings)
    if as_json:
        told = {"home": str(folder.root), "well": not failed, "checks": [dataclasses.asdict(f) for f in findings]}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _show(findings)
    if failed:
        raise typer.Exit(1)


def check(home: Home, notify_test: bool = False) -> Iterator[Finding]:
    """Run every check. Writes nothing but the file of the lock, and sends nothing but the trial when asked."""
    from flows.checkup import (
        build_warehouse,
        channels,
        data_folder,
        declared,
        extras,
        machine,
        pseudonyms,
        published,
        server,
    )
    from warehouse import code_version

    yield machine.python()
    yield machine.packages(code_version.locked(), machine.installed())
    yield extras.packages(home, machine.installed())
    yield extras.java(home, machine.installed())
    yield machine.checkout(code_version.commit())
    yield machine.validation()
    yield data_folder.folder(home)
    yield data_folder.file_system(home)
    yield data_folder.private(home)
    yield data_folder.encrypted(home)
    yield pseudonyms.key(home)
    yield data_folder.space(home)
    yield machine.clock(home)
    held, busy = build_warehouse.lock(home)
    yield held
    yield from build_warehouse.warehouse(home)
    yield published.latest(home)
    yield published.manifests(home)
    yield data_folder.leftovers(home, busy)
    yield data_folder.candidates(home)
    yield declared.surveys()
    yield declared.waivers()
    yield from channels.loaded(home)
    if notify_test:
        yield from channels.tried(home)
    yield from server.check()


def _show(findings: list[Finding]) -> None:
    told = ""
    for finding in findings:
        label = Text.assemble((f"{finding.state:<9}", STYLES[finding.state]), finding.name)
        say(finding.seen, label, INDENT)
        if finding.state != "ok" and finding.advice not in ("", told):
            told = finding.advice
            say(told, indent=INDENT)
    counts = Counter[str](finding.state for finding in findings)
    say(", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]))
