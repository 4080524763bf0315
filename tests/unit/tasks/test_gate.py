"""Each check of the gate: it passes when everything holds, and refuses when the one thing it looks at is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from schemas import declaration
from schemas.additivity import additivity
from schemas.batch import Load
from tasks import gate
from tasks.gates import regions, reproduction
from tasks.gates.accounting import accounting
from tests import small_survey
from tests.unit.tasks import small_tables
from warehouse.accounting import Fault

Break = Callable[[pd.DataFrame], pd.DataFrame]


def verdicts(estimates: pd.DataFrame, previous: pd.DataFrame | None = None, **load: object) -> dict[str, set[str]]:
    tables = {**small_tables.tables(), "estimates": estimates}
    chosen = declaration.load(small_survey.ID)
    quality = gate.gate(tables, estimates, chosen, [small_tables.load(**load)], previous, small_tables.RELEASE)
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
    assert seen.pop("numbers_without_error_are_withheld") == {"noted"}
    assert [check for check, told in seen.items() if told != {"passed"}] == []
    assert set(seen) == {
        "no_part_of_a_sum_is_missing",
        "regions_add_up_as_rounded",
        "hidden_cells_show_no_number",
        "no_number_moved_too_far",
        "rows_read_are_accounted_for",
        "every_load_is_accounted_for",
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


def test_a_load_that_does_not_add_up_keeps_the_release_back(survey: Path) -> None:
    estimates, tables = small_tables.estimates(), small_tables.tables()
    faults = [Fault("a1", "KZ", f"KZ_{n}.csv", "2 rows were quarantined, 1 are stored") for n in range(7)]
    chosen = declaration.load(small_survey.ID)
    quality = gate.gate(tables, estimates, chosen, [small_tables.load()], None, small_tables.RELEASE, faults=faults)
    (told,) = gate.refused(quality)
    assert "every_load_is_accounted_for" in told
    assert "KZ_0.csv (a1): 2 rows were quarantined, 1 are stored" in told
    assert "2 more" in told


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
    ("no_number_without_uncertainty", set_cells("std_error", None, **REGION)),
    ("no_number_without_uncertainty", set_cells("cv", None, **REGION)),
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


DESIGN = {"method": "design"}


def promised(change: Break | None = None) -> pd.DataFrame:
    """The same numbers by a method whose regions make the nation."""
    frame = small_tables.estimates().assign(**DESIGN)
    return change(frame) if change else frame


def test_regions_of_a_method_that_promises_it_add_up(survey: Path) -> None:
    seen = verdicts(promised())
    assert seen["regions_add_up_to_the_nation"] == {"passed"}
    assert "regions_less_nation" not in seen


REGION_CELLS = [
    {"exploitation": "all", "location": "both", "sex": "all"},
    {"exploitation": "labour", "location": "abroad", "sex": "men"},
    {"exploitation": "sexual", "location": "inside", "sex": "women"},
]


@pytest.mark.parametrize("cell", REGION_CELLS, ids=["all", "one form", "the smallest"])
def test_a_region_that_does_not_add_up_is_refused_in_any_cell(survey: Path, cell: dict[str, str]) -> None:
    number = promised()
    place = {**REGION, **cell}
    whole = number.loc[(number[list(place)] == list(place.values())).all(axis=1), "estimate"].iloc[0]
    within = promised(set_cells("estimate", whole * (1 + 5e-10), **place))
    beyond = promised(set_cells("estimate", whole * (1 + 5e-9), **place))
    assert "regions_add_up_to_the_nation" not in refused(within)
    assert "regions_add_up_to_the_nation" in refused(beyond)
    assert "regions_add_up_to_the_nation" not in refused(beyond.assign(method="pennington"))


def test_a_region_without_a_number_is_a_missing_part(survey: Path) -> None:
    lacking = promised(set_cells("estimate", None, **REGION))
    assert "no_part_of_a_sum_is_missing" in refused(lacking)


def test_a_nation_that_is_pooled_owes_no_sum_of_regions(survey: Path) -> None:
    path = survey / "population.csv"
    text = path.read_text(encoding="utf-8")
    assert "KZ,KZ-15,450" in text
    path.write_text(text.replace("KZ,KZ-15,450", "KZ,KZ-15,"), encoding="utf-8")
    lacking = promised(set_cells("estimate", None, **REGION))
    seen = verdicts(lacking)
    assert seen["regions_add_up_to_the_nation"] == {"passed"}
    assert seen["regions_less_nation"] == {"noted"}
    assert "no_part_of_a_sum_is_missing" not in refused(lacking)


def test_a_hidden_region_is_not_given_away_by_the_gap(survey: Path) -> None:
    whole = small_tables.estimates()
    place = {**REGION, "exploitation": "all", "location": "both", "sex": "all"}
    chosen = (whole[list(place)] == list(place.values())).all(axis=1)
    masked = whole.assign(
        conf_status=whole["conf_status"].mask(chosen, "C"),
        **{name: whole[name].mask(chosen) for name in ("estimate", "std_error", "cv", "ci_low", "ci_high")},
    )
    tables = {**small_tables.tables(), "estimates": masked}
    quality = gate.gate(tables, whole, declaration.load(small_survey.ID), [], None, small_tables.RELEASE)
    assert gate.refused(quality) == []
    told = quality[quality["check_id"] == "regions_less_nation"].set_index("scope")
    assert pd.isna(told.loc["KZ pennington", "value"])
    assert "800" not in told.loc["KZ pennington", "detail"]  # the hidden number, and the one beside it
    assert told.loc["KG pennington", "value"] == 0


def test_a_hidden_cell_that_shows_a_number_is_refused(survey: Path) -> None:
    for status in ("C", "D", "N"):
        shown = set_cells("conf_status", status, **REGION)(small_tables.estimates())  # type: ignore[arg-type]
        assert "hidden_cells_show_no_number" in refused(shown)


@pytest.mark.parametrize(
    "lost", [{"sex": "men"}, {"sex": "all"}, {"location": "abroad"}, {"exploitation": "sexual", "sex": "women"}]
)
def test_a_part_that_is_not_there_is_refused(survey: Path, lost: dict[str, str]) -> None:
    frame = small_tables.estimates()
    gone = frame[~(frame[list(lost)] == list(lost.values())).all(axis=1)]
    assert "no_part_of_a_sum_is_missing" in refused(gone)
    emptied = set_cells("estimate", None, **lost)(frame)
    assert "no_part_of_a_sum_is_missing" in refused(emptied)


def test_a_part_that_cannot_be_is_nothing(survey: Path) -> None:
    """The form asks no sex for sexual exploitation; the study counts all of it as women."""
    frame = small_tables.estimates()
    none = (frame["exploitation"] == "sexual") & (frame["sex"] == "men")
    frame = frame[~none].copy()
    women = (frame["exploitation"] == "sexual") & (frame["sex"] == "women")
    men = (frame["exploitation"] == "all") & (frame["sex"] == "men")
    frame.loc[women, "estimate"] *= 2
    frame.loc[men, "estimate"] /= 2
    both = (frame["exploitation"] == "all") & (frame["sex"] == "women")
    frame.loc[both, "estimate"] *= 1.5
    limits = frame.assign(ci_low=frame["estimate"] * 0.5, ci_high=frame["estimate"] * 2)
    assert refused(limits) == set()


def test_a_country_that_is_missing_in_one_sum_is_refused(survey: Path) -> None:
    frame = small_tables.estimates()
    gone = frame[~((frame["level"] == "group") & (frame["location"] == "inside"))]
    assert "no_part_of_a_sum_is_missing" in refused(gone)


def test_sums_are_checked_again_after_rounding(survey: Path) -> None:
    """Half a unit of the twelfth digit is 5e-10 for each region of 800 and 5e-9 for a nation of 1,600: 6e-9 in all."""
    cells = promised()
    place = {**REGION, "exploitation": "all", "location": "both", "sex": "all"}
    chosen = declaration.load(small_survey.ID)
    for shift, expected in ((4e-9, False), (4e-8, True)):
        published = set_cells("estimate", 800.0 + shift, **place)(cells)
        quality = gate.gate(
            {**small_tables.tables(), "estimates": published}, cells, chosen, [], None, small_tables.RELEASE
        )
        assert any("regions_add_up_as_rounded" in told for told in gate.refused(quality)) == expected


def test_the_gap_between_regions_and_nation_is_noted_with_its_size(survey: Path) -> None:
    higher = set_cells("estimate", 1000.0, **REGION, exploitation="all", location="both", sex="all")
    frame = higher(small_tables.estimates())
    told = regions.regional_gap(frame, frame, declaration.load(small_survey.ID), additivity())
    checks = [check for check in told if check.scope == "KZ pennington"]
    assert [(check.value, check.verdict) for check in checks] == [(200.0, "noted")]  # 1000 + 800 less 1600


def test_verdicts_on_printed_numbers_are_counted(survey: Path) -> None:
    table = pd.DataFrame({"verdict": ["match", "match", "rounding"]})
    counted = {check.check_id: (check.value, check.detail) for check in reproduction.reproduction(table)}
    assert counted == {"printed_numbers_match": (2, "of 3"), "printed_numbers_rounding": (1, "of 3")}


def test_what_refused_is_told_in_words(survey: Path) -> None:
    tables = {**small_tables.tables(), "estimates": without(region="KZ-15")(small_tables.estimates())}
    chosen = declaration.load(small_survey.ID)
    quality = gate.gate(tables, tables["estimates"], chosen, [], None, small_tables.RELEASE)
    assert gate.refused(quality) == ["region_set_is_complete (KZ): 1 of 2 regions; missing KZ-15"]


def test_files_of_one_name_go_by_their_places() -> None:
    places = ("raw/KZ/day.csv", "raw/KG/day.csv", "raw/other.csv")
    made = [Load(place, "s", "KZ", place, place.rpartition("/")[2], "0", 1) for place in places]
    scopes = [check.scope for check in accounting(made, [])]
    assert scopes == ["raw/KZ/day.csv", "raw/KG/day.csv", "other.csv", "all loads"]


def test_of_many_files_each_country_and_each_lost_row_has_a_line() -> None:
    made = [
        Load(f"l{n}", "s", "KZ", f"raw/{n}.csv", f"{n}.csv", "0", 1, rows_read=3, rows_accepted=2, rows_quarantined=1)
        for n in range(60)
    ]
    made[7] = replace(made[7], rows_accepted=1)
    made[8] = replace(made[8], rows_accepted=3)
    told = [(check.scope, check.value, check.verdict, check.detail) for check in accounting(made, [])]
    assert told == [  # one row lost and one too many do not cancel
        ("KZ", 2, "refused", "180 read = 120 accepted + 60 quarantined, in 60 files"),
        ("7.csv", 1, "refused", "3 read = 1 accepted + 1 quarantined"),
        ("8.csv", -1, "refused", "3 read = 3 accepted + 1 quarantined"),
        ("all loads", 0, "passed", "rows of every load that ever landed are stored as they were counted"),
    ]
