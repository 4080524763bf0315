"""Verdicts on scenarios a reader can check by eye: a version before, a version delivered, and what each check says.

`previous.csv` and `delivered.csv` name the columns that matter; the others are alike in every row.
`expected.csv` has a row per check: its verdict, and its value where arithmetic gives it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from schemas import declaration, delivery_checks, family_survey
from schemas.batch import Batch, Load, Lot, PulledFile
from schemas.delivery_checks import Limits
from schemas.delivery_record import inside
from schemas.editing import EDIT_COLUMNS
from schemas.errors import DeliveryUnexpected
from tasks import land
from tests import small_survey
from warehouse import build, delivery_records, loads, run_log
from warehouse.home import Home

GOLDEN = Path(__file__).parents[2] / "golden" / "deliveries"
SCENARIOS = sorted(path.name for path in GOLDEN.iterdir())
QUARANTINED = ["source_row", "rule", "column_name", "value", "message", "also", "raw_row", "questionnaire_id"]


def interviews(path: Path) -> pd.DataFrame:
    """Read the rows of a scenario; what its file does not name is alike in all rows, and no case is reported."""
    named = pd.read_csv(path, dtype={"questionnaire_id": str})
    alike = {"country": "KZ", "region": "KZ-15", "district": "d", "settlement": "s", "settlement_type": "rural"}
    alike |= {"ngo": "n", "interviewer": "i", "migrant_inside": "no", "migrant_abroad": "yes"}
    alike |= {"interview_date": "2009-10-01", "relatives": "8"}
    frame = named.assign(**{name: value for name, value in alike.items() if name not in named})
    frame = frame.reindex(columns=family_survey.COLUMNS)
    numbers = frame[family_survey.WHOLE_NUMBERS].astype("Int64")
    days = pd.to_datetime(frame["interview_date"])
    rows = {"relatives_raw": numbers["relatives"], "source_row": range(len(frame))}
    return frame.assign(**numbers, interview_date=days, **rows)


def batch(path: Path, version: str) -> Batch:
    frame = interviews(path)
    size = path.stat().st_size
    file = PulledFile("raw/KZ.csv", "KZ.csv", "KZ", 0, version * 64, size, version * 16)
    return Batch(file, len(frame), frame, pd.DataFrame(columns=QUARANTINED), pd.DataFrame(columns=EDIT_COLUMNS))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str, survey: Path, home: Home) -> None:
    chosen = declaration.load(small_survey.ID)
    with build.write(home, family_survey) as warehouse:
        run_id = run_log.begin(warehouse, chosen.id, "")
        for number, name in enumerate(("previous.csv", "delivered.csv")):
            validated = batch(GOLDEN / scenario / name, "ab"[number])
            (result,) = land.land(Lot((validated.file,), (0,)), [validated], chosen, warehouse)
        (one,) = delivery_records.of_run(warehouse, chosen.id, run_id)
        (force,) = loads.current(warehouse, chosen.id).values()
    expected = pd.read_csv(GOLDEN / scenario / "expected.csv").set_index("check_id")
    assert {f.check_id: f.verdict for f in one.findings} == expected["verdict"].to_dict()
    values = {f.check_id: f.value for f in one.findings}
    for check, value in expected["value"].dropna().items():
        assert values[str(check)] == pytest.approx(value), check
    is_refused = "refuse" in set(expected["verdict"])
    assert isinstance(result, DeliveryUnexpected if is_refused else Load)
    assert force.sha256 == ("a" if is_refused else "b") * 64
    assert inside(one.changes) == (GOLDEN / scenario / "inside.txt").read_text(encoding="utf-8").strip()


def test_thresholds_that_are_left_out_stay_and_null_is_never() -> None:
    default = delivery_checks.checks()["key_overlap"]
    survey = {"key_overlap": Limits(warn=0.1)}
    assert delivery_checks.chosen(survey)["key_overlap"].refuse == default.refuse
    source = {"key_overlap": Limits.model_validate({"refuse": None})}
    both = delivery_checks.chosen(survey, source)["key_overlap"]
    assert (both.warn, both.refuse) == (0.1, None)
    assert both.verdict(1.0) == "warn"
    with pytest.raises(ValueError, match="no check overlap; there are size, rows, key_overlap"):
        delivery_checks.known({"overlap": Limits()})


def test_every_check_says_what_it_measures_and_none_refuses_but_the_loss_of_questionnaires() -> None:
    checks = delivery_checks.checks()
    assert all(check.title and check.value and check.why for check in checks.values())
    assert [name for name, check in checks.items() if check.refuse is not None] == ["key_overlap"]
