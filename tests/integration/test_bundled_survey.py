"""The main job on the survey that ships with the code: what comes in, what comes out, and what must never come out."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from flows import direct
from flows.night import Outcome
from schemas import declaration
from warehouse import build, results
from warehouse.home import CHECKOUT, Home

SURVEY = "central_asia_2009"
RAW = CHECKOUT / "surveys" / SURVEY / "raw"

LIMITS = {
    ("KZ", "inside"): (108650, 171261),
    ("KZ", "abroad"): (33147, 71819),
    ("KG", "inside"): (10005, 19593),
    ("KG", "abroad"): (39185, 56694),
    ("TJ", "inside"): (13047, 26094),
    ("TJ", "abroad"): (76107, 103289),
    ("TM", "inside"): (31256, 48967),
    ("TM", "abroad"): (46362, 67720),
    ("UZ", "inside"): (179760, 253590),
    ("UZ", "abroad"): (401250, 507180),
}
"""The limits that the study prints in its Tables 2-1a to 2-5a (persons per year)."""
PER_1000_POPULATION = {
    ("KZ", "inside"): 8.902,
    ("KZ", "abroad"): 3.311,
    ("KG", "inside"): 2.714,
    ("KG", "abroad"): 8.809,
    ("TJ", "inside"): 2.679,
    ("TJ", "abroad"): 12.190,
    ("TM", "inside"): 5.945,
    ("TM", "abroad"): 8.496,
    ("UZ", "inside"): 7.829,
    ("UZ", "abroad"): 16.471,
}
"""The study's printed totals over its printed populations: the values of its lost Figure 2-6a."""
TOGETHER = {"inside": 431098, "abroad": 701711, "both": 1132809}
"""Sums of the printed country totals, rounded country by country."""
REGIONS = {"KZ": 14, "KG": 8, "TJ": 4, "TM": 5, "UZ": 12}
"""The study: 14 oblasts; seven and Bishkek; three and Dushanbe with its districts; five velayats; twelve units."""


