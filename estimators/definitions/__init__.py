"""Cases under rival definitions: certain, possible and excluded ones, and the share between which the truth lies.

Lives here: the verdict of each definition on each record, and the table `definitions`. Not here: what definitions say
(`schemas/definitions.yaml`), nor the logic.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from estimators.definitions.kleene import FALSE, MAYBE, TRUE, agreed, both, either, evaluated, opposite, text, truth
from schemas.definitions import UNKNOWN, Rules

__all__ = ["classify", "definitions"]

RECORD = "questionnaire_id"
INCLUDE, EXCLUDE, NO_CONSENT = "include", "exclude", "only_if_no_consent"
ALL, INTERNAL, CROSS_BORDER = "all", "internal", "cross_border"
MENTIONS, CASES = "mentions", "cases"


def classify(records: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Put every record to every definition, under every switch.

    records: (n_records,) with facts yes, no, unknown or missing, which is not known. Returns the record's number,
    definition, practice, border and verdict (yes, no, unknown), definition by definition in the order of the records.
    Raises ValueError if a fact is anything else.
    """
    frames = []
    for name, practice, border, verdict in _verdicts(records, rules):
        marks = {"definition": name, "practice": practice, "border": border, "verdict": text(verdict)}
        frames.append(pd.DataFrame({RECORD: records[RECORD].to_numpy(), **marks}))
    return pd.concat(frames, ignore_index=True)


def definitions(records: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Count the cases of every definition, under every switch, by mention and by distinct case.

    Returns definition, title, title_ru, practice, border, counted_by, n, certain, possible, excluded, share_low and
    share_high: certain cases over n, and certain and possible ones. Facts that become known never widen the two,
    unless mentions of one case then contradict each other. Shares are missing where there is no record.
    """
    sets = {MENTIONS: records}
    if rules.use.case:
        sets[CASES] = distinct_cases(records, rules)
    rows = [
        _row(name, practice, border, counted, verdict, rules)
        for counted, these in sets.items()
        for name, practice, border, verdict in _verdicts(these, rules)
    ]
    return pd.DataFrame(rows)


def distinct_cases(records: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one record a case; what its mentions say differently of it is not known."""
    use = rules.use
    own = records[use.case] if use.case else pd.Series(pd.NA, index=records.index)
    case = own.astype(object).where(own.notna(), records[RECORD])
    facts = {fact for one in rules.definitions.values() for fact in one.holds.facts()} | {use.consent}
    how = {name: _alike for name in (use.practice, use.border) if name} | {name: _agreed for name in facts if name}
    grouped = records.groupby(case.to_numpy(), sort=True).agg(how)
    return grouped.rename_axis(RECORD).reset_index()


def _verdicts(records: pd.DataFrame, rules: Rules) -> Iterator[tuple[str, str, str, np.ndarray]]:
    practices, borders = _practices(records, rules), _borders(records, rules)
    for name, one in rules.definitions.items():
        holds = evaluated(one.holds, records)
        for practice, counts in practices.items():
            for border, there in borders.items():
                yield name, practice, border, both(holds, counts, there)


def _practices(records: pd.DataFrame, rules: Rules) -> dict[str, np.ndarray]:
    """Return by switch whether what is known of a practice lets a record count, (n_records,)."""
    use, whole = rules.use, np.full(len(records), TRUE, dtype=np.int8)
    if use.practice is None:
        return {INCLUDE: whole}
    code = records[use.practice]
    is_none = np.where(code.isna(), MAYBE, np.where(code == use.no_practice, TRUE, FALSE)).astype(np.int8)
    consent = truth(records[use.consent]) if use.consent else np.full(len(records), MAYBE, dtype=np.int8)
    return {INCLUDE: whole, EXCLUDE: is_none, NO_CONSENT: either(is_none, opposite(consent))}


def _borders(records: pd.DataFrame, rules: Rules) -> dict[str, np.ndarray]:
    """Return by switch whether a record is of it, (n_records,); where that is not known it may be of either."""
    whole = np.full(len(records), TRUE, dtype=np.int8)
    if rules.use.border is None:
        return {ALL: whole}
    code = records[rules.use.border]
    unknown = (code.isna() | (code == UNKNOWN)).to_numpy(bool)
    return {ALL: whole} | {
        name: np.where(unknown, MAYBE, np.where(code == name, TRUE, FALSE)).astype(np.int8)
        for name in (INTERNAL, CROSS_BORDER)
    }


def _row(name: str, practice: str, border: str, counted: str, verdict: np.ndarray, rules: Rules) -> dict[str, object]:
    n = len(verdict)
    certain, possible = int((verdict == TRUE).sum()), int((verdict == MAYBE).sum())
    title = rules.definitions[name].title
    return {
        "definition": name,
        "title": title.en,
        "title_ru": title.ru,
        "practice": practice,
        "border": border,
        "counted_by": counted,
        "n": n,
        "certain": certain,
        "possible": possible,
        "excluded": n - certain - possible,
        "share_low": certain / n if n else np.nan,
        "share_high": (certain + possible) / n if n else np.nan,
        "source": rules.definitions[name].source,
    }


def _agreed(answers: pd.Series) -> str:
    return agreed(list(answers.dropna()))


def _alike(codes: pd.Series) -> object:
    known = codes[codes.notna() & (codes != UNKNOWN)].unique()
    return known[0] if len(known) == 1 else pd.NA
