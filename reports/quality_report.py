"""The quality report of a release: what the pipeline knows about its own quality, by the dimensions of the ESS.

Lives here: the values. Codes, wording and order of the indicators are in `quality_indicators.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.expectation import Validation
from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_name("quality_indicators.yaml")
LEADING = "design"
EVERYTHING = "all"
WRITTEN_IN = "en"
"""Language of the report for programs; the site has the others."""
NOT_KNOWN = {"en": "not known", "ru": "неизвестно"}

Value = tuple[str, str, float]
"""Indicator, what it is about, value."""


@dataclass(frozen=True)
class Indicator:
    """One line of the report; value is null, and note says why, where nothing is known."""

    dimension: str
    indicator: str
    code: str | None
    label: str
    scope: str
    value: float | None
    unit: str
    note: str


@cache
def dimensions() -> dict[str, dict[str, Any]]:
    """Read the dimensions with their indicators."""
    content: dict[str, dict[str, Any]] = read_yaml(_FILE)
    return content


def quality_report(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    validations: Sequence[Validation],
) -> list[Indicator]:
    """Return every indicator in the order of its file; one without a value is there once, with the reason.

    tables: the tables of a release, with those of earlier releases in `estimates`.
    """
    release_id = str(tables["quality"]["release_id"].iloc[0])
    estimates = tables["estimates"]
    estimates = estimates[estimates["release_id"] == release_id]
    values: list[Value] = [
        *_relevance(estimates, tables["regions"]),
        *_response(loads),
        *_quotas(estimates, declaration),
        *_precision(estimates, declaration),
        *_revisions(tables["revisions"], release_id),
        *_timeliness(tables["releases"], declaration.fieldwork.last_day),
        *_accessibility(tables["dictionary"]),
        *_coherence(tables["quality"], validations),
        *_comparability(tables["reproduction"], tables["regions"], estimates),
    ]
    records = not declaration.methods
    return [line for name, parts in dimensions().items() for line in _lines(name, parts["indicators"], values, records)]


def label(told: Mapping[str, Any], of_records: bool) -> Mapping[str, str]:
    """Return what an indicator is called, by language, where records are no interviews."""
    found: Mapping[str, str] = told.get("label_of_records", told["label"]) if of_records else told["label"]
    return found


def absent(told: Mapping[str, Any], of_records: bool) -> Mapping[str, str]:
    """Return why an indicator has no value, by language. of_records: whether the survey is one of records."""
    why: Mapping[str, str] = told.get("absent", NOT_KNOWN)
    return told.get("absent_of_records", why) if of_records else why


def as_records(report: Sequence[Indicator]) -> list[dict[str, Any]]:
    """Return the report for JSON."""
    return [asdict(line) for line in report]


def _lines(
    dimension: str, known: Mapping[str, Mapping[str, Any]], values: Sequence[Value], of_records: bool
) -> Iterator[Indicator]:
    for name, told in known.items():
        fixed = (dimension, name, told.get("code"), label(told, of_records)[WRITTEN_IN])
        here = [(scope, value) for indicator, scope, value in values if indicator == name]
        for scope, value in here:
            yield Indicator(*fixed, scope, value, told["unit"], "")
        if not here:
            yield Indicator(*fixed, EVERYTHING, None, told["unit"], absent(told, of_records)[WRITTEN_IN])


def _share(part: float, whole: float) -> list[float]:
    """Return a share, or nothing where there is nothing to have a share of."""
    return [round(part / whole, 6)] if whole else []


def _relevance(estimates: pd.DataFrame, regions: pd.DataFrame) -> Iterator[Value]:
    for level, cells in estimates.groupby("level"):
        yield from (("cells_with_number", str(level), s) for s in _share(cells["estimate"].notna().sum(), len(cells)))
    yield "cells_hidden", EVERYTHING, float(estimates["conf_status"].isin(["C", "D"]).sum())
    for country, rows in regions.groupby("country"):
        yield from (("regions_surveyed", str(country), s) for s in _share((rows["surveyed"] == "yes").sum(), len(rows)))


def _response(loads: Sequence[Load]) -> Iterator[Value]:
    """Count what was delivered, used, excluded and edited, by country and together."""
    by_country: dict[str, list[Load]] = {}
    for load in sorted(loads, key=lambda load: (load.country, load.uri)):
        by_country.setdefault(load.country, []).append(load)
    for scope, mine in [*by_country.items(), (EVERYTHING, list(loads))]:
        read = sum(load.rows_read for load in mine)
        yield "questionnaires_delivered", scope, float(read)
        used = sum(load.rows_accepted for load in mine)
        yield from (("questionnaires_used", scope, share) for share in _share(used, read))
    for country, mine in by_country.items():
        for name, kind in (("excluded", "reasons"), ("edited", "edits")):
            counts: dict[str, int] = {}
            for load in mine:
                for rule, number in getattr(load, kind).items():
                    counts[rule] = counts.get(rule, 0) + number
            yield from ((name, f"{country} {rule}", float(number)) for rule, number in sorted(counts.items()))


def _quotas(estimates: pd.DataFrame, declaration: Declaration) -> Iterator[Value]:
    """Set the interviews of each country and region beside those that were planned."""
    if declaration.quotas is None:
        return
    held = estimates[(estimates["indicator"] == "family_size") & estimates["level"].isin(["national", "regional"])]
    held = held.drop_duplicates(["country", "region"]).assign(region=held["region"].fillna(""))
    number = held.set_index(["country", "region"])["n_respondents"].to_dict()
    for row in declaration.quotas.fillna({"region": ""}).itertuples():
        there = number.get((row.country, row.region))
        got = 0.0 if there is None or pd.isna(there) else float(there)
        yield from (("quota_met", str(row.region or row.country), share) for share in _share(got, float(row.planned)))


def _precision(estimates: pd.DataFrame, declaration: Declaration) -> Iterator[Value]:
    """Lay out how uncertain the leading method's totals are, by level."""
    methods = list(declaration.methods)
    if not methods:
        return  # records have no leading method: what they hold is counted
    leading = LEADING if LEADING in methods else methods[0]
    chosen = estimates[(estimates["method"] == leading) & (estimates["indicator"] == "victims")]
    shown = chosen[chosen["estimate"].notna()]
    for level, cells in shown.groupby("level"):
        scope = f"{leading} {level}"
        cv = cells["cv"].dropna()
        if len(cv):
            for name, part in (("cv_lower_quartile", 0.25), ("cv_median", 0.5), ("cv_upper_quartile", 0.75)):
                yield name, scope, round(float(cv.quantile(part)), 6)
            if bound := declaration.reliability.get("max_cv"):
                yield from (("cv_within_bound", scope, share) for share in _share((cv <= bound).sum(), len(cells)))
        for verdict in ("publish", "caution", "suppress"):
            judged = (cells["reliability"] == verdict).sum()
            yield from ((f"reliable_{verdict}", scope, share) for share in _share(judged, len(cells)))


