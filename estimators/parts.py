"""Parts of a survey's estimates: the cells of one method for one country, or for all countries together.

Lives here: which parts a survey has, what each rests on, and how it is made from that alone, so that a part may be kept
and used again as long as what it rests on is the same. Not here: the methods, and where parts are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

TOGETHER = ""
"""All countries together: the level `group`."""
WHOLE = "*"
"""Every level, by a method whose countries rest on each other."""
CROSSING_RULES = ("adjust", "collapse")
"""Rules for lonely PSUs that look across countries: the mean of all PSUs, or a neighbour that may be anywhere."""


class Part(NamedTuple):
    """A country's code, TOGETHER or WHOLE, and a method."""

    country: str
    method: str


def parts(psu_totals: pd.DataFrame, settings: Mapping[str, Any]) -> list[Part]:
    """Return the parts of a survey, those of all countries first: their errors name every country.

    Arguments as of `estimators.estimate`.
    """
    countries = sorted(psu_totals["country"].unique())
    whole = [name for name in settings["methods"] if crosses_countries(name, settings)]
    single = [name for name in settings["methods"] if name not in whole]
    listed = [Part(WHOLE, name) for name in whole]
    return listed + [Part(country, name) for country in (TOGETHER, *countries) for name in single]


def crosses_countries(method: str, settings: Mapping[str, Any]) -> bool:
    """Tell whether a country's cells may rest on other countries' rows; of a method not known here, always yes.

    A jackknife around the mean of all replicates, and CROSSING_RULES, of the method or of `design`, which
    gives the others their df and deff.
    """
    from estimators import METHODS

    own = own_options(method, settings)
    rules = {own.get("lonely_psu")} | {options.get("lonely_psu") for options in (beside(settings),) if options}
    if method not in METHODS or rules & set(CROSSING_RULES):
        return True
    return method == "jackknife" and own.get("centre") == "replicates"


def own_options(method: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a method is told: the shared options under its own."""
    return {**(settings.get("rates") or {}), **(settings["methods"][method] or {})}


def beside(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the options of `design`, whose df and deff stand beside other methods, or None if it is not declared."""
    return own_options("design", settings) if "design" in settings["methods"] else None


def rests_on(country: str, psu_totals: pd.DataFrame, population: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the PSU rows and the populations that a part of a country, TOGETHER or WHOLE is made from."""
    if country in (TOGETHER, WHOLE):
        return psu_totals, population
    return psu_totals[psu_totals["country"] == country], population[population["country"] == country]


def estimate_parts(
    psu_totals: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any], wanted: Iterable[Part]
) -> dict[str, pd.DataFrame]:
    """Return the cells of the wanted parts by country (or TOGETHER, or WHOLE), in columns as `estimators.estimate` has.

    Arguments and errors as of `estimators.estimate`. Methods of one country share what they have in common.
    """
    by_country: dict[str, list[str]] = {}
    for part in wanted:
        by_country.setdefault(part.country, []).append(part.method)
    return {
        country: _of(country, methods, *rests_on(country, psu_totals, population), settings)
        for country, methods in by_country.items()
    }


def _of(
    country: str,
    methods: Sequence[str],
    psu_totals: pd.DataFrame,
    population: pd.DataFrame,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the cells of some methods at the levels of a country, TOGETHER or WHOLE, in no order."""
    import numpy as np
    import pandas as pd

    from estimators import find_method
    from estimators.design_beside import with_design_beside
    from estimators.domain_totals import LEVELS, survey_totals
    from estimators.estimate_table import estimate_table

    levels = {TOGETHER: LEVELS[2:], WHOLE: LEVELS}.get(country, LEVELS[:2])
    totals = survey_totals(psu_totals, population, levels)
    options = [own_options(method, settings) for method in methods]
    frames = [find_method(method)(totals, own) for method, own in zip(methods, options, strict=True)]
    many = [len(frame) for frame in frames]
    table = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    table["method"] = np.repeat(np.array(methods, dtype=object), many)
    table["confidence"] = np.repeat([float(own["confidence"]) for own in options], many)
    table = table[table["level"].isin(levels)].reset_index(drop=True)
    design = beside(settings)
    if design is not None:
        table = with_design_beside(table, totals, design)
    return estimate_table(table, settings["reliability"])
