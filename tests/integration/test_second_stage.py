"""Two known stages: `frame.csv` says how many families live in each settlement, and a night has the errors R has."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from flows import direct
from schemas import declaration
from schemas.errors import DeclarationError
from tests import small_survey
from warehouse import build, results
from warehouse.home import Home

SAY = logging.getLogger("test").info
GOLDEN = Path(__file__).parents[1] / "golden" / "second_stage"
PLACE = ["country", "region", "district", "settlement"]
RESAMPLING: dict[str, dict[str, Any]] = {
    "jackknife": {},
    "bootstrap": {"replicates": 50, "seed": 7},
    "bootstrap_poisson": {"replicates": 50, "seed": 7},
}
METHODS: dict[str, dict[str, Any]] = {
    "design": {},
    "design_pooled": {},
    **RESAMPLING,
    "pennington": {"cdf_decimals": 4},
}
CELL = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]


def golden(part: str) -> pd.DataFrame:
    text = dict.fromkeys((*PLACE, "level"), "str")
    return pd.read_csv(GOLDEN / f"small_survey_of_two_stages_{part}.csv", dtype=text)


def interviews() -> pd.DataFrame:
    return golden("input")


def deliver(survey: Path) -> None:
    """Write the interviews of the golden file as the small survey's deliveries."""
    for country, part in interviews().groupby("country"):
        rows = []
        for number, given in enumerate(part.to_dict("records")):
            row = small_survey.interviews(str(country))[1] | {
                "questionnaire_id": f"{country}-{number:03d}",
                "region": small_survey.NAMES[given["region"]],
                "district": given["district"],
                "settlement": given["settlement"],
                "relatives": str(given["relatives"]),
                "migrant_inside": "да",
                **dict.fromkeys(small_survey.count_columns("inside"), "0"),
            }
            cases = str(given["cases"])
            rows.append(row | {f"labour_inside_{who}_last_3_years": cases for who in ("men", "total")})
        small_survey.write_rows(survey / "raw" / f"{country}.csv", rows)


def list_settlements(survey: Path, **families: str) -> None:
    """Write frame.csv, with the families of some settlements (`КG-B/село 1` by position) as they are given."""
    listed = interviews()[[*PLACE, "families_living"]].drop_duplicates().rename(columns={"families_living": "families"})
    rows = [{name: str(value) for name, value in row.items()} for row in listed.to_dict("records")]
    rows.append({**rows[0], "settlement": "село не выбрано", "families": ""})
    for position, cell in families.items():
        rows[int(position.removeprefix("row_"))]["families"] = cell
    small_survey.write_rows(survey / "frame.csv", rows)


def declare(survey: Path, **rates: Any) -> None:
    frame = interviews().groupby("region")["frame_psus"].first().to_dict()
    content = small_survey.declaration()
    own = {"years": 3, "confidence": 0.95, "frame_psus": frame, "second_stage": "known", **rates}
    text = yaml.safe_dump({**content, "rates": own, "methods": METHODS}, allow_unicode=True)
    (survey / "survey.yaml").write_text(text, encoding="utf-8")


def night(home: Home) -> dict[str, pd.DataFrame]:
    outcome = direct.run(declaration.load(small_survey.ID), home, SAY)
    assert outcome.release is not None
    names = ("estimates", "comparisons", "sensitivity", "overdispersion")
    return {name: results.read(outcome.release.database, name) for name in names}


def test_a_night_has_the_standard_errors_of_r(survey: Path, home: Home) -> None:
    deliver(survey)
    list_settlements(survey)
    declare(survey)
    made = night(home)["estimates"].fillna({"country": "", "region": ""})
    for row in golden("output").fillna({"region": ""}).to_dict("records"):
        where = (made[["level", "country", "region", "indicator", "method"]] == [
            row[name] for name in ("level", "country", "region", "indicator", "method")
        ]).all(axis=1)  # fmt: skip
        leading = (made[["exploitation", "sex"]] == "all").all(axis=1) & made["location"].isin(["both", "all"])
        cell = made[where & leading]
        assert len(cell) == 1, row
        assert cell["estimate"].iloc[0] == pytest.approx(row["estimate"], rel=1e-10), row
        assert cell["std_error"].iloc[0] == pytest.approx(row["std_error"], rel=1e-10), row


