"""A file that comes in many parts leaves in the warehouse what it leaves when it comes as one.

Expected is always the undivided file: the same bytes, read as a single part.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import direct, night
from schemas import declaration, family_survey
from schemas.errors import KinscaleError
from sources import text_blocks
from tasks import pull
from tests import small_survey
from warehouse import accounting, build, loads
from warehouse.home import Home

TABLES = {
    "interviews": "*",
    "quarantine": "* EXCLUDE (opened_at, closed_at)",
    "edits": "*",
    "loads": "* EXCLUDE (loaded_at)",
    "delivery_profile": "*",
    "delivery_changes": "*",
}
PART = 900
"""Bytes: about eight interviews of the small survey, which so comes in about four parts."""


def taken_in(home: Home, part: int, patch: pytest.MonkeyPatch) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Take in what is new with parts of so many bytes; return all tables and what was refused."""
    patch.setattr(text_blocks, "BLOCK", part)
    chosen = declaration.load(small_survey.ID)
    with build.write(home, family_survey) as warehouse:
        files, _ = pull.pull(pull.look(chosen), chosen, warehouse, home)
        _, errors = night.take_in(files, chosen, home, warehouse, direct.steps(), lambda _: None)
        assert accounting.faults(warehouse) == []
        return contents(warehouse), [_told(error) for error in errors]


def contents(warehouse: build.Warehouse) -> dict[str, list[dict[str, Any]]]:
    return {name: warehouse.rows(f"SELECT {what} FROM {name} ORDER BY ALL") for name, what in TABLES.items()}


def _told(error: KinscaleError) -> str:
    return f"{error.code}: {error}"


def edit(survey: Path, change: Callable[[list[str]], list[str]], name: str = "KZ.csv") -> None:
    path = survey / "raw" / name
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *change(lines)]) + "\n", encoding="utf-8")


def twice(lines: list[str]) -> list[str]:
    """The number of the fifth row comes again in the last part, and once more right behind."""
    return [*lines, lines[4], lines[4]]


def slips(lines: list[str]) -> list[str]:
    lines[3] = lines[3].replace(";6;", ";six;").replace(";9;", ";nine;")
    lines[20] = lines[20].replace("2009", "2011")  # outside fieldwork, and its number comes again
    return [*lines, lines[20].replace("2011", "2009"), "torn;row", lines[7].replace("село", "деревня")]


def quoted(lines: list[str]) -> list[str]:
    """A cell of two lines stands across the end of a part, and a quotation mark that is never closed."""
    cells = lines[8].split(";")
    cells[family_survey.COLUMNS.index("ngo")] = '"NGO\n1"'
    lines[8] = ";".join(cells)
    lines[15] = '"' + lines[15]
    return lines


def mostly_wrong_at_the_end(lines: list[str]) -> list[str]:
    return [*lines[:15], *(line.replace("2009", "1999") for line in lines[15:])]


