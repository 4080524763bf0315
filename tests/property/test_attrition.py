"""What holds of any register of cases: bounds of people on lists, overlaps that lose nobody, a grid that only falls."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.attrition import grid
from estimators.list_overlap import ESTIMABLE, listed_people
from estimators.poisson_ratio import poisson_ratio

ENTRIES = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from("abcdefgh")), st.one_of(st.none(), st.sampled_from("XYZ"))),
    max_size=30,
)
COUNTS = st.integers(min_value=1, max_value=10_000)


@settings(max_examples=100, deadline=None)
@given(ENTRIES)
def test_people_lie_between_the_largest_list_and_the_sum(entries: list[tuple[str | None, str | None]]) -> None:
    frame = pd.DataFrame(entries, columns=["person", "list"], dtype="str")
    found = listed_people(frame, "person", "list")
    low, high = found.bounds
    assert low <= found.n_keys <= high
    assert (found.verdict == ESTIMABLE) == (found.overlaps is not None) == (found.reason == "")
    again = listed_people(frame.sample(frac=1, random_state=1), "person", "list")
    assert (again.bounds, again.n_keys, again.verdict) == (found.bounds, found.n_keys, found.verdict)
    if found.overlaps is not None:
        assert found.overlaps["count"].sum() == found.n_keys
        sizes = found.overlaps.drop(columns="count").mul(found.overlaps["count"], axis=0).sum()
        assert (sizes.max(), sizes.sum()) == found.bounds


@settings(max_examples=100, deadline=None)
@given(COUNTS, COUNTS)
def test_a_ratio_turned_over_has_the_limits_turned_over(above: int, below: int) -> None:
    estimate, low, high, _ = poisson_ratio(above, below, 0.95)
    turned, turned_low, turned_high, _ = poisson_ratio(below, above, 0.95)
    assert low < estimate < high
    for one, other in ((estimate, turned), (low, turned_high), (high, turned_low)):
        assert abs(one * other - 1) < 1e-9


@settings(max_examples=100, deadline=None)
@given(COUNTS, COUNTS)
def test_more_victims_a_crime_and_more_people_counted_twice_leave_fewer_unregistered(people: int, crimes: int) -> None:
    cells = {(c["victims_per_crime"], c["overlap"]): c for c in grid(people, crimes, [1, 2, 4], [0, 0.5], 0.5, 0.95)}
    for (v, d), cell in cells.items():
        assert cell["ci_low"] < cell["estimate"] < cell["ci_high"] <= 1
        if (2 * v, d) in cells:
            assert cells[2 * v, d]["estimate"] < cell["estimate"]
    assert abs(cells[2, 0]["estimate"] - cells[1, 0.5]["estimate"]) < 1e-12 * (1 + crimes / people)
