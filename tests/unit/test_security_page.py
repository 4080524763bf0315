"""The table of hostile files in docs/security.md is that of the cases there are, and none of them cost too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.hostile import CASES
from samples.hostile.case import Case
from tests.drills import hostile
from tests.drills.hostile import Seen


def seen(case: Case) -> Seen:
    return Seen(case.name, case.format, 1, "taken in", 1.0, 10**8, 0)


def test_there_are_enough_cases_of_every_format_and_no_two_of_one_name() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    formats = {case.format for case in CASES} | {
        str(case.reader["inside"]) for case in CASES if "inside" in case.reader
    }
    assert formats == {"csv", "tsv", "xlsx", "xls", "ods", "sav", "dta", "xpt", "jsonl", "parquet", "zip", "gzip"}


def test_the_page_has_the_cases_that_there_are_with_the_verdict_they_must_have() -> None:
    page = hostile.read()
    assert list(page) == [case.name for case in CASES]
    for case in CASES:
        told, _, verdict, *_ = page[case.name]
        codes = case.refused if isinstance(case.refused, tuple) else (case.refused,)
        rows = f", {case.quarantined} in quarantine" if case.quarantined else ""
        assert told == case.format
        assert verdict.split(" (")[0] in [f"refused: {code}" if code else f"taken in{rows}" for code in codes], (
            case.name
        )


def test_no_case_of_the_page_cost_too_much() -> None:
    for name, (_, _, _, seconds, night, reader) in hostile.read().items():
        assert float(seconds) <= hostile.LONGEST, name
        assert max(int(night), int(reader.replace("-", "0"))) <= hostile.MOST_MEMORY / 1e6, name


def test_a_record_in_which_a_case_is_missing_or_dear_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "security.md"
    page.write_text(f"head\n{hostile.BEGIN}\n{hostile.END}\ntail\n", encoding="utf-8")
    monkeypatch.setattr(hostile, "PAGE", page)
    every = [seen(case) for case in CASES]
    with pytest.raises(AssertionError, match=CASES[0].name):
        hostile.write(every[1:])
    for dear in (Seen("x", "csv", 1, "", 10.1, 0, 0), Seen("x", "csv", 1, "", 1.0, 0, 500_000_001)):
        with pytest.raises(AssertionError, match="cost too much"):
            hostile.write([*every, dear])
    hostile.write(every)
    assert page.read_text(encoding="utf-8").startswith("head\n")
    assert page.read_text(encoding="utf-8").endswith("-->\ntail\n")
    assert list(hostile.read(page)) == [case.name for case in CASES]
