"""What a release may say of the interviewers: medians by country and how many are flagged, nothing of a single one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from schemas.fieldwork import FieldworkRules, Release

FLAGGED = "flagged"
COLUMNS = [
    "country", "measure", "meaning", "meaning_ru", "value", "unit", "n_interviewers", "n_flagged", "flagged",
    "conf_status",
]  # fmt: skip
FREE, HIDDEN = "F", "C"


def summary(
    work: pd.DataFrame, found: pd.DataFrame, settlements: Mapping[str, int], rules: FieldworkRules, min_families: int
) -> pd.DataFrame:
    """Return one row per country and measure: COLUMNS, region (null) and n_settlements.

    work, found: as `interviewer_diagnostics.diagnose` takes and gives them. settlements: how many by country.
    min_families: families with a case that a country must have for what rests on cases to be told.
    """
    rows = [
        row
        for country in sorted(settlements)
        for row in _of_country(
            work[work["country"] == country], found[found["country"] == country], rules, min_families
        )
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(region=None, n_settlements=frame["country"].map(settlements))


def _of_country(
    work: pd.DataFrame, found: pd.DataFrame, rules: FieldworkRules, min_families: int
) -> Iterator[dict[str, Any]]:
    told = work["reports"].sum() >= min_families
    everybody = found["interviewer"].nunique()
    stands_out = found.loc[found["flags"] != "", "interviewer"].nunique()
    yield _row(found, FLAGGED, rules.release.flagged.title, rules.release.flagged.unit, everybody) | _number(
        stands_out, everybody, rules.release
    )
    for name, measure in rules.measures.items():
        known = found[found[name].notna()] if told or not measure.cases else found.iloc[:0]
        judged = known if measure.kind == "most" else known[known[f"z_{name}"].notna()]
        flagged = judged[np.array([name in flags.split(";") for flags in judged["flags"]], dtype=bool)]
        row = _row(found, name, measure.title, measure.unit, known["interviewer"].nunique())
        row |= _number(flagged["interviewer"].nunique(), judged["interviewer"].nunique(), rules.release)
        if told and not work[measure.among].any():
            row["conf_status"] = FREE  # nothing is known, so nothing is hidden
        elif row["n_interviewers"] >= rules.release.min_interviewers:
            row["value"] = round(float(known[name].median()), rules.release.decimals)
        else:
            row["conf_status"] = HIDDEN
        yield row


def _row(found: pd.DataFrame, measure: str, title: Mapping[str, str], unit: str, interviewers: int) -> dict[str, Any]:
    return {
        "country": found["country"].iloc[0], "measure": measure, **_words(title), "unit": unit, "value": np.nan,
        "n_interviewers": interviewers,
    }  # fmt: skip


def _words(title: Mapping[str, str]) -> dict[str, str]:
    return {"meaning": title["en"], "meaning_ru": title["ru"]}


def _number(flagged: int, judged: int, release: Release) -> dict[str, Any]:
    """Return how many are flagged, or why that is not told: so few, or all but so few."""
    fewest = release.fewest_flagged
    if judged == 0:
        return {"n_flagged": None, "flagged": "not judged", "conf_status": FREE}
    if flagged < fewest:
        return {"n_flagged": None, "flagged": f"fewer than {fewest}", "conf_status": HIDDEN}
    if judged - flagged < fewest:
        return {"n_flagged": None, "flagged": f"all but fewer than {fewest}", "conf_status": HIDDEN}
    return {"n_flagged": flagged, "flagged": str(flagged), "conf_status": FREE}


def quotas(planned: pd.DataFrame, psu_totals: pd.DataFrame, rules: FieldworkRules) -> pd.DataFrame:
    """Return three rows per quota: interviews planned, interviews held, and the second over the first.

    planned: country, region (null for a nation), planned. psu_totals: country, region, psu, n_respondents.
    """
    rows = []
    for quota in planned.itertuples():
        region = None if pd.isna(quota.region) else str(quota.region)
        here = psu_totals["country"] == quota.country
        if region is not None:
            here &= psu_totals["region"] == region
        held = float(psu_totals.loc[here, "n_respondents"].sum())
        number = {"quota_planned": float(quota.planned), "quota_achieved": held}
        number["quota_fulfilment"] = held / quota.planned if quota.planned else np.nan
        place = {"country": quota.country, "region": region, "n_settlements": psu_totals.loc[here, "psu"].nunique()}
        rows += [
            {**place, "measure": name, "value": number[name], "unit": row.unit, **_words(row.title)}
            for name, row in rules.release.quotas.items()
        ]
    return pd.DataFrame(rows).assign(conf_status=FREE)
