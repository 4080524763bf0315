"""Result tables of two invented countries in which everything adds up; a test breaks one thing of them."""

from __future__ import annotations

import itertools

import pandas as pd

from schemas import result_tables
from schemas.batch import Load
from schemas.result_tables import conform

RELEASE = "small_survey-2009-r1"
REGIONS = {"KZ": ["KZ-15", "KZ-23"], "KG": ["KG-B", "KG-C"]}
FORMS, PLACES, SEXES = ("labour", "sexual"), ("inside", "abroad"), ("women", "men")


def estimates(release_id: str = RELEASE) -> pd.DataFrame:
    """Victims by form, place and sex: 100 in each innermost cell of a region, so that every sum is a multiple."""
    rows = []
    for form, place, sex in itertools.product((*FORMS, "all"), (*PLACES, "both"), (*SEXES, "all")):
        number = 100.0 * (2 if form == "all" else 1) * (2 if place == "both" else 1) * (2 if sex == "all" else 1)
        cell = {"exploitation": form, "location": place, "sex": sex}
        rows.append({**cell, "level": "group", "estimate": number * 4})
        for country, regions in REGIONS.items():
            rows.append({**cell, "level": "national", "country": country, "estimate": number * 2})
            rows += [
                {**cell, "level": "regional", "country": country, "region": region, "estimate": number}
                for region in regions
            ]
    frame = pd.DataFrame(rows).reindex(columns=result_tables.tables()["estimates"].names)
    frame = frame.assign(
        release_id=release_id,
        survey_id="small_survey",
        wave="2009",
        indicator="victims",
        period="annual",
        method="pennington",
        std_error=frame["estimate"] * 0.25,
        cv=0.25,
        ci_low=frame["estimate"] * 0.5,
        ci_high=frame["estimate"] * 2,
        confidence=0.95,
        n_respondents=60,
        n_psu=6,
        unit="persons",
        reliability="publish",
        obs_status="A",
        conf_status="F",
    )
    return conform("estimates", frame)


def empty(name: str) -> pd.DataFrame:
    """Return a result table without a row."""
    return conform(name, pd.DataFrame(columns=result_tables.tables()[name].names))


def tables() -> dict[str, pd.DataFrame]:
    """Return what the gate looks at."""
    return {"estimates": estimates(), "reproduction": empty("reproduction")}


def load(**changes: object) -> Load:
    """Return the load of one delivery of thirty rows."""
    fixed = {"load_id": "l1", "survey_id": "small_survey", "country": "KZ", "uri": "raw/KZ.csv", "file": "KZ.csv"}
    counts = {"sha256": "0" * 64, "bytes": 10, "rows_read": 30, "rows_accepted": 28, "rows_quarantined": 2}
    return Load(**{**fixed, **counts, **changes})  # type: ignore[arg-type]
