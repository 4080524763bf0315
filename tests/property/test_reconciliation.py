"""What rules must find whatever the numbers are: figures made to agree agree, and a missing number decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.reconciliation import findings
from schemas.reconciliation import declared

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True)
SUBJECT = {"en": "subject", "ru": "предмет"}
PARTS = "indicator == 'part'"
sets_of_counts = st.lists(st.integers(0, 40), min_size=2, max_size=6).filter(lambda counts: sum(counts) > 0)
places = st.sampled_from(["KG-B", "KG-C", "KG-GB", "KG-N", "KG-GB+KG-C", "KG-N+KG-B"])


def one(records: pd.DataFrame, **keys: Any) -> dict[str, Any]:
    """Return the finding of one rule."""
    rules = tuple(declared([{"id": "one", "subject": SUBJECT, **keys}], Path("reconciliations.yaml")))
    return dict(findings(records, rules, "invented", ["KG-B", "KG-C", "KG-GB", "KG-N"]).iloc[0])


def parts(values: list[float | None]) -> pd.DataFrame:
    """Lay out numbers as records."""
    names = [str(position) for position in range(len(values))]
    columns = {"questionnaire_id": names, "indicator": "part", "value": pd.array(values, dtype="float64")}
    return pd.DataFrame(columns)


def cut(count: int, base: int, decimals: int) -> float:
    """Return the percentage with its further digits left out, in whole numbers only."""
    return (100 * count * 10**decimals // base) / 10**decimals


def rounded(count: int, base: int, decimals: int) -> float:
    """Return the percentage rounded half up, in whole numbers only."""
    return ((2 * 100 * count * 10**decimals + base) // (2 * base)) / 10**decimals


@BOUNDED
@given(sets_of_counts, st.integers(0, 2))
def test_percentages_rounded_from_counts_fit_their_base(counts: list[int], decimals: int) -> None:
    base = sum(counts)
    records = parts([rounded(count, base, decimals) for count in counts])
    shares = {"where": PARTS, "decimals": decimals}
    for rounding in ("round", "either"):
        got = one(records, kind="integer_base", shares=shares, base=base, rounding=rounding, exclusive=True)
        assert got["verdict"] == "holds", got["reason"]


@BOUNDED
@given(sets_of_counts, st.integers(0, 2))
def test_percentages_cut_off_from_counts_fit_their_base(counts: list[int], decimals: int) -> None:
    base = sum(counts)
    records = parts([cut(count, base, decimals) for count in counts])
    shares = {"where": PARTS, "decimals": decimals}
    for rounding in ("truncate", "either"):
        got = one(records, kind="integer_base", shares=shares, base=base, rounding=rounding, exclusive=True)
        assert got["verdict"] == "holds", got["reason"]


@BOUNDED
@given(sets_of_counts, st.integers(0, 2))
def test_rounded_shares_of_a_whole_make_a_hundred(counts: list[int], decimals: int) -> None:
    records = parts([rounded(count, sum(counts), decimals) for count in counts])
    assert one(records, kind="hundred", shares={"where": PARTS, "decimals": decimals})["verdict"] == "holds"


@BOUNDED
@given(st.lists(st.integers(0, 36), min_size=1, max_size=6), st.booleans())
def test_percentages_of_one_rule_are_of_one_rounding(counts: list[int], by_cutting: bool) -> None:
    printed = [(cut if by_cutting else rounded)(count, 36, 1) for count in counts]
    records = parts([float(share) for share in printed])
    assert one(records, kind="one_rounding", shares={"where": PARTS, "decimals": 1}, base=36)["verdict"] == "holds"


@BOUNDED
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12), st.integers(1, 1000))
def test_parts_make_their_sum_and_no_other(values: list[int], off: int) -> None:
    records = parts([value / 100 for value in values])
    total = sum(values) / 100
    assert one(records, kind="sum", total=total, parts=PARTS)["verdict"] == "holds"
    wrong = one(records, kind="sum", total=(sum(values) + 100 * off) / 100, parts=PARTS)
    assert (wrong["verdict"], wrong["difference"]) == ("differs", -off)


@BOUNDED
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8), st.data())
def test_a_missing_number_decides_nothing(values: list[int], data: st.DataObject) -> None:
    gap = data.draw(st.integers(0, len(values) - 1))
    records = parts([None if position == gap else float(value) for position, value in enumerate(values)])
    for keys in (
        {"kind": "sum", "total": sum(values) - values[gap], "parts": PARTS},
        {"kind": "hundred", "shares": PARTS},
        {"kind": "rivals", "figures": PARTS},
        {"kind": "equal", "stated": 0, "found": {"where": PARTS, "take": "sum"}},
        {"kind": "exhausted", "whole": 10**6, "outcomes": PARTS},
    ):
        got = one(records, **keys)
        assert got["verdict"] == "undecidable", keys
        assert f" {gap} " in got["reason"]
        assert pd.isna(got["found"])


@BOUNDED
@given(st.lists(places, max_size=6))
def test_places_are_covered_or_named(seen: list[str]) -> None:
    records = parts([1.0] * len(seen)).assign(region=pd.array(seen, dtype="str"))
    got = one(records, kind="coverage", where=PARTS)
    covered = {part for place in seen for part in place.split("+")}
    assert got["found"] == len(covered)
    assert (got["verdict"] == "holds") == (len(covered) == 4)
    without = {"KG-B", "KG-C", "KG-GB", "KG-N"} - covered
    if without:
        assert f"none has {', '.join(sorted(without))}." in got["reason"]


@BOUNDED
@given(st.sets(st.integers(1, 30), min_size=1, max_size=30))
def test_gaps_and_serials_make_the_whole_range(serials: set[int]) -> None:
    got = one(parts([float(serial) for serial in sorted(serials)]), kind="serial_gaps", serials=PARTS)
    assert got["stated"] == max(serials)
    assert got["found"] == len(serials)
    assert (got["verdict"] == "holds") == (serials == set(range(1, max(serials) + 1)))
