"""People on lists: the table of overlaps from single entries, and what is said where lists cannot be matched."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from estimators.list_overlap import ESTIMABLE, NOT_ESTIMABLE, listed_people
from estimators.multiple_systems.model_choice import main_effects
from estimators.multiple_systems.overlaps import overlaps

UNITED_KINGDOM = Path(__file__).parents[3] / "samples" / "victim_lists" / "united_kingdom_2013.csv"


def entries(*rows: tuple[str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "organisation"], dtype="str")


def united_kingdom() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the published table, and its people written out: one row per person and list, in another order."""
    table = pd.read_csv(UNITED_KINGDOM)
    lists = [name for name in table if name != "count"]
    rows = []
    for number, counted in enumerate(table.to_dict("records")):
        people = (f"{number}-{one}" for one in range(counted["count"]))
        rows += [(person, name) for person in people for name in lists if counted[name]]
    return table, entries(*rows).sample(frac=1, random_state=2013)


def test_people_written_out_come_back_as_the_published_overlaps() -> None:
    table, rows = united_kingdom()
    found = listed_people(rows, "person", "organisation")
    assert (found.verdict, found.n_lists, found.n_keys) == (ESTIMABLE, 5, 2744)  # 2,744 as published
    assert found.overlaps is not None
    lists = sorted(name for name in table if name != "count")
    expected = table.set_index(lists)["count"]
    got = found.overlaps.set_index(lists)["count"]
    pd.testing.assert_series_equal(got.sort_index(), expected[expected > 0].sort_index())


def test_the_estimate_is_that_of_the_published_table() -> None:
    table, rows = united_kingdom()
    found = listed_people(rows, "person", "organisation")
    assert found.overlaps is not None
    got, expected = (main_effects(overlaps(one)).estimate for one in (found.overlaps, table))
    assert got == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "reason", "bounds"),
    [
        # three and two people, none shared: at least 3, at most 5
        ((("a", "X"), ("b", "X"), ("c", "X"), ("d", "Y"), ("e", "Y")), "no key stands on two of the 2 lists", (3, 5)),
        ((("a", "X"), ("a", "X"), ("b", "X")), "1 list.*at least 2", (2, 2)),
        # two entries without a key are two people of X, and may be a and b of Y
        (((None, "X"), (None, "X"), ("a", "X"), ("a", "Y"), ("b", "Y")), "2 entries have no key", (3, 5)),
        (tuple((key, f"L{n}") for n in range(13) for key in ("a", f"b{n}")), "13 lists; at most 12", (2, 26)),
        ((("a", None),), "0 list.*at least 2", (0, 0)),
    ],
)
def test_what_cannot_be_estimated_says_why_and_keeps_its_bounds(
    rows: tuple[tuple[str | None, str | None], ...], reason: str, bounds: tuple[int, int]
) -> None:
    found = listed_people(entries(*rows), "person", "organisation")
    assert found.verdict == NOT_ESTIMABLE and found.overlaps is None
    assert pd.Series([found.reason]).str.contains(reason).all()
    assert found.bounds == bounds
    assert found.bounds[0] <= found.n_keys <= found.bounds[1]
