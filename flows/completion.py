"""Completion of the command line in bash, zsh and fish: the script of a shell, and the values that it offers.

The words come from the commands themselves, values from the names of folders: nothing is opened that could be locked,
and nothing heavy is imported, because a person waits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from warehouse.home import Home

VARIABLE = "_KINSCALE_COMPLETE"
"""What a shell sets when it asks; the launcher knows it too."""
SCRIPTS = Path(__file__).parent / "completion_scripts"


class Shell(StrEnum):
    """The shells that are supported."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: source <(./kinscale completion bash)")(completion)


def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the script that makes a shell complete commands, options, releases, surveys and countries."""
    print((SCRIPTS / f"kinscale.{shell}").read_text(encoding="utf-8"), end="")


def ask() -> None:
    """Make the shells known to Typer, when one asks: its own option that would install them is not wanted."""
    if os.environ.get(VARIABLE):
        from typer.completion import completion_init

        completion_init()


def releases(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the releases of the data folder, by name and as `latest`."""
    folders = (path.parent for path in _home(context).releases.glob("*/manifest.json"))
    return _beginning(incomplete, {"latest", *(folder.name for folder in folders if not folder.name.startswith("."))})


def candidates(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the candidates of the data folder."""
    return _beginning(incomplete, (path.parent.name for path in _home(context).candidates.glob("*/manifest.json")))


def surveys(incomplete: str) -> list[str]:
    """Offer the surveys that are declared."""
    from schemas import survey_folders

    return _beginning(incomplete, survey_folders.names())


def countries(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer the countries of the surveys that are named before, or of all."""
    from schemas import survey_folders

    named = context.params.get("survey") or survey_folders.names()
    known: dict[str, str] = {}
    for survey in [named] if isinstance(named, str) else named:
        known |= survey_folders.countries(survey)
    return [(code, known[code]) for code in _beginning(incomplete, known)]


def statuses(incomplete: str) -> list[str]:
    """Offer what can have become of a refused row."""
    from warehouse.life_cycle import STATUSES

    return _beginning(incomplete, ["all", *STATUSES])


def samples(incomplete: str) -> list[str]:
    """Offer the samples that can be made."""
    from samples.catalogue import NAMES

    return _beginning(incomplete, NAMES)


def extras(incomplete: str) -> list[str]:
    """Offer what can be added to the environment."""
    from warehouse.code_version import EXTRAS

    return _beginning(incomplete, EXTRAS)


def _home(context: typer.Context) -> Home:
    return Home.find(context.params.get("home"))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
