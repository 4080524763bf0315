"""Canonical rounding: done twice it changes nothing more, it keeps twelve digits, and order never reaches the hash."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.result_tables import conform, dictionary, tables
from warehouse.canonical import NOT_HASHED, content_sha256, rounded

NUMBERS = st.lists(st.floats(), max_size=8)
NORMAL = st.floats(min_value=1e-300, max_value=1e300).flatmap(lambda x: st.sampled_from([x, -x]))


@settings(deadline=None)
@given(NUMBERS)
def test_rounding_twice_is_rounding_once(numbers: list[float]) -> None:
    once = rounded(pd.DataFrame({"x": pd.Series(numbers, dtype="float64")}))
    pd.testing.assert_frame_equal(rounded(once), once, check_exact=True)


@settings(deadline=None)
@given(NORMAL)
def test_no_number_moves_by_more_than_half_a_twelfth_digit(number: float) -> None:
    got = rounded(pd.DataFrame({"x": [number]}))["x"][0]
    assert abs(got - number) <= 0.51 * 10.0 ** (math.floor(math.log10(abs(number))) - 11)
    assert float(f"{got:.11e}") == got  # and nothing is left behind the twelfth


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)), st.lists(st.floats(min_value=0, max_value=1e9), min_size=6, max_size=6))
def test_the_order_of_rows_never_reaches_the_hash(order: list[int], numbers: list[float]) -> None:
    frame = pd.DataFrame({"region": [f"KZ-{n}" for n in range(6)], "population_thousands": numbers}).assign(
        survey_id="s",
        country="KZ",
        name_en="A",
        name_ru="А",
        surveyed="yes",
        reference_date=None,
        grade=None,
        source=None,
    )
    nothing = {
        name: conform(name, pd.DataFrame(columns=tables()[name].names)) for name in tables() if name not in NOT_HASHED
    }
    rest = {**nothing, "dictionary": dictionary()}
    there, back = (content_sha256({**rest, "regions": conform("regions", f)}) for f in (frame, frame.iloc[order]))
    assert there == back
