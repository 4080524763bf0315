"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows import completion

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Data folder; default KINSCALE_HOME, else data/ in the checkout.")
]
SurveyOption = Annotated[str, typer.Option("--survey", help="Survey to work on.", autocompletion=completion.surveys)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
BUNDLED = "central_asia_2009"
