"""The tables of an invented release for the pages: one country with one region, and a publication of three numbers."""

from __future__ import annotations

import pandas as pd

from schemas import result_tables
from schemas.result_tables import conform

RELEASE = "s-2009-r2"


def estimates(release_id: str = RELEASE, method: str = "pennington", times: float = 1.0) -> pd.DataFrame:
    """Victims 100 inside, 50 abroad, 150 together, in a nation; rates in its one region; every limit 10 % away."""
    rows: list[dict[str, object]] = []
    for location, number in (("inside", 100.0 * times), ("abroad", 50.0 * times), ("both", 150.0 * times)):
        for level, country, region in (("group", None, None), ("national", "KZ", None), ("regional", "KZ", "KZ-15")):
            cell = {"level": level, "country": country, "region": region, "location": location}
            rows.append({**cell, "indicator": "victims", "estimate": number, "unit": "persons"})
            rate = {"indicator": "victims_per_1000_families", "estimate": number / 10, "unit": "per_1000_families"}
            rows.append({**cell, **rate})
    frame = pd.DataFrame(rows).reindex(columns=result_tables.tables()["estimates"].names)
    same = {"survey_id": "s", "wave": "2009", "exploitation": "all", "sex": "all", "period": "annual"}
    rest = {"method": method, "confidence": 0.95, "n_respondents": 60, "n_psu": 6, "reliability": "publish"}
    limits = {"ci_low": frame["estimate"] * 0.9, "ci_high": frame["estimate"] * 1.1}
    return frame.assign(release_id=release_id, **same, **rest, **limits, obs_status="A", conf_status="F")


def printed(indicator: str, number: float, computed: float, verdict: str) -> dict[str, object]:
    """Return one printed number about Kazakhstan inside the country."""
    place = {"source": "Study", "source_table": "2-1a", "source_cell": f"KZ {indicator}", "country": "KZ"}
    cell = {"indicator": indicator, "exploitation": "all", "location": "inside", "sex": "all", "period": "annual"}
    seen = {"printed": number, "computed": computed, "verdict": verdict, "reason": "a misprint & <more>"}
    return {"survey_id": "s", **place, **cell, "unit": "persons", **seen}


PRINTED = [
    printed("victims", 100.0, 100.0, "match"),
    printed("victims_lower_limit", 90.0, 90.0, "match"),
    printed("victims_upper_limit", 110.0, 110.0, "match"),
]


def with_design() -> pd.DataFrame:
    """The estimates of a survey that declares `design` too: 20 % more of everything."""
    return pd.concat([estimates(), estimates(method="design", times=1.2)], ignore_index=True)


def tables(
    reproduction: list[dict[str, object]] | None = None, newest: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a release that stands on an earlier one. newest: its estimates."""
    region = {"survey_id": "s", "country": "KZ", "region": "KZ-15", "name_en": "Aktobe", "name_ru": "Актюбинская"}
    facts = {"surveyed": "yes", "population_thousands": 1.0, "grade": "B"}
    check = {"release_id": RELEASE, "dimension": "coherence", "check_id": "women_and_men_make_all", "scope": "all"}
    release = {"survey_id": "s", "reference_period": "2009", "status": "provisional", "content_sha256": "c0ffee" * 10}
    content: dict[str, list[dict[str, object]]] = {
        "reproduction": reproduction or [],
        "quality": [{**check, "value": 0.0, "verdict": "passed", "detail": "3 cells"}],
        "regions": [{**region, **facts}],
        "releases": [
            {**release, "release_id": "s-2009-r1", "published_at": "2026-01-31", "superseded_by": RELEASE},
            {**release, "release_id": RELEASE, "published_at": "2026-02-28", "supersedes": "s-2009-r1"},
        ],
    }
    names = {name: table.names for name, table in result_tables.tables().items()}
    out = {name: conform(name, pd.DataFrame(rows).reindex(columns=names[name])) for name, rows in content.items()}
    newest = estimates() if newest is None else newest
    both = pd.concat([estimates("s-2009-r1").assign(estimate=1.0, ci_low=1.0, ci_high=1.0), newest])
    return {**out, "estimates": conform("estimates", both)}
