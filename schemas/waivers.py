"""Waivers (`waivers.yaml`): rows that somebody lets pass in spite of a rule of judgement, until a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.named_row import NamedRow, read_entries, wrong_entry
from schemas.placeholders import Filled
from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import pandas as pd

    from schemas.failures import Failures

NAME = "waivers.yaml"
RULE = "waiver"
"""Rule under which a waiver stands in the log of edits; the action is the rule that was waived."""


class Waiver(NamedRow):
    """One row, the rule that it may break, who answers for it and why, and the last day (UTC) on which it holds."""

    rule: str
    by: Filled
    reason: Filled
    until: date

    @property
    def told(self) -> str:
        """Say what was waived, by whom and why, for the history of a row."""
        return f"{self.rule} waived by {self.by} until {self.until}: {self.reason}"


@cache
def waivable() -> frozenset[str]:
    """Return the rules that can be waived."""
    return frozenset(read_yaml(Path(__file__).with_name("waivable.yaml")))


def read(folder: Path, countries: Sequence[str]) -> tuple[Waiver, ...]:
    """Read a survey's waivers, expired ones too. Raises DeclarationError, also for a rule that cannot be waived."""
    path = folder / NAME
    entries = read_entries(path, Waiver, countries)
    for entry in entries:
        if entry.rule not in waivable():
            can = ", ".join(sorted(waivable()))
            raise wrong_entry(
                path, entry.number, f'rule: "{entry.rule}" cannot be waived ({can} can); correct the row instead'
            )
    return entries


def in_force(entries: Sequence[Waiver], day: date) -> tuple[Waiver, ...]:
    """Return those that hold on a day (UTC); the last day counts."""
    return tuple(entry for entry in entries if day <= entry.until)


def named(rule: str, frame: pd.DataFrame, entries: Sequence[Waiver], key: str) -> set[int]:
    """Return the positions of the rows for which a rule is waived."""
    return {
        int(position)
        for entry in entries
        if entry.rule == rule
        for position in frame.index[entry.positions(frame[key], frame["source_row"])]
    }


def take_out(failures: Failures, frame: pd.DataFrame, entries: Sequence[Waiver], key: str) -> pd.DataFrame:
    """Take out the failures that are waived, and return them as `Failures.table` does.

    frame: canonical records by position, with source_row.  key: the column with the questionnaire number.
    """
    import pandas as pd

    from schemas.failures import COLUMNS

    rules = dict.fromkeys(entry.rule for entry in entries)
    parts = [failures.take_out(rule, named(rule, frame, entries, key)) for rule in rules]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def log(taken: pd.DataFrame, failures: Failures, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the log of edits, indexed by position: one row per waived rule of a row that now passes.

    taken: what `take_out` returned.  failures: what is left.
    """
    import pandas as pd

    from schemas.editing import EDIT_COLUMNS

    waived = taken[~taken["position"].isin(list(failures.positions()))]
    rows = frame.loc[waived["position"].to_numpy(dtype="int64")]
    return pd.DataFrame(
        {
            "source_row": rows["source_row"].to_numpy(),
            "questionnaire_id": rows[key].fillna("").to_numpy(),
            "rule": RULE,
            "action": waived["rule"].to_numpy(),
            "column_name": waived["column_name"].to_numpy(),
            "before": waived["value"].to_numpy(),
            "after": waived["value"].to_numpy(),
        },
        columns=EDIT_COLUMNS,
        index=rows.index,
    )
