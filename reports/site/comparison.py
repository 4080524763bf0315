"""The page that sets countries, sexes, forms and regions against each other, and says which differences are real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from estimators.contrasts import holm
from reports.site import country_pairs, region_contrasts
from reports.site.chart import Chart, Column, Reference
from reports.site.overview import PLACES
from reports.site.page import Page
from reports.site.rates import (
    PER_FAMILIES,
    PER_POPULATION,
    columns,
    confidence,
    drawn,
    nations,
    select,
    unreliable,
)
from reports.site.release_view import View


def pages(view: View) -> Iterator[Page]:
    """Yield the comparison; a survey of one country compares sexes, forms and regions alone."""
    _ = view.gettext
    several = len(view.published.countries) > 1
    regions = region_contrasts.contrasts(view)
    values = {
        "several": several,
        "conclusions": conclusions(view),
        "rate_charts": [chart for name in (PER_POPULATION, PER_FAMILIES) if (chart := rate_chart(view, name))],
        "rates": rate_table(view),
        "ranking": ranking(view) if several else [],
        "matrices": matrices(view) if several else [],
        "ratios": ratio_chart(view) if several else None,
        "equal": all_equal(view) if several else [],
        "verdicts": country_pairs.verdicts(view),
        "p_value": p_value,
        "contrast_charts": [chart for of in ("sexes", "forms") if (chart := contrast_chart(view, of))],
        "sexes": within(view, "sexes"),
        "places": within(view, "locations"),
        "regions": regions,
        "region_chart": region_chart(view, regions),
        "region_counts": region_counts(regions),
        "limits": confidence(view.published.lead),
    }
    title = _("Comparison of countries") if several else _("Comparison")
    yield Page("comparison", title, "comparison.html.j2", "results", values)


def conclusions(view: View) -> list[str]:
    """Say what may be concluded about the countries: by population, by families, and why the two may disagree."""
    _ = view.gettext
    if len(view.published.countries) < 2:
        return [_("The survey has one country: there is no other to compare it with.")]
    by_population = country_pairs.of_rates(view)
    by_families = country_pairs.of_families(view)
    out = [
        " ".join([_("Per 1,000 population."), *country_pairs.sentences(view, by_population)]),
        " ".join([_("Per 1,000 families."), *country_pairs.sentences(view, by_families)]),
    ]
    orders = [
        [one["code"] for one in sorted(shown, key=lambda one: -one["value"])]
        for indicator in (PER_POPULATION, PER_FAMILIES)
        if (shown := [one for one in nations(view, indicator) if one["value"] is not None])
    ]
    if len(orders) == 2 and orders[0] != orders[1]:
        out.append(
            _(
                "The two rates put the countries in different orders, because families, that is a respondent's close "
                "relatives, are larger in some countries. For comparing countries, use the rate per 1,000 population."
            )
        )
    return out


def rate_chart(view: View, indicator: str) -> Chart | None:
    """Draw a rate by country: inside, abroad and both beside each other; None where the release has no such rate."""
    rows = [row for place in PLACES for row in _series(view, indicator, place)]
    if not rows:
        return None
    first = (Column("label", view.column("country"), "text"), Column("series", view.column("location"), "text"))
    return Chart(
        id=indicator.replace("_", "-"),
        kind="dots",
        title=view.code("indicator", indicator),
        unit=_unit(view, indicator),
        n=None,
        rows=rows,
        columns=columns(view, "rate", *first),
        confidence=confidence(view.published.lead),
    )


def _series(view: View, indicator: str, place: str) -> list[dict[str, Any]]:
    return drawn(nations(view, indicator, location=place), series=view.code("location", place))


def _unit(view: View, indicator: str) -> str:
    """Return the unit in words: victims a year, of all forms, women and men."""
    _ = view.gettext
    units = {
        PER_POPULATION: _("people exploited in a year, per 1,000 population"),
        PER_FAMILIES: _("people exploited in a year, per 1,000 families"),
    }
    return units[indicator]


def rate_table(view: View) -> list[dict[str, Any]]:
    """Lay out both rates of every country and place, and what they rest on."""
    out = []
    for place in PLACES:
        per_family = {one["code"]: one for one in nations(view, PER_FAMILIES, location=place)}
        for one in nations(view, PER_POPULATION, location=place):
            other = per_family.get(one["code"])
            out.append({**one, "place": view.code("location", place), "families": other})
    order = {code: number for number, code in enumerate(view.published.countries)}
    return sorted(out, key=lambda one: order[one["code"]])


def ranking(view: View) -> list[dict[str, Any]]:
    """Lay out the countries by their rate per 1,000 population, with the ranks that the tests leave to each."""
    by_population = nations(view, PER_POPULATION)
    by_families = {one["code"]: one for one in nations(view, PER_FAMILIES)}
    codes = [one["code"] for one in by_population]
    ranks = country_pairs.ranks(codes, country_pairs.of_rates(view))
    other_ranks = country_pairs.ranks(codes, country_pairs.of_families(view))
    sizes = {row["country"]: row["estimate"] for row in select(view, "national", "family_size", location="all")}
    rows = [
        {
            **one,
            "ranks": _range(ranks.get(one["code"])) if one["value"] is not None else None,
            "families": by_families.get(one["code"]),
            "family_ranks": _range(other_ranks.get(one["code"])),
            "family_size": sizes.get(one["code"]),
        }
        for one in by_population
    ]
    return sorted(rows, key=lambda one: -(one["value"] if one["value"] is not None else -1.0))


def _range(found: tuple[int, int] | None) -> str | None:
    return None if found is None else str(found[0]) if found[0] == found[1] else f"{found[0]} – {found[1]}"


def matrices(view: View) -> list[dict[str, Any]]:
    """Lay out who differs from whom, once for each rate."""
    _ = view.gettext
    named = (
        ("population", _("Per 1,000 population"), country_pairs.of_rates(view)),
        ("families", _("Per 1,000 families"), country_pairs.of_families(view)),
    )
    return [{"id": key, "unit": unit, "rows": country_pairs.matrix(view, found)} for key, unit, found in named if found]


def ratio_chart(view: View) -> Chart | None:
    """Draw the ratios of all pairs, by place, per 1,000 families; None where there is no pair."""
    _ = view.gettext
    rows: list[dict[str, Any]] = []
    base = {one["code"]: one["n"] for one in nations(view, PER_FAMILIES)}
    words = country_pairs.verdicts(view)
    for place in reversed(PLACES):
        for given in country_pairs.of_families(view, place):
            pair = given.turned() if given.ratio > 1 else given
            shown = pair.is_tested
            rows.append(
                {
                    "group": view.code("location", place),
                    "label": f"{view.country(pair.first)} : {view.country(pair.other)}",
                    "value": pair.ratio if shown else None,
                    "low": pair.low if shown else None,
                    "high": pair.high if shown else None,
                    "n": base.get(pair.first, 0) + base.get(pair.other, 0),
                    "status": "publish" if shown else "hidden" if pair.hidden else "no_limits",
                    "p": p_value(view, pair.p_value),
                    "verdict": words[pair.verdict],
                    "note": words[pair.verdict],
                }
            )
    if not rows:
        return None
    first = (Column("group", view.column("location"), "text"), Column("label", _("Countries"), "text"))
    last = (Column("p", _("p value, adjusted over the pairs of the place"), "text"),)
    verdict = Column("verdict", _("Verdict on the first"), "text")
    return Chart(
        id="ratios",
        kind="forest",
        title=_("Ratios of the countries' rates"),
        unit=_("rate per 1,000 families of the lower country in per cent of the higher one's"),
        n=None,
        rows=rows,
        columns=(*columns(view, "share", *first, judged=False), *last, verdict),
        confidence=_confidence(view, "comparisons"),
        reference=Reference(1.0, _("equal rates")),
        note=_(
            "The intervals are those of each pair alone. The verdict takes all pairs of a place together, so that an "
            "interval may miss 100 %% by little where the two cannot be told apart."
        )
        % {},
    )


def _confidence(view: View, table: str) -> float | None:
    return confidence(view.published.tables[table])


def p_value(view: View, value: float) -> str:
    """Write a p value; a very small one as less than that."""
    small = 0.0001
    if pd.notna(value) and value < small:
        return f"< {view.language.number(small, 4)}"
    return view.language.number(value, 4)


def all_equal(view: View) -> list[dict[str, Any]]:
    """Lay out Wald's test that all countries have one rate per 1,000 families, by place."""
    rows = view.published.tables["comparisons"]
    rows = rows[(rows["contrast"] == "all_countries") & (rows["exploitation"] == "all") & (rows["sex"] == "all")]
    rows = rows.set_index("location", drop=False)
    found = [rows.loc[place] for place in PLACES if place in rows.index]
    return [
        {
            "place": view.code("location", row["location"]),
            "tested": pd.notna(row["p_value"]),
            **{name: row[name] for name in ("statistic", "df", "df_denominator")},
            "p": p_value(view, row["p_value"]),
        }
        for row in found
    ]


