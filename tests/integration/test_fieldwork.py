"""Interviewers' work through a whole night: the private table, the summary, the command; a release names nobody."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
import math
import zipfile
from pathlib import Path

import duckdb
import pytest
import yaml
from pyarrow import parquet
from typer.testing import CliRunner

from flows import direct
from flows.cli import app
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import build, results
from warehouse.home import Home

SAY = logging.getLogger("test").info
COPYIST, HONEST = "Ak-Suu-Interviewer-7", "Ak-Suu-Interviewer-{}"
PLACE, OFFICE = "Kyzyl-Bulak-Village-{}", "Office-Tamchy-{}"


def run(home: Home) -> Outcome:
    outcome = direct.run(declaration.load(small_survey.ID), home, SAY)
    assert outcome.exit_code == 0, outcome.errors
    return outcome


def many(survey: Path) -> None:
    """Make the first country's file one of eight interviewers with thirty interviews each; the last one copies."""
    rows = []
    for who in range(8):
        for number, row in enumerate(small_survey.interviews("KZ")):
            own = {
                "questionnaire_id": f"KZ-{who}-{number:03d}",
                "region": small_survey.NAMES["KZ-15"],
                "interviewer": HONEST.format(who),
                "settlement": PLACE.format(who),
                "ngo": OFFICE.format(who % 2),
                "relatives": str(4 + (7 * who + 3 * number) % 19),
            }
            rows.append(row | own)
        if who == 7:
            rows[-30:] = [rows[-30] | {"questionnaire_id": row["questionnaire_id"]} for row in rows[-30:]]
    for number in (0, 30):  # the other region keeps two interviews, of two settlements
        rows[number] |= {"region": small_survey.NAMES["KZ-23"]}
    small_survey.write_rows(survey / "raw" / "KZ.csv", rows)


def kept(home: Home) -> dict[str, dict[str, object]]:
    with build.read(home) as warehouse:
        assert warehouse is not None
        rows = warehouse.rows(
            """SELECT interviewer, flags, score, sum(interviews)::BIGINT AS n, sum(repeated)::BIGINT AS repeated
               FROM interviewer_settlements WHERE country = 'KZ' GROUP BY ALL"""
        )
    return {str(row["interviewer"]): row for row in rows if row["n"] > 1}


def test_a_night_keeps_the_work_of_every_interviewer_and_settlement(survey: Path, home: Home) -> None:
    run(home)
    with build.read(home) as warehouse:
        assert warehouse is not None
        rows = warehouse.rows("SELECT * FROM interviewer_settlements WHERE country = 'KG'")
    # number % 3 names the interviewer, % 2 the region and district, % 6 the settlement: six pairs, five interviews each
    assert len(rows) == 6
    assert {row["interviews"] for row in rows} == {5}
    assert sum(row["reports"] for row in rows) == 5  # every sixth of thirty families reports a case


def test_one_who_copies_stands_out(survey: Path, home: Home) -> None:
    many(survey)
    run(home)
    found = kept(home)
    assert found[COPYIST]["repeated"] == 30
    assert "repeated" in str(found[COPYIST]["flags"]).split(";")
    assert max(found, key=lambda name: float(str(found[name]["score"]))) == COPYIST


def test_the_summary_is_in_the_release_and_says_nothing_of_few(survey: Path, home: Home) -> None:
    many(survey)
    run(home)
    table = results.read(home.latest / "results.duckdb", "fieldwork").set_index(["country", "measure"])
    # seven villages of one name in two districts, that of the copyist in one, and two interviews moved away: 14 + 1 + 2
    assert table.loc[("KZ", "flagged"), "flagged"] == "fewer than 3"
    assert table.loc[("KZ", "repeated"), "n_settlements"] == 17
    assert table.loc[("KZ", "flagged"), "n_interviewers"] == 8
    assert table.loc[("KG", "relatives"), ["value", "n_flagged"]].isna().all()  # three interviewers


def test_quotas_are_in_the_summary(survey: Path, home: Home) -> None:
    (survey / "quotas.csv").write_text(
        "country,region,planned,source\nKG,,40,plan\nKG,KG-B,12,plan\n", encoding="utf-8"
    )
    run(home)
    table = results.read(home.latest / "results.duckdb", "fieldwork").dropna(subset="value")
    shares = table[table["measure"] == "quota_fulfilment"].set_index("region")["value"]
    assert list(shares.sort_values()) == [0.75, 1.25]  # 30 of 40, and 15 of 12


def test_a_second_reading_of_the_same_files_gives_the_same_content(survey: Path, home: Home, tmp_path: Path) -> None:
    first = run(home)
    path = survey / "raw" / "KZ.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    small_survey.write_rows(path, rows[::-1])
    second = run(Home(tmp_path / "again"))
    assert first.release and second.release
    tables = [
        results.read(one.release.folder / "results.duckdb", "fieldwork") for one in (first, second) if one.release
    ]
    assert tables[0].equals(tables[1])


def test_interviews_without_interviewers_make_no_row(survey: Path, home: Home) -> None:
    path = survey / "survey.yaml"
    content = path.read_text(encoding="utf-8").replace("interviewer: interviewer", "interviewer: null")
    path.write_text(content.replace("date_format:", "ignore: [interviewer]\n  date_format:"), encoding="utf-8")
    run(home)
    assert len(results.read(home.latest / "results.duckdb", "fieldwork")) == 0


