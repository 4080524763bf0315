"""Each check of the gate: it passes when everything holds, and refuses when the one thing it looks at is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from schemas import declaration
from tasks import gate
from tests import small_survey
from tests.unit.tasks import small_tables

Break = Callable[[pd.DataFrame], pd.DataFrame]


def verdicts(estimates: pd.DataFrame, previous: pd.DataFrame | None = None, **load: object) -> dict[str, set[str]]:
    tables = {**small_tables.tables(), "estimates": estimates}
    chosen = declaration.load(small_survey.ID)
    quality = gate.gate(tables, chosen, [small_tables.load(**load)], previous, small_tables.RELEASE)
    return {str(check): set(rows["verdict"]) for check, rows in quality.groupby("check_id")}


def refused(estimates: pd.DataFrame, previous: pd.DataFrame | None = None, **load: object) -> set[str]:
    return {check for check, seen in verdicts(estimates, previous, **load).items() if "refused" in seen}


def set_cells(column: str, value: float | None, **where: str) -> Break:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        chosen = pd.Series(True, index=frame.index)
        for name, wanted in where.items():
            chosen &= frame[name] == wanted
        assert chosen.any()
        out = frame.copy()
        out.loc[chosen, column] = value
        return out

    return change


def without(**where: str) -> Break:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        (column, value), *_ = where.items()
        return frame[(frame[column] != value).fillna(True).astype(bool)]

    return change


def test_whole_tables_pass(survey: Path) -> None:
    seen = verdicts(small_tables.estimates(), small_tables.estimates())
    assert seen.pop("regions_less_nation") == {"noted"}
    assert [check for check, told in seen.items() if told != {"passed"}] == []
    assert set(seen) == {
        "rows_read_are_accounted_for",
        "women_and_men_make_all",
        "inside_and_abroad_make_both",
        "labour_and_sexual_make_all",
        "countries_add_up_to_the_group",
        "region_set_is_complete",
        "no_number_without_uncertainty",
        "limits_hold_their_estimate",
        "every_nation_has_totals",
        "coverage_did_not_shrink",
    }


REGION = {"level": "regional", "region": "KZ-15"}
CELL = {"exploitation": "labour", "location": "inside"}
BROKEN: list[tuple[str, Break]] = [
    ("women_and_men_make_all", set_cells("estimate", 101.0, **REGION, **CELL, sex="women")),
    ("inside_and_abroad_make_both", set_cells("estimate", 201.0, **REGION, **CELL, sex="all")),
    ("labour_and_sexual_make_all", set_cells("estimate", 201.0, **REGION, **CELL, sex="all")),
    (
        "countries_add_up_to_the_group",
        set_cells("estimate", 6401.0, level="group", exploitation="all", location="both"),
    ),
    ("region_set_is_complete", without(region="KZ-15")),
    ("no_number_without_uncertainty", set_cells("ci_low", None, level="national", country="KG")),
    ("no_number_without_uncertainty", set_cells("confidence", None, level="national", country="KG")),
    ("limits_hold_their_estimate", set_cells("ci_high", 1.0, **REGION)),
    ("limits_hold_their_estimate", set_cells("ci_low", 1e6, **REGION)),
]


@pytest.mark.parametrize(("check", "broken"), BROKEN, ids=[f"{name}-{n}" for n, (name, _) in enumerate(BROKEN)])
def test_a_broken_table_is_refused_by_its_check(survey: Path, check: str, broken: Break) -> None:
    assert check in refused(broken(small_tables.estimates()))


def test_a_row_that_was_lost_is_refused(survey: Path) -> None:
    assert refused(small_tables.estimates(), rows_accepted=27) == {"rows_read_are_accounted_for"}
    assert refused(small_tables.estimates(), rows_accepted=29) == {"rows_read_are_accounted_for"}


def test_a_number_that_the_last_release_had_must_not_vanish(survey: Path) -> None:
    last = small_tables.estimates("small_survey-2009-r0")
    hidden = set_cells("estimate", None, **REGION, **CELL, sex="women")(small_tables.estimates())
    assert "coverage_did_not_shrink" in refused(hidden, last)
    assert "coverage_did_not_shrink" in refused(without(sex="women")(small_tables.estimates()), last)
    assert "coverage_did_not_shrink" not in refused(small_tables.estimates(), hidden)  # more than before is welcome


def test_the_first_release_has_nothing_to_shrink_from(survey: Path) -> None:
    assert "coverage_did_not_shrink" not in verdicts(small_tables.estimates())


def test_an_unsurveyed_region_is_not_missed(survey: Path) -> None:
    path = survey / "regions.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("KZ,KZ-15,KZ-15,Актюбинская,,yes", "KZ,KZ-15,KZ-15,Актюбинская,,no"), encoding="utf-8")
    assert "region_set_is_complete" not in refused(without(region="KZ-15")(small_tables.estimates()))


def test_the_gap_between_regions_and_nation_is_noted_with_its_size(survey: Path) -> None:
    higher = set_cells("estimate", 1000.0, **REGION, exploitation="all", location="both", sex="all")
    frame = higher(small_tables.estimates())
    checks = [check for check in gate.regional_gap(frame) if check.scope == "KZ pennington"]
    assert [(check.value, check.verdict) for check in checks] == [(200.0, "noted")]  # 1000 + 800 less 1600


def test_verdicts_on_printed_numbers_are_counted(survey: Path) -> None:
    table = pd.DataFrame({"verdict": ["match", "match", "rounding"]})
    counted = {check.check_id: (check.value, check.detail) for check in gate.reproduction(table)}
    assert counted == {"printed_numbers_match": (2, "of 3"), "printed_numbers_rounding": (1, "of 3")}


def test_what_refused_is_told_in_words(survey: Path) -> None:
    tables = {**small_tables.tables(), "estimates": without(region="KZ-15")(small_tables.estimates())}
    quality = gate.gate(tables, declaration.load(small_survey.ID), [], None, small_tables.RELEASE)
    assert gate.refused(quality) == ["region_set_is_complete (KZ): 1 of 2 regions; missing KZ-15"]
