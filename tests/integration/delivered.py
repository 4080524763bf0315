"""What tests of deliveries share: a night that is accounted for, and what it says and holds."""

from __future__ import annotations

import csv
import logging
from pathlib import Path
from typing import Any

import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from schemas.delivery_record import Delivered
from tests import small_survey
from warehouse import accounting, build
from warehouse.home import Home

SAY = logging.getLogger("test").info


def run(home: Home) -> Outcome:
    outcome = direct.run(declaration.load(small_survey.ID), home, SAY)
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert accounting.faults(warehouse) == []
    return outcome


def rows(home: Home, query: str) -> list[dict[str, Any]]:
    with build.read(home) as warehouse:
        assert warehouse is not None
        return warehouse.rows(query)


def content(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


def said(outcome: Outcome) -> dict[str, Delivered]:
    return {one.file: one for one in outcome.deliveries}


def declare(survey: Path, **keys: Any) -> None:
    path = survey / "survey.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text("utf-8")), **keys}, allow_unicode=True), "utf-8")


def kz(survey: Path) -> list[dict[str, str]]:
    with (survey / "raw" / "KZ.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=";"))
