"""Which interviewers are visited again: those with the highest scores, and a part of the others drawn at random.

The random part keeps everybody attentive, and alone can say how often honest work is found where nothing was suspected.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from schemas.fieldwork import BackChecks

CHOSEN = ["country", "interviewer", "why", "score"]


def choose(found: pd.DataFrame, plan: BackChecks, seed: int) -> pd.DataFrame:
    """Return country, interviewer, why (`score` or `drawn`) and score, by country, those chosen by score first.

    found: country, interviewer and score; an interviewer of several rows counts by the highest. The same seed and
    interviewers give the same choice, in whatever order the rows come.
    """
    scores = found.groupby(["country", "interviewer"], as_index=False)["score"].max()
    parts = [
        _of_country(group, plan, np.random.default_rng([seed, position]))
        for position, (_, group) in enumerate(scores.groupby("country"))
    ]
    return pd.concat(parts, ignore_index=True)[CHOSEN] if parts else pd.DataFrame(columns=CHOSEN)


def _of_country(scores: pd.DataFrame, plan: BackChecks, rng: np.random.Generator) -> pd.DataFrame:
    number = min(len(scores), max(plan.at_least, math.ceil(plan.share * len(scores))))
    drawn = min(number, math.ceil(plan.random_share * number))
    ordered = scores.sort_values(["score", "interviewer"], ascending=[False, True], ignore_index=True)
    suspected = int((ordered["score"] > 0).sum())
    first = ordered.head(min(number - drawn, suspected))
    rest = ordered.iloc[len(first) :].sort_values("interviewer")
    taken = rest.iloc[np.sort(rng.permutation(len(rest))[: number - len(first)])]
    return pd.concat([first.assign(why="score"), taken.assign(why="drawn")])
