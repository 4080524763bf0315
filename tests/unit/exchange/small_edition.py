"""A release made by hand for the exchange formats: a country with a merged region, a cell of each kind with a symbol.

victims and their rates, method design, all forms, both sexes. The rate is a tenth of the total throughout.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from exchange import data_package, sdmx_csv, sdmx_structure, workbook
from exchange.areas import areas
from exchange.edition import Edition
from schemas import result_tables
from schemas.result_tables import conform
from schemas.vocabulary import CodeList, code_lists
from warehouse import results

RELEASE, EARLIER = "s-2009-r2", "s-2009-r1"
MERGED = "KZ-11+KZ-71"
ABOUT = Edition(
    release_id=RELEASE,
    survey_id="s",
    title="A survey & its <numbers>",
    notice="Invented.",
    publication="",
    reference_period="2009",
    status="provisional",
    published_at=datetime(2026, 2, 28, 12, 30),
    content_sha256="c0ffee" * 10 + "0123",
    countries={"KZ": "Kazakhstan"},
    thresholds={"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3},
    method="design",
)
NOTHING = {"estimate": None, "std_error": None, "cv": None, "ci_low": None, "ci_high": None, "n_cases": None}
CELLS: list[dict[str, object]] = [
    # all countries together: an ordinary number, and nothing else to say of it
    {"level": "group", "location": "both", "estimate": 1000.5, "std_error": 50.0, "cv": 0.05, "ci_low": 900.25},
    {"level": "national", "country": "KZ", "location": "inside", "estimate": 600.0, "reliability": "caution"},
    {"level": "national", "country": "KZ", "location": "abroad", "estimate": 0.0, "reliability": "suppress"},
    {"level": "national", "country": "KZ", "location": "both", "estimate": 600.0, "obs_status": "R"},
    {"level": "regional", "country": "KZ", "region": MERGED, "location": "inside", **NOTHING, "conf_status": "C"},
    {"level": "regional", "country": "KZ", "region": MERGED, "location": "abroad", **NOTHING, "conf_status": "D"},
    {"level": "regional", "country": "KZ", "region": MERGED, "location": "both", **NOTHING, "obs_status": "M"},
]
SAME: dict[str, object] = {
    "survey_id": "s",
    "wave": "2009",
    "exploitation": "all",
    "sex": "all",
    "period": "annual",
    "method": "design",
    "confidence": 0.95,
    "n_respondents": 60,
    "n_psu": 6,
    "reliability": "publish",
    "obs_status": "A",
    "conf_status": "F",
}


def estimates() -> pd.DataFrame:
    """Return the cells as totals and rates of the release, and the totals of an earlier one, each a person larger."""
    rows: list[dict[str, object]] = []
    for given in CELLS:
        cell = {**SAME, **given}
        number = cell["estimate"]
        total = {**cell, "indicator": "victims", "unit": "persons"}
        rate = {**cell, "indicator": "victims_per_1000_families", "unit": "per_1000_families"}
        if isinstance(number, float):
            rate["estimate"] = number / 10
            rows.append({**total, "release_id": EARLIER, "estimate": number + 1})
        rows += [{**total, "release_id": RELEASE}, {**rate, "release_id": RELEASE}]
    frame = pd.DataFrame(rows).reindex(columns=result_tables.tables()["estimates"].names)
    return conform("estimates", frame)


def tables() -> dict[str, pd.DataFrame]:
    """Return every table of the release; those that are not about estimates, regions and releases are empty."""
    names = {name: table.names for name, table in result_tables.tables().items()}
    region = {"survey_id": "s", "country": "KZ", "region": MERGED, "name_en": "Akmola", "name_ru": "Акмолинская"}
    release = {"survey_id": "s", "reference_period": "2009", "status": "provisional", "content_sha256": "c0ffee"}
    content: dict[str, list[dict[str, object]]] = {
        "regions": [{**region, "surveyed": "yes", "population_thousands": 1.5}],
        "releases": [
            {**release, "release_id": EARLIER, "published_at": pd.Timestamp("2026-01-31"), "superseded_by": RELEASE},
            {**release, "release_id": RELEASE, "published_at": pd.Timestamp(ABOUT.published_at), "supersedes": EARLIER},
        ],
    }
    empty = {name: conform(name, pd.DataFrame(columns=names[name])) for name in names}
    made = {name: conform(name, pd.DataFrame(rows).reindex(columns=names[name])) for name, rows in content.items()}
    return {**empty, **made, "estimates": estimates(), "dictionary": result_tables.dictionary()}


def current(frame: pd.DataFrame) -> pd.DataFrame:
    """Select the rows of the release itself."""
    return frame[frame["release_id"] == RELEASE]


def lists() -> dict[str, CodeList]:
    """Return the code lists of the structure."""
    return {column: code_lists()[column] for column in sdmx_structure.coded_columns()}


def write(folder: Path) -> Path:
    """Write a release folder with everything the exchange formats add, and return it."""
    content = tables()
    results.write(folder, content)
    (folder / "sdmx").mkdir()
    structure, observations = folder / "sdmx" / "structure.xml", folder / "sdmx" / "estimates.csv.gz"
    structure.write_text(sdmx_structure.render(ABOUT, areas(content["regions"], ABOUT.countries), lists()), "utf-8")
    sdmx_csv.write(observations, sdmx_csv.observations(current(content["estimates"]), ABOUT, lists()))
    workbook.write(folder / "workbook.xlsx", content, ABOUT)
    data_package.write(folder, ABOUT)
    return folder
