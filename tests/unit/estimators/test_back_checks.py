"""Whom to visit again: the highest scores, a drawn part, and the same choice for the same seed."""

from __future__ import annotations

import pandas as pd

from estimators.back_checks import choose
from schemas.fieldwork import BackChecks

PLAN = BackChecks(share=0.1, at_least=2, random_share=0.4, seed=1)


def people(scores: list[float], country: str = "KG") -> pd.DataFrame:
    return pd.DataFrame({"country": country, "interviewer": [f"I{n:02d}" for n in range(len(scores))], "score": scores})


def test_the_highest_scores_come_first_and_a_part_is_drawn() -> None:
    """A tenth of fifty is five; two fifths of them, two, are drawn from the other forty-seven."""
    got = choose(people([float(n) for n in range(50)]), PLAN, 1)
    assert list(got["why"]) == ["score"] * 3 + ["drawn"] * 2
    assert list(got["interviewer"][:3]) == ["I49", "I48", "I47"]
    assert not set(got["interviewer"][3:]) & {"I49", "I48", "I47"}


def test_nobody_is_chosen_by_a_score_of_nothing() -> None:
    got = choose(people([0.0] * 20), PLAN, 1)
    assert list(got["why"]) == ["drawn", "drawn"]


def test_the_choice_hangs_on_the_seed_and_not_on_the_order() -> None:
    frame = people([0.0] * 40)
    first = choose(frame, PLAN, 1)
    pd.testing.assert_frame_equal(choose(frame.iloc[::-1], PLAN, 1), first)
    others = [set(choose(frame, PLAN, seed)["interviewer"]) for seed in range(2, 8)]
    assert any(other != set(first["interviewer"]) for other in others)


def test_every_country_has_its_visits() -> None:
    got = choose(pd.concat([people([1.0] * 3), people([0.0], "KZ")]), PLAN, 1)
    assert got.groupby("country").size().to_dict() == {"KG": 2, "KZ": 1}  # at least two, but no more than there are


def test_two_regions_of_one_interviewer_are_one_visit() -> None:
    twice = pd.concat([people([1.0, 5.0]), people([9.0, 0.0])])
    got = choose(twice, PLAN, 1)
    assert sorted(got["interviewer"]) == ["I00", "I01"]
    assert got.set_index("interviewer")["score"].to_dict() == {"I00": 9, "I01": 5}