def night(home: Home, threads: str, surveys: Path | None = None) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_THREADS", threads)
        patch.delenv("KINSCALE_SURVEYS", raising=False)
        if surveys:
            patch.setenv("KINSCALE_SURVEYS", str(surveys))
        return direct.run(declaration.load(SURVEY), home, logging.getLogger("test").info)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder in which the bundled survey was run once, on one thread."""
    home = Home(tmp_path_factory.mktemp("bundled") / "home")
    outcome = night(home, "1")
    assert outcome.exit_code == 0
    assert outcome.is_new_release
    return home


def table(home: Home, name: str) -> pd.DataFrame:
    return results.read(home.latest / "results.duckdb", name)


def cells(home: Home, **where: str) -> pd.DataFrame:
    frame = table(home, "estimates")
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


VICTIMS = {"method": "pennington", "indicator": "victims", "exploitation": "all", "sex": "all"}


def test_every_questionnaire_is_accounted_for(bundled: Home) -> None:
    """The study, section 1.3: 11,384 questionnaires, 36 of them set aside, 11,348 used."""
    manifest = json.loads((bundled.latest / "manifest.json").read_text(encoding="utf-8"))
    counted = [sum(item[f"rows_{kind}"] for item in manifest["inputs"]) for kind in ("read", "accepted", "quarantined")]
    assert counted == [11384, 11348, 36]
    with build.read(bundled) as warehouse:
        assert warehouse is not None
        by_rule = Counter(row["rule"] for row in warehouse.rows("SELECT rule FROM quarantine"))
        rows = warehouse.rows("SELECT count(*) AS n, count(DISTINCT (country, questionnaire_id)) AS d FROM interviews")
    assert set(by_rule) == {"relatives_missing", "cases_above_relatives", "relatives_above_limit"}
    assert sum(by_rule.values()) == 36
    assert rows == [{"n": 11348, "d": 11348}]


def test_the_reasons_are_those_that_stand_in_the_raw_file(bundled: Home) -> None:
    """Counted with nothing but the csv module: no relatives, more than 30, more cases than twice the relatives."""
    with (RAW / "KG_2009.csv").open(encoding="cp1251", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    expected: Counter[str] = Counter()
    for row in rows:
        relatives = row["В1 кол-во родственников"].strip()
        if relatives in ("", "-"):
            expected["relatives_missing"] += 1
            continue
        number = float(relatives.replace(",", "."))
        if count(row, number) > 2 * number:
            expected["cases_above_relatives"] += 1
        elif number > 30:
            expected["relatives_above_limit"] += 1
    with build.read(bundled) as warehouse:
        assert warehouse is not None
        got = Counter(row["rule"] for row in warehouse.rows("SELECT rule FROM quarantine WHERE country = 'KG'"))
    assert got == expected
    assert len(rows) - sum(expected.values()) == 1990  # the study's Kyrgyz sample


def count(row: dict[str, str], relatives: float) -> float:
    """Count the cases of a Kyrgyz questionnaire: labour by the larger of its two totals, and sexual."""

    def add(*names: str) -> float:
        return sum(float(row[name].strip().replace(",", ".") or 0) for name in names)

    windows = ("3 года", "ранее")
    labour = [
        max(
            add(*(f"{question} {who} {window}" for who in ("жен", "муж") for window in windows)),
            add(*(f"{question} всего {window}" for window in windows)),
        )
        for question in ("В3", "В5")
    ]
    return sum(labour) + add(*(f"{question} всего {window}" for question in ("В4", "В6") for window in windows))


def test_the_printed_tables_are_met_and_the_five_misprints_are_named(bundled: Home) -> None:
    """Of the 320 printed cells 315 follow from the rest, and five are errors of the study itself."""
    reproduction = table(bundled, "reproduction")
    verdicts = Counter(reproduction.loc[reproduction["source_table"].str.startswith("2-"), "verdict"])
    assert verdicts["match"] >= 315
    assert verdicts["publication_error"] == 5
    differing = reproduction[reproduction["verdict"].isin(["publication_error", "not_reproducible"])]
    assert differing["reason"].notna().all()


def test_all_twenty_printed_limits_are_met(bundled: Home) -> None:
    frame = cells(bundled, **VICTIMS, level="national")
    ours = {(row.country, row.location): (round(row.ci_low), round(row.ci_high)) for row in frame.itertuples()}
    assert {key: ours[key] for key in LIMITS} == LIMITS
    reproduction = table(bundled, "reproduction")
    own = reproduction["source_table"].isin([f"2-{n}a" for n in range(1, 6)])
    limits = reproduction[own & reproduction["indicator"].isin(["victims_lower_limit", "victims_upper_limit"])]
    assert len(limits) == 20
    assert set(limits["verdict"]) == {"match"}
    assert sorted(limits["printed"]) == sorted(limit for pair in LIMITS.values() for limit in pair)


def test_victims_per_thousand_people_are_the_lost_figures(bundled: Home) -> None:
    wanted = {**VICTIMS, "indicator": "victims_per_1000_population"}
    frame = cells(bundled, **wanted, level="national")
    ours = {(row.country, row.location): round(row.estimate, 3) for row in frame.itertuples()}
    assert {key: ours[key] for key in PER_1000_POPULATION} == PER_1000_POPULATION


def test_every_surveyed_region_has_its_numbers(bundled: Home) -> None:
    frame = cells(bundled, **VICTIMS, level="regional", location="both")
    assert frame.groupby("country")["region"].nunique().to_dict() == REGIONS
    assert len(frame) == sum(REGIONS.values()) == 43
    leading = cells(bundled, **{**VICTIMS, "method": "design"}, level="regional", location="both")
    free = leading[leading["conf_status"] == "F"]
    assert len(free) >= 20  # the others are hidden: tests/integration/test_disclosure.py
    assert free[["estimate", "ci_low", "ci_high", "confidence", "reliability"]].notna().all().all()
    assert frame["n_respondents"].sum() == 11348
    assert "UZ-NW" not in set(frame["region"])  # the one unit the study did not report


def test_the_countries_add_up_to_the_group(bundled: Home) -> None:
    for location, printed in TOGETHER.items():
        nations = cells(bundled, **VICTIMS, level="national", location=location)["estimate"]
        group = cells(bundled, **VICTIMS, level="group", location=location)["estimate"]
        assert len(nations) == 5
        assert nations.sum() == pytest.approx(group.iloc[0], rel=1e-10)
        assert abs(group.iloc[0] - printed) <= 5  # ten printed totals, each rounded by up to a half


@pytest.fixture(scope="module")
def changed(bundled: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder in which one answer of one Kyrgyz questionnaire is another: one more man abroad, in both fields."""
    folder = tmp_path_factory.mktemp("surveys")
    shutil.copytree(RAW.parent, folder / SURVEY)
    path = folder / SURVEY / "raw" / "KG_2009.csv"
    header, first, *rest = path.read_text(encoding="cp1251").splitlines()
    names, answers = header.split(";"), first.split(";")
    for name in ("В5 муж 3 года", "В5 всего 3 года"):
        answers[names.index(name)] = str(int(answers[names.index(name)]) + 1)
    path.write_text("\n".join([header, ";".join(answers), *rest]) + "\n", encoding="cp1251", newline="\r\n")
    path.with_name("KG_2009.csv.source.yaml").unlink()  # the note of a file that is not this one any more
    home = Home(tmp_path_factory.mktemp("changed") / "home")
    assert night(home, "2", folder).exit_code == 0
    return home


