"""Step 7c: hide the cells of too few families, and others with them, in every table.

What it returns is what analysts may see; nothing that writes sees more. What its audit found goes to the gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from disclosure import hiding, log, publication
from disclosure.cells import BASE, KEYS, PLACES, WINDOWS, Key, answers, name_of
from disclosure.plan import Known, Places, Plan, Survey, plan
from disclosure.primary import Contributors, Thresholds
from estimators.domain_totals import SurveyTotals, survey_totals
from estimators.quotients import ratio
from schemas.declaration import Declaration
from schemas.result_tables import conform, tables
from tasks.gates.check import Check
from warehouse import disclosure_counts, results
from warehouse.build import Warehouse
from warehouse.release import Published

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Domains:
    """Where each domain stands among regions, nations and all together; (level, country, region) to position."""

    frame: pd.DataFrame
    position: Mapping[tuple[str, str, str], int]

    def of(self, level: pd.Series, country: pd.Series, region: pd.Series) -> np.ndarray:
        """Return the position of each row's domain, -1 where there is none."""
        keys = zip(level, country.fillna(""), region.fillna(""), strict=True)
        return np.array([self.position.get(key, -1) for key in keys], dtype=int)


def disclose(
    whole: Mapping[str, pd.DataFrame],
    psu_totals: pd.DataFrame,
    declaration: Declaration,
    warehouse: Warehouse,
    published: Sequence[Published],
    release_id: str,
) -> tuple[Tables, list[Check]]:
    """Return the tables as they may be published, `disclosure` among them, and what the audit found, for the gate.

    whole: the tables of the release with nothing hidden. published: earlier releases, oldest first.
    """
    rules = declaration.disclosure
    mark = {"release_id": release_id, "survey_id": declaration.id}
    if not rules.enabled:
        empty = pd.DataFrame(columns=tables()["disclosure"].names)
        off = [_check("disclosure_control_is_on", 0, "noted", "switched off by the survey's declaration")]
        free = _as_published(whole["estimates"], np.full(len(whole["estimates"]), "F", dtype=object))
        return {**whole, "estimates": free, "disclosure": conform("disclosure", empty)}, off
    totals = survey_totals(psu_totals, declaration.population)
    domains = domains_of(totals)
    by = contributors(warehouse, declaration.id, totals)
    survey = survey_of(totals, by, declaration)
    known = known_cells(whole, domains, survey.places(), published, rules.exempt_published)
    thresholds = Thresholds(rules.min_families, rules.min_settlements, rules.largest_share)
    made = plan(survey, known, thresholds, rules.protection)
    out = hide(whole, made, domains, survey)
    shown = shown_keys(whole["estimates"])
    entries = log.entries(made, domains.frame, shown).assign(**mark)
    out["disclosure"] = conform("disclosure", entries)
    return out, checks(made, out, rules.protection)


def domains_of(totals: SurveyTotals) -> Domains:
    """Lay out the domains in the order of the plan: regions, nations, all together."""
    frame = totals.domains[["level", "country", "region"]].reset_index(drop=True)
    keys = zip(frame["level"], frame["country"].fillna(""), frame["region"].fillna(""), strict=True)
    return Domains(frame, {key: position for position, key in enumerate(keys)})


def contributors(warehouse: Warehouse, survey_id: str, totals: SurveyTotals) -> Contributors:
    """Count who stands behind each cell of each region, in the order of the totals."""
    counts = disclosure_counts.compute(warehouse, survey_id, PLACES, WINDOWS, answers())
    regional = totals.domains[totals.domains["level"] == "regional"]
    counts = counts.set_index(["country", "region"]).loc[pd.MultiIndex.from_frame(regional[["country", "region"]])]
    arrays = {
        what: counts[[f"{what}_{name_of(key)}" for key in KEYS]].to_numpy(float)
        for what in ("families", "settlements", "cases", "largest")
    }
    return Contributors(**arrays)


