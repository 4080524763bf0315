"""Numbers of earlier parts are found exactly, whatever their hashes."""

from __future__ import annotations

import pandas as pd
import pytest

from warehouse import numbers_taken
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


def test_runs_are_merged_and_lose_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers_taken, "LONGEST_RUN", 40)
    numbers = NumbersTaken()
    for part in range(30):  # ten numbers each, the last of which comes in two parts that follow each other
        taken = numbers.take(
            pd.Series([f"n{part * 10 + n}" for n in range(9)] + [f"again{part // 2 * 2}"], dtype="str")
        )
        assert taken.tolist() == [False] * 9 + [part % 2 == 1], part
    assert numbers.take(pd.Series(["n0", "n148", "n298", "n299"], dtype="str")).tolist() == [True, True, True, False]
    assert max(map(len, numbers._runs)) <= 40
    assert len(numbers._runs) <= 10  # three hundred in runs of forty, and what is not merged yet
    numbers.close()
