"""What a printed number is a number of: each quantity a publication prints, computed from the same survey.

Lives here: one small function per quantity. No printed number is an input of any of them. Not here:
comparison. Shares are in percent, as printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isnan, nan

from estimators.domain_totals import PLACES

Sums = Mapping[str, float]


@dataclass(frozen=True)
class Cell:
    """What is asked: a quantity of a country (or all, if empty) and its regions (or the nation, if empty)."""

    country: str
    regions: tuple[str, ...]
    indicator: str
    exploitation: str
    location: str
    sex: str
    period: str
    argument: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """Inside and abroad if both are meant, else the one."""
        return (self.location,) if self.location in PLACES else PLACES


@dataclass(frozen=True)
class Evidence:
    """What quantities are computed from.

    sums: (country, region) -> sums of PSU totals, region empty for the nation. cells: (country, region,
    indicator, exploitation, location, sex) -> estimate, lower and upper limit by the publication's method.
    population: (country, region) -> thousand persons. loads: country -> questionnaires read, accepted,
    quarantined; None if not given.
    """

    sums: Mapping[tuple[str, str], Sums]
    cells: Mapping[tuple[str, str, str, str, str, str], tuple[float, float, float]]
    population: Mapping[tuple[str, str], float]
    loads: Mapping[str, tuple[int, int, int]] | None

    @property
    def countries(self) -> list[str]:
        """Countries of the survey."""
        return [country for country, region in self.sums if country and not region]

    def regions_of(self, country: str) -> list[Sums]:
        """Sums of each region of a country."""
        return [sums for (c, region), sums in self.sums.items() if c == country and region]

    def total(self, cell: Cell, name: str) -> float:
        """One sum, over the cell's regions, its country, or all countries."""
        return sum(self.sums.get((cell.country, region), {}).get(name, nan) for region in cell.regions or ("",))

    def estimate(self, cell: Cell, part: int = 0) -> float:
        """Look an estimate (part 0) or a limit (1, 2) up."""
        region = cell.regions[0] if cell.regions else ""
        key = (cell.country, region, cell.indicator, cell.exploitation, cell.location, cell.sex)
        return self.cells.get(key, (nan, nan, nan))[part]


def percent(part: float, whole: float) -> float:
    """Return a share in percent, null of nothing."""
    return 100 * part / whole if whole else nan


def mean(values: list[float]) -> float:
    """Return the plain mean, null of nothing."""
    return sum(values) / len(values) if values else nan


def victims(evidence: Evidence, cell: Cell) -> float:
    """Victims reported: women and men for labour, the one total for sexual, both for all; by window."""
    ever, window = (_victims(evidence, cell, suffix) for suffix in ("", "_last_3_years"))
    return {"last_3_years": window, "earlier": ever - window}.get(cell.period, ever)


def _victims(evidence: Evidence, cell: Cell, suffix: str) -> float:
    labour = ["labour_{}_women" + suffix, "labour_{}_men" + suffix]
    sexual = ["sexual_{}" + suffix]
    names = {"labour": labour, "sexual": sexual}.get(cell.exploitation, labour + sexual)
    return sum(evidence.total(cell, name.format(place)) for place in cell.places for name in names)


def total_field(evidence: Evidence, cell: Cell) -> float:
    """Victims of labour exploitation by the question "in all, regardless of sex"."""
    return sum(evidence.total(cell, f"labour_{place}_total") for place in cell.places)


def share_of_victims(evidence: Evidence, cell: Cell) -> float:
    """Regions' share of the country's victims."""
    return percent(victims(evidence, cell), victims(evidence, _nation(cell)))


def share_of_total_field(evidence: Evidence, cell: Cell) -> float:
    """Regions' share of the country's victims by the question "in all"."""
    return percent(total_field(evidence, cell), total_field(evidence, _nation(cell)))


def share_women(evidence: Evidence, cell: Cell) -> float:
    """Women among women and men in labour exploitation."""
    women = sum(evidence.total(cell, f"labour_{place}_women") for place in cell.places)
    return percent(women, women + sum(evidence.total(cell, f"labour_{place}_men") for place in cell.places))


def share_sexual(evidence: Evidence, cell: Cell) -> float:
    """Sexual exploitation among all victims reported."""
    sexual = _victims(evidence, replace(cell, exploitation="sexual"), "")
    return percent(sexual, _victims(evidence, replace(cell, exploitation="all"), ""))


