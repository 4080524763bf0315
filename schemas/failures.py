"""Why rows are refused: failures in the order of their checks, and the split into accepted and quarantined."""

from __future__ import annotations

import json
from collections.abc import Set

import numpy as np
import pandas as pd

_WRITTEN = 20_000
"""Rows that are written as JSON together, which bounds memory."""
COLUMNS = ["position", "rule", "column_name", "value", "message"]


class Failures:
    """Failures of rows; the first one found is a row's reason, the others are named beside it."""

    def __init__(self) -> None:
        """Start without any failure."""
        self._parts: list[pd.DataFrame] = []

    def add(self, rule: str, column: str, values: pd.Series, failing: pd.Series, message: str) -> None:
        """Record the rows where `failing` is true; `message` may hold `{value}`."""
        positions = failing.index[failing.to_numpy(dtype=bool)]
        if len(positions) == 0:
            return
        shown = values.loc[positions].astype("str").where(values.loc[positions].notna(), "")
        self._parts.append(
            pd.DataFrame(
                {
                    "position": positions,
                    "rule": rule,
                    "column_name": column,
                    "value": shown.to_numpy(),
                    "message": _messages(message, shown),
                }
            )
        )

    def table(self) -> pd.DataFrame:
        """Return one row per failure: position, rule, column_name, value, message."""
        return pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame(columns=COLUMNS)

    def take_out(self, rule: str, positions: Set[int]) -> pd.DataFrame:
        """Remove failures of one rule at some positions, and return them as `table` does."""
        taken = pd.DataFrame(columns=COLUMNS)
        table = self.table()
        chosen = ((table["rule"] == rule) & table["position"].isin(list(positions))).to_numpy(dtype=bool)
        if chosen.any():
            taken = table[chosen]
            self._parts = [table[~chosen]]
        return taken

    def positions(self) -> set[int]:
        """Return the positions of the rows that failed at least once."""
        return set(self.table()["position"])

    def mask(self, rows: int) -> np.ndarray:
        """Tell of each of so many rows whether it failed, (rows,) bool."""
        failed = np.zeros(rows, dtype=bool)
        for part in self._parts:
            failed[part["position"].to_numpy()] = True
        return failed

    def quarantine(self, raw: pd.DataFrame, numbers: pd.Series) -> pd.DataFrame:
        """Return one row per refused row, with its reason, the other failed rules and the row as it was delivered.

        raw: the rows as read, indexed by position, with source_row.  numbers: questionnaire numbers, by position.
        The result has the same index.
        """
        table = self.table()
        first = table.drop_duplicates("position").set_index("position").sort_index()
        rules: dict[int, list[str]] = {}
        for position, rule in zip(table["position"], table["rule"], strict=True):
            rules.setdefault(position, []).append(rule)
        others = [", ".join(dict.fromkeys(rules[position][1:])) for position in first.index]
        rows = raw.loc[first.index]
        return first.assign(
            source_row=rows["source_row"],
            also=others,
            raw_row=as_delivered(rows),
            questionnaire_id=numbers.loc[first.index].fillna("").to_numpy(),
        )


def _messages(message: str, shown: pd.Series) -> list[str]:
    if "{value}" not in message:
        return [message] * len(shown)
    return [message.replace("{value}", text) for text in shown]


def as_delivered(rows: pd.DataFrame) -> list[str]:
    """Write rows as JSON objects of header and cell; a cell that is absent has no key.

    Each different cell of a column is written once, whatever the number of rows.
    """
    out: list[str] = []
    for start in range(0, len(rows), _WRITTEN):
        part = rows.iloc[start : start + _WRITTEN].drop(columns="source_row")
        out += map(_object, zip(*(_entries(header, part[header]) for header in part.columns), strict=True))
    return out


def _object(entries: tuple[str, ...]) -> str:
    return "{" + ", ".join(filter(None, entries)) + "}"


def _entries(header: str, cells: pd.Series) -> list[str]:
    """Write `"header": "cell"` for each cell, nothing for one that is absent."""
    codes, distinct = pd.factorize(cells)
    name = json.dumps(header, ensure_ascii=False)
    texts = [
        f"{name}: {json.dumps(text, ensure_ascii=False)}" if isinstance(text, str) else ""
        for text in distinct.to_numpy(object)
    ]
    return [*np.array([*texts, ""], dtype=object)[codes]]
