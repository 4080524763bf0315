"""What a person sees: progress on standard error, errors as written, results on standard output."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pytest

from flows import night, terminal
from flows.night import Outcome
from schemas.batch import Load
from schemas.errors import FormatDamaged


def load(**changes: object) -> Load:
    fixed = {"load_id": "l1", "survey_id": "s", "country": "KZ", "uri": "raw/KZ.csv", "file": "KZ.csv", "sha256": "0"}
    counts = {"bytes": 1, "rows_read": 1234, "rows_accepted": 1200, "rows_quarantined": 34}
    return Load(**{**fixed, **counts, **changes})  # type: ignore[arg-type]


def test_an_error_is_printed_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.fail(FormatDamaged("[bold]not a style[/bold] [0]", file="KG[1].csv", row=12))
    told = capsys.readouterr()
    assert told.err == "format_damaged  KG[1].csv, row 12: [bold]not a style[/bold] [0]\n"
    assert told.out == ""


def test_files_are_counted_and_reasons_named(capsys: pytest.CaptureFixture[str]) -> None:
    new = load(reasons={"relatives_missing": 30, "country": 4}, edits={"sex_total_mismatch": 7})
    old = load(load_id="l2", country="KG", file="KG.csv", rows_read=10, rows_accepted=10, rows_quarantined=0)
    terminal.show_files([new], [new, old])
    text = capsys.readouterr().out
    assert [line.split() for line in text.splitlines() if "csv" in line] == [
        ["KG", "KG.csv", "10", "10", "0", "as", "before"],
        ["KZ", "KZ.csv", "1,234", "1,200", "34", "new"],
    ]
    assert "1,244" in text
    assert "Quarantined: relatives_missing 30, country 4" in text
    assert "Edited or warned about: sex_total_mismatch 7" in text


def test_many_files_are_summed_by_country_and_the_worst_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    loads = [
        load(
            load_id=f"{country}{n}",
            country=country,
            file=f"{country}_{n:04d}.csv",
            rows_read=10,
            rows_accepted=10 - bad,
        )
        for country in ("KZ", "KG")
        for n in range(1500)
        for bad in [3 if (country, n) == ("KZ", 7) else 0]
    ]
    loads = [replace(one, rows_quarantined=one.rows_read - one.rows_accepted) for one in loads]
    terminal.show_files(loads[:2], loads)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[2:6] == [
        ["KG", "1,500", "files", "15,000", "15,000", "0", "as", "before"],
        ["KZ", "1,500", "files", "15,000", "14,997", "3", "2", "new"],
        ["KZ", "of", "which", "KZ_0007.csv", "10", "7", "3", "as", "before"],
        ["all", "3,000", "files,", "2", "new", "30,000", "29,997", "3"],
    ]


def test_thousands_of_refused_files_are_not_told_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    errors = tuple(FormatDamaged("torn", file=f"KZ_{n:04d}.csv") for n in range(5000))
    terminal.show(Outcome("s", news=False, errors=errors))
    told = capsys.readouterr().err.splitlines()
    assert len([line for line in told if line.endswith(": torn")]) == terminal.MOST_ERRORS
    assert told[-1].startswith("and 4,980 more: KZ_0020.csv, KZ_0021.csv")
    assert len(night.told(errors).splitlines()) == night.MOST_ERRORS + 1


def test_a_night_without_news_says_so_and_shows_standing_errors(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(Outcome("s", news=False, errors=(FormatDamaged("torn", file="KZ.csv"),)))
    told = capsys.readouterr()
    assert "Nothing new" in told.out
    assert "KZ.csv: torn" in told.err


def test_steps_are_shown_as_they_begin_and_again_when_they_take_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal.Progress, "EVERY_SECONDS", 0.02)
    logger = logging.getLogger("kinscale")
    monkeypatch.setattr(logger, "handlers", [])  # Prefect's own, when another test has imported it
    with terminal.Progress("starting"):
        logger.info("taking in %s", "KZ.csv")
        deadline = time.monotonic() + 5
        told = ""
        while "still" not in told and time.monotonic() < deadline:
            time.sleep(0.01)
            told += capsys.readouterr().err
    assert "starting" in told
    assert "taking in KZ.csv" in told
    assert "still: taking in KZ.csv" in told
    assert not [handler for handler in logger.handlers if isinstance(handler, terminal.Progress)]
