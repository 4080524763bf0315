"""The command `install` as the command line shows and completes it. The launcher does it: it owns the environment."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from flows import completion
from warehouse.home import CHECKOUT


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale install spark dask, and back: ./kinscale install --remove spark dask")(
        install
    )


def install(
    names: Annotated[
        list[str] | None, typer.Argument(help="spark, dask or both.", autocompletion=completion.extras)
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take them out of the environment instead.")] = False,
) -> None:
    """Add Spark or Dask to the environment, from their locks. Without a name: say which of them are installed."""
    words = [*(names or ()), *(["--remove"] if remove else [])]
    raise typer.Exit(subprocess.run([CHECKOUT / "kinscale", "install", *words], check=False).returncode)
