"""The commands about the key of pseudonyms: new, show, adopt."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.options import BUNDLED, HomeOption, SurveyOption
from warehouse.home import Home


def register(app: typer.Typer) -> None:
    """Add the group of commands to a command line."""
    group = typer.Typer(help="The key of pseudonyms.", no_args_is_help=True)
    group.command("new", epilog="Example: ./kinscale key new /etc/kinscale/pseudonyms.key")(new)
    group.command("show", epilog="Example: ./kinscale key show --home /srv/kinscale")(show)
    group.command("adopt", epilog="Example: ./kinscale key adopt --survey valley_2012")(adopt)
    app.add_typer(group, name="key")


def new(
    file: Annotated[Path, typer.Argument(help="File to write; outside the data folder. Nothing is overwritten.")],
    home: HomeOption = None,
) -> None:
    """Make a key, in a file that its owner alone can read."""
    from schemas.errors import PseudonymKeyUnusable
    from schemas.pseudonyms import PseudonymKey, new_key
    from tasks import pseudonym_key

    path = file.expanduser().absolute()
    pseudonym_key.check_place(path, Home.find(home))
    text = new_key()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise PseudonymKeyUnusable(
            f"it cannot be written: {error.strerror}.",
            file=str(path),
            expected="a new file in a folder that is there; a key that is there is never overwritten",
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(f"{text}\n")
        out.flush()
        os.fsync(out.fileno())
    print(f"Key          {path}, fingerprint {PseudonymKey.read(text).fingerprint}")
    print(f"settings     pseudonym_key_file: {path}")
    print("Keep a copy of it where the data is not. Without it new deliveries do not link to old ones.")


def show(home: HomeOption = None) -> None:
    """Print the fingerprint of the key in use, and of the key that each survey was pseudonymised with."""
    from tasks import pseudonym_key
    from warehouse import build, pseudonym_keys

    folder = Home.find(home)
    print(f"in use       {pseudonym_key.find(folder).fingerprint}")
    with build.read(folder) as warehouse:
        known = pseudonym_keys.every(warehouse) if warehouse else []
    for row in known:
        print(f"{row['survey_id']:<12} {row['fingerprint']} since {row['since']:%Y-%m-%d}")


def adopt(survey: SurveyOption = BUNDLED, home: HomeOption = None) -> None:
    """Take the key in use for a survey's own after it was changed: the next run reads every file of it again."""
    from schemas import declaration, instrument
    from tasks import pseudonym_key
    from warehouse import build, pseudonym_keys, run_log

    folder, chosen = Home.find(home), declaration.load(survey)
    fingerprint = pseudonym_key.find(folder).fingerprint
    with build.write(folder, instrument.find(chosen.instrument)) as warehouse:
        files = pseudonym_keys.adopt(warehouse, survey, fingerprint)
        run_id = run_log.begin(warehouse, survey, "")  # without a mark the next night has work to do
        run_log.end(warehouse, run_id, "succeeded", "", None, f"key {fingerprint} adopted")
    print(f"{survey} takes the key {fingerprint}. The next ./kinscale run reads its {files:,} files again.")
