"""Counts behind the estimates of records: what shows the same count, what rests on two, what takes a number with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from estimators.indicators import compute
from schemas.declared_instrument import DeclaredInstrument
from schemas.indicator import PLAIN
from schemas.result_tables import tables
from tasks.count_cells import CELL, count_cells
from tasks.hide_records import of_cells, planned_counts, told_before, without_few
from tasks.tabulate import Tabulated

NAMED = {"en": "x", "ru": "x"}


def instrument(indicators: list[dict[str, Any]]) -> DeclaredInstrument:
    """Declare an instrument of organisations with a kind, services, an answer yes or no and a number of cases."""
    column = {"title": NAMED}
    codes = {"a": NAMED, "b": NAMED}
    return DeclaredInstrument.model_validate(
        {
            "name": "small",
            "title": NAMED,
            "row": NAMED,
            "units": "organisations",
            "columns": {
                "questionnaire_id": {"type": "text", **column},
                "region": {"type": "region", **column},
                "kind": {"type": "code", "codes": codes, **column},
                "services": {"type": "codes", "codes": codes, **column},
                "trained": {"type": "yes_no", **column},
                "cases": {"type": "count", **column},
            },
            "indicators": [{"title": NAMED, **one} for one in indicators],
        }
    )


def laid_out(indicators: list[dict[str, Any]], printed: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compute indicators of six organisations in two regions, and lay out their counts."""
    kind = instrument(indicators)
    records = pd.DataFrame(
        {
            "questionnaire_id": list("123456"),
            "country": "KG",
            "region": ["r1"] * 4 + ["r2"] * 2,
            "kind": ["a", "a", "a", "b", "a", None],
            "services": ["a;b", "a", "b", None, "a", "a"],
            "trained": ["yes", "yes", "yes", "no", "yes", "yes"],
            "cases": pd.array([5, 0, 7, None, 3, 1], dtype="Int64"),
        }
    )
    cells = compute.compute(records, kind, ["KG"], [("KG", "r1"), ("KG", "r2")], 0.95)
    reproduction = pd.DataFrame(columns=tables()["reproduction"].names) if printed is None else printed
    return count_cells(Tabulated({"reproduction": reproduction}, cells), kind, exempt_published=True)


def of(frame: pd.DataFrame, indicator: str, region: str | None = None) -> pd.DataFrame:
    """Return the counts that one cell shows."""
    there = frame["region"].isna() if region is None else frame["region"] == region
    return frame[(frame["indicator"] == indicator) & there]


def test_one_answer_shares_out_its_base_and_several_or_yes_alone_do_not() -> None:
    shares = [{"id": name, "kind": "share", "of": name, "by": ["region"]} for name in ("kind", "services", "trained")]
    frame = laid_out(shares)
    assert of(frame, "kind.a")["additive"].all()
    assert not of(frame, "services.a")["additive"].any()
    trained = of(frame, "trained", "r1")
    assert trained[["code", "count", "base", "additive"]].to_numpy().tolist() == [["yes", 3, 4, False]]


def test_a_ratio_shows_both_its_counts() -> None:
    frame = laid_out(
        [
            {"id": "organisations", "kind": "tally", "by": ["region"]},
            {"id": "stated", "kind": "total", "of": "cases", "by": ["region"]},
            {"id": "each", "kind": "ratio", "numerator": "stated", "denominator": "organisations"},
            {"id": "rest", "kind": "complement", "of": "each"},
        ]
    )
    both = set(of(frame, "stated", "r1")["question"]) | set(of(frame, "organisations", "r1")["question"])
    assert set(of(frame, "each", "r1")["question"]) == both
    assert set(of(frame, "rest", "r1")["question"]) == both


def test_a_sum_says_over_how_many_units_it_is() -> None:
    frame = laid_out([{"id": "stated", "kind": "total", "of": "cases", "by": ["region"]}])
    found = of(frame, "stated", "r2")
    assert found[["count", "units"]].fillna(-1).to_numpy().tolist() == [[4.0, 2.0], [2.0, -1.0]]
    assert found["base"].isna().all()  # cases are no part of the organisations that state them


def test_equal_counts_of_two_indicators_are_one_count() -> None:
    frame = laid_out(
        [
            {"id": "first", "kind": "share", "of": "kind", "by": ["region"]},
            {"id": "again", "kind": "share", "of": "kind", "by": ["region"]},
        ]
    )
    assert set(of(frame, "first.a")["question"]) == set(of(frame, "again.a")["question"])
    assert len(frame.drop_duplicates(["question", "code", "region"])) * 2 == len(frame)


