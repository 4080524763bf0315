"""A release's DuckDB file as an analyst meets it: comments, views, the numbers as of a day, read by another process."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from schemas import result_tables
from schemas.result_tables import conform
from warehouse import results

READER = """
import duckdb, json, sys
c = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps(c.execute("SELECT country, estimate FROM national_estimates").fetchall()))
"""


def cell(release_id: str, country: str, region: str | None, estimate: float) -> dict[str, object]:
    return dict.fromkeys(result_tables.tables()["estimates"].names) | {
        "release_id": release_id,
        "survey_id": "s",
        "wave": "2009",
        "level": "regional" if region else "national",
        "country": country,
        "region": region,
        "indicator": "victims",
        "exploitation": "all",
        "location": "both",
        "sex": "all",
        "period": "annual",
        "method": "pennington",
        "estimate": estimate,
        "n_respondents": 9,
        "unit": "persons",
        "obs_status": "A",
        "conf_status": "F",
    }


def release(release_id: str, published_at: str, before: str | None, after: str | None) -> dict[str, object]:
    return dict.fromkeys(result_tables.tables()["releases"].names) | {
        "release_id": release_id,
        "survey_id": "s",
        "reference_period": "2009",
        "published_at": pd.Timestamp(published_at),
        "status": "provisional",
        "supersedes": before,
        "superseded_by": after,
        "content_sha256": "0" * 64,
        "code_commit": None,
        "reason": "it's here",
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: Kazakhstan 100 then 110; its region Aktobe 40 then 41; Kyrgyzstan only in the second."""
    path = tmp_path_factory.mktemp("it's a release")  # an apostrophe in the path, as in people's folder names
    estimates = [
        cell("s-2009-r1", "KZ", None, 100.0),
        cell("s-2009-r1", "KZ", "KZ-15", 40.0),
        cell("s-2009-r2", "KZ", None, 110.0),
        cell("s-2009-r2", "KZ", "KZ-15", 41.0),
        cell("s-2009-r2", "KG", None, 7.5),
    ]
    region = {"survey_id": "s", "country": "KZ", "region": "KZ-15", "name_en": "Aktobe", "name_ru": "Актюбинская"}
    more = {"surveyed": "yes", "population_thousands": 1.0, "reference_date": None, "grade": None, "source": None}
    releases = [
        release("s-2009-r1", "2026-01-31 01:30", None, "s-2009-r2"),
        release("s-2009-r2", "2026-02-28 01:30", "s-2009-r1", None),
    ]
    content = {name: pd.DataFrame(columns=table.names) for name, table in result_tables.tables().items()}
    content |= {"estimates": pd.DataFrame(estimates), "releases": pd.DataFrame(releases)}
    content |= {"regions": pd.DataFrame([{**region, **more}]), "dictionary": result_tables.dictionary()}
    results.write(path, {name: conform(name, frame) for name, frame in content.items()})
    return path


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(str(folder / "results.duckdb"), read_only=True)
    try:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows
    finally:
        connection.close()


def test_every_table_view_and_column_carries_a_comment(folder: Path) -> None:
    comments: dict[str, str] = dict(ask(folder, "SELECT table_name, comment FROM duckdb_tables()"))
    assert comments == {name: table.description for name, table in result_tables.tables().items()}
    columns = ask(
        folder,
        """SELECT c.table_name, c.column_name, c.comment FROM duckdb_columns() AS c
           JOIN duckdb_tables() AS t USING (table_name) WHERE NOT c.internal""",
    )
    assert len(columns) == sum(len(table.columns) for table in result_tables.tables().values())
    assert not [row for row in columns if not row[2]]
    assert ("regions", "population_thousands", "Population the totals rest on [thousand persons]") in columns
    views = ask(folder, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal")
    assert {"national_estimates", "regional_estimates"} <= {name for name, _ in views}
    assert not [name for name, comment in views if not comment]


def test_the_views_show_the_newest_release(folder: Path) -> None:
    assert ask(folder, "SELECT country, estimate FROM national_estimates") == [("KG", 7.5), ("KZ", 110.0)]
    assert ask(folder, "SELECT region, region_name, estimate FROM regional_estimates") == [("KZ-15", "Aktobe", 41.0)]


@pytest.mark.parametrize(
    ("moment", "numbers"),
    [
        ("2026-01-30", []),
        ("2026-01-31 01:30", [40.0, 100.0]),
        ("2026-02-28", [40.0, 100.0]),
        ("2026-03-01", [7.5, 41.0, 110.0]),
    ],
)
def test_the_numbers_as_of_a_day(folder: Path, moment: str, numbers: list[float]) -> None:
    got = ask(folder, f"SELECT estimate FROM estimates_asof('{moment}') ORDER BY estimate")
    assert [row[0] for row in got] == numbers


def test_a_withdrawn_release_counts_from_its_publication_to_its_withdrawal(tmp_path: Path) -> None:
    """r1 in January, r2 on 1 February, withdrawn on the 5th, r10 on the 20th: three numbers, and r1's comes back."""
    days = {"s-2009-r1": "2026-01-01", "s-2009-r2": "2026-02-01", "s-2009-r10": "2026-02-20"}
    rows = [release(name, day, None, None) for name, day in days.items()]
    rows[1] |= {"status": "withdrawn", "withdrawn_at": pd.Timestamp("2026-02-05"), "withdrawal_reason": "wrong"}
    numbers = [cell(name, "KZ", None, value) for name, value in zip(days, (1.0, 2.0, 10.0), strict=True)]
    content = {name: pd.DataFrame(columns=table.names) for name, table in result_tables.tables().items()}
    content |= {"estimates": pd.DataFrame(numbers), "releases": pd.DataFrame(rows)}
    results.write(tmp_path, {name: conform(name, frame) for name, frame in content.items()})
    asked = {"2026-01-31": 1.0, "2026-02-01": 2.0, "2026-02-04": 2.0, "2026-02-05": 1.0, "2026-02-20": 10.0}
    for day, number in asked.items():
        assert ask(tmp_path, f"SELECT estimate FROM estimates_asof('{day}')") == [(number,)], day
    assert ask(tmp_path, "SELECT estimate FROM national_estimates") == [(10.0,)]


def test_of_two_releases_in_one_second_the_tenth_is_newer_than_the_ninth(tmp_path: Path) -> None:
    rows = [release(f"s-2009-r{n}", "2026-01-01", None, None) for n in (9, 10)]
    content = {name: pd.DataFrame(columns=table.names) for name, table in result_tables.tables().items()}
    content |= {"releases": pd.DataFrame(rows)}
    results.write(tmp_path, {name: conform(name, frame) for name, frame in content.items()})
    assert ask(tmp_path, "FROM latest_release") == [("s-2009-r10",)]


def test_another_process_reads_while_this_one_does(folder: Path) -> None:
    connection = duckdb.connect(str(folder / "results.duckdb"), read_only=True)
    try:
        call = [sys.executable, "-c", READER, str(folder / "results.duckdb")]
        told = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True).stdout
    finally:
        connection.close()
    assert json.loads(told) == [["KG", 7.5], ["KZ", 110.0]]


