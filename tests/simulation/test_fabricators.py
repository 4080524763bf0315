"""Interviewers who are known to invent are found, and honest ones are seldom flagged.

Twelve seeded surveys of forty interviewers, six of whom invent, each in another way. The bounds are wider than what
was seen by about two standard errors of so few surveys; docs/fieldwork.md gives what was seen in two hundred.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from estimators.back_checks import choose
from estimators.interviewer_diagnostics import diagnose
from schemas import family_survey
from schemas.fieldwork import rules
from tests.simulation import fabricators
from warehouse import build, fieldwork
from warehouse.home import Home

SURVEYS = 12
OWN = {
    "copies": {"repeated_reports"},
    "rounds": {"heaping"},
    "zeros": {"zero_reports", "cases"},
    "hurries": {"most_on_one_day"},
    "invents": {"zero_reports", "cases"},
    "rushes": {"duration"},
}
"""The measures that each kind is found by for the right reason."""
LEAST = {"copies": 0.9, "rounds": 0.9, "zeros": 0.2, "hurries": 1.0, "invents": 0.9, "rushes": 0.5}
"""Share of each kind that must be found. Honest families mostly report nothing, which hides him who writes nothing;
whoever is slow by nature may rush unseen."""


def judged(seed: int, home: Home) -> tuple[pd.DataFrame, dict[str, str]]:
    """Draw a survey, count the work through the real SQL, and judge it."""
    drawn = fabricators.survey(seed)
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("interviews", drawn.interviews)
        work = fieldwork.count(warehouse, "s", family_survey, rules().near_duplicates)
    return diagnose(work, rules()), drawn.fabricators


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[pd.DataFrame, dict[str, str]]]:
    folder: Path = tmp_path_factory.mktemp("fabricators")
    return [judged(seed, Home(folder / str(seed))) for seed in range(SURVEYS)]


def test_those_who_invent_are_found_by_what_they_do(surveys: list[tuple[pd.DataFrame, dict[str, str]]]) -> None:
    found: Counter[str] = Counter()
    for judged_work, kinds in surveys:
        flags = judged_work.set_index("interviewer")["flags"]
        found.update(kind for name, kind in kinds.items() if OWN[kind] & set(flags[name].split(";")))
    shares = {kind: found[kind] / SURVEYS for kind in fabricators.KINDS}
    assert all(share >= LEAST[kind] for kind, share in shares.items()), shares


def test_honest_interviewers_are_seldom_flagged(surveys: list[tuple[pd.DataFrame, dict[str, str]]]) -> None:
    honest = pd.concat(work[~work["interviewer"].isin(list(kinds))] for work, kinds in surveys)
    share = float((honest["flags"] != "").mean())
    assert len(honest) == SURVEYS * (fabricators.REGIONS * fabricators.INTERVIEWERS - len(fabricators.KINDS))
    assert share <= 0.02, share


def test_back_checks_go_where_they_are_needed(surveys: list[tuple[pd.DataFrame, dict[str, str]]]) -> None:
    """A tenth of forty is four visits, two by score and two drawn: those by score meet somebody who invents."""
    met = [
        name in kinds
        for seed, (work, kinds) in enumerate(surveys)
        for name, why in choose(work, rules().back_checks, seed)[["interviewer", "why"]].itertuples(index=False)
        if why == "score"
    ]
    assert len(met) == 2 * SURVEYS
    assert sum(met) / len(met) >= 0.9