def contrast_chart(view: View, of: str) -> Chart | None:
    """Draw women beside men in labour exploitation, or labour beside sexual exploitation; of: sexes or forms.

    None where the release has no such rates.
    """
    _ = view.gettext
    cells: Sequence[tuple[str, dict[str, str]]] = (
        [(view.code("sex", sex), {"exploitation": "labour", "sex": sex}) for sex in ("women", "men")]
        if of == "sexes"
        else [(view.code("exploitation", form), {"exploitation": form}) for form in ("labour", "sexual")]
    )
    rows = [row for series, cell in cells for row in drawn(nations(view, PER_POPULATION, **cell), series=series)]
    if not rows:
        return None
    titles = {"sexes": _("Labour exploitation of women and men"), "forms": _("Labour and sexual exploitation")}
    notes = {
        "sexes": _("Per 1,000 population of both sexes, so that the two add up to all victims of labour exploitation."),
        "forms": _("The form asks no sex of the victims of sexual exploitation; all of them are counted as women."),
    }
    first = (Column("label", view.column("country"), "text"), Column("series", titles[of], "text"))
    return Chart(
        id=of, kind="dots", title=titles[of], unit=_unit(view, PER_POPULATION), n=None, rows=rows,
        columns=columns(view, "rate", *first), confidence=confidence(view.published.lead), note=notes[of],
    )  # fmt: skip


