"""The one line of outcome, for each way in which a night can end."""

from __future__ import annotations

import pytest

from reports.outcome_line import line
from schemas.night_record import FileRecord, NightRecord, Refusal, ReleaseDiff

KG = FileRecord("KG", "KG_2009.csv", 1996, 1990, 6, new=True)
KZ = FileRecord("KZ", "KZ_2009.xlsx", 2241, 2234, 7, new=False)
TOTAL = {"country": "KZ", "indicator": "victims", "exploitation": "all", "location": "inside", "sex": "all"}
COUNTS = {
    "added": 0,
    "removed": 0,
    "revised": 400,
    "uncertainty": 12,
    "hidden": 0,
    "shown": 0,
    "beyond_their_limits": 3,
}


def diff(change: float | None, **cell: str | None) -> ReleaseDiff:
    headline = None if change is None else {**TOTAL, **cell, "relative_change": change}
    return ReleaseDiff("s-2009-r1", "s-2009-r2", COUNTS, (), headline)


def record(*endings: str, **more: object) -> NightRecord:
    fixed = {"survey_id": "s", "began": "b", "ended": "e", "endings": endings, "files": (KG, KZ)}
    return NightRecord(**{**fixed, "release_id": "s-2009-r2", **more})  # type: ignore[arg-type]


ROWS = "4,237 rows read, 13 quarantined, 2 files, 1 of them new"  # 1,996 + 2,241 and 6 + 7
MISSING = Refusal("missing_column", "KG_2009.csv")
GATE = Refusal("gate_refused", checks=("region_set_is_complete",))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (record("published", is_new_release=True), f"published s-2009-r2, {ROWS}, the first release"),
        (
            record("published", is_new_release=True, diff=diff(0.0309)),
            f"published s-2009-r2, {ROWS}, 412 cells changed (largest national total: KZ victims inside +3.1%)",
        ),
        (
            record("published", is_new_release=True, diff=diff(-0.5, country=None, exploitation="labour")),
            f"published s-2009-r2, {ROWS}, 412 cells changed "
            "(largest national total: all together victims labour inside -50.0%)",
        ),
        (record("published", is_new_release=True, diff=diff(None)), f"published s-2009-r2, {ROWS}, 412 cells changed"),
        (
            record("failed", "published", is_new_release=True, refusals=(MISSING,)),
            f"published s-2009-r2 without everything (missing_column KG_2009.csv), {ROWS}",
        ),
        (record("failed", refusals=(MISSING,)), "failed: missing_column KG_2009.csv; s-2009-r2 stays in force"),
        (
            record("failed", refusals=(Refusal("warehouse_locked"),), files=(), release_id=""),
            "failed: warehouse_locked; there is no release in force",
        ),
        (
            record("refused", refusals=(GATE,)),
            "refused by the gate: region_set_is_complete; s-2009-r2 stays in force",
        ),
        (
            record("refused", "failed", refusals=(MISSING, GATE)),
            "refused by the gate: region_set_is_complete; also missing_column KG_2009.csv; s-2009-r2 stays in force",
        ),
        (record("unchanged", files=(KZ,)), "nothing new; s-2009-r2 stays in force"),
        (record("unchanged"), f"no number changed, {ROWS}; s-2009-r2 stays in force"),
        (
            record("unchanged", files=(KZ,), refusals=(MISSING,)),
            "nothing new, and what was refused before still is (missing_column KG_2009.csv); s-2009-r2 stays in force",
        ),
    ],
)
def test_each_ending_has_its_line(told: NightRecord, expected: str) -> None:
    assert line(told) == f"kinscale s: {expected}"


def test_many_errors_are_counted() -> None:
    many = [Refusal("source_missing", f"{n}.csv") for n in range(7)] + [Refusal("source_missing", "0.csv")]
    told = line(record("failed", refusals=tuple(many)))
    assert "source_missing 0.csv (2 times), source_missing 1.csv, source_missing 2.csv and 4 more" in told


def test_a_line_is_one_line_whatever_a_file_is_called() -> None:
    told = line(record("failed", refusals=(Refusal("format_damaged", "KZ\r\nBcc: all@example.org\x1b[2J.csv"),)))
    assert told.isprintable()
    assert len(told.splitlines()) == 1
