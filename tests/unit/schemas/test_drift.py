"""How a delivery differs, by the pairs of `tests/golden/drift`, whose differences were written by hand."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from schemas import drift, family_survey, shape
from schemas.declaration import Source
from schemas.region_names import RegionNames
from schemas.shape import Accepted, Shape

GOLDEN = Path(__file__).parents[2] / "golden" / "drift"
SCENARIOS = sorted(path.name.removesuffix("_after.csv") for path in GOLDEN.glob("*_after.csv"))
COLUMNS = {
    "questionnaire_id": "№",
    "region": "область",
    "relatives": "родственники",
    "interview_date": "дата",
    "migrant_abroad": "за рубеж",
    "ngo": "НПО",
}
SOURCE: dict[str, Any] = {
    "country": "KG",
    "path": "raw/KG_*.csv",
    "reader": {"format": "csv"},
    "columns": COLUMNS,
    "ignore": ["прим."],
    "values": {"migrant_abroad": {"да": "yes", "нет": "no"}},
    "date_format": "%d.%m.%Y",
    "drift": "evolve",
    "form_version": "форма",
}
REGIONS = RegionNames(
    pd.DataFrame(
        [
            {"country": "KG", "region": "KG-O", "name_en": "Osh", "name_ru": "Ошская область", "aliases": "Ошская"},
            {"country": "KG", "region": "KG-C", "name_en": "Chui", "name_ru": "Чуйская область", "aliases": "Чуйская"},
        ]
    )
)


def read(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def shape_of(rows: list[dict[str, str]], source: Source) -> Shape:
    frame = pd.DataFrame(rows, dtype="str")
    texts = {"region": "область", "migrant_abroad": "за рубеж", "form_version": "форма"}
    of = np.zeros(len(frame), dtype=np.int64)
    (seen,) = shape.shapes(shape.factors(frame, frame.columns), of, 1, list(frame.columns), texts, source.missing)
    return seen


def differences(scenario: str, source: Source) -> list[drift.Difference]:
    last = Accepted("KG_1.csv", datetime(2009, 10, 4), shape_of(read(f"{scenario}_before.csv"), source))
    seen = shape_of(read(f"{scenario}_after.csv"), source)
    found = drift.of_columns(seen, source, family_survey.DISPENSABLE, last)
    return found + drift.of_content(seen, source, family_survey, REGIONS, last)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    found = [vars(one) for one in differences(scenario, Source.model_validate(SOURCE))]
    assert found == read(f"{scenario}_differences.csv")


def test_there_are_scenarios() -> None:
    assert {"column_renamed", "new_code", "days_in_another_pattern", "columns_reordered"} <= {*SCENARIOS}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_difference_that_is_declared_as_its_line_says_is_gone(scenario: str) -> None:
    """The line is YAML of the source: merged into it, the same delivery no longer differs in that."""
    content = yaml.safe_load(yaml.safe_dump(SOURCE))
    declared = [one for one in read(f"{scenario}_differences.csv") if one["line"] and one["kind"] != drift.SPELLING]
    for one in declared:
        merge(content, yaml.safe_load(one["line"].replace("CHOOSE", '"no"')))
    left = differences(scenario, Source.model_validate(content))
    assert not {(one["kind"], one["column"]) for one in declared} & {(one.kind, one.column) for one in left}


def merge(content: dict[str, Any], line: dict[str, Any]) -> None:
    for key, value in line.items():
        if isinstance(value, dict):
            merge(content[key], value)
        else:
            content[key] = value


@pytest.mark.parametrize(
    ("policy", "scenario", "refused"),
    [
        ("freeze", "new_code", True),
        ("freeze", "new_spelling_in_latin", True),
        ("freeze", "new_form_version", True),
        ("freeze", "relatives_with_words", True),
        ("freeze", "columns_reordered", False),
        ("freeze", "one_wrong_number_is_no_drift", False),
        ("quarantine", "new_code", False),
        ("quarantine", "relatives_with_words", False),
        ("evolve", "new_form_version", False),
    ],
)
def test_a_frozen_form_refuses_the_file_and_no_other_policy_does(policy: str, scenario: str, refused: bool) -> None:
    source = Source.model_validate({**SOURCE, "drift": policy, "form_versions": ["v1"]})
    assert bool(drift.refusing(differences(scenario, source), source)) == refused


def test_the_policy_of_one_thing_leaves_the_others_as_they_are() -> None:
    source = Source.model_validate({**SOURCE, "drift": {"codes": "freeze"}})
    assert vars(source.drift) == {
        "columns": "freeze",
        "types": "quarantine",
        "codes": "freeze",
        "regions": "quarantine",
        "form_version": "evolve",
    }


@pytest.mark.parametrize("policy", ["freeze", "evolve", "quarantine"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_was_accepted_before_changes_no_verdict(policy: str, scenario: str) -> None:
    """A warehouse that is made again knows nothing: what becomes of a file follows from the declaration alone."""
    source = Source.model_validate({**SOURCE, "drift": policy})
    last = Accepted("KG_1.csv", datetime(2009, 10, 4), shape_of(read(f"{scenario}_before.csv"), source))
    seen = shape_of(read(f"{scenario}_after.csv"), source)
    headers, content = [], []
    for known in (last, None):
        found = drift.of_columns(seen, source, family_survey.DISPENSABLE, known)
        headers.append(any(one.outcome == drift.REFUSED for one in found))
        found = drift.of_content(seen, source, family_survey, REGIONS, known)
        content.append({(one.kind, one.column) for one in found if one.outcome != drift.TAKEN})
    assert headers[0] == headers[1]
    assert content[0] == content[1]


def test_unknown_texts_of_a_column_that_holds_something_else_are_not_kept() -> None:
    source = Source.model_validate(SOURCE)
    names = [{**read("new_code_before.csv")[0], "за рубеж": f"Имя {n}"} for n in range(shape.MOST_UNKNOWN + 1)]
    seen = shape_of([*names, *read("new_code_before.csv")], source)
    kept = drift.to_keep(seen, source, family_survey, REGIONS)
    assert kept.texts["migrant_abroad"] == shape.Texts(("да", "нет"), True)
    assert "Имя" not in kept.as_json()
    (told,) = [one for one in drift.of_content(seen, source, family_survey, REGIONS, None) if one.kind == drift.CODE]
    assert "Имя" not in told.now