def share_last_3_years(evidence: Evidence, cell: Cell) -> float:
    """Victims of the last three years among all victims reported."""
    return percent(_victims(evidence, cell, "_last_3_years"), _victims(evidence, cell, ""))


def respondents(evidence: Evidence, cell: Cell) -> float:
    """Interviews accepted."""
    return evidence.total(cell, "n_respondents")


def migrant_families(evidence: Evidence, cell: Cell) -> float:
    """Families with labour migrants."""
    return evidence.total(cell, f"migrant_{cell.location}")


def share_migrant_families(evidence: Evidence, cell: Cell) -> float:
    """Share of families with labour migrants."""
    return percent(migrant_families(evidence, cell), respondents(evidence, cell))


def mean_share_migrant_families(evidence: Evidence, cell: Cell) -> float:
    """Plain mean over regions of the share of families with labour migrants."""
    regions = evidence.regions_of(cell.country)
    return mean([percent(sums[f"migrant_{cell.location}"], sums["n_respondents"]) for sums in regions])


def reporting_families(evidence: Evidence, cell: Cell) -> float:
    """Families that report a case."""
    return evidence.total(cell, f"{cell.exploitation}_{cell.location}_families")


def family_size(evidence: Evidence, cell: Cell) -> float:
    """Mean number of close relatives after editing."""
    return percent(evidence.total(cell, "relatives"), respondents(evidence, cell)) / 100


def family_size_before_editing(evidence: Evidence, cell: Cell) -> float:
    """Mean number of close relatives as reported."""
    return percent(evidence.total(cell, "relatives_raw"), respondents(evidence, cell)) / 100


def share_urban(evidence: Evidence, cell: Cell) -> float:
    """Respondents in towns."""
    return percent(evidence.total(cell, "n_urban"), respondents(evidence, cell))


def share_of_sample(evidence: Evidence, cell: Cell) -> float:
    """Regions' share of the country's respondents."""
    return percent(respondents(evidence, cell), respondents(evidence, _nation(cell)))


def mean_share_of_sample(evidence: Evidence, cell: Cell) -> float:
    """Mean of the regions' shares of the country's respondents."""
    return share_of_sample(evidence, cell) / len(cell.regions)


def share_of_sample_rank(evidence: Evidence, cell: Cell) -> float:
    """Share of respondents of the region at a rank, largest first, or at several (argument `2` or `2-8`)."""
    shares = sorted((sums["n_respondents"] for sums in evidence.regions_of(cell.country)), reverse=True)
    first, _, last = cell.argument.partition("-")
    chosen = shares[int(first) - 1 : int(last or first)]
    return percent(sum(chosen), respondents(evidence, cell)) if chosen else nan


def share_of_population(evidence: Evidence, cell: Cell) -> float:
    """Regions' share of the population of all regions."""
    whole = sum(people for (c, region), people in evidence.population.items() if c == cell.country and region)
    return percent(sum(evidence.population.get((cell.country, r), nan) for r in cell.regions), whole)


def population(evidence: Evidence, cell: Cell) -> float:
    """National population, thousands."""
    return evidence.population.get((cell.country, ""), nan)


def sampling_ratio(evidence: Evidence, cell: Cell) -> float:
    """Respondents per hundred persons of the population."""
    return percent(respondents(evidence, cell), 1000 * population(evidence, cell))


def mean_sampling_ratio(evidence: Evidence, cell: Cell) -> float:
    """Plain mean of the countries' sampling ratios."""
    return mean([sampling_ratio(evidence, replace(cell, country=country)) for country in evidence.countries])


def regions(evidence: Evidence, cell: Cell) -> float:
    """Regions with interviews."""
    return len(evidence.regions_of(cell.country))


def regions_without_cases(evidence: Evidence, cell: Cell) -> float:
    """Regions where no victim of labour exploitation is reported, by any of the questions."""
    names = [f"labour_{place}_{of}" for place in cell.places for of in ("women", "men", "total")]
    return sum(not any(sums[name] for name in names) for sums in evidence.regions_of(cell.country))


def questionnaires(evidence: Evidence, cell: Cell) -> float:
    """Questionnaires read (argument 0), accepted (1) or set aside (2) in all countries."""
    loads = evidence.loads
    return nan if loads is None else sum(load[int(cell.argument)] for load in loads.values())


def estimate(evidence: Evidence, cell: Cell) -> float:
    """Estimate of the cell itself."""
    return evidence.estimate(cell)