def within(view: View, contrast: str) -> list[dict[str, Any]]:
    """Lay out women against men, or abroad against inside, in every country; p adjusted over the rows by Holm.

    contrast: sexes (labour exploitation, by place) or locations (all forms, both sexes).
    """
    rows = view.published.tables["comparisons"]
    form = "labour" if contrast == "sexes" else "all"
    rows = rows[(rows["contrast"] == contrast) & (rows["level"] == "national") & (rows["exploitation"] == form)]
    if contrast == "locations":
        rows = rows[rows["sex"] == "all"]
    order = {code: number for number, code in enumerate(view.published.countries)}
    place = {name: number for number, name in enumerate(PLACES)}
    rows = rows.assign(a=rows["country"].map(order), b=rows["location"].map(place)).sort_values(["a", "b"])
    adjusted = holm(rows["p_value"].to_numpy(float))
    return [_contrast(view, row, float(value)) for (_, row), value in zip(rows.iterrows(), adjusted, strict=True)]


def _contrast(view: View, row: pd.Series, adjusted: float) -> dict[str, Any]:
    hidden = bool(pd.isna(row["estimate"]) or pd.isna(row["other_estimate"]))
    cell = {name: row[name] for name in ("exploitation", "location", "sex")}
    other = {name: row[f"other_{name}"] for name in ("location", "sex") if pd.notna(row[f"other_{name}"])}
    doubtful = unreliable(view, PER_FAMILIES, **cell) | unreliable(view, PER_FAMILIES, **{**cell, **other})
    judged = country_pairs.verdict(
        row["ratio"], adjusted, row["confidence"], hidden=hidden, unreliable=row["country"] in doubtful
    )
    kept = ("estimate", "other_estimate", "difference", "ratio", "ratio_low", "ratio_high", "df")
    return {
        "name": view.country(row["country"]),
        "place": view.code("location", row["location"]),
        **{name: row[name] for name in kept},
        "p": p_value(view, adjusted),
        "verdict": judged,
    }


def region_chart(view: View, rows: Sequence[dict[str, Any]]) -> Chart | None:
    """Draw the regions that have a number against their nation; None where none has."""
    _ = view.gettext
    kept = ("group", "label", "value", "low", "high", "n", "status")
    shown = [{key: row[key] for key in kept} for row in rows if row["value"] is not None]
    if not shown:
        return None
    first = (Column("group", view.column("country"), "text"), Column("label", view.column("region"), "text"))
    without = len(rows) - len(shown)
    note = view.language.ngettext(
        "%(num)s region is hidden or without limits; the table below names it.",
        "%(num)s regions are hidden or without limits; the table below names them.",
        without,
    ) % {"num": without}
    return Chart(
        id="regions-against-nation",
        kind="forest",
        title=_("Regions against their country"),
        unit=_("rate of the region less that of its country, people exploited in a year per 1,000 population"),
        n=None,
        rows=shown,
        columns=columns(view, "rate", *first),
        confidence=confidence(view.published.lead),
        reference=Reference(0.0, _("as in the whole country")),
        note=note if without else "",
    )


def region_counts(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count the regions by verdict."""
    verdicts = [row["verdict"] for row in rows]
    return {name: verdicts.count(name) for name in country_pairs.VERDICTS}