def test_lengths_of_interviews_are_looked_at_where_they_are_known(survey: Path, home: Home) -> None:
    """Seven interviewers of KZ take 20 to 26 minutes, the eighth 5; a cell is odd, and KG has no such column."""
    many(survey)
    path = survey / "raw" / "KZ.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    for number, row in enumerate(rows):
        row["duration_minutes"] = "5,5" if row["interviewer"] == COPYIST else f"{20 + number % 7},0"
    rows[3]["duration_minutes"] = "half an hour"
    small_survey.write_rows(path, rows)
    declared = yaml.safe_load((survey / "survey.yaml").read_text(encoding="utf-8"))
    kz, kg = declared["sources"]
    kz["reader"]["decimal"] = ","
    del kg["columns"]["duration_minutes"]
    kg["ignore"] = ["duration_minutes"]
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    outcome = run(home)
    counted = {load.country: (load.rows_read, load.rows_accepted) for load in outcome.loads}
    assert counted == {"KG": (30, 30), "KZ": (240, 240)}
    table = results.read(home.latest / "results.duckdb", "fieldwork").set_index(["country", "measure"])
    known, unknown = table.loc[("KZ", "duration")], table.loc[("KG", "duration")]
    assert 20 <= known["value"] <= 26
    assert (known["n_interviewers"], known["unit"], known["flagged"]) == (8, "minutes", "fewer than 3")
    assert (unknown["n_interviewers"], unknown["flagged"], unknown["conf_status"]) == (0, "not judged", "F")
    assert math.isnan(unknown["value"])
    assert "duration" in str(kept(home)[COPYIST]["flags"]).split(";")
    with build.read(home) as warehouse:
        assert warehouse is not None
        edits = warehouse.rows(
            "SELECT rule, action, \"before\" AS was FROM edits WHERE column_name = 'duration_minutes'"
        )
        whole = warehouse.rows("SELECT country, count(duration_minutes) AS n FROM interviews GROUP BY 1 ORDER BY 1")
    assert edits == [{"rule": "duration_minutes_number", "action": "empty", "was": "half an hour"}]
    assert whole == [{"country": "KG", "n": 0}, {"country": "KZ", "n": 239}]


def test_lengths_change_no_number_and_no_count(survey: Path, home: Home, tmp_path: Path) -> None:
    """A night with lengths against one without: every table of estimates is the same."""
    without = run(home)
    path = survey / "raw" / "KZ.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    small_survey.write_rows(path, [row | {"duration_minutes": str(n)} for n, row in enumerate(rows)])
    with_lengths = run(Home(tmp_path / "again"))
    assert without.release and with_lengths.release
    for name in ("estimates", "disclosure", "overdispersion"):
        one, other = (
            results.read(made.release.folder / "results.duckdb", name)
            for made in (without, with_lengths)
            if made.release
        )
        assert one.equals(other), name


def _texts(path: Path) -> bytes:
    """Return a file's bytes, and those of what is packed in it."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        return str(parquet.read_table(path).to_pydict()).encode()
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            return str([connection.execute(f"FROM {name}").fetchall() for (name,) in names]).encode() + content
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return content


def test_no_file_of_a_release_names_an_interviewer_or_a_settlement(survey: Path, home: Home) -> None:
    many(survey)
    outcome = run(home)
    assert outcome.release is not None
    files = [path for path in outcome.release.folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    words = [name.split("{")[0].encode() for name in (HONEST, PLACE, OFFICE)]
    with build.read(home) as warehouse:
        assert warehouse is not None
        kept_names = warehouse.rows("SELECT DISTINCT interviewer FROM interviewer_settlements WHERE country = 'KZ'")
    assert any(str(row["interviewer"]).encode().startswith(words[0]) for row in kept_names), "they are in the warehouse"
    for path in files:
        content = _texts(path)
        assert not [word for word in words if word in content], path


def test_the_logs_and_messages_of_a_night_name_nobody(
    survey: Path, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    many(survey)
    with caplog.at_level(logging.DEBUG):
        run(home)
    assert "looking at how the interviews were held" in caplog.text
    assert HONEST.split("{", maxsplit=1)[0] not in caplog.text


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["fieldwork", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_shows_who_stands_out_and_whom_to_visit(survey: Path, home: Home) -> None:
    many(survey)
    run(home)
    place = ["--home", str(home.root)]
    text = call(small_survey.ID, "--flags", *place)
    assert COPYIST in text.split("Visit again")[0]
    assert HONEST.format(1) not in text.split("Visit again")[0]
    told = json.loads(call(small_survey.ID, "--json", *place))
    # eight interviewers, a tenth is one, at least two: one by score, one drawn; the same for the other country
    chosen = [(row["country"], row["why"]) for row in told["back_checks"]]
    assert chosen == [("KG", "drawn"), ("KG", "drawn"), ("KZ", "score"), ("KZ", "drawn")]
    assert [row["interviewer"] for row in told["back_checks"] if row["why"] == "score"] == [COPYIST]
    again = json.loads(call(small_survey.ID, "--json", *place))
    assert again == told, "the draw is seeded"
    lines = list(csv.DictReader(io.StringIO(call(small_survey.ID, "--csv", "--settlements", *place))))
    assert {row["settlement"] for row in lines} >= {PLACE.format(3)}


def test_without_a_night_the_command_says_what_to_do(survey: Path, home: Home) -> None:
    result = CliRunner().invoke(app, ["fieldwork", small_survey.ID, "--home", str(home.root)])
    assert result.exit_code == 1
    assert "./kinscale run" in str(result.exception.next_step)  # type: ignore[union-attr]
