"""Every code of the result tables has a name, and every identifier is one that SDMX allows."""

from __future__ import annotations

import re

import pytest

from schemas.result_tables import tables
from schemas.vocabulary import code_list, code_lists, content, leading, reference, title

IDENTIFIER = re.compile(r"[A-Za-z0-9_@$-]+")  # SDMX 3.0, common:IDType
CODED = ("estimates", "comparisons", "trend", "small_area_models")


@pytest.mark.parametrize("table", CODED)
def test_every_allowed_value_of_a_coded_column_has_a_name(table: str) -> None:
    for column in tables()[table].columns:
        listed = code_list(column.name)
        if listed is not None:
            assert set(column.isin or ()) <= {code.value for code in listed.codes}, column.name


@pytest.mark.parametrize("name", code_lists())
def test_codes_have_two_names_and_an_identifier_of_their_own(name: str) -> None:
    codes = code_lists()[name].codes
    assert all(code.en and code.ru for code in codes)
    assert all(IDENTIFIER.fullmatch(code.sdmx) for code in codes)
    assert len({code.sdmx for code in codes}) == len(codes)


def test_the_structure_covers_every_key_of_estimates() -> None:
    sdmx = content()["sdmx"]
    covered = {*sdmx["dimensions"].values(), *sdmx["dataset_attributes"].values()}
    # The area says level, country and region; the survey is the dataflow.
    assert {*tables()["estimates"].key} == covered | {"level", "country", "region", "survey_id"}


def test_every_line_is_about_a_column_that_exists() -> None:
    columns = {column for table in tables().values() for column in table.names}
    assert set(content()["titles"]) <= columns
    assert set(content()["foreign_keys"]) <= columns
    assert set(code_lists()) <= columns


def test_a_code_of_a_survey_s_own_is_its_own_name() -> None:
    extended = code_lists()["method"].covering(["design", "my_method"])
    assert extended.codes[-1].value == "my_method"
    assert extended.label("my_method") == "my_method"
    assert len(extended.codes) == len(code_lists()["method"].codes) + 1


def test_columns_without_a_line_are_called_by_their_name() -> None:
    assert title("ci_low") == "Lower limit"
    assert title("effective_cases") == "Effective cases"


def test_a_column_does_not_refer_to_its_own_table() -> None:
    assert reference("estimates", "region") == ("regions", "region")
    assert reference("regions", "region") is None
    assert reference("reproduction", "region") is None
    assert reference("estimates", "country") is None


@pytest.mark.parametrize(
    ("methods", "first"),
    [
        (["poisson", "design"], "design"),
        (["poisson", "pennington"], "pennington"),
        (["my_method"], "my_method"),
        ([], ""),
    ],
)
def test_a_reader_is_shown_the_design_first(methods: list[str], first: str) -> None:
    assert leading(methods) == first


def test_every_entry_holds_what_it_may_and_no_more() -> None:
    """A comma in a text that is not quoted would begin another key."""
    entries = [
        (code, {"en", "ru", "sdmx"}) for body in content()["code_lists"].values() for code in body["codes"].values()
    ]
    entries += [(flag, {"symbol", "meaning"}) for flag in [*content()["flags"].values(), content()["no_number"]]]
    entries += [(rule, {"to", "except"}) for rule in content()["foreign_keys"].values()]
    for entry, allowed in entries:
        assert set(entry) <= allowed, entry
