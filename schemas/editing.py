"""Editing rules, per country: which questionnaires are dropped, capped or kept with a warning. Every act is logged."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
from pandas.api.extensions import ExtensionArray

from schemas.editing_rules import Editing
from schemas.failures import Failures

EDIT_COLUMNS = ["source_row", "questionnaire_id", "rule", "action", "column_name", "before", "after"]
NAMED = ["source_row", "questionnaire_id"]
"""Columns of the record that name the interview in the log."""


def drop(frame: pd.DataFrame, rules: Editing, instrument: ModuleType, failures: Failures) -> None:
    """Record what the rules drop: relatives missing, cases far above relatives, relatives above the limit."""
    relatives = frame["relatives"]
    failures.add("relatives_missing", "relatives", relatives, relatives.isna(), "the number of relatives is missing")
    factor = rules.cases_above_relatives.factor
    cases = instrument.cases(frame)
    far_above = (cases > factor * relatives).fillna(False).astype(bool)
    failures.add(
        "cases_above_relatives",
        "relatives",
        relatives,
        far_above,
        f"the cases reported are more than {factor:g} times the {{value}} relatives",
    )
    if rules.relatives_above.action == "drop":
        limit = rules.relatives_above.limit
        above = (relatives > limit).fillna(False).astype(bool)
        failures.add(
            "relatives_above_limit", "relatives", relatives, above, f"{{value}} relatives are more than {limit}"
        )


def apply(frame: pd.DataFrame, rules: Editing, instrument: ModuleType) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cap, empty and warn. Returns the edited interviews (with relatives_raw) and the log of edits, one row per act.

    Both are indexed by the row's place in `frame`; a row may have several acts.
    """
    out = frame.assign(relatives_raw=frame["relatives"])
    log: list[pd.DataFrame] = []
    limit = rules.relatives_above.limit
    if rules.relatives_above.action == "cap":
        above = (out["relatives"] > limit).to_numpy(dtype=bool)
        log.append(
            acts(
                out.loc[above, NAMED],
                "relatives_above_limit",
                "cap",
                "relatives",
                out.loc[above, "relatives"],
                str(limit),
            )
        )
        out["relatives"] = out["relatives"].clip(upper=limit)
    for rule, column, zero in instrument.not_asked(out):
        log.append(acts(out.loc[zero, NAMED], rule, "empty", column, out.loc[zero, column], ""))
        out[column] = out[column].mask(zero)
    for place in instrument.PLACES:
        by_sex, total = instrument.labour_by_sex(out, place), instrument.labour_total(out, place)
        differs = (by_sex != total).to_numpy(dtype=bool)
        column = f"labour_{place}_total"
        text = by_sex[differs].astype("str") + " by sex, " + total[differs].astype("str") + " in total"
        log.append(acts(out.loc[differs, NAMED], "sex_total_mismatch", "warn", column, text, text))
    return out, pd.concat(log)


def none(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the log of no edit, for records that no rule edits."""
    return pd.DataFrame(columns=EDIT_COLUMNS, index=frame.index[:0])


def acts(
    rows: pd.DataFrame,
    rule: str | ExtensionArray,
    action: str,
    column: str | ExtensionArray,
    before: pd.Series,
    after: pd.Series | str,
) -> pd.DataFrame:
    """Return the log of one act on each of some rows, which hold NAMED and give the index; a text is that of each."""
    return pd.DataFrame(
        {
            "source_row": rows["source_row"],
            "questionnaire_id": rows["questionnaire_id"],
            "rule": rule,
            "action": action,
            "column_name": column,
            "before": before.astype("str"),
            "after": after,
        },
        columns=EDIT_COLUMNS,
    )
