"""A published survey whose declaration has changed since, and what an undisturbed night makes of the change."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner, Result

from flows import direct
from flows.cli import app
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse.home import Home

LIMIT = 12
"""Relatives above it are dropped now; interviews report 6 to 14 of them (tests/small_survey.py)."""
DROPPED = 6
"""Per country: the numbers 7, 8, 16, 17, 25 and 26 of thirty report 13 or 14."""


@dataclass(frozen=True)
class World:
    """Surveys and a data folder in which r1 was made before the change; the content of a first night after it."""

    surveys: Path
    home: Home
    content_sha256: str

    @property
    def survey(self) -> Path:
        """The survey's own folder."""
        return self.surveys / small_survey.ID


def night(home: Home) -> Outcome:
    """Run a night of the survey that `KINSCALE_SURVEYS` declares."""
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


def declare(survey: Path, limit: int = LIMIT, **keys: object) -> None:
    """Change the limit of relatives, and other keys of the declaration."""
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["editing"]["default"]["relatives_above"]["limit"] = limit
    path.write_text(yaml.safe_dump({**content, **keys}, allow_unicode=True), encoding="utf-8")


def make(folder: Path) -> World:
    """Publish r1, change the limit, and run a night of the changed survey in a data folder of its own."""
    survey = small_survey.write(folder / "surveys")
    assert night(Home(folder / "home")).is_new_release
    declare(survey)
    release = night(Home(folder / "undisturbed")).release
    assert release is not None
    return World(folder / "surveys", Home(folder / "home"), release.manifest["content_sha256"])


def call(home: Home, *arguments: str) -> Result:
    """Call `backfill ...` in this process."""
    call = ["backfill", *arguments, "--home", str(home.root)]
    return CliRunner().invoke(app, call, env={"COLUMNS": "200", "NO_COLOR": "1"})


def told(home: Home, *arguments: str) -> Any:
    """Return what a command prints for programs."""
    done = call(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def hashes(*folders: Path) -> dict[str, str]:
    """Hash every file below folders; a link by where it points to."""
    found = {}
    for path in sorted(path for folder in folders for path in [folder, *folder.rglob("*")]):
        if path.is_symlink():
            found[str(path)] = str(path.readlink())
        elif path.is_file():
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