def _revisions(revisions: pd.DataFrame, release_id: str) -> Iterator[Value]:
    now = revisions[revisions["release_id"] == release_id]
    for reason, rows in now.groupby("reason_code"):
        yield "numbers_revised", str(reason), float(len(rows))
        change = rows["relative_change"].abs().dropna()
        if len(change):
            yield "mean_absolute_revision", str(reason), round(float(change.mean()), 6)


def _timeliness(releases: pd.DataFrame, last_day: date) -> Iterator[Value]:
    published = releases.sort_values("published_at")["published_at"]
    yield "days_to_first_release", EVERYTHING, float((published.iloc[0].date() - last_day).days)
    yield "days_to_this_release", EVERYTHING, float((published.iloc[-1].date() - last_day).days)


def _accessibility(dictionary: pd.DataFrame) -> Iterator[Value]:
    yield "tables_published", EVERYTHING, float(dictionary["table_name"].nunique())
    described = dictionary["description"].fillna("").str.len() > 0
    yield from (("columns_described", EVERYTHING, share) for share in _share(described.sum(), len(dictionary)))


def _coherence(quality: pd.DataFrame, validations: Sequence[Validation]) -> Iterator[Value]:
    for verdict in ("passed", "noted", "refused"):
        for dimension, rows in quality[quality["verdict"] == verdict].groupby("dimension"):
            yield f"checks_{verdict}", str(dimension), float(len(rows))
    for validation in validations:
        met = sum(finding.success for finding in validation.findings)
        yield from (("expectations_met", validation.suite, share) for share in _share(met, len(validation.findings)))


def _comparability(reproduction: pd.DataFrame, regions: pd.DataFrame, estimates: pd.DataFrame) -> Iterator[Value]:
    matches = (reproduction["verdict"] == "match").sum()
    yield from (("printed_numbers_met", EVERYTHING, share) for share in _share(matches, len(reproduction)))
    yield "waves", EVERYTHING, float(estimates["wave"].nunique())
    surveyed = regions[regions["surveyed"] == "yes"]
    if surveyed["grade"].notna().any():  # records are multiplied up to no population
        official = (surveyed["grade"] == "A").sum()
        yield from (("populations_official", EVERYTHING, share) for share in _share(official, len(surveyed)))
    yield from _regional_gaps(estimates)


def _regional_gaps(estimates: pd.DataFrame) -> Iterator[Value]:
    """Find, by method, the largest gap between the sum of the regions and the nation, over the nation."""
    cell = {"indicator": "victims", "exploitation": "all", "location": "both", "sex": "all"}
    totals = estimates[(estimates[list(cell)] == list(cell.values())).all(axis=1)]
    for method, rows in totals.groupby("method"):
        nations = rows[rows["level"] == "national"].set_index("country")["estimate"]
        regional = rows[rows["level"] == "regional"]
        if regional.empty or regional["estimate"].isna().any():
            continue  # no regions, or hidden ones, whose sum must not be told
        gap = (regional.groupby("country")["estimate"].sum() - nations) / nations
        worst = float(gap.loc[gap.abs().idxmax()])
        if abs(worst) > 1e-9:
            yield "largest_regional_gap", str(method), round(worst, 6)
