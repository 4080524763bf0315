"""Numbers of earlier parts are found exactly, whatever their hashes."""

from __future__ import annotations

import pandas as pd
import pytest

from warehouse.numbers_taken import NumbersTaken


def test_a_number_is_taken_from_its_second_part_on() -> None:
    numbers = NumbersTaken()
    assert numbers.take(pd.Series(["a", "b", ""], dtype="str")).tolist() == [False, False, False]
    assert numbers.take(pd.Series(["b", "c", "B", ""], dtype="str", index=[7, 8, 9, 3])).tolist() == [
        True, False, False, True,
    ]  # fmt: skip
    assert numbers.take(pd.Series([], dtype="str")).tolist() == []
    assert numbers.take(pd.Series(["c"], dtype="str")).tolist() == [True]
    numbers.close()


def test_equal_hashes_of_different_numbers_refuse_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = NumbersTaken()
    numbers._connection.execute("CREATE MACRO hash(number) AS 1::UBIGINT")  # every number has the same one
    assert numbers.take(pd.Series(["a", "b"], dtype="str")).tolist() == [False, False]
    assert numbers.take(pd.Series(["c", "a"], dtype="str")).tolist() == [False, True]
    numbers.close()