def of_another_country(lines: list[str]) -> list[str]:
    return [line.replace("KZ;", "KG;", 1) if n > 5 else line for n, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (twice, None),
        (slips, None),
        (quoted, None),
        (mostly_wrong_at_the_end, "too_many_bad_rows"),
        (of_another_country, "wrong_country"),
    ],
)
def test_parts_leave_what_the_whole_file_leaves(
    change: Callable[[list[str]], list[str]],
    refused: str | None,
    survey: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(survey, change)
    whole, errors = taken_in(Home(tmp_path / "whole"), 1 << 20, monkeypatch)
    parts, told = taken_in(Home(tmp_path / "parts"), PART, monkeypatch)
    assert told == errors
    assert [error.split(":")[0] for error in told] == ([refused] if refused else [])
    assert parts == whole
    assert refused or len(parts["loads"]) == 2


def test_a_number_is_held_by_the_file_that_comes_first_in_the_listing(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(survey / "raw" / "KZ.csv", survey / "raw" / "KZ_2.csv")
    edit(survey, lambda lines: [line.replace("KZ-0", "KZ-9", n < 6) for n, line in enumerate(lines)], "KZ_2.csv")
    change_declaration(survey, lambda about: about["sources"][0].update(path="raw/KZ*.csv"))
    change_declaration(survey, lambda about: about["acceptance"].update(largest_invalid_share=1))
    whole, _ = taken_in(Home(tmp_path / "whole"), 1 << 20, monkeypatch)
    parts, _ = taken_in(Home(tmp_path / "parts"), PART, monkeypatch)
    assert parts == whole
    assert {row["file"] for row in parts["quarantine"]} == {"KZ_2.csv"}
    assert len(parts["quarantine"]) == 24  # thirty rows, six of which have numbers of their own


def change_declaration(survey: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = survey / "survey.yaml"
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(about)
    path.write_text(yaml.safe_dump(about, sort_keys=False, allow_unicode=True), encoding="utf-8")


ENTRY = """\
- country: KZ
  {row}
  column: relatives
  expect: "{expect}"
  set: "11"
  reason: the form says 11
  source: scan 0412
  date: 2027-02-01
"""


@pytest.mark.parametrize(
    ("row", "expect", "refused"),
    [
        ("questionnaire: KZ-025", "13", None),
        ("{file: KZ.csv, questionnaire: KZ-925}", "13", "correction_stale"),  # in no part
        ("questionnaire: KZ-004", "99", "correction_stale"),
        ("questionnaire: KZ-001", "7", "correction_stale"),  # in the first part and in the last
    ],
)
def test_corrections_look_through_all_parts(
    row: str, expect: str, refused: str | None, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(survey, lambda lines: [*lines, lines[1]])
    entry = ENTRY.format(row=row.strip("{}").replace(", ", "\n  "), expect=expect)
    (survey / "corrections.yaml").write_text(entry, encoding="utf-8")
    whole, errors = taken_in(Home(tmp_path / "whole"), 1 << 20, monkeypatch)
    parts, told = taken_in(Home(tmp_path / "parts"), PART, monkeypatch)
    assert (told, parts) == (errors, whole)
    assert [error.split(":")[0] for error in told] == ([refused] if refused else [])
    assert refused or [r["after"] for r in parts["edits"] if r["rule"] == "correction"] == ["11"]


def test_what_became_of_refused_rows_is_told_across_parts(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (survey / "raw" / "KZ.csv").read_text(encoding="utf-8")
    homes = {"whole": 1 << 20, "parts": PART}
    edit(survey, slips)
    for name, part in homes.items():
        taken_in(Home(tmp_path / name), part, monkeypatch)
    (survey / "raw" / "KZ.csv").write_text(first, encoding="utf-8")  # put right, and in another order
    edit(survey, lambda lines: [*lines[10:], *lines[:10]])
    ended = {name: taken_in(Home(tmp_path / name), part, monkeypatch)[0] for name, part in homes.items()}
    assert ended["parts"] == ended["whole"]
    assert ended["parts"]["delivery_changes"]
    assert "fixed_at_source" in {row["status"] for row in ended["parts"]["quarantine"]}


def test_a_refusal_by_the_last_row_leaves_the_version_before(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = taken_in(home, PART, monkeypatch)
    edit(survey, mostly_wrong_at_the_end)
    after, told = taken_in(home, PART, monkeypatch)
    assert [error.split(":")[0] for error in told] == ["too_many_bad_rows"]
    for table in ("interviews", "quarantine", "edits", "delivery_profile"):
        assert after[table] == before[table]
    assert [load for load in after["loads"] if load["status"] == "landed"] == before["loads"]


def test_an_error_in_the_midst_undoes_what_was_inserted(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse.landing import Landing

    add, calls = Landing.add, []

    def failing(self: Landing, part: Any) -> None:
        calls.append(part)
        add(self, part)
        if len(calls) == 3:
            raise MemoryError("in the third part")

    monkeypatch.setattr(Landing, "add", failing)
    with pytest.raises(MemoryError):
        taken_in(home, PART, monkeypatch)
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert loads.current(warehouse, small_survey.ID) == {}
        assert contents(warehouse)["interviews"] == []


def test_a_part_with_misfits_only_and_one_with_blank_lines_only(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(survey, lambda lines: [*lines[:9], *(["torn"] * 8), *([""] * 5), *lines[9:], *([""] * 1000)])
    whole, _ = taken_in(Home(tmp_path / "whole"), 1 << 20, monkeypatch)
    parts, _ = taken_in(Home(tmp_path / "parts"), 100, monkeypatch)
    assert parts == whole
    assert sum(row["rule"] == "row_damaged" for row in parts["quarantine"]) == 8


KILLED = """
import os, signal, sys
from pathlib import Path
import pytest
from sources import text_blocks
from tests.integration import test_long_files
from warehouse.home import Home
from warehouse.landing import Landing

add, calls = Landing.add, []

def killing(self, part):
    add(self, part)
    calls.append(part)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

Landing.add = killing
with pytest.MonkeyPatch.context() as patch:
    test_long_files.taken_in(Home(Path(sys.argv[1])), test_long_files.PART, patch)
"""


def test_a_kill_in_the_midst_leaves_the_version_before(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = taken_in(home, PART, monkeypatch)
    edit(survey, lambda lines: [line.replace("NGO-1", "NGO-2") for line in lines])
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(home.root)],
        cwd=Path(__file__).resolve().parents[2],
        check=False,
        timeout=300,
    )
    assert child.returncode == -signal.SIGKILL
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert contents(warehouse) == before
    after, told = taken_in(home, PART, monkeypatch)
    assert told == []
    assert {row["ngo"] for row in after["interviews"] if row["country"] == "KZ"} == {"NGO-2"}
    assert len(after["interviews"]) == len(before["interviews"])
