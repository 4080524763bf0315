"""Whatever a register holds: its tables do not depend on the order of the rows, and a restriction is never lost."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.evidence import evidence
from tests.unit.estimators.evidence.small_register import register

TITLE = {"en": "A number", "ru": "Число"}
ODD = 7919.0
"""Added to each value under restriction: no other number of these registers holds its digits."""


@st.composite
def registers(draw: st.DrawFn) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for position in range(draw(st.integers(2, 7))):
        hidden = draw(st.booleans())
        value = draw(st.one_of(st.none(), st.integers(0, 60)))
        rows.append(
            {
                "questionnaire_id": f"figure_{position}",
                "definition_id": draw(st.sampled_from(["one", "other"])),
                "category": f"kind {position}",
                "measure_type": draw(st.sampled_from(["flow", "stock", "survey_share"])),
                "unit": draw(st.sampled_from(["persons", "percent"])),
                "period_start": draw(st.sampled_from(["2004", "2005"])),
                "grade": draw(st.sampled_from(["A", "B", "C"])),
                "denominator": draw(st.sampled_from([None, 0, 12, 600])),
                "citation_restriction": "do_not_cite" if hidden else draw(st.sampled_from(["none", "claimed_only"])),
                "value": ODD * 10 if hidden and value is not None else value,
            }
        )
    return rows


def declared(rows: list[dict[str, object]]) -> dict[str, object]:
    names = [str(row["questionnaire_id"]) for row in rows]
    return {
        "sums": [{"id": "sum", "of": names, "title": TITLE}],
        "ratios": [{"id": "ratio", "of": names[:2], "title": TITLE}],
        "bounds": [{"id": "bounds", "of": names, "title": TITLE}],
        "rivals": [{"id": "rivals", "of": names, "title": TITLE}],
    }


@settings(max_examples=60, deadline=None)
@given(registers(), st.randoms(use_true_random=False))
def test_tables_hold_in_any_order_and_keep_restrictions(rows: list[dict[str, object]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    made, again = evidence(register(rows), declared(rows)), evidence(register(shuffled), declared(rows))
    for name, table in made.items():
        pd.testing.assert_frame_equal(table, again[name])
        assert "79190" not in table.to_csv(), f"{name} shows a number that may not be cited"
    derived = made["evidence_derived"].set_index("derivation")
    of_sum = [row for row in rows if row["citation_restriction"] == "none" and row["value"] is not None]
    if derived.loc["sum", "verdict"] == "computed":
        assert len(of_sum) == len(rows), "only figures that may be used are added"
    if derived.loc["bounds", "verdict"] == "computed":
        low, high = (derived.loc["bounds", name] for name in ("low", "high"))
        one = derived.loc["bounds", "estimate"]
        assert pd.notna(one) or low <= high
    shares = made["evidence"].dropna(subset=["share"])
    assert ((shares["ci_low"] <= shares["share"]) & (shares["share"] <= shares["ci_high"])).all()
