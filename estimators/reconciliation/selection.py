"""The numbers a rule is about, taken from the records, with the records they came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from estimators.reconciliation.finding import Undecidable
from schemas.reconciliation import Rule, wrong
from schemas.reconciliation_figures import Day, Figures

if TYPE_CHECKING:
    import pandas as pd

RECORD = "questionnaire_id"
RESTRICTION, HIDDEN = "citation_restriction", "do_not_cite"
UNREADABLE = (NameError, TypeError, ValueError, AttributeError, KeyError, SyntaxError, NotImplementedError)
"""What pandas raises for an expression that the records cannot answer."""
SECTIONS = 4
"""Sections of a document that the source of a finding names; more are counted."""


@dataclass(frozen=True)
class Number:
    """One number with the record it came from; `value` is None where the record has none."""

    value: float | None
    decimals: int
    name: str
    row: dict[str, Any] | None = None


class Selection:
    """The records as one rule sees them; remembers which were used."""

    def __init__(
        self,
        records: pd.DataFrame,
        rule: Rule,
        regions: Sequence[str],
        columns: Mapping[str, pd.Series] | None = None,
    ) -> None:
        """records: ordered by their number.  regions: codes of the survey's regions.  columns: those of the records."""
        self.records = records
        self.rule = rule
        self.regions = tuple(regions)
        self._columns = {str(name): records[name] for name in records} if columns is None else columns
        self._used: set[int] = set()

    def rows(self, key: str, chosen: Figures | Day | str) -> pd.DataFrame:
        """Return the records that an expression is true of, or that are named. Raises DeclarationError."""
        import pandas as pd

        if isinstance(chosen, str) or chosen.where is not None:
            expression = chosen if isinstance(chosen, str) else str(chosen.where)
            try:
                true = pd.eval(expression, engine="python", resolvers=[self._columns], local_dict={}, global_dict={})
            except UNREADABLE as error:
                raise self.wrong(key, f"{expression}: {error}") from error
            if not isinstance(true, pd.Series) or true.dtype.name not in ("bool", "boolean"):
                raise self.wrong(key, f"{expression} is not true or false of each record")
            mask = true.astype("boolean").fillna(False).to_numpy(dtype=bool)
        else:
            mask = self.column(key, RECORD).isin(chosen.ids).to_numpy(dtype=bool)
        found = self.records[mask]
        self._used |= set(found.index)
        return found

    def several(self, key: str, figures: Sequence[Figures]) -> list[Number]:
        """Return the numbers that some entries name, missing ones included."""
        return [number for entry in figures for number in self._numbers(key, entry)]

    def known(self, key: str, figures: Sequence[Figures]) -> list[Number]:
        """Return the numbers that some entries name. Raises Undecidable if one is missing, or there is none."""
        numbers = self.several(key, figures)
        if missing := [number.name for number in numbers if number.value is None]:
            raise Undecidable("missing", key=key, records=missing)
        if not numbers:
            raise Undecidable("no_record", key=key, where="; ".join(_shown(entry) for entry in figures))
        return numbers

    def values(self, key: str, figures: Sequence[Figures]) -> list[float]:
        """Return the values that some entries name, all known."""
        return [float(number.value) for number in self.known(key, figures) if number.value is not None]

    def one(self, key: str, figures: Figures) -> Number:
        """Return the one number an entry names. Raises Undecidable if it is missing, DeclarationError for several."""
        numbers = self.several(key, [figures])
        if len(numbers) > 1:
            raise self.wrong(key, f"{_shown(figures)} names {len(numbers)} records where one is meant")
        return self.known(key, [figures])[0]

    def value(self, key: str, figures: Figures) -> float:
        """Return the one value an entry names."""
        return float(self.one(key, figures).value or 0.0)

    def text(self, key: str, day: Day) -> str:
        """Return the text of a day. Raises Undecidable if there is none, DeclarationError for several records."""
        import pandas as pd

        if day.date is not None:
            return day.date
        rows = self.rows(key, day)
        if len(rows) > 1:
            raise self.wrong(key, f"{day.where or ', '.join(day.ids)} names {len(rows)} records where one is meant")
        if rows.empty:
            raise Undecidable("no_record", key=key, where=day.where or ", ".join(day.ids))
        cell = self.column(key, day.of)[rows.index[0]]
        if pd.isna(cell):
            raise Undecidable("no_date", key=key, records=[self._name(rows.index[0])])
        return str(cell.date()) if hasattr(cell, "date") else str(cell).strip()

    def column(self, key: str, name: str) -> pd.Series:
        """Return a column of the records. Raises DeclarationError if there is none."""
        if name not in self.records:
            raise self.wrong(key, f"the records have no column {name}")
        return self.records[name]

    def common(self, name: str) -> str | None:
        """Return what all records used have in a column, or None."""
        import pandas as pd

        if name not in self.records or not self._used:
            return None
        values = list(self.records.loc[sorted(self._used), name].unique())
        return None if len(values) != 1 or pd.isna(values[0]) else str(values[0])

    @property
    def restricted(self) -> bool:
        """Whether a record used may not have its number published."""
        if RESTRICTION not in self.records:
            return False
        return bool((self.records.loc[sorted(self._used), RESTRICTION] == HIDDEN).any())

    def source(self) -> str | None:
        """Name the documents and sections of the records used."""
        if "document" not in self.records or not self._used:
            return None
        used = self.records.loc[sorted(self._used)]
        parts = []
        for document, rows in used.groupby("document", sort=True):
            sections = sorted(set(rows["section"].dropna().astype("str"))) if "section" in rows else []
            more = f" … (+{len(sections) - SECTIONS})" if len(sections) > SECTIONS else ""
            parts.append(", ".join([str(document), *sections[:SECTIONS]]) + more)
        return "; ".join(parts) or None

    def wrong(self, key: str, what: str) -> Exception:
        """Return the error that names the rule and its key."""
        return wrong(self.rule.file, self.rule.id, key, what)

    def _name(self, position: int) -> str:
        return str(self.records[RECORD][position]) if RECORD in self.records else str(position + 1)

    def _numbers(self, key: str, entry: Figures) -> list[Number]:
        if entry.number is not None:
            return [Number(entry.number, _decimals(entry, entry.number), str(entry.number))]
        rows = self.rows(key, entry)
        if entry.take == "count":
            return [Number(float(len(rows)), 0, entry.take)]
        column = self.column(key, entry.of).loc[rows.index]
        if entry.take == "distinct":
            return [Number(float(column.nunique()), 0, entry.take)]
        if column.dtype.kind not in "iufb":
            raise self.wrong(key, f"{entry.of} is no column of numbers")
        each = [self._number(entry, position, column[position]) for position in rows.index]
        return each if entry.take == "each" or not each else [_taken(entry, each)]

    def _number(self, entry: Figures, position: int, cell: Any) -> Number:
        import pandas as pd

        value = None if pd.isna(cell) else float(cell)
        record = self.records.loc[position].to_dict()
        return Number(value, _decimals(entry, value), self._name(position), record)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


_MADE: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sum": math.fsum,
    "product": math.prod,
    "min": min,
    "max": max,
    "mean": _mean,
}


def _taken(entry: Figures, each: Sequence[Number]) -> Number:
    """Make one number of several; missing if one of them is."""
    names = ", ".join(number.name for number in each)
    values = [number.value for number in each if number.value is not None]
    if len(values) < len(each):
        return Number(None, 0, ", ".join(number.name for number in each if number.value is None))
    made = _MADE[entry.take](values)
    value = float(f"{made:.12g}")
    return Number(value, _decimals(entry, value), names, each[0].row if len(each) == 1 else None)


def _decimals(entry: Figures, value: float | None) -> int:
    if entry.decimals is not None or value is None:
        return entry.decimals or 0
    return max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))


def _shown(entry: Figures) -> str:
    return entry.where or ", ".join(entry.ids) or str(entry.number)
