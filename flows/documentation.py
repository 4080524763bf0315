"""The command `docs`: the documentation as a site that opens from a disk, without a network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from flows.console import say
from schemas.errors import KinscaleError
from warehouse.home import CHECKOUT

PAGES = CHECKOUT / "docs"


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale docs --to site")(docs)


def docs(
    to: Annotated[Path, typer.Option("--to", help="Folder to write into; default docs/_build in the checkout.")] = PAGES
    / "_build",
) -> None:
    """Build the documentation site from docs/. A warning is an error: a link that leads nowhere stops it."""
    from flows.terminal import Progress

    folder = to.expanduser().resolve()
    if folder == PAGES or (folder.exists() and any(folder.iterdir()) and not (folder / "searchindex.js").exists()):
        raise KinscaleError(
            "it holds other files, which the site would be mixed with.",
            file=str(folder),
            expected="a new or empty folder, or one with a site",
        )
    with tempfile.TemporaryDirectory(prefix="kinscale-docs-") as trees, Progress("building the documentation site"):
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", trees, PAGES, folder],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise KinscaleError(f"the site was not built:\n{done.stderr.strip()}", file=str(PAGES))
    say(f"{folder / 'index.html'}", "Site", 9)
