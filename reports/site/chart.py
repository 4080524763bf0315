"""A chart of the report site: what a page hands to the template that writes it and to the script that draws it.

Every text in it is in the reader's language already; numbers are plain numbers, and the template writes them. A record
of `rows` may have these keys, and only what its kind needs:

    label   what the mark stands for: a country, a region, a method
    short   a shorter label, for the map
    group   heading under which rows stand together (forest, dots, bars)
    series  what is told apart by colour and symbol (dots, slope, bars), at most seven
    period  place on the horizontal axis, in the order of the rows (slope)
    region  code of the region in the survey's boundaries (map)
    value, low, high    estimate and its limits; all None where there is no number to show
    n       interviews behind it
    status  one of STATUSES, as `status_of` gives it; what is not "publish" is drawn so that it is seen
    note    a sentence more for the tooltip

The kinds, one example each (`VALUE` etc. are columns, see `Column`):

    forest  one row per place, estimate with its interval, under headings, with a line to compare with
            Chart("victims", "forest", _("People exploited per year"), _("persons"), 11348,
                  [{"group": _("Inside"), "label": _("Kazakhstan"), "value": 149721.0, "low": 118769.0,
                    "high": 186273.0, "n": 2234, "status": "publish"}],
                  (LABEL, VALUE, LOW, HIGH, N), confidence=0.95, reference=Reference(1e5, _("printed in 2010")))
    dots    several series side by side in each row: methods, inside and abroad
            rows like those of a forest, each with a `series`
    slope   one line per series through two or more periods or releases, with intervals
            [{"series": _("Tajikistan"), "period": "2009-r1", "value": 93615.0, "low": ..., "high": ..., "status": ...}]
    bars    shares that add up to one, stacked: one bar per label, one segment per series, `value` from 0 to 1
            [{"label": _("Kyrgyzstan"), "series": _("women"), "value": 0.31, "n": 1990, "status": "publish"}]
    map     regions coloured by value; a rate, never a count, since large regions have large counts
            [{"region": "KG-B", "label": _("Batken oblast"), "value": 12.3, "low": ..., "high": ..., "n": 237,
              "status": "caution"}], shapes=boundaries.of(...)

`cell(row)` makes value, low, high, n and status from a row of the table `estimates`.
A chart of five countries' totals is a `forest`; methods in one country are `dots`; a release against the last is a
`slope`. What the rows hold beyond the drawing goes into the data table and the CSV when a column names it.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from schemas.spreadsheet_text import neutralised

Kind = Literal["forest", "dots", "slope", "bars", "map"]
Form = Literal["text", "whole", "rate", "share", "status"]
"""How a column is written: a word, persons, a rate per 1,000, a share in per cent, or a status in words."""
STATUSES = ("publish", "caution", "suppress", "no_limits", "hidden", "not_surveyed", "absent")
"""Reliable; low reliability; unreliable; withheld without limits; hidden; not surveyed; no row in the release."""
WITHOUT_NUMBER = frozenset({"no_limits", "hidden", "not_surveyed", "absent"})
MOST_SERIES = 7
"""As many colours as differ for every kind of colour vision."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "forest": ("label",),
    "dots": ("label", "series"),
    "slope": ("series", "period"),
    "bars": ("label", "series"),
    "map": ("label", "region"),
}
_NUMBERS = ("value", "low", "high")
MARK = ("group", "label", "series", "period", "region")
"""What tells one mark from another."""


class Column(NamedTuple):
    """A column of the data table and of the CSV: key of the rows, title in the reader's language, how it is written."""

    key: str
    title: str
    form: Form


class Reference(NamedTuple):
    """A line to compare with: where it stands on the axis, and what it is."""

    value: float
    label: str