def survey_of(totals: SurveyTotals, by: Contributors, declaration: Declaration) -> Survey:
    """Gather what the plan needs: counts by sex, and every weighting that national numbers are published under."""
    regional = totals.domains[totals.domains["level"] == "regional"].reset_index(drop=True)
    national = totals.domains[totals.domains["level"] == "national"].reset_index(drop=True)
    country = pd.Index(national["country"]).get_indexer(regional["country"])
    weights = np.nan_to_num(
        ratio(regional["population_thousands"].to_numpy(float), regional["relatives"].to_numpy(float))
    )
    return Survey(
        country,
        by,
        counts_by_sex(regional),
        _scaled(weights),
        study_weights(regional, declaration),
    )


def counts_by_sex(regional: pd.DataFrame) -> np.ndarray:
    """Return cases of every base count by region, (n_regions, n_base), labour by the questions that give the sex."""
    columns = []
    for (form, who), place, window in BASE:
        name = f"labour_{place}_{who}" if form == "labour" else f"sexual_{place}"
        recent = regional[f"{name}_last_3_years"].to_numpy(float)
        columns.append(recent if window == "last_3_years" else regional[name].to_numpy(float) - recent)
    return np.stack(columns, axis=1)


def study_weights(regional: pd.DataFrame, declaration: Declaration) -> np.ndarray:
    """Return the slope of national rates that are means of regional ones weighted by cases, (n_regions, n_keys).

    The mean of T / n weighted by T is sum(T^2 / n) / sum(T): near the truth a sum with coefficients T / n.
    """
    found = np.zeros((len(regional), len(KEYS)))
    n = regional["n_respondents"].to_numpy(float)
    for country, options in declaration.rates.countries.items():
        if options.get("national_rate") != "victim_share":
            continue
        inside = (regional["country"] == country).to_numpy()
        for place in PLACES:
            for form, column in (("labour", f"labour_{place}_total"), ("sexual", f"sexual_{place}")):
                slope = np.where(inside, ratio(regional[column].to_numpy(float), n), 0.0)
                found[:, KEYS.index(Key(form, place, "all", "all_time"))] += _scaled(slope)
    return found


def known_cells(
    whole: Mapping[str, pd.DataFrame], domains: Domains, places: Places, published: Sequence[Published], exempt: bool
) -> Known:
    """Gather what is known whatever is hidden now."""
    nothing = np.zeros((places.n, len(KEYS)), bool)
    table = whole["reproduction"]
    printed = publication.printed(table, _printed_domain(table, domains), places) if exempt else nothing
    if not published:
        return Known(printed, (), nothing)
    before = results.read(published[-1].database, "estimates")
    now = whole["estimates"]
    last = before[before["release_id"] == published[-1].release_id]
    return Known(
        printed,
        publication.released(now, before, domains.of(now["level"], now["country"], now["region"]), places),
        publication.hidden_before(last, domains.of(last["level"], last["country"], last["region"]), places),
    )


def shown_keys(estimates: pd.DataFrame) -> np.ndarray:
    """Tell which keys some row of `estimates` is about, (n_keys,)."""
    shown = np.zeros(len(KEYS), bool)
    names = ["indicator", "exploitation", "location", "sex", "period", "method"]
    for cell in estimates[names].drop_duplicates().itertuples(index=False, name=None):
        shown[hiding.of_estimate(*cell)] = True
    return shown


