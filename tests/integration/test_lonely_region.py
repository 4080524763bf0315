"""A region with interviews of one settlement: every rule but `fail` publishes the nation, and no number of the region.

The survey is the small one with a third and a fourth region in Kazakhstan. What the region's number is comes from the
deliveries, by hand, and what an outsider could do is tried by subtraction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import results
from warehouse.home import Home

LONELY = "KZ-27"
OTHERS = ["KZ-15", "KZ-23", "KZ-31"]
NAMES = {**small_survey.NAMES, LONELY: "Западно-Казахстанская", "KZ-31": "Жамбылская"}
ROWS = 48
"""Interviews of each region of Kazakhstan: every sixth family reports a case abroad, so eight of them."""
RULES: dict[str, dict[str, Any]] = {
    "remove": {},
    "adjust": {},
    "average": {},
    "collapse": {"collapse": {LONELY: "KZ-31"}},
    "certainty": {},
}
METHODS: dict[str, dict[str, Any]] = {
    "design": {},
    "design_pooled": {},
    "design_log_t": {},
    "design_wald": {},
    "jackknife": {},
    "bootstrap": {"replicates": 20, "seed": 7},
    "bootstrap_poisson": {"replicates": 20, "seed": 7},
    "small_area": {"replicates": 5, "seed": 7},
    "pennington": {"cdf_decimals": 4},
    "poisson": {},
}
BY_DESIGN = ["design", "design_pooled", "design_log_t", "design_wald", "jackknife", "bootstrap", "bootstrap_poisson"]
RESAMPLING = ("jackknife", "bootstrap")
COUNTS = ["victims", "victims_per_1000_families", "victims_per_1000_population"]
NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high"]
SHOWING = {"enabled": True, "min_families": 3, "min_settlements": 3, "largest_share": 1.0, "protection": 0.2}
CELL = ["indicator", "exploitation", "location", "sex", "period", "method"]


def interviews(region: str, settlements: int) -> list[dict[str, str]]:
    """Return the interviews of a region, spread over so many settlements."""
    rows = []
    for number in range(ROWS):
        row = small_survey.interviews("KZ")[number % small_survey.ROWS_PER_COUNTRY]
        place = {"region": NAMES[region], "district": "район 1", "settlement": f"село {number % settlements + 1}"}
        rows.append({**row, **place, "questionnaire_id": f"{region}-{number:03d}"})
    return rows


def write(folder: Path) -> Path:
    """Write the survey: four regions in Kazakhstan, of which one has interviews of one settlement."""
    survey = small_survey.write(folder)
    rows = [row for region in OTHERS for row in interviews(region, 7)] + interviews(LONELY, 1)
    small_survey.write_rows(survey / "raw" / "KZ.csv", rows)
    for name, fields in (
        ("regions.csv", "KZ,{0},{0},{1},,yes\n"),
        ("population.csv", "KZ,{0},450,2009-01-01,invented,C\n"),
    ):
        header = (survey / name).read_text(encoding="utf-8")
        added = "".join(fields.format(region, NAMES[region]) for region in (LONELY, "KZ-31"))
        (survey / name).write_text(header + added, encoding="utf-8")
    return survey


@pytest.fixture
def lonely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return write(tmp_path / "surveys")


def night(survey: Path, home: Home, rule: str, disclosure: Mapping[str, Any]) -> Outcome:
    known = {name: own for name, own in METHODS.items() if not (rule == "adjust" and name in RESAMPLING)}
    rates = {"years": 3, "confidence": 0.95, "lonely_psu": rule, **RULES[rule]}
    content = {**small_survey.declaration(), "rates": rates, "methods": known, "disclosure": dict(disclosure)}
    (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


def estimates(home: Home) -> pd.DataFrame:
    return results.read(home.latest / "results.duckdb", "estimates")


def bare(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the free rows of the design's methods that lack an error, a limit or a verdict: there must be none."""
    free = cells[(cells["conf_status"] == "F") & cells["method"].isin(BY_DESIGN)]
    return free[free[["std_error", "cv", "ci_low", "ci_high", "reliability"]].isna().any(axis=1)]


def headline(cells: pd.DataFrame, method: str = "design") -> pd.DataFrame:
    """Return the yearly victims of all forms and sexes in Kazakhstan, by place."""
    chosen = (cells["country"] == "KZ") & (cells["method"] == method) & (cells["indicator"] == "victims")
    return cells[chosen & (cells["exploitation"] == "all") & (cells["sex"] == "all")]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.usefixtures("all_pages")
