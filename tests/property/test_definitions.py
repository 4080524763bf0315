"""Random cases: what becomes known never widens the interval of a definition, and the parts make the whole."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimators.definitions import definitions
from schemas.definitions import catalogue, rules

FACTS = list(catalogue().facts)
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
SWITCHES = {"practice": "practice", "consent": "consent", "border": "border"}
CODES = {
    **dict.fromkeys((*FACTS, "consent"), ("yes", "no", None)),
    "practice": ("none", "dowry", None),
    "border": ("internal", "cross_border", None),
}


@st.composite
def learned(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw cases, and the same cases with some of what was not known known."""
    n = draw(st.integers(1, 5))
    before = [{name: draw(st.sampled_from(codes)) for name, codes in CODES.items()} for _ in range(n)]
    after = [
        {name: draw(st.sampled_from(CODES[name])) if code is None else code for name, code in case.items()}
        for case in before
    ]
    names = [f"c{k}" for k in range(n)]
    first, second = (pd.DataFrame(cases, dtype=object).assign(questionnaire_id=names) for cases in (before, after))
    return first, second


@QUIET
@given(cases=learned())
def test_what_becomes_known_never_widens_an_interval(cases: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    declared = {"use": list(catalogue().definitions), **SWITCHES}
    of_all = rules(declared, list(CODES), "drawn")
    assert of_all is not None
    before, after = (definitions(frame, of_all) for frame in cases)
    assert (after["share_low"] >= before["share_low"]).all()
    assert (after["share_high"] <= before["share_high"]).all()
    assert (before[["certain", "possible", "excluded"]].sum(axis=1) == before["n"]).all()


@QUIET
@given(cases=learned())
def test_switches_that_leave_cases_out_never_add_any(cases: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    of_all = rules({"use": list(catalogue().definitions), **SWITCHES}, list(CODES), "drawn")
    assert of_all is not None
    table = definitions(cases[0], of_all)
    shares = {
        practice: rows.set_index(["border", "definition"])[["share_low", "share_high"]]
        for practice, rows in table.groupby("practice")
    }
    assert (shares["exclude"] <= shares["only_if_no_consent"]).all().all()
    assert (shares["only_if_no_consent"] <= shares["include"]).all().all()
