"""Personal columns leave nothing behind: a whole night, its messages and everything on disk are searched for marks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from flows import direct, orchestration
from flows.cli import app
from flows.night import Outcome
from schemas import declaration
from schemas.errors import PseudonymKeyChanged
from tests import personal_survey, receivers, small_survey
from tests.integration import prefect_server
from tests.integration.command_line import environment
from tests.receivers import WebReceiver
from warehouse.home import CHECKOUT, Home


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receivers.web() as running:
        yield running


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = personal_survey.write(tmp_path / "surveys")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    monkeypatch.setenv("KINSCALE_PSEUDONYM_KEY", personal_survey.KEY)
    return folder


def ask(home: Home, *arguments: str) -> tuple[int, str]:
    """Call the command line in this process; return its code and all it wrote."""
    done = CliRunner().invoke(app, [*arguments, "--home", str(home.root)])
    return done.exit_code, done.output


def call(home: Home, *arguments: str, **settings: str) -> tuple[int, str]:
    """Call the command line in a process of its own; return its code and all it wrote."""
    where = () if arguments[0] == "check" else ("--home", str(home.root))
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments, *where],
        cwd=CHECKOUT,
        env=environment(KINSCALE_SURVEYS=str(declaration.surveys_folder()), PYTHONPATH=str(CHECKOUT), **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, lambda _: None)


def rows(home: Home, query: str) -> list[tuple[object, ...]]:
    connection = duckdb.connect(str(home.warehouse), read_only=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def redeclare(survey: Path, **keys: object) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"] = [{**source, **keys} for source in content["sources"]]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_no_mark_of_a_person_is_found_anywhere_but_in_the_raw_store(survey: Path, home: Home, web: WebReceiver) -> None:
    home.root.mkdir()
    channel = {"kind": "webhook", "url": web.address, "when": ["published", "unchanged", "refused", "failed"]}
    (home.root / "settings.yaml").write_text(yaml.safe_dump({"notify": [channel]}), encoding="utf-8")
    said = {"run": call(home, "run", "--direct", "--survey", small_survey.ID)}
    refused = rows(home, "SELECT load_id, source_row, rule FROM quarantine ORDER BY ALL")
    # KZ.csv: a region, a number, one delivered twice, two damaged lines; KG.xlsx: a code, twice, a stray cell
    assert Counter(str(rule) for _, _, rule in refused) == {
        "region_unknown": 1,
        "relatives_integer": 1,
        "settlement_type_code": 1,
        "duplicate_questionnaire": 2,
        "row_damaged": 3,
    }
    said["again"] = call(home, "run", "--direct", "--survey", small_survey.ID)
    said["check"] = call(home, "check", small_survey.ID)
    said["check --json"] = call(home, "check", small_survey.ID, "--json")
    said["list"] = ask(home, "quarantine", "list", "--survey", small_survey.ID)
    for load, number, rule in refused:
        said[f"show {rule} {number}"] = ask(home, "quarantine", "show", f"{str(load)[:8]}-{number}")
        said[f"show --json {rule} {number}"] = ask(home, "quarantine", "show", f"{str(load)[:8]}-{number}", "--json")
    said["replay --json"] = call(home, "quarantine", "replay", "--all", "--survey", small_survey.ID, "--json")
    assert {name: code for name, (code, _) in said.items() if code} == dict.fromkeys(
        ["run", "again", "check", "check --json", "replay --json"], 1
    )  # for six files are refused as a whole
    assert "Traceback" not in str(said)
    assert {name: found for name, (_, text) in said.items() if (found := personal_survey.marks_in(text))} == {}
    assert web.sent
    assert {
        n: found for n, sent in enumerate(web.sent) if (found := personal_survey.marks_in(sent.body.decode()))
    } == {}
    on_disk = dict(personal_survey.every_text(home.root))
    assert {place: found for place, text in on_disk.items() if (found := personal_survey.marks_in(text))} == {}
    assert any(place.endswith("warehouse.duckdb tables") for place in on_disk)  # and something was looked at
    stored = b"".join(path.read_bytes() for path in home.raw.glob("*/*") if path.suffix != ".yaml")
    assert "Айгуль".encode() in stored  # byte for byte, as it must be


def test_prefect_keeps_nothing_of_a_person_either(survey: Path, home: Home, tmp_path: Path) -> None:
    if orchestration.server_answers(*orchestration.DEFAULT_SERVER):
        pytest.skip("a Prefect server runs on this machine's default port, and the run would use it")
    own = tmp_path / "prefect"
    code, text = call(home, "run", "--survey", small_survey.ID, **prefect_server.QUIET, PREFECT_HOME=str(own))
    assert (code, personal_survey.marks_in(text)) == (1, [])
    kept = dict(personal_survey.every_text(own, without=""))
    assert "KZ_headerless.csv" in "".join(kept.values())  # states, logs and artifacts are there
    assert {place: found for place, text in kept.items() if (found := personal_survey.marks_in(text))} == {}


def test_the_same_person_has_the_same_pseudonym_in_every_delivery_of_the_survey(survey: Path, home: Home) -> None:
    run(home)
    # personal_survey: three interviewers in both countries, ten interviews of each in a file of thirty
    counted = rows(home, "SELECT interviewer, count(DISTINCT load_id) FROM interviews GROUP BY ALL")
    assert [files for _, files in counted] == [2, 2, 2]
    assert all(len(str(pseudonym)) == 16 for pseudonym, _ in counted)


def test_a_night_of_pseudonyms_publishes_what_a_night_of_clear_names_does(
    survey: Path, home: Home, tmp_path: Path
) -> None:
    with_pseudonyms = run(home)
    redeclare(survey, personal={}, ignore=[personal_survey.NAME, "phone", "gps", personal_survey.NOTE])
    in_clear = run(Home(tmp_path / "clear"))
    assert with_pseudonyms.release and in_clear.release
    hashes = [outcome.release.manifest["content_sha256"] for outcome in (with_pseudonyms, in_clear) if outcome.release]
    assert hashes[0] == hashes[1]


def test_without_a_key_only_files_that_need_one_wait_and_land_when_there_is_one(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KINSCALE_PSEUDONYM_KEY")
    outcome = run(home)
    codes = {(error.where.file, error.code) for error in outcome.errors if error.code == "pseudonym_key_unusable"}
    assert codes and not outcome.loads
    assert all("./kinscale key new" in str(e) for e in outcome.errors if e.code == "pseudonym_key_unusable")
    monkeypatch.setenv("KINSCALE_PSEUDONYM_KEY", personal_survey.KEY)
    assert {load.file for load in run(home).loads} == {"KZ.csv", "KG.xlsx"}


def test_another_key_is_refused_until_it_is_adopted(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run(home)
    before = rows(home, "SELECT DISTINCT questionnaire_id FROM interviews ORDER BY ALL")
    key = tmp_path / "keys" / "new.key"
    key.parent.mkdir()
    monkeypatch.delenv("KINSCALE_PSEUDONYM_KEY")
    code, text = call(home, "key", "new", str(key))
    assert (code, key.stat().st_mode & 0o777) == (0, 0o600)
    assert key.read_text().strip() not in text
    (home.root / "settings.yaml").write_text(f"pseudonym_key_file: {key}\n", encoding="utf-8")
    small_survey.change(survey / "raw" / "KZ.csv", 4, {"relatives": "7"})
    with pytest.raises(PseudonymKeyChanged, match="key adopt"):
        run(home)
    assert rows(home, "SELECT DISTINCT questionnaire_id FROM interviews ORDER BY ALL") == before
    code, text = call(home, "key", "adopt", "--survey", small_survey.ID)
    assert code == 0, text
    assert {load.file for load in run(home).loads} == {"KZ.csv", "KG.xlsx"}
    after = rows(home, "SELECT DISTINCT questionnaire_id FROM interviews ORDER BY ALL")
    assert len(after) == len(before) and not set(after) & set(before)


def test_declaring_a_column_personal_later_removes_it_from_rows_refused_before(survey: Path, home: Home) -> None:
    in_clear = {"personal": {}, "ignore": [personal_survey.NAME, "gps", personal_survey.NOTE]}
    redeclare(survey, **in_clear)
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for source in content["sources"]:
        source["columns"] = {**source["columns"], "ngo": "phone"}  # a telephone number in a column that counts
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    redeclare(survey, ignore=[*in_clear["ignore"], "ngo"])
    run(home)
    before = str(rows(home, "SELECT raw_row FROM quarantine"))
    assert {"SECRET", "555123"} <= set(personal_survey.marks_in(before))  # in clear, as declared
    redeclare(survey, personal={**personal_survey.PERSONAL, "phone": "pseudonym"})
    run(home)
    kept = str(rows(home, "SELECT * FROM quarantine") + rows(home, "SELECT * FROM edits"))
    assert personal_survey.marks_in(kept) == []
    closed = rows(home, "SELECT DISTINCT status FROM quarantine WHERE status NOT IN ('open', 'superseded')")
    assert closed == []  # every row refused before was found again, although its number is another now


def test_columns_that_look_personal_are_told_with_the_line_to_add_and_no_value(survey: Path, home: Home) -> None:
    redeclare(survey, personal={}, ignore=[personal_survey.NAME, "phone", "gps", personal_survey.NOTE])
    code, text = call(home, "run", "--direct", "--survey", small_survey.ID)
    assert code == 1  # for the files that are refused
    for header, line in {"ФИО": 'personal: {"ФИО": drop}', "phone": 'personal: {"phone": drop}'}.items():
        assert f'column "{header}"' in text and line in text
    (summary,) = [json.loads(path.read_text("utf-8")) for path in home.nights.glob("*/summary.json")]
    seen = {(column["country"], column["header"]) for column in summary["looks_personal"]}
    headers = {personal_survey.NAME, "phone", "gps", personal_survey.NOTE}
    assert seen == {(country, header) for country in ("KZ", "KG") for header in headers}
    told = json.dumps(summary["looks_personal"], ensure_ascii=False)
    assert personal_survey.marks_in(told) == []
    assert 'Add: personal: {"phone": drop}' in call(home, "check", small_survey.ID)[1]
