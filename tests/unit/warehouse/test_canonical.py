"""The canonical form: twelve digits, and a hash that depends on what the tables say and on nothing else."""

from __future__ import annotations

import math
from datetime import datetime

import pandas as pd
import pytest

from schemas.result_tables import conform, dictionary, tables
from warehouse.canonical import NOT_HASHED, content_sha256, rounded


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1 / 3, 0.333333333333),
        (2 / 3, 0.666666666667),
        (123456789012345.0, 123456789012000.0),
        (140453.99999999997, 140454.0),
        (-0.000123456789012345, -0.000123456789012),
        (1.0, 1.0),
        (0.0, 0.0),
        (9.9999999999996, 10.0),
        (6.022e23, 6.022e23),
        (math.inf, math.inf),
    ],
)
def test_twelve_significant_digits(value: float, expected: float) -> None:
    assert rounded(pd.DataFrame({"x": [value]}))["x"][0] == expected


def test_missing_stays_missing_and_other_types_stay_as_they_are() -> None:
    frame = pd.DataFrame({"x": [math.nan, 1.5], "n": [10**15, 2], "t": ["a", None], "d": [datetime(2009, 9, 1)] * 2})
    got = rounded(frame)
    pd.testing.assert_frame_equal(got, frame)


def test_nothing_is_done_to_the_frame_given() -> None:
    frame = pd.DataFrame({"x": [1 / 3]})
    rounded(frame)
    assert frame["x"][0] == 1 / 3


def regions() -> pd.DataFrame:
    row = {"survey_id": "s", "country": "KZ", "name_en": "A", "name_ru": "А", "surveyed": "yes", "grade": None}
    more = {"reference_date": "2009-01-01", "source": "invented"}
    return pd.DataFrame(
        [{**row, **more, "region": code, "population_thousands": n} for code, n in (("KZ-15", 450.0), ("KZ-23", 460.5))]
    )


def content(regions_frame: pd.DataFrame, release_id: str = "s-2009-r1") -> dict[str, pd.DataFrame]:
    estimates = {name: [None] for name in tables()["estimates"].names}
    cell = {name: ["x"] for name in ("survey_id", "wave", "indicator", "method", "unit")} | {
        "release_id": [release_id],
        "level": ["group"],
        "exploitation": ["all"],
        "location": ["all"],
        "sex": ["all"],
        "period": ["annual"],
        "estimate": [1 / 3],
        "obs_status": ["A"],
        "conf_status": ["F"],
    }
    nothing = {
        name: conform(name, pd.DataFrame(columns=tables()[name].names)) for name in tables() if name not in NOT_HASHED
    }
    return {
        **nothing,
        "estimates": conform("estimates", pd.DataFrame({**estimates, **cell})),
        "regions": conform("regions", regions_frame),
        "dictionary": dictionary(),
    }


def test_the_hash_is_that_of_the_content() -> None:
    first = content_sha256(content(regions()))
    assert len(first) == 64
    assert content_sha256(content(regions()[::-1])) == first  # rows in another order
    assert content_sha256(content(regions()[regions().columns[::-1]])) == first  # columns in another order
    assert content_sha256(content(regions(), "s-2009-r9")) == first  # the release's own name is not content


@pytest.mark.parametrize(
    ("column", "value"), [("population_thousands", 450.1), ("grade", "A"), ("name_ru", "Б"), ("surveyed", "no")]
)
def test_the_hash_moves_with_every_cell(column: str, value: object) -> None:
    frame = regions()
    frame[column] = [value, *frame[column][1:]]
    assert content_sha256(content(frame)) != content_sha256(content(regions()))


def test_every_table_of_numbers_is_hashed() -> None:
    whole = content(regions())
    first = content_sha256(whole)
    for name in sorted(set(tables()) - {"quality", "releases", "revisions"}):  # what is said of a release
        without = {other: frame for other, frame in whole.items() if other != name}
        assert content_sha256(without) != first, name