def lower_limit(evidence: Evidence, cell: Cell) -> float:
    """Lower limit of a total."""
    return evidence.estimate(replace(cell, indicator="victims"), 1)


def upper_limit(evidence: Evidence, cell: Cell) -> float:
    """Upper limit of a total."""
    return evidence.estimate(replace(cell, indicator="victims"), 2)


def sum_of_lower_limits(evidence: Evidence, cell: Cell) -> float:
    """Sum of the countries' lower limits, each a whole number of persons as in the country tables."""
    return _sum_of_limits(evidence, cell, 1)


def sum_of_upper_limits(evidence: Evidence, cell: Cell) -> float:
    """Sum of the countries' upper limits, each a whole number of persons as in the country tables."""
    return _sum_of_limits(evidence, cell, 2)


def _sum_of_limits(evidence: Evidence, cell: Cell, part: int) -> float:
    limits = (
        evidence.estimate(replace(cell, country=country, indicator="victims", location=place), part)
        for country in evidence.countries
        for place in cell.places
    )
    return sum(nan if isnan(limit) else round(limit) for limit in limits)


def share_of_group(evidence: Evidence, cell: Cell) -> float:
    """A country's share of the total of all countries."""
    total = replace(cell, indicator="victims")
    return percent(evidence.estimate(total), evidence.estimate(replace(total, country="")))


def share_of_both_places(evidence: Evidence, cell: Cell) -> float:
    """Share of one place in the total inside and abroad."""
    total = replace(cell, indicator="victims")
    return percent(evidence.estimate(total), evidence.estimate(replace(total, location="both")))


def share_sexual_of_rate(evidence: Evidence, cell: Cell) -> float:
    """Sexual exploitation's share of the yearly rate."""
    rate = replace(cell, indicator="victims_per_1000_families", sex="all")
    sexual, whole = (evidence.estimate(replace(rate, exploitation=part)) for part in ("sexual", "all"))
    return percent(sexual, whole)


def mean_share_sexual_of_rate(evidence: Evidence, cell: Cell) -> float:
    """Plain mean over countries (argument: those that count) of sexual exploitation's share of the rate."""
    countries = cell.argument.split(";") if cell.argument else evidence.countries
    return mean([share_sexual_of_rate(evidence, replace(cell, country=country)) for country in countries])


def mean_share_labour_of_rate(evidence: Evidence, cell: Cell) -> float:
    """Rest of the mean share of sexual exploitation."""
    return 100 - mean_share_sexual_of_rate(evidence, cell)


def mean_whole_share_women(evidence: Evidence, cell: Cell) -> float:
    """Plain mean over countries and places of women's share, each in whole percent as in the text."""
    places = [replace(cell, country=country, location=place) for country in evidence.countries for place in PLACES]
    return mean([_whole(share_women(evidence, place)) for place in places])


def mean_whole_share_men(evidence: Evidence, cell: Cell) -> float:
    """Rest of the mean share of women."""
    return 100 - mean_whole_share_women(evidence, cell)


def excess_last_3_years(evidence: Evidence, cell: Cell) -> float:
    """Points by which the last three years' share, in whole percent, exceeds the rest; mean of countries."""
    countries = [cell.country] if cell.country else evidence.countries
    shares = [_whole(share_last_3_years(evidence, replace(cell, country=country))) for country in countries]
    return 2 * mean(shares) - 100


def _whole(value: float) -> float:
    return value if isnan(value) else float(round(value))


def _nation(cell: Cell) -> Cell:
    return replace(cell, regions=())


QUANTITIES: dict[str, Callable[[Evidence, Cell], float]] = {
    function.__name__: function
    for function in (
        estimate, lower_limit, upper_limit, sum_of_lower_limits, sum_of_upper_limits, share_of_group,
        share_of_both_places, share_sexual_of_rate, mean_share_sexual_of_rate, mean_share_labour_of_rate,
        mean_whole_share_women, mean_whole_share_men, excess_last_3_years,
        victims, total_field, share_of_victims, share_of_total_field, share_women, share_sexual,
        share_last_3_years, respondents, migrant_families, share_migrant_families,
        mean_share_migrant_families, reporting_families, family_size, family_size_before_editing,
        share_urban, share_of_sample,
        mean_share_of_sample, share_of_sample_rank, share_of_population, population, sampling_ratio,
        mean_sampling_ratio, regions, regions_without_cases, questionnaires,
    )
}  # fmt: skip
