"""What every page of a release is made from: its tables, its survey and the language it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from reports.five_countries import leading
from reports.language import Language
from reports.quality_report import Indicator
from schemas import instrument, vocabulary
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.expectation import Validation

HIDDEN = ("C", "D")
"""Confidentiality statuses of cells whose number is hidden."""
NO_LIMITS = "N"
"""That of cells whose number is withheld because nobody can tell its error."""
CELL = ("level", "indicator", "exploitation", "location", "sex")
"""What names a cell beside its country and region, among rates and totals."""


@dataclass(frozen=True)
class Published:
    """What a release holds, whatever the language.

    tables: every table of the release; `estimates` also has the cells of earlier releases.
    loads: the deliveries it rests on.  validations, indicators: what was checked, and the quality report.
    files: path below the release folder to size in bytes, of the files that were written before the site.
    """

    tables: Mapping[str, pd.DataFrame]
    declaration: Declaration
    loads: Sequence[Load]
    validations: Sequence[Validation]
    indicators: Sequence[Indicator]
    files: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def release(self) -> dict[str, Any]:
        """The row of this release in the table `releases`; missing values are None."""
        rows = self.tables["releases"]
        row = rows[rows["superseded_by"].isna()].iloc[-1:]
        found: dict[str, Any] = row.astype(object).where(row.notna(), None).to_dict("records")[0]
        return found

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The cells of this release alone."""
        rows = self.tables["estimates"]
        return rows[rows["release_id"] == self.release["release_id"]]

    @cached_property
    def instrument(self) -> DeclaredInstrument | None:
        """What the records are and what is counted of them; None for a survey of families."""
        found = instrument.find(self.declaration.instrument)
        return found if isinstance(found, DeclaredInstrument) else None

    @property
    def of_records(self) -> bool:
        """Whether the numbers are the indicators of a declared instrument, and not about families."""
        return self.instrument is not None

    @cached_property
    def method(self) -> str:
        """The method a reader is shown first; empty where each number has one method only."""
        return "" if self.of_records else leading(self.estimates)

    @cached_property
    def lead(self) -> pd.DataFrame:
        """The cells of this release by that method; all where each number has one method only."""
        return self.by_method(self.estimates)

    def by_method(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Select the rows of the method a reader is shown first; all where each number has one method only."""
        return rows if self.of_records else rows[rows["method"] == self.method]

    @cached_property
    def cells(self) -> Mapping[tuple[str, ...], list[dict[str, Any]]]:
        """The rows of nations and the group by the leading method, by the values of CELL."""
        found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in self.lead[self.lead["level"] != "regional"].to_dict("records"):
            found.setdefault(tuple(row[name] for name in CELL), []).append(row)
        return found

    @property
    def has_data_docs(self) -> bool:
        """Whether great_expectations' own pages stand beside ours: the survey asks for them, and a suite was run."""
        return self.declaration.report.data_docs and bool(self.validations)

    @property
    def countries(self) -> list[str]:
        """Codes of the countries, in the order in which they are shown."""
        return list(self.declaration.countries)


@dataclass(frozen=True)
class View:
    """A release seen in one language."""

    published: Published
    language: Language

    def gettext(self, text: str) -> str:
        """Translate a text of the interface. Call it `_`, so that the catalogue's extractor sees it."""
        return self.language.gettext(text)

    def code(self, column: str, value: str | None) -> str:
        """Name the value of a coded column: View.code("location", "inside") is Inside the country.

        What the vocabulary does not name is named by the instrument's column of the same name.
        """
        if value is None or pd.isna(value):
            return ""
        listed = vocabulary.code_list(column)
        found = next((code for code in listed.codes if code.value == value), None) if listed else None
        if found is not None:
            return found.name_in(self.language.code)
        kind = self.published.instrument
        if kind and column in kind.columns and value in kind.columns[column].allowed:
            return kind.code_name(column, value, self.language.code)
        return value

    def column(self, name: str) -> str:
        """Say what a column of a result table is called."""
        others = vocabulary.content()["titles_of_records"] if self.published.of_records else {}
        return vocabulary.title(others.get(name, name), self.language.code)

    def indicator(self, name: str) -> str:
        """Name an indicator: by the vocabulary, or by what the instrument asks and the answer that is counted."""
        return self._indicators.get(name) or self.code("indicator", name)

    def own(self, row: Mapping[str, Any], column: str) -> str:
        """Return a text of a result table in the language, `reason_ru` for `reason`; empty where there is none."""
        text = row.get(column) if self.language.is_first else row.get(f"{column}_{self.language.code}", row.get(column))
        return text if isinstance(text, str) else ""

    def country(self, code: str | None) -> str:
        """Name a country; without a code, all of them together."""
        if code is None or pd.isna(code) or not code:
            return self.code("level", "group")
        declared = self.published.declaration
        if self.language.is_first:
            return declared.countries.get(code, code)
        translated = declared.translation(self.language.code).countries.get(code)
        return translated or self.language.territory(code) or declared.countries.get(code, code)

    def region(self, code: str) -> str:
        """Name a region of the survey."""
        return self._regions.get(code, code)

    def survey(self, text: str) -> str:
        """Return the survey's `title`, `notice` or `publication`, translated where the declaration translates it."""
        declared = self.published.declaration
        translated = "" if self.language.is_first else getattr(declared.translation(self.language.code), text)
        return str(translated or getattr(declared, text))

    @cached_property
    def _indicators(self) -> dict[str, str]:
        rows = self.published.tables["indicators"].to_dict("records") if self.published.of_records else []
        return {
            row["indicator"]: ": ".join(filter(None, (self.own(row, "title"), self.own(row, "code_name"))))
            for row in rows
        }

    @cached_property
    def _regions(self) -> dict[str, str]:
        rows = self.published.tables["regions"]
        own = f"name_{self.language.code}"
        names = rows["name_en"] if own not in rows else rows[own].where(rows[own].fillna("") != "", rows["name_en"])
        return dict(zip(rows["region"], names, strict=True))