def test_nobody_writes_to_it_by_accident(folder: Path) -> None:
    with pytest.raises(duckdb.Error, match="read-only"):
        ask(folder, "DELETE FROM estimates")


def test_the_storage_version_is_the_declared_one(folder: Path) -> None:
    """DuckDB 1.4 is the oldest version that must open a release (architecture, section "The data folder")."""
    assert ask(folder, "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal")[0][0] == "v1.4.0+"


def test_parquet_and_csv_hold_the_same_rows_in_key_order(folder: Path) -> None:
    with gzip.open(folder / "tables" / "estimates.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    written = [(row["release_id"], row["level"], row["country"], row["region"], float(row["estimate"])) for row in rows]
    assert written == [
        ("s-2009-r1", "national", "KZ", "", 100.0),
        ("s-2009-r1", "regional", "KZ", "KZ-15", 40.0),
        ("s-2009-r2", "national", "KG", "", 7.5),
        ("s-2009-r2", "national", "KZ", "", 110.0),
        ("s-2009-r2", "regional", "KZ", "KZ-15", 41.0),
    ]
    frame = pd.read_parquet(folder / "tables" / "estimates.parquet")
    assert list(frame["estimate"]) == [100.0, 40.0, 7.5, 110.0, 41.0]
    assert {path.stem for path in (folder / "tables").glob("*.parquet")} == set(result_tables.tables())


def test_only_csv_keeps_formulas_from_being_computed(folder: Path, tmp_path: Path) -> None:
    """The apostrophe is written by hand as docs/security.md names it; numbers below zero stay numbers."""
    content = {name: results.read(folder / "results.duckdb", name) for name in result_tables.tables()}
    content["regions"] = content["regions"].assign(name_en="=HYPERLINK(1)", source="-1.5")
    results.write(tmp_path / "book", {name: conform(name, frame) for name, frame in content.items()})
    with gzip.open(tmp_path / "book" / "tables" / "regions.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["name_en"], row["source"]) == ("'=HYPERLINK(1)", "-1.5")
    for frame in (
        pd.read_parquet(tmp_path / "book" / "tables" / "regions.parquet"),
        results.read(tmp_path / "book" / "results.duckdb", "regions"),
    ):
        assert list(frame["name_en"]) == ["=HYPERLINK(1)"]


def test_equal_rows_give_equal_files(folder: Path, tmp_path: Path) -> None:
    content = {name: results.read(folder / "results.duckdb", name) for name in result_tables.tables()}
    results.write(tmp_path / "again", {name: conform(name, frame) for name, frame in content.items()})
    for path in (folder / "tables").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / "tables" / path.name).read_bytes(), path.name


def test_a_table_read_back_is_the_table_written(folder: Path) -> None:
    again = conform("estimates", results.read(folder / "results.duckdb", "estimates"))
    assert list(again["estimate"]) == [100.0, 40.0, 7.5, 110.0, 41.0]
    assert again["region"].isna().sum() == 3
    assert list(again["n_respondents"]) == [9] * 5
