"""Whether two surveys' numbers may be compared over time, by rules about question, population and panel.

A difference between two rounds is a change only if the same was asked of the same population or of the same units
(European Statistics Code of Practice 2017, principle 14: coherence and comparability). What is not known makes the
verdict unknown, by Kleene's three-valued logic; a number that only repeats the words of an earlier document is no
second observation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

COMPARABLE, UNDECIDABLE, NOT_COMPARABLE = "comparable", "undecidable", "not_comparable"
COLUMNS = [
    "survey_id",
    "comparison",
    "indicator",
    "other_survey",
    "other_indicator",
    "same_question",
    "same_population",
    "matched_panel",
    "reused_text",
    "verdict",
    "reason",
    "reason_ru",
    "value",
    "other_value",
    "change",
    "source",
]
_TRUTH = {"no": 0.0, "unknown": 0.5, "yes": 1.0}
_VERDICTS = {0.0: NOT_COMPARABLE, 0.5: UNDECIDABLE, 1.0: COMPARABLE}


def verdict(same_question: str, same_population: str, matched_panel: str, reused_text: str) -> str:
    """Return whether a difference is a change: same question, and the same population or units, and new words.

    Each is yes, no or unknown. Raises KeyError for anything else.
    """
    units = max(_TRUTH[same_population], _TRUTH[matched_panel])
    return _VERDICTS[min(_TRUTH[same_question], units, 1.0 - _TRUTH[reused_text])]


def comparability(survey_id: str, comparisons: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Judge declared comparisons; returns COLUMNS, one row each, in the order of their identifiers.

    comparisons: COLUMNS without survey_id, verdict and change; value and other_value may be NaN. change: value less
    other_value, only where the two are comparable.
    """
    rows = []
    for one in sorted(comparisons, key=lambda row: str(row["comparison"])):
        judged = verdict(one["same_question"], one["same_population"], one["matched_panel"], one["reused_text"])
        change = one["value"] - one["other_value"] if judged == COMPARABLE else np.nan
        rows.append({**one, "survey_id": survey_id, "verdict": judged, "change": change})
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype(dict.fromkeys(("value", "other_value", "change"), "float64"))
