"""Lots: bounded in files and bytes, of one source each, in the order of the listing, every file once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import batch
from schemas.batch import PulledFile, lots


def file(number: int, size: int, source: int) -> PulledFile:
    return PulledFile(f"raw/{number}.csv", f"{number}.csv", "KZ", source, "0" * 64, size, f"load{number}")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.booleans()), max_size=40))
def test_every_wanted_file_is_in_one_lot_and_lots_are_bounded(told: list[tuple[int, int, bool]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "FILES_OF_LOT", 4)
        patch.setattr(batch, "BYTES_OF_LOT", 12)
        listing = [file(number, size, source) for number, (size, source, _) in enumerate(told)]
        wanted = [number for number, (_, _, chosen) in enumerate(told) if chosen]
        made = list(lots(listing, wanted))
    assert [place for lot in made for place in lot.positions] == wanted
    for lot in made:
        assert lot.files == tuple(listing[place] for place in lot.positions)
        assert len({one.source for one in lot.files}) == 1
        assert len(lot.files) <= 4
        assert lot.bytes <= 12


def test_a_file_that_is_larger_than_a_lot_is_a_lot_of_its_own() -> None:
    sizes = (1, batch.BYTES_OF_LOT + 1, 1)
    made = list(lots([file(number, size, 0) for number, size in enumerate(sizes)], range(3)))
    assert [lot.positions for lot in made] == [(0,), (1,), (2,)]


def test_a_lot_is_named_by_its_only_file_or_its_first_and_last() -> None:
    (lot,) = lots([file(number, 1, 0) for number in range(3)], range(3))
    assert lot.name == "3 files, 0.csv to 2.csv"
    assert lot.of([1]).name == "1.csv"