@dataclass(frozen=True)
class Chart:
    """One chart with its data; see the module for the keys of `rows`.

    id: unique on its page, letters, digits and dashes.  unit: of the values, shown under the title.  n: interviews
    behind the whole chart, or None where every row has its own.  confidence: of the limits, 0.95 for 95 %; needed as
    soon as a row has limits, unless `interval` says what they are if they are no confidence limits.  shapes: GeoJSON
    features of a map.
    Raises ValueError for a row that would be drawn as nothing, or as something that it is not.
    """

    id: str
    kind: Kind
    title: str
    unit: str
    n: int | None
    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[Column]
    note: str = ""
    confidence: float | None = None
    interval: str = ""
    reference: Reference | None = None
    shapes: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what would mislead."""
        object.__setattr__(self, "rows", tuple({key: _plain(one) for key, one in row.items()} for row in self.rows))
        if self.kind not in get_args(Kind):
            known = ", ".join(get_args(Kind))
            raise ValueError(f'chart {self.id}: there is no kind "{self.kind}"; it is one of {known}')
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.id):
            raise ValueError(f'chart "{self.id}": its id is not made of small letters, digits and dashes')
        if not self.unit or (self.n is None and not any("n" in row for row in self.rows)):
            raise ValueError(f"chart {self.id}: a chart says its unit and its number of interviews")
        if len({row.get("series") for row in self.rows}) > MOST_SERIES:
            raise ValueError(f"chart {self.id}: more than {MOST_SERIES} series cannot be told apart; draw two charts")
        if self.kind == "map" and not self.shapes:
            raise ValueError(f"chart {self.id}: a map needs shapes; a survey without boundaries has no map")
        if self.confidence is None and not self.interval and any(row.get("low") is not None for row in self.rows):
            raise ValueError(f"chart {self.id}: its rows have limits; say with which confidence")
        for row in self.rows:
            self._check(row)
        self._check_together()

    def _check(self, row: Mapping[str, Any]) -> None:
        """Refuse a row that lacks what its kind needs, hides nothing silently, or has limits on the wrong side."""
        where = f"chart {self.id}, row {row.get('label') or row.get('series')}"
        if missing := [key for key in _NEEDED[self.kind] if not row.get(key)]:
            raise ValueError(f"{where}: {', '.join(missing)} missing, which every row of a {self.kind} has")
        status, (value, low, high) = row.get("status"), (row.get(key) for key in _NUMBERS)
        if status not in STATUSES:
            raise ValueError(f'{where}: there is no status "{status}"; it is one of {", ".join(STATUSES)}')
        if (value is None) != (status in WITHOUT_NUMBER):
            raise ValueError(f'{where}: value {value} and status "{status}" contradict each other')
        if value is None and (low, high) != (None, None):
            raise ValueError(f"{where}: limits of a number that is not shown")
        if value is not None and not _between(value, low, high):
            raise ValueError(f"{where}: {value} is not within its limits {low} to {high}")

    def _check_together(self) -> None:
        """Refuse two rows for one mark, headings over some rows only, and shares that are more than the whole."""
        marks = Counter(tuple(row.get(key) for key in MARK) for row in self.rows)
        if doubled := [mark for mark, times in marks.items() if times > 1]:
            raise ValueError(f"chart {self.id}: two rows for {doubled[0]}")
        if len({bool(row.get("group")) for row in self.rows}) > 1:
            raise ValueError(f"chart {self.id}: some rows stand under a heading (group) and others under none")
        if self.kind != "bars":
            return
        bars: Counter[tuple[Any, Any]] = Counter()
        for row in self.rows:
            bars[row.get("group"), row["label"]] += row.get("value") or 0
        if above := [bar for bar, total in bars.items() if total > 1.001]:
            raise ValueError(f"chart {self.id}: the shares of {above[0][1]} add up to {bars[above[0]]:.3f}")

    def as_json(self) -> str:
        """Return what the script draws from, as JSON that may stand inside a `<script>` element."""
        content = {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "n": self.n,
            "note": self.note,
            "confidence": self.confidence,
            "interval": self.interval,
            "reference": self.reference and self.reference._asdict(),
            "form": next((column.form for column in self.columns if column.key == "value"), "rate"),
            "rows": list(self.rows),
            "shapes": self.shapes,
        }
        return _inline(content)

    def csv_text(self, words: Mapping[str, str]) -> str:
        """Return the columns as CSV: titles, then numbers as they are; an absent one is empty, and its status says why.

        words: what the statuses are called.
        """
        written = io.StringIO()
        lines = csv.writer(written, lineterminator="\r\n")
        lines.writerow([neutralised(column.title) for column in self.columns])
        for row in self.rows:
            lines.writerow([_cell(row.get(column.key), column.form, words) for column in self.columns])
        return written.getvalue()

    def csv_json(self, words: Mapping[str, str]) -> str:
        """Return the CSV as a JSON text that may stand inside a `<script>` element."""
        return _inline(self.csv_text(words))


def status_of(conf_status: str | None, reliability: str | None, value: float | None = 0.0) -> str:
    """Return the status of a cell of a release from its columns.

    A number without a judgement is to be read with caution. A cell that is not hidden and yet has no number was
    withheld because nobody can tell its error.
    """
    if conf_status in {"C", "D"}:
        return "hidden"
    if conf_status == "N" or _plain(value) is None:
        return "no_limits"
    return reliability if isinstance(reliability, str) and reliability in STATUSES else "caution"


def cell(estimate: Mapping[str, Any]) -> dict[str, Any]:
    """Return value, low, high, n and status of a row of the table `estimates`, as rows of a chart have them."""
    status = status_of(estimate["conf_status"], estimate["reliability"], estimate["estimate"])
    columns = {"value": "estimate", "low": "ci_low", "high": "ci_high"}
    shown = status not in WITHOUT_NUMBER
    numbers = {key: _plain(estimate[column]) if shown else None for key, column in columns.items()}
    return {**numbers, "n": _plain(estimate["n_respondents"]), "status": status}


def told_apart(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Number the labels of rows that would be one mark: what a survey calls its questions need not differ."""
    found, times = [], Counter[tuple[Any, ...]]()
    for row in rows:
        mark = tuple(row.get(key) for key in MARK)
        times[mark] += 1
        found.append({**row, "label": f"{row['label']} ({times[mark]})"} if times[mark] > 1 else dict(row))
    return found


def _between(value: float, low: float | None, high: float | None) -> bool:
    """Tell whether limits hold their estimate, as far as a number in binary can."""
    slack = 1e-9 * max(1.0, abs(value))
    return (low is None or low - slack <= value) and (high is None or value <= high + slack)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: no NaN, no number of numpy."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any, form: Form, words: Mapping[str, str]) -> object:
    if value is None:
        return ""
    if form == "status":
        return neutralised(words[value])
    return neutralised(value) if isinstance(value, str) else value


def _inline(content: object) -> str:
    """Return JSON in which nothing ends a script element or a line of it."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
