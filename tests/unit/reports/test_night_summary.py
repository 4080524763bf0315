"""The summary of a night as Markdown: every count where it belongs, and names of files that cannot break a table."""

from __future__ import annotations

from reports import night_summary
from schemas.night_record import FileRecord, NightRecord, OpenRows, Refusal, ReleaseDiff

CELL = {
    "level": "national", "country": "KZ", "region": None, "indicator": "victims", "exploitation": "all",
    "location": "inside", "sex": "all", "period": "annual", "method": "design", "change": "revised",
    "previous_estimate": 1000.0, "estimate": 1031.0, "relative_change": 0.031, "beyond_limits": True,
}  # fmt: skip


def record(**more: object) -> NightRecord:
    files = (
        FileRecord("KG", "KG.csv", 1996, 1990, 6, True, {"relatives_missing": 4, "country": 2}, {"relatives_above": 1}),
        FileRecord("KZ", "a|b*.csv", 2241, 2234, 7, False, {"relatives_missing": 7}),
    )
    fixed = {"survey_id": "s", "began": "b", "ended": "e", "endings": ("published",), "files": files, "run_id": "r"}
    return NightRecord(**{**fixed, **more})  # type: ignore[arg-type]


def rows(text: str) -> list[list[str]]:
    """Cut the rows of Markdown tables into cells."""
    lines = [line.replace("\\|", "¦") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_files_and_rules_are_summed() -> None:
    text = night_summary.validation(record())
    assert ["KG", "KG.csv", "1,996", "1,990", "6", "new"] in rows(text)
    assert ["all", "2 files", "4,237", "4,224", "13", "1 new"] in rows(text)  # 1,996 + 2,241; 1,990 + 2,234; 6 + 7
    assert "Quarantined: relatives_missing 11, country 2" in text  # 4 + 7
    assert "Edited or warned about: relatives_above 1" in text


def test_a_name_of_a_file_cannot_break_the_table() -> None:
    text = night_summary.markdown(record())
    assert ["KZ", "a¦b\\*.csv", "2,241", "2,234", "7", "as before"] in rows(text)
    assert {len(row) for row in rows(night_summary.validation(record()))} == {6}


def test_what_did_not_go_through_is_named_by_code() -> None:
    refusals = (Refusal("missing_column", "KZ.csv"), Refusal("gate_refused", "", ("a_check", "another")))
    text = night_summary.validation(record(refusals=refusals, candidate="s-2009-r2-20261122T013000"))
    assert ["missing_column", "KZ.csv", ""] in rows(text)
    assert ["gate_refused", "", "a_check, another"] in rows(text)
    assert "candidates/s-2009-r2-20261122T013000" in text


def test_rows_that_wait_have_their_age() -> None:
    waiting = (OpenRows("KG", "KG.csv", "relatives_missing", 4, 12), OpenRows("KG", "KG.csv", "country", 2, 0))
    text = night_summary.quarantine(record(open_rows=waiting))
    assert "6 rows wait" in text
    assert ["KG", "KG.csv", "relatives_missing", "4", "12"] in rows(text)
    assert "No row waits" in night_summary.quarantine(record())
    assert "held by another process" in night_summary.quarantine(record(open_rows=None))


def test_a_diff_shows_kinds_and_the_cells_that_moved_most() -> None:
    counts = {
        "added": 1,
        "removed": 0,
        "revised": 2,
        "uncertainty": 0,
        "hidden": 0,
        "shown": 0,
        "beyond_their_limits": 1,
    }
    text = night_summary.diff(ReleaseDiff("s-2009-r1", "s-2009-r2", counts, (CELL,)))
    assert ["1", "0", "2", "0", "0", "0", "1"] in rows(text)
    assert ["KZ victims inside annual design", "revised", "1,000", "1,031", "3.1%", "yes"] in rows(text)
    assert "2 more cells" in text  # three changed, one is shown
    assert "./kinscale diff s-2009-r1 s-2009-r2" in text
