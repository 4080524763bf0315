"""Settlements drawn from an ordered list: `frame.csv` gives the order, and a night without it is refused."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import yaml

from flows import direct
from schemas import declaration
from schemas.errors import DeclarationError
from tests import small_survey
from warehouse import results
from warehouse.home import Home

SAY = logging.getLogger("test").info


def declare(survey: Path, selection: str) -> None:
    content = small_survey.declaration()
    rates = {"years": 3, "confidence": 0.95, "psu_selection": selection}
    text = yaml.safe_dump({**content, "rates": rates, "methods": {"design": {}}}, allow_unicode=True)
    (survey / "survey.yaml").write_text(text, encoding="utf-8")


def settlements() -> list[dict[str, str]]:
    """Every settlement of the small survey, the last one of each region first."""
    rows = [row for country in small_survey.REGIONS for row in small_survey.interviews(country)]
    regions = {name: code for code, name in small_survey.NAMES.items()}
    found = {(r["country"], regions[r["region"]], r["district"], r["settlement"]) for r in rows}
    names = ("country", "region", "district", "settlement")
    return [dict(zip(names, place, strict=True)) for place in sorted(found, reverse=True)]


def errors(survey: Path, home: Home) -> dict[tuple[str, ...], float]:
    outcome = direct.run(declaration.load(small_survey.ID), home, SAY)
    assert outcome.release is not None
    rows = results.read(outcome.release.database, "estimates", method="design")
    rows = rows[(rows["indicator"] == "family_size") & (rows["level"] == "regional")]
    return dict(zip(rows["region"], rows["std_error"], strict=True))


def test_the_order_of_the_list_reaches_the_errors(survey: Path, home: Home, tmp_path: Path) -> None:
    small_survey.write_rows(survey / "frame.csv", settlements())
    declare(survey, "random")
    random = errors(survey, home)
    declare(survey, "systematic")
    systematic = errors(survey, Home(tmp_path / "systematic"))
    assert set(random) == set(systematic) == set(small_survey.NAMES)
    assert any(abs(random[region] - systematic[region]) > 1e-6 for region in random)


def test_an_order_that_is_not_there_or_not_whole_is_named(survey: Path, home: Home) -> None:
    declare(survey, "systematic")
    with pytest.raises(DeclarationError, match=r"frame.csv"):
        direct.run(declaration.load(small_survey.ID), home, SAY)
    small_survey.write_rows(survey / "frame.csv", settlements()[1:])
    with pytest.raises(DeclarationError, match="1 settlements of the sample are not in the list, the first: KZ-23/"):
        direct.run(declaration.load(small_survey.ID), home, SAY)
    small_survey.write_rows(survey / "frame.csv", [*settlements(), settlements()[0]])
    with pytest.raises(DeclarationError, match=r"row 14: the settlement is in the list twice"):
        direct.run(declaration.load(small_survey.ID), home, SAY)