def test_what_was_printed_and_is_ours_stays_shown_in_every_indicator_of_the_count() -> None:
    printed = pd.DataFrame(
        [("KG", None, "first.b", "all", "all", "all", "survey", "match")],
        columns=["country", "region", "indicator", "exploitation", "location", "sex", "period", "verdict"],
    )
    both = [{"id": name, "kind": "share", "of": "kind"} for name in ("first", "again")]
    assert of(laid_out(both, printed), "again.b")["exempt"].all()
    other = printed.assign(verdict="not_reproducible")
    assert not laid_out(both, other)["exempt"].any()


def test_a_cell_is_hidden_if_one_of_its_counts_is() -> None:
    cell = {"level": "national", "country": "KG", "exempt": False, **PLAIN}
    shown = pd.DataFrame(
        [
            {**cell, "region": None, "indicator": "ratio", "question": "q1", "code": ""},
            {**cell, "region": None, "indicator": "ratio", "question": "q2", "code": ""},
            {**cell, "region": None, "indicator": "tally", "question": "q2", "code": ""},
        ]
    )
    planned = pd.DataFrame(
        {"question": ["q1", "q2"], "code": "", "region": None, "conf_status": ["D", "F"], "withheld": False}
    )
    status = of_cells(shown, planned)
    assert dict(zip(status["indicator"], status["_status"], strict=True)) == {"ratio": "C", "tally": "F"}
    assert [*status.columns] == [*CELL, "_status"]


def kinds(counts: dict[str, tuple[int, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return counts of two kinds by region as count_cells lays them out, and `estimates` that show all of them."""
    cell = {"level": "regional", "country": "KG", **PLAIN}
    rows = [
        {**cell, "region": region, "indicator": f"kind.{code}", "code": code, "count": n, "base": sum(both)}
        for region, both in counts.items()
        for code, n in zip("ab", both, strict=True)
    ]
    for code, n in zip("ab", (sum(both[k] for both in counts.values()) for k in (0, 1)), strict=True):
        base = sum(map(sum, counts.values()))
        rows.append(
            {
                **cell,
                "level": "national",
                "region": None,
                "indicator": f"kind.{code}",
                "code": code,
                "count": n,
                "base": base,
            }
        )
    shown = pd.DataFrame(rows).assign(question="kind", additive=True, units=np.nan, exempt=False)
    estimates = shown[CELL].assign(
        estimate=shown["count"] / shown["base"], n_cases=shown["count"], n_respondents=shown["base"], conf_status="F"
    )
    return shown, estimates


def test_what_an_earlier_release_shows_protects_nothing_and_is_hidden_from_now_on() -> None:
    """An earlier release showed r2 as it is; so r1, whose 2 must be hidden, is hidden with r3."""
    shown, now = kinds({"r1": (2, 30), "r2": (5, 6), "r3": (40, 50)})
    alone = planned_counts(shown, told_before(shown, now, None), 3)
    assert set(alone.loc[alone["conf_status"] != "F", "region"]) == {"r1", "r2"}  # the smallest companion
    told = told_before(shown, now, now[now["region"] == "r2"])
    assert set(shown.loc[told, "region"]) == {"r2"}
    again = planned_counts(shown, told, 3)
    assert set(again.loc[again["conf_status"] != "F", "region"]) == {"r1", "r3"}
    assert not again["withheld"].any()
    small = told_before(shown, now, now[now["region"] == "r1"])
    late = planned_counts(shown, small, 3)
    assert set(late.loc[late["withheld"], "count"]) == {2}
    assert (late["conf_status"] == "F").all()  # nobody is protected by hiding more


def test_what_an_earlier_release_hid_or_had_otherwise_is_not_told() -> None:
    shown, now = kinds({"r1": (2, 30), "r2": (5, 6), "r3": (40, 50)})
    assert not told_before(shown, now, now.assign(conf_status="C")).any()
    assert not told_before(shown, now, now.assign(n_cases=now["n_cases"] + 1)).any()


def test_a_definition_with_few_cases_loses_all_its_numbers() -> None:
    rows = [("many", 30, 10, 12, 8), ("few", 30, 2, 20, 8), ("all_of_one_kind", 30, 0, 30, 0)]
    table = pd.DataFrame(rows, columns=["definition", "n", "certain", "possible", "excluded"]).assign(
        survey_id="s", practice="include", border="all", counted_by="cases", title="t", title_ru="t", source="s"
    )
    table["share_low"] = table["certain"] / table["n"]
    table["share_high"] = (table["certain"] + table["possible"]) / table["n"]
    found = without_few(table, 3).set_index("definition")
    assert found.loc["many", "certain"] == 10
    numbers = ["n", "certain", "possible", "excluded", "share_low", "share_high"]
    assert found.loc[["few", "all_of_one_kind"], numbers].isna().all().all()
    assert not np.isnan(found.loc["many", "share_high"])
