"""The prompt of `./kinscale sql`: what it offers, what it answers, when a line is whole, whose history it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from flows import sql_prompt
from schemas import result_tables
from schemas.result_tables import conform
from tests.unit.tasks import small_tables
from warehouse import query, results


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder of the small tables, with a cell hidden."""
    folder = tmp_path_factory.mktemp("releases") / small_tables.RELEASE
    estimates = small_tables.estimates()
    first = estimates.index[(estimates["country"] == "KG") & (estimates["level"] == "national")][0]
    estimates.loc[first, ["estimate", "ci_low", "ci_high"]] = float("nan")
    estimates.loc[first, "conf_status"] = "C"
    about = dict.fromkeys(result_tables.tables()["releases"].names)
    about |= {"release_id": small_tables.RELEASE, "survey_id": "small_survey", "reference_period": "2009"}
    about |= {"published_at": pd.Timestamp("2026-01-01"), "status": "provisional", "content_sha256": "0" * 64}
    content = {name: pd.DataFrame(columns=table.names) for name, table in result_tables.tables().items()}
    content |= {"estimates": estimates, "releases": pd.DataFrame([about])}
    results.write(folder, {name: conform(name, frame) for name, frame in content.items()})
    (folder / "manifest.json").write_text('{"notice": "Invented numbers."}', encoding="utf-8")
    return folder


@pytest.fixture
def offers(release: Path) -> Iterator[sql_prompt.FromRelease]:
    with query.session(release / "results.duckdb") as session:
        yield sql_prompt.FromRelease(session)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "kinscale"


def offered(completer: sql_prompt.FromRelease, text: str) -> dict[str, str]:
    found = completer.get_completions(Document(text), CompleteEvent())
    return {one.text: one.display_meta_text for one in found}


@pytest.mark.parametrize(
    ("text", "word", "meaning"),
    [
        ("SELECT * FROM nat", "national_estimates", "Estimates of nations"),
        ("FROM comp", "compare(", "Every cell of two releases"),
        ("SELECT ci_l", "ci_low", "estimates: Lower"),
        ("FROM regions SELECT pop", "population_thousands", "regions: Population the totals rest on [thousand "),
        ("FROM estimates AS e WHERE e.n_p", "n_psu", "estimates: Primary sampling units"),
        ("SELECT pe", "period", ""),
        ("sel", "SELECT", ""),
        ("FROM estimates WHERE location = 'ab", "abroad", "Abroad"),
        ("FROM estimates WHERE country IN ('KZ', 'K", "KG", ""),
        ("FROM cell('KG', sex := 'w", "women", "Women"),
        ("FROM cell('KZ-", "KZ-15", ""),
        (".ta", ".tables", "tables, views and macros"),
        (".columns rev", "revisions", "Every cell of which"),
    ],
)
def test_what_is_offered(offers: sql_prompt.FromRelease, text: str, word: str, meaning: str) -> None:
    assert offered(offers, text)[word].startswith(meaning)


def test_columns_are_those_of_the_tables_that_are_named(offers: sql_prompt.FromRelease) -> None:
    assert "name_ru" in offered(offers, "SELECT name_")
    assert "name_ru" not in offered(offers, "FROM estimates SELECT name_")
    assert offered(offers, "SELECT 1 ") == {}
    assert offered(offers, "FROM estimates WHERE estimate = 'x") == {}


@pytest.mark.parametrize(
    ("text", "whole"),
    [("SELECT 1", False), ("SELECT 1;", True), ("SELECT 1; ", True), ("", True), (".tables", True), ("quit", True)],
)
def test_enter_ends_what_is_whole(text: str, whole: bool) -> None:
    assert sql_prompt.is_whole(text) == whole


def talked(release: Path, text: str) -> None:
    with create_pipe_input() as given:
        given.send_text(text)
        sql_prompt.talk(release, given, DummyOutput())


def test_a_talk_goes_on_after_errors_until_it_is_ended(
    release: Path, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "SELECT 40\n+ 2 AS sum;\nSELECT contry FROM estimates;\n.nope\n.columns nowhere\n.help\n.tables\n"
    talked(
        release, asked + ".columns cell\nSELECT estimate, conf_status FROM national_estimates;\n.quit\nSELECT 4711;\n"
    )
    told = capsys.readouterr().out
    assert "read-only" in told.splitlines()[0]
    assert "Invented numbers." in told
    assert "42" in told
    assert 'Candidate bindings: "country"' in told  # DuckDB's own words about what is near
    assert ".nope is no command" in told
    assert "nowhere" in told
    assert "Ctrl-D" in told
    said = " ".join(told.split())  # a narrow terminal folds the lists
    assert "Estimates of nations in the newest release." in said
    assert "Primary sampling units in the domain [settlements]" in said
    assert "hidden" in told
    assert "4711" not in told


def test_the_end_of_input_ends_it(release: Path, own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talked(release, "SELECT 7 AS seven;\n\x03\x04")  # Ctrl-C drops the line, Ctrl-D ends
    assert "seven" in capsys.readouterr().out


def test_the_history_is_its_owners_alone(release: Path, own_folder: Path) -> None:
    talked(release, "SELECT 1\nAS one;\n.quit\n")
    file = own_folder / "sql_history"
    assert (file.stat().st_mode & 0o777, own_folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(sql_prompt.history().load_history_strings()) == [".quit", "SELECT 1\nAS one;"]
    file.chmod(0o644)
    sql_prompt.history()
    assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_it_no_history_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("a file where a folder is needed", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert isinstance(sql_prompt.history(), InMemoryHistory)
    assert "No history is kept" in capsys.readouterr().err