def test_without_disclosure_control_the_nation_has_limits_and_the_region_no_number(
    lonely: Path, home: Home, all_suites: None, rule: str
) -> None:
    outcome = night(lonely, home, rule, {"enabled": False})
    assert outcome.errors == ()
    cells = estimates(home)
    assert bare(cells).empty
    nation = headline(cells)[headline(cells)["level"] == "national"]
    assert set(nation["location"]) == {"inside", "abroad", "both"}
    assert nation[NUMBERS].notna().all(axis=None)
    assert set(nation["lonely_psu"]) == {rule}

    own = cells[(cells["region"] == LONELY) & cells["method"].isin(BY_DESIGN)]
    assert set(own["method"]) == {m for m in BY_DESIGN if not (rule == "adjust" and m in RESAMPLING)}
    assert {*COUNTS, "families", "family_size"} == set(own["indicator"])
    assert own[[*NUMBERS, "n_cases", "df", "deff", "reliability"]].isna().all(axis=None)
    assert (set(own["conf_status"]), set(own["obs_status"])) == ({"N"}, {"M"})
    assert (set(own["n_psu"]), set(own["n_respondents"])) == ({1}, {ROWS})
    assert (cells.loc[cells["conf_status"] != "F", "region"] == LONELY).all()

    quality = results.read(home.latest / "results.duckdb", "quality")
    withheld = quality[quality["check_id"] == "numbers_without_error_are_withheld"]
    assert withheld[["value", "verdict"]].to_numpy().tolist() == [[len(own), "noted"]]
    page = (home.latest / "report" / f"country-{LONELY[:2].lower()}.html").read_text(encoding="utf-8")
    row = page.split(f'data-names="{LONELY} ')[1].split("</tr>")[0]
    assert row.count(">not shown<") == 4  # rates inside, abroad and together, and persons
    assert "data-value" in row  # its interviews are told
    assert "Not shown: nobody can tell how far the number could be off" in page


def test_methods_with_limits_of_their_own_publish_the_region_as_they_do_any_other(lonely: Path, home: Home) -> None:
    night(lonely, home, "remove", {"enabled": False})
    cells = estimates(home)
    for method in ("pennington", "poisson", "small_area"):
        own = cells[(cells["region"] == LONELY) & (cells["method"] == method) & cells["indicator"].isin(COUNTS)]
        assert len(own) > 0
        assert own[NUMBERS].notna().all(axis=None)
        assert set(own["conf_status"]) == {"F"}
    models = results.read(home.latest / "results.duckdb", "small_area_models")
    by_region = models[models["country"] == "KZ"].groupby("region")["direct_rate"].count()
    assert by_region[LONELY] == 0
    assert (by_region[OTHERS] > 0).all()


@pytest.mark.parametrize("rule", RULES)
def test_with_disclosure_control_nothing_gives_the_region_away(
    lonely: Path, home: Home, tmp_path: Path, all_suites: None, rule: str
) -> None:
    outcome = night(lonely, home, rule, SHOWING)
    assert outcome.errors == ()
    cells = estimates(home)
    assert bare(cells).empty
    quality = results.read(home.latest / "results.duckdb", "quality").set_index("check_id")
    for check in ("hidden_cells_recovered", "hidden_cells_closer_than_bound", "hidden_rows_hold_no_number"):
        assert quality.loc[check, ["value", "verdict"]].tolist() == [0, "passed"]

    shown = headline(cells).set_index(["location", "level"])
    nation = shown.loc[("both", "national")]
    assert nation[NUMBERS].notna().all()
    own = cells[(cells["region"] == LONELY) & cells["method"].isin(BY_DESIGN)]
    assert own[NUMBERS].isna().all(axis=None)
    victims = own[(own["indicator"] == "victims") & (own["location"] == "abroad") & (own["exploitation"] == "all")]
    assert set(victims.loc[victims["sex"] == "all", "conf_status"]) == {"C"}
    subtract(cells)


def subtract(cells: pd.DataFrame) -> None:
    """Do what an outsider would: take the regions shown from their nation; at least two regions stay in the rest."""
    totals = cells[(cells["country"] == "KZ") & (cells["indicator"] == "victims")]
    tried = 0
    for _, rows in totals.groupby(CELL):
        region = rows[rows["region"] == LONELY]
        nation = rows.loc[rows["level"] == "national", "estimate"]
        if region.empty or region["conf_status"].item() not in ("C", "D") or nation.isna().all():
            continue
        others = rows[rows["region"].isin(OTHERS)]
        assert others["estimate"].isna().any()
        tried += 1
    assert tried > 0


def test_the_rest_of_a_nation_is_not_the_region(lonely: Path, home: Home, tmp_path: Path) -> None:
    """By hand: 450,000 people over the families' mean size, times victims of the window a family and year."""
    night(lonely, home, "average", SHOWING)
    families = interviews(LONELY, 1)
    columns = [f"labour_{p}_total_last_3_years" for p in ("inside", "abroad")]
    columns += [f"sexual_{p}_last_3_years" for p in ("inside", "abroad")]
    cases = sum(int(row[column] or 0) for row in families for column in columns)
    relatives = sum(int(row["relatives"]) for row in families)
    number = 450_000 * cases / relatives / 3
    both = headline(estimates(home))
    both = both[both["location"] == "both"].set_index("region")
    nation = both.loc[both["level"] == "national", "estimate"].item()
    rest = nation - both.loc[OTHERS, "estimate"].sum()
    assert rest > 1.5 * number
    # The number is the region's: without disclosure control the three others and it make the nation.
    night(lonely, Home(tmp_path / "open"), "average", {"enabled": False})
    openly = headline(estimates(Home(tmp_path / "open")))
    openly = openly[openly["location"] == "both"].set_index("region")
    assert nation - openly.loc[OTHERS, "estimate"].sum() == pytest.approx(number, rel=1e-9)
