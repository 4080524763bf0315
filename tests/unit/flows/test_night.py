"""How a night ends: its exit code, and what it says when deliveries are missing, damaged and put right again."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flows import direct
from flows.night import NightIncomplete, Outcome
from schemas import declaration
from schemas.errors import (
    DeclarationError,
    EnvironmentUnsafe,
    FormatDamaged,
    GateRefused,
    KinscaleError,
    SourceMissing,
)
from tests import small_survey
from warehouse import build
from warehouse.home import Home


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ((), 0),
        ((FormatDamaged("torn"),), 1),
        ((GateRefused("no"),), 3),
        ((FormatDamaged("torn"), GateRefused("no"), SourceMissing("gone")), 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst_error(errors: tuple[KinscaleError, ...], code: int) -> None:
    outcome = Outcome("s", news=True, errors=errors)
    assert outcome.exit_code == code
    incomplete = NightIncomplete([outcome, Outcome("t", news=False)])
    assert incomplete.outcomes[0] is outcome
    assert str(incomplete) == "\n".join(str(error) for error in errors)


def test_a_file_that_was_put_right_is_not_refused_any_more(survey: Path, home: Home) -> None:
    path = survey / "raw" / "KZ.csv"
    whole = path.read_bytes()
    assert run(home).exit_code == 0
    path.write_bytes(b"")
    assert run(home).exit_code == 1
    path.write_bytes(whole)
    restored, quiet = run(home), run(home)
    assert (restored.exit_code, restored.is_new_release) == (0, False)
    assert (quiet.exit_code, quiet.news) == (0, False)


def test_a_refused_release_is_not_forgotten_the_next_night(survey: Path, home: Home) -> None:
    run(home)
    path = survey / "raw" / "KZ.csv"
    whole = path.read_text(encoding="utf-8")
    path.write_text("".join(line for line in whole.splitlines(True) if "Атырауская" not in line), encoding="utf-8")
    assert run(home).exit_code == 3
    for _ in range(2):
        quiet = run(home)
        assert (quiet.exit_code, quiet.news) == (3, False)
        assert "region_set_is_complete (KZ)" in str(quiet.errors[0])
    assert len(list(home.candidates.iterdir())) == 1
    path.write_text(whole, encoding="utf-8")
    assert [run(home).exit_code, run(home).exit_code] == [0, 0]


def test_a_night_without_any_delivery_ends_with_messages_and_no_release(survey: Path, home: Home) -> None:
    for path in (survey / "raw").iterdir():
        path.unlink()
    outcome = run(home)
    assert outcome.exit_code == 1
    assert [error.code for error in outcome.errors] == ["source_missing", "source_missing"]
    assert outcome.release is None
    assert not home.latest.exists()


def test_a_delivery_that_vanished_keeps_its_rows_and_is_told_every_night(survey: Path, home: Home) -> None:
    run(home)
    (survey / "raw" / "KZ.csv").unlink()
    for _ in range(2):
        outcome = run(home)
        assert [error.code for error in outcome.errors] == ["source_missing"]
        assert {load.country for load in outcome.loads} == {"KZ", "KG"}


def test_the_run_log_says_how_each_night_ended(survey: Path, home: Home) -> None:
    run(home)
    (survey / "raw" / "KZ.csv").write_bytes(b"")
    run(home)
    with build.read(home) as warehouse:
        assert warehouse is not None
        rows = warehouse.rows("SELECT status, release_id, message FROM run_log ORDER BY started_at, run_id")
    assert {rows[0]["status"], rows[0]["message"], rows[0]["release_id"]} == {
        "succeeded",
        "complete",
        "small_survey-2009-r1",
    }
    assert "KZ.csv" in rows[1]["message"]


def test_what_was_not_the_files_fault_is_not_held_against_it(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PANDERA_VALIDATION_ENABLED", "False")
        with pytest.raises(EnvironmentUnsafe):
            run(home)
    outcome = run(home)
    assert outcome.exit_code == 0
    assert len(outcome.landed) == 2


def test_stored_bytes_that_rotted_are_told_and_copied_again_once_removed(survey: Path, home: Home) -> None:
    first = run(home)
    stored = home.raw / first.loads[0].sha256[:2] / first.loads[0].sha256
    whole = stored.read_bytes()
    stored.chmod(0o644)
    stored.write_bytes(b"rot")
    (survey / "survey.yaml").write_text((survey / "survey.yaml").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert [error.code for error in run(home).errors] == ["release_damaged"]
    stored.unlink()
    assert run(home).exit_code == 0
    assert stored.read_bytes() == whole


def test_a_nation_without_a_population_is_refused(survey: Path, home: Home) -> None:
    path = survey / "population.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("KZ,,")) + "\n", encoding="utf-8")
    outcome = run(home)
    assert outcome.exit_code == 3
    assert "every_nation_has_totals" in str(outcome.errors[0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("poisson: {}", "guesswork: {}", ["guesswork", "estimators/guesswork.py"]),
        ("years: 3", "yeers: 3", ["rates", "survey.yaml"]),
        ("    relatives: relatives", "", ["does not map relatives"]),
    ],
)
def test_a_mistake_in_a_declaration_is_told_as_one(
    survey: Path, home: Home, old: str, new: str, words: list[str]
) -> None:
    path = survey / "survey.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        error: KinscaleError = run(home).errors[0]
    except KinscaleError as raised:
        error = raised
    assert error.code == "declaration_error"
    for word in words:
        assert word in str(error)


def test_a_population_that_is_no_number_names_its_row(survey: Path, home: Home) -> None:
    path = survey / "population.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",900,", ",many,", 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match='row 2, column "population_thousands": "many" is not a number'):
        run(home)
