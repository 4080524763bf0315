"""Every questionnaire of the reconstruction is one that a careful interviewer could have brought.

The rules are those of the publication: the skips of Annex 1, the sampling of Annex 4, the editing of section 1.3.3.
"""

from __future__ import annotations

import pandas as pd
import pytest

from samples.central_asia_2009 import interviews, reasons
from tests.unit.samples.reconstructed_sums import families, of

COUNTRIES = ("KZ", "KG", "TJ", "TM", "UZ")
PLACES = ("inside", "abroad")


def cases(frame: pd.DataFrame) -> pd.Series:
    """Cases of the four streams, labour by the larger of women + men and total."""
    parts = []
    for place in PLACES:
        labour = frame.filter(like=f"labour_{place}_").fillna(0)
        total = labour.filter(like="_total_").sum(axis=1)
        by_sex = labour.sum(axis=1) - total
        parts += [by_sex.combine(total, max), frame.filter(like=f"sexual_{place}_").fillna(0).sum(axis=1)]
    return sum(parts[1:], parts[0])


@pytest.mark.parametrize("place", PLACES)
def test_a_place_without_migrants_has_no_answer_and_one_with_migrants_has(place: str) -> None:
    frame = interviews()
    counts = frame.filter(regex=f"^(labour|sexual)_{place}_")
    assert counts.shape[1] == 8
    skipped = frame[f"migrant_{place}"] == "no"
    assert counts[skipped].isna().all(axis=None)
    assert counts[~skipped].notna().any(axis=1).all()


def test_valid_families_have_at_most_as_many_cases_as_relatives() -> None:
    valid = interviews().set_index("questionnaire_id")[reasons() == ""]
    edited = valid["relatives"].where(valid["country"] != "UZ", valid["relatives"].clip(upper=30))
    assert edited.between(1, 30).all()
    assert (cases(valid) <= edited).all()


def test_each_unusable_questionnaire_breaks_exactly_the_rule_it_is_listed_under() -> None:
    """Section 1.3.3; "far above" is read as more than twice the relatives."""
    frame = interviews().set_index("questionnaire_id")
    missing = frame["relatives"].isna()
    above = (frame["relatives"] > 30).fillna(False) & (frame["country"] != "UZ")
    far = (cases(frame) > 2 * frame["relatives"]).fillna(False)
    found = pd.Series("", index=frame.index)
    for rule, name in (
        (missing, "relatives_missing"),
        (above, "relatives_above_30"),
        (far, "cases_far_above_relatives"),
    ):
        found[rule.astype(bool)] += name
    assert found.equals(reasons().astype(found.dtype).rename(None))
    assert (frame["relatives"] > 30).fillna(False)[frame["country"] == "UZ"].any()


def test_no_single_answer_exceeds_the_relatives() -> None:
    frame = interviews()
    frame = frame[frame["relatives"].notna()]
    for column in frame.filter(regex="^(labour|sexual)_"):
        assert not (frame[column] > frame["relatives"]).fillna(False).any(), column


def test_totals_and_sexes_disagree_where_the_printed_totals_do() -> None:
    """Section C3: T exceeds women + men where the sex was not given, and falls below where the total was left blank."""
    frame = families()
    for country, place, sign in (("UZ", "inside", 1), ("UZ", "abroad", 1), ("TM", "abroad", -1)):
        one = frame[frame["country"] == country]
        gap = one[f"total_{place}"] - one[f"labour_{place}"]
        assert (gap * sign >= 0).all()
        blank = one[f"labour_{place}"] if sign > 0 else one[f"total_{place}"]
        assert ((gap != 0) & (blank == 0)).sum() > 50
        assert ((gap != 0) & (blank > 0)).any()
    kyrgyz = of("KG")
    assert all((kyrgyz[f"total_{place}"] == kyrgyz[f"labour_{place}"]).all() for place in PLACES)


def test_settlements_are_villages_and_town_quarters_of_a_plausible_size() -> None:
    """Annex 4: at least two villages per district; fieldwork from September to November 2009."""
    frame = interviews()
    place = frame.groupby(["country", "region", "district", "settlement"])
    assert place.size().between(8, 20).all()
    assert (place["settlement_type"].nunique() == 1).all()
    assert (place["interviewer"].nunique() == 1).all()
    assert (frame.groupby(["country", "region", "district"])["settlement"].nunique() >= 2).all()
    assert frame["interview_date"].between("2009-09-01", "2009-11-30").all()
    assert frame["questionnaire_id"].is_unique
    day = frame.drop_duplicates(["interviewer", "interview_date", "settlement", "district", "region"])
    assert not day.duplicated(["interviewer", "interview_date"]).any(), "an interviewer is in two places on one day"


@pytest.mark.parametrize("country", COUNTRIES)
def test_cases_abroad_cluster_in_settlements(country: str) -> None:
    """Design effect of the mean under (region, settlement) sampling, by the between-PSU variance (Wolter 2007)."""
    frame = of(country)
    residual = frame["labour_abroad"] - frame["labour_abroad"].mean()
    psu = residual.groupby([frame["region"], frame["district"], frame["settlement"]]).sum()
    strata = psu.groupby(level="region")
    spread = (strata.var(ddof=1) * strata.size()).sum() / len(frame) ** 2
    assert 2 < spread / (frame["labour_abroad"].var() / len(frame)) < 6


def test_two_calls_give_the_same_interviews_and_a_copy() -> None:
    first = interviews()
    first.loc[0, "country"] = "changed"
    assert interviews().loc[0, "country"] == "KZ"
