"""The result tables refuse what their descriptions forbid, and the dictionary holds every column."""

from __future__ import annotations

import pandas as pd
import pandera.errors
import pytest

from schemas.result_tables import conform, dictionary, tables

QUALITY = {
    "release_id": "s-2009-r1",
    "dimension": "coherence",
    "check_id": "x",
    "scope": "all",
    "value": 1.0,
    "threshold": None,
    "verdict": "passed",
    "detail": None,
}
CONTRACT = {
    "estimates": """release_id survey_id wave level country region indicator exploitation location sex period method
        estimate std_error cv ci_low ci_high confidence n_respondents n_cases n_psu df deff implied_deff unit
        reliability obs_status conf_status""",
    "reproduction": """survey_id source source_table source_cell country region indicator exploitation location sex
        period unit printed computed difference verdict reason""",
    "quality": "release_id dimension check_id scope value threshold verdict detail",
    "releases": """release_id survey_id reference_period published_at status supersedes superseded_by content_sha256
        code_commit reason""",
}
"""The tables as the design promises them to analysts (architecture, section "Result tables")."""


def quality(*changes: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{**QUALITY, **change} for change in changes])


def test_a_table_comes_out_ordered_typed_and_sorted_by_its_key() -> None:
    frame = quality({"check_id": "b"}, {"check_id": "a"})[["detail", *list(QUALITY)[:-1]]].assign(extra=1)
    got = conform("quality", frame)
    assert list(got.columns) == list(QUALITY)
    assert list(got["check_id"]) == ["a", "b"]
    assert got["threshold"].dtype == "float64"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ([{}, {"value": 2.0}], "check_id"),  # the key stands twice
        ([{"verdict": "maybe"}], "verdict"),
        ([{"check_id": None}], "check_id"),
    ],
)
def test_what_a_description_forbids_is_refused(changes: list[dict[str, object]], word: str) -> None:
    with pytest.raises(pandera.errors.SchemaErrors, match=word):
        conform("quality", quality(*changes))


def test_a_number_outside_its_bounds_is_refused() -> None:
    regions = {"survey_id": "s", "country": "KZ", "region": "KZ-15", "name_en": "A", "name_ru": "А", "surveyed": "yes"}
    rest = {"population_thousands": -1.0, "reference_date": None, "grade": None, "source": None}
    with pytest.raises(pandera.errors.SchemaErrors, match="population_thousands"):
        conform("regions", pd.DataFrame([{**regions, **rest}]))


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="verdict"):
        conform("quality", quality({}).drop(columns="verdict"))


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_column_says_what_it_means(name: str) -> None:
    table = tables()[name]
    assert table.description
    assert table.key
    for column in table.columns:
        assert column.description.strip(), column.name
        assert column.sql_type


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_the_tables_have_the_promised_columns(name: str) -> None:
    assert set(CONTRACT[name].split()) <= set(tables()[name].names)


@pytest.mark.parametrize("analysis", ["families", "records"])
def test_the_dictionary_lists_every_column_of_every_table_once_in_its_place(analysis: str) -> None:
    listed = dictionary(analysis)
    expected = {
        (name, number, column)
        for name, t in tables().items()
        if analysis in t.analyses
        for number, column in enumerate(t.names, start=1)
    }
    assert set(zip(listed["table_name"], listed["position"], listed["column_name"], strict=True)) == expected
    assert len(listed) == len(expected)
    verdict = listed[(listed["table_name"] == "quality") & (listed["column_name"] == "verdict")].iloc[0]
    assert verdict["code_list"] == "passed, noted, refused"