def hide(whole: Mapping[str, pd.DataFrame], made: Plan, domains: Domains, survey: Survey) -> Tables:
    """Take the numbers of hidden cells out of every table."""
    nation = np.full(made.places.n, -1)
    nation[: len(survey.country)] = survey.country
    out = dict(whole)
    estimates = whole["estimates"]
    domain = domains.of(estimates["level"], estimates["country"], estimates["region"])
    found = hiding.rows_status(estimates, domain, made.status, made.places)
    modelled = (estimates["method"].isin(hiding.MODEL_METHODS) & estimates["indicator"].isin(hiding.COUNTS)).to_numpy()
    few = np.zeros(len(estimates), bool)
    few[modelled] = hiding.model_status(estimates[modelled], domain[modelled], made.status, nation)
    found = np.where(few & (found == "F"), "D", found)
    out["estimates"] = _as_published(estimates, found)
    out["small_area_models"] = _hide_models(whole["small_area_models"], made, domains, nation)
    out["comparisons"] = _hide_comparisons(whole["comparisons"], made, domains)
    out["trend"] = _hide_trend(whole["trend"], made, domains)
    out["sensitivity"] = _hide_sensitivity(whole["sensitivity"], made, domains)
    out["overdispersion"] = _hide_overdispersion(whole["overdispersion"], made, domains)
    table = whole["reproduction"]
    out["reproduction"] = conform(
        "reproduction", hiding.masked_reproduction(table, _printed_gone(table, made, domains))
    )
    return out


