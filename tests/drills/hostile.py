"""The table of docs/security.md: which hostile files a night is given, what became of each, and what it cost.

`python -m pytest tests/drills/test_hostile.py --slow --record-hostile hostile.jsonl` gives each to a night of its own;
`python -m tests.drills.hostile hostile.jsonl` writes the table from that, and refuses when a case is missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from samples.hostile import CASES
from samples.hostile.case import Case
from schemas.shown_name import shown_name
from tests import small_survey
from warehouse.home import CHECKOUT

PAGE = CHECKOUT / "docs" / "security.md"
BEGIN, END = "<!-- hostile files begin -->", "<!-- hostile files end -->"
COLUMNS = ("case", "format", "bytes", "verdict", "seconds", "MB, night", "MB, reader")
LONGEST, MOST_MEMORY = 10.0, 500_000_000
"""Seconds of computing and bytes that any of them may cost, in a whole night of the small survey."""
MOST_OF_A_NIGHT = 600_000_000
"""Bytes that one night with all of them may cost: what its process keeps from file to file adds to the dearest."""
DEAREST = ("a quotation mark that is never closed", "40 million equal values")
"""The cases that take most memory in the night and in the reading process; every run looks at them."""
ROWS = 3
"""Interviews that each file is given; those of a file that is taken in must be accepted."""


@dataclass(frozen=True)
class Seen:
    """What became of one case. night, reader: most bytes of memory of the night and of its reading process.

    seconds: of computing, of both together; those of the clock hang on what else the machine does.
    """

    case: str
    format: str
    bytes: int
    verdict: str
    seconds: float
    night: int
    reader: int


def interviews(number: int) -> list[dict[str, str]]:
    """Return the interviews that case `number` is given; no two cases have a questionnaire number in common."""
    rows = small_survey.interviews("KZ")[:ROWS]
    return [{**row, "questionnaire_id": f"H{number:03d}-{row['questionnaire_id']}"} for row in rows]


def declare(survey: Path, cases: Sequence[tuple[int, Case]]) -> None:
    """Write the files of cases into a survey's folder, each in one of its own, and declare them as sources."""
    declared = small_survey.declaration()
    like: dict[str, Any] = declared["sources"][0]  # type: ignore[index]
    for number, case in cases:
        path = _place(survey, number, case)
        path.parent.mkdir(parents=True)
        case.make(path, interviews(number))
        more = {"path": f"raw/{path.parent.name}/*{path.suffix}", "reader": {"format": case.format, **case.reader}}
        declared["sources"].append({**like, **more})  # type: ignore[attr-defined]
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")


def plain(survey: Path, numbers: Sequence[int]) -> None:
    """Declare, instead, one file in order that holds the interviews of some cases."""
    small_survey.write_rows(survey / "raw" / "plain.csv", [row for number in numbers for row in interviews(number)])
    declared = small_survey.declaration()
    like: dict[str, Any] = declared["sources"][0]  # type: ignore[index]
    declared["sources"].append({**like, "path": "raw/plain.csv"})  # type: ignore[attr-defined]
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")


def _place(survey: Path, number: int, case: Case) -> Path:
    return survey / "raw" / f"case_{number:03d}" / case.file_name


def size(survey: Path, number: int, case: Case) -> int:
    """Return the bytes of a case's file, 0 for what is no file."""
    path = _place(survey, number, case)
    return path.stat().st_size if path.is_file() else 0


def verdict(told: dict[str, Any], number: int) -> tuple[str | None, str | None, tuple[int, int]]:
    """Return the code that refused a case, the limit it is beyond, and the rows accepted and quarantined of it."""
    mark = f"case_{number:03d}"
    landed = [tuple(rows) for uri, rows in told["landed"].items() if mark in uri]
    errors = [error for error in told["errors"] if concerns(error, number)]
    if landed and not errors:
        return None, None, landed[0]
    assert len(errors) == 1, (mark, errors, landed)
    return errors[0]["code"], errors[0]["facts"].get("limit"), (0, 0)


def concerns(error: dict[str, Any], number: int) -> bool:
    """Tell whether an error is about a case: it names its folder, or its file."""
    file = CASES[number].file_name
    return f"case_{number:03d}" in str(error["file"]) or str(error["file"]).startswith(shown_name(file))


def as_expected(case: Case, told: dict[str, Any], number: int) -> tuple[bool, str]:
    """Compare what became of a case with what has to become of it. Returns that, and the verdict in words."""
    code, limit, (accepted, quarantined) = verdict(told, number)
    limits = (case.limit,) if isinstance(case.limit, str) else case.limit or (limit,)
    codes = case.refused if isinstance(case.refused, tuple) else (case.refused,)
    right = code in codes and limit in limits
    if code is None:
        words = "taken in" + (f", {quarantined} in quarantine" if quarantined else "")
        return right and (accepted, quarantined) == (ROWS, case.quarantined), words
    return right, f"refused: {code}" + (f" ({limit})" if limit else "")


def table(seen: Sequence[Seen]) -> str:
    """Lay out what was seen, a line per case in the order of `CASES`."""
    by_case = {one.case: one for one in seen}
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|---|---:|---|---:|---:|---:|"]
    for case in CASES:
        one = by_case[case.name]
        cells = [one.case, one.format, f"{one.bytes:,}", one.verdict, f"{one.seconds:.1f}"]
        cells += [f"{one.night / 1e6:,.0f}", f"{one.reader / 1e6:,.0f}" if one.reader else "-"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def read(page: Path = PAGE) -> dict[str, list[str]]:
    """Read the table of the page: the cells of each line by its case."""
    text = page.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()[2:]]
    return {name: cells for name, *cells in lines}


def write(seen: Sequence[Seen]) -> None:
    """Put the table into the page. Raises AssertionError when a case is missing or cost too much."""
    missing = {case.name for case in CASES} - {one.case for one in seen}
    assert not missing, f"not run: {sorted(missing)}"
    dear = [one for one in seen if one.seconds > LONGEST or max(one.night, one.reader) > MOST_MEMORY]
    assert not dear, f"cost too much: {dear}"
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{table(seen)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    write([Seen(**json.loads(line)) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()])