def test_what_resamples_holds_the_first_stage_and_is_not_moved(survey: Path, home: Home, tmp_path: Path) -> None:
    deliver(survey)
    list_settlements(survey)
    declare(survey)
    known = night(home)
    declare(survey, second_stage="unknown")
    unknown = night(Home(tmp_path / "unknown"))
    one, other = (tables["estimates"].set_index(CELL).sort_index() for tables in (known, unknown))
    assert one.index.equals(other.index)
    same = ["estimate", "n_respondents", "n_cases", "n_psu", "df"]
    np.testing.assert_allclose(one[same].astype(float), other[same].astype(float), rtol=1e-12)
    held = one.index.get_level_values("method").isin([*RESAMPLING, "pennington"])
    np.testing.assert_allclose(one["std_error"][held], other["std_error"][held], rtol=1e-12)
    spread = one.index.get_level_values("indicator") == "family_size"
    moved = ~held & spread
    assert (one["std_error"][moved] > other["std_error"][moved] * 1.001).all()
    leading = [tables["sensitivity"].set_index(["country", "variant"]).sort_index() for tables in (known, unknown)]
    assert (leading[0]["n_psu"] == leading[1]["n_psu"]).all()
    median = leading[0].index.get_level_values("variant") == "median_of_psu_means"
    np.testing.assert_allclose(leading[0]["std_error"][median], leading[1]["std_error"][median], rtol=1e-12)
    assert (leading[0]["std_error"][~median] >= leading[1]["std_error"][~median]).all()
    tests = [tables["overdispersion"].set_index(["country", "exploitation"]) for tables in (known, unknown)]
    np.testing.assert_allclose(tests[0]["extra_variance"], tests[1]["extra_variance"], rtol=1e-10)
    errors = [table["extra_variance_std_error"].dropna() for table in tests]
    assert (errors[0] > errors[1]).all()


def test_the_build_warehouse_keeps_one_row_a_settlement(survey: Path, home: Home) -> None:
    deliver(survey)
    list_settlements(survey)
    declare(survey)
    night(home)
    with build.read(home) as warehouse:
        assert warehouse is not None
        kept = warehouse.rows("SELECT count(*) AS n, count(DISTINCT psu) AS psus FROM psu_totals")[0]
    assert kept == {"n": 16, "psus": 16}  # four settlements in each of four regions


@pytest.mark.parametrize(
    ("families", "message"),
    [
        ({"row_2": ""}, r'frame.csv, row 4, column "families": it is not given how many families live in KZ-15/'),
        ({"row_0": "8"}, r"row 2.*more families were interviewed than live in KZ-15/.*where 9 were interviewed"),
        ({"row_1": "many"}, r'row 3, column "families": "many" is not a number of families'),
    ],
)
def test_families_that_cannot_be_are_named(survey: Path, home: Home, families: dict[str, str], message: str) -> None:
    deliver(survey)
    declare(survey)
    list_settlements(survey, **families)
    with pytest.raises(DeclarationError, match=message):
        night(home)


def test_a_list_without_the_settlement_or_its_families_is_named(survey: Path, home: Home) -> None:
    deliver(survey)
    declare(survey)
    with pytest.raises(DeclarationError, match=r"frame.csv is not there"):
        night(home)
    listed = [{**dict.fromkeys(PLACE, "x"), "families": "9"}]
    small_survey.write_rows(survey / "frame.csv", listed)
    with pytest.raises(DeclarationError, match="16 settlements of the sample are not in the list"):
        night(home)
    small_survey.write_rows(survey / "frame.csv", [dict.fromkeys(PLACE, "x")])
    with pytest.raises(DeclarationError, match='column "families": the column is missing'):
        night(home)


def test_a_second_stage_needs_a_first(survey: Path, home: Home) -> None:
    deliver(survey)
    list_settlements(survey)
    declare(survey, frame_psus={})
    with pytest.raises(DeclarationError, match="no stratum has its frame_psus"):
        night(home)