def _as_published(estimates: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
    """Take out the numbers of rows that are not free, and of those that have no limits."""
    return conform("estimates", hiding.masked_estimates(estimates, hiding.withheld(estimates, found)))


def _hide_models(table: pd.DataFrame, made: Plan, domains: Domains, nation: np.ndarray) -> pd.DataFrame:
    if not len(table):
        return table
    domain = domains.of(pd.Series("regional", index=table.index), table["country"], table["region"])
    as_rows = table.assign(indicator="victims", period="annual")
    gone = hiding.rows_status(as_rows, domain, made.status, made.places) != "F"
    gone |= hiding.model_status(table, domain, made.status, nation)
    return conform("small_area_models", hiding.masked(table, gone, ()))


def _hide_comparisons(table: pd.DataFrame, made: Plan, domains: Domains) -> pd.DataFrame:
    if not len(table):
        return table
    gone = np.zeros(len(table), bool)
    base = table.assign(indicator="victims", region=None)
    for country, location, sex in (
        (table["country"], table["location"], table["sex"]),
        (table["other_country"].fillna(table["country"]), table["other_location"].fillna(table["location"]),
         table["other_sex"].fillna(table["sex"])),
    ):  # fmt: skip
        side = base.assign(country=country, location=location, sex=sex)
        gone |= _gone(side, made, domains)
    every = (table["contrast"] == "all_countries").to_numpy()
    for nation in domains.frame.loc[domains.frame["level"] == "national", "country"]:
        gone |= every & _gone(base.assign(country=nation, level="national"), made, domains)
    return conform("comparisons", hiding.masked(table, gone, ["confidence"]))


def _hide_trend(table: pd.DataFrame, made: Plan, domains: Domains) -> pd.DataFrame:
    if not len(table):
        return table
    base = table.assign(indicator="share_last_3_years", sex="all", period="last_3_years", region=None)
    return conform(
        "trend", hiding.masked(table, _gone(base, made, domains), ["earlier_years", "recent_years", "confidence"])
    )


def _hide_sensitivity(table: pd.DataFrame, made: Plan, domains: Domains) -> pd.DataFrame:
    if not len(table):
        return table
    ever = table["variant"].str.startswith("all_time_over")
    key = {"level": "national", "region": None, "exploitation": "all", "location": "both", "sex": "all"}
    base = table.assign(
        **key,
        indicator=np.where(ever, "share_last_3_years", "victims"),
        period=np.where(ever, "last_3_years", "annual"),
        method=np.where(table["variant"] == "pooled", "design_pooled", "design"),
    )
    keep = ["confidence", "family_size", "thousand_families", "cap_p99", "cap_p97_5"]
    return conform("sensitivity", hiding.masked(table, _gone(base, made, domains), keep))


def _hide_overdispersion(table: pd.DataFrame, made: Plan, domains: Domains) -> pd.DataFrame:
    if not len(table):
        return table
    cell = {"level": "national", "region": None, "location": "both", "sex": "all", "period": "annual"}
    gone = _gone(table.assign(**cell, indicator="victims", method="pennington"), made, domains)
    out = hiding.masked(table, gone, ())
    out["n_cases"] = out["n_cases"].astype("Int64").mask(gone)
    return conform("overdispersion", out)


def _gone(rows: pd.DataFrame, made: Plan, domains: Domains) -> np.ndarray:
    domain = domains.of(rows["level"], rows["country"], rows["region"])
    known = np.where(domain >= 0, domain, 0)
    gone: np.ndarray = (domain >= 0) & (hiding.rows_status(rows, known, made.status, made.places) != "F")
    return gone


def _printed_domain(table: pd.DataFrame, domains: Domains) -> np.ndarray:
    level = np.where(table["region"].notna(), "regional", np.where(table["country"].notna(), "national", "group"))
    return domains.of(pd.Series(level, index=table.index), table["country"], table["region"])


def _printed_gone(table: pd.DataFrame, made: Plan, domains: Domains) -> np.ndarray:
    """Tell which printed numbers stand beside a hidden cell; several regions together, if any of them is hidden."""
    gone = np.zeros(len(table), bool)
    columns = ["country", "region", "indicator", "exploitation", "location", "sex", "period"]
    for row, (country, region, *cell) in enumerate(table[columns].fillna("").itertuples(index=False, name=None)):
        cells = hiding.of_printed(*cell)
        level = "regional" if region else "national" if country else "group"
        places = [domains.position.get((level, country, part), -1) for part in region.split(";")]
        gone[row] = any(place >= 0 and (made.status[place, cells] != "F").any() for place in places)
    return gone


def checks(made: Plan, out: Tables, protection: float) -> list[Check]:
    """Say what was hidden and what the audit found; a cell that can be computed refuses the release."""
    primary, complementary = int((made.status == "C").sum()), int((made.status == "D").sum())
    recovered, close = int(made.recovered.sum()), int(made.too_close.sum())
    exposed, limited = int(made.exposed.sum()), int(made.limited.sum())
    before, exempt = int(made.shown_before.sum()), int(made.exempt.sum())
    bare = out["estimates"].loc[out["estimates"]["conf_status"] != "F", hiding.NUMBERS].notna().any(axis=1)
    bound = f"one case, and {protection:.0%} of a sensitive count"
    return [
        _check("cells_hidden_primary", primary, "noted", "sensitive by a primary rule"),
        _check(
            "cells_hidden_complementary", complementary, "noted", "hidden so that no sensitive cell can be computed"
        ),
        _check("cells_exempt_by_publication", exempt, "noted", "sensitive, and printed by the declared publication"),
        _check("cells_shown_in_earlier_release", before, "noted", "sensitive, and shown before with the same number"),
        _check("hidden_cells_recovered", recovered, _verdict(recovered), "hidden cells that the margins determine", 0),
        _check("hidden_cells_closer_than_bound", close, _verdict(close), f"bound: {bound}", 0),
        _check("hidden_cells_limited_by_public_numbers", limited, "noted", "bound narrowed by what is public already"),
        _check("cells_exposed_across_releases", exposed, _verdict(exposed), "computable from releases together", 0),
        _check("hidden_rows_hold_no_number", int(bare.sum()), _verdict(int(bare.sum())), "rows of `estimates`", 0),
    ]


def _verdict(count: int) -> str:
    return "refused" if count else "passed"


def _check(check_id: str, value: float, verdict: str, detail: str, threshold: float | None = None) -> Check:
    return Check("confidentiality", check_id, "all tables", float(value), threshold, verdict, detail)


def _scaled(weights: np.ndarray) -> np.ndarray:
    mean = weights[weights > 0].mean() if (weights > 0).any() else 1.0
    scaled: np.ndarray = weights / mean
    return scaled
