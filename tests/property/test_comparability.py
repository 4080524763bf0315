"""Comparability: an answer in favour never makes a verdict worse; undecidable is what an unknown could still turn."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from estimators.comparability import COMPARABLE, NOT_COMPARABLE, UNDECIDABLE, verdict

ORDER = {NOT_COMPARABLE: 0, UNDECIDABLE: 1, COMPARABLE: 2}
STEPS = ["no", "unknown", "yes"]
ANSWER = st.sampled_from(STEPS)


@given(ANSWER, ANSWER, ANSWER, ANSWER, st.integers(0, 2))
def test_more_in_favour_is_never_worse(question: str, population: str, panel: str, reused: str, which: int) -> None:
    raised = [question, population, panel]
    raised[which] = STEPS[min(STEPS.index(raised[which]) + 1, 2)]
    before, after = verdict(question, population, panel, reused), verdict(raised[0], raised[1], raised[2], reused)
    assert ORDER[after] >= ORDER[before]


@given(ANSWER, ANSWER, ANSWER, ANSWER)
def test_a_verdict_is_undecided_exactly_when_the_unknown_could_turn_it(
    question: str, population: str, panel: str, reused: str
) -> None:
    choices = [["no", "yes"] if one == "unknown" else [one] for one in (question, population, panel, reused)]
    possible = {verdict(one, two, three, four) for one, two, three, four in product(*choices)}
    got = verdict(question, population, panel, reused)
    assert got == (possible.pop() if len(possible) == 1 else UNDECIDABLE)