def test_one_changed_answer_moves_our_number_and_never_the_printed_one(bundled: Home, changed: Home) -> None:
    key = ["source", "source_table", "source_cell"]
    before, after = (table(home, "reproduction").set_index(key).sort_index() for home in (bundled, changed))
    pd.testing.assert_series_equal(before["printed"], after["printed"])
    moved = before["computed"].fillna(-1) != after["computed"].fillna(-1)
    tables = before.index.get_level_values("source_table")
    assert set(tables[moved & tables.str.fullmatch("2-[1-5]a")]) == {"2-2a"}  # the Kyrgyz table, and no other country's
    abroad = before[
        (tables == "2-2a")
        & (before["indicator"] == "victims")
        & (before["location"] == "abroad")
        & (before["exploitation"] == "all")
        & (before["sex"] == "all")
    ].index
    assert len(abroad) == 1
    assert round(before.loc[abroad, "computed"].iloc[0]) == 47852  # Table 2-2a
    assert after.loc[abroad, "computed"].iloc[0] > before.loc[abroad, "computed"].iloc[0] + 10
    assert after.loc[abroad, "verdict"].iloc[0] != "match"


def test_another_country_does_not_move(bundled: Home, changed: Home) -> None:
    columns = ["region", "indicator", "exploitation", "location", "sex", "method", "estimate", "ci_low", "ci_high"]
    for country in ("KZ", "TJ", "TM", "UZ"):
        there, here = (cells(home, country=country)[columns].reset_index(drop=True) for home in (bundled, changed))
        pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_the_number_of_threads_does_not_change_the_content(bundled: Home, tmp_path: Path) -> None:
    outcome = night(Home(tmp_path / "home"), "2")
    manifest = json.loads((bundled.latest / "manifest.json").read_text(encoding="utf-8"))
    assert outcome.release is not None
    assert outcome.release.manifest["content_sha256"] == manifest["content_sha256"]


def names_of_people_and_places(home: Home) -> dict[str, set[str]]:
    """Everything in the interviews that names a household's place, its interviewer or its questionnaire."""
    with build.read(home) as warehouse:
        assert warehouse is not None
        found = {
            column: {str(row["name"]) for row in warehouse.rows(f"SELECT DISTINCT {column} AS name FROM interviews")}
            for column in ("questionnaire_id", "district", "settlement", "interviewer", "ngo")
        }
    codes = {code for region in table(home, "regions")["region"] for code in region.split("+")}
    found["interviewer"] -= codes  # KZ-10 is an interviewer and a region; the region may be published
    return found


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything a release says, as text: its files as bytes, its tables cell by cell, its comments."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.name, path.read_bytes().decode("utf-8", errors="replace")
        if path.suffix == ".parquet":
            yield path.name, pd.read_parquet(path).to_csv(index=False)
        elif path.suffix == ".gz":
            yield path.name, gzip.decompress(path.read_bytes()).decode()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                yield from ((name, parts.read(name).decode()) for name in parts.namelist())
    connection = duckdb.connect(str(folder / "results.duckdb"), read_only=True)
    try:
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            yield name, connection.execute(f"FROM {name}").df().to_csv(index=False)
        yield "comments", str(connection.execute("SELECT comment FROM duckdb_columns()").fetchall())
    finally:
        connection.close()


def test_a_release_holds_no_microdata(bundled: Home) -> None:
    names = names_of_people_and_places(bundled)
    assert len(names["questionnaire_id"]) == 11348
    assert len(names["settlement"]) > 50
    rules = {
        column: re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(known))) + r")(?![\w-])")
        for column, known in names.items()
        if column != "questionnaire_id"
    }
    rules["questionnaire_id"] = re.compile(r"\b[A-Z]{2}-0\d{4}\b")
    assert all(rules["questionnaire_id"].fullmatch(number) for number in names["questionnaire_id"])
    marks = {**names, "questionnaire_id": {f"{country}-0" for country in REGIONS}}
    seen = 0
    for where, text in texts(bundled.latest.resolve()):
        seen += 1
        for column, rule in rules.items():
            if not any(name in text for name in marks[column]):
                continue  # the quick look: a rule of hundreds of names takes seconds
            found = rule.search(text)
            assert found is None, f"{where} holds the {column} {found and found[0]!r}"
    assert seen > 20


def test_no_table_of_a_release_has_a_row_per_interview(bundled: Home) -> None:
    frame = table(bundled, "estimates")
    assert frame["n_respondents"].min() >= 10  # the smallest unit of the study has dozens of interviews
    assert not {"settlement", "psu", "questionnaire_id", "interviewer"} & set(frame.columns)
