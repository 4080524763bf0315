"""The small survey with columns about persons in it, every cell of which holds a mark that can be searched for.

Deliveries are good, bad, twice the same, damaged, without header, in another encoding; one is a workbook with titles.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import yaml

from tests import small_survey

KEY = "0f" * 32
NAME, PHONE, PLACE, NOTE = "ФИО", "phone", "gps", "заметки"
MARKS = ("SECRET", "Айгуль", "555123", "555 123", "555-123", "42.8746", "74.5698")
"""What every personal cell below is made of; none of it is anywhere else in the survey."""
PERSONAL = {
    NAME: "drop",
    PHONE: {"action": "pseudonym", "normalise": "phone"},
    PLACE: "drop",
    "interviewer": "pseudonym",
    "questionnaire_id": "pseudonym",
}
HEADER_ROW = 4
"""Of the workbook; above it stand titles."""


def interviews(country: str) -> list[dict[str, str]]:
    """Return the interviews of a country with a person in each."""
    rows = small_survey.interviews(country)
    for number, row in enumerate(rows):
        row[NAME] = f'Айгуль SECRET-name-{number}; "{number}" уулу'
        row[PHONE] = ("+996 555 123 {0:03d}", "0555123{0:03d}", "996555-123-{0:03d}")[number % 3].format(number)
        row[PLACE] = f"42.8746{number:02d} 74.5698{number:02d}"
        row[NOTE] = f"SECRET-note-{number}: рассказала, где живёт и как её найти, просила не звонить"
        row["interviewer"] = f"SECRET-interviewer-{number % 3}"
        row["questionnaire_id"] = f"SECRET-id-{country}-{number:03d}"
    return rows


def write(folder: Path) -> Path:
    """Write the survey below `folder`, and return its own folder."""
    survey = small_survey.write(folder)
    declared: dict[str, Any] = small_survey.declaration()
    for source in declared["sources"]:
        source |= {"personal": PERSONAL, "ignore": [NOTE]}
    kazakhstan, kyrgyzstan = declared["sources"]
    kazakhstan["path"] = "raw/KZ*.csv"
    kyrgyzstan |= {"path": "raw/KG.xlsx", "reader": {"format": "xlsx", "sheet": "Лист1", "header_rows": [HEADER_ROW]}}
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    (survey / "raw" / "KG.csv").unlink()
    _good_bad_and_damaged(survey / "raw" / "KZ.csv")
    _refused_as_a_whole(survey / "raw")
    _workbook(survey / "raw" / "KG.xlsx")
    return survey


def _good_bad_and_damaged(path: Path) -> None:
    rows = interviews("KZ")
    rows[1] |= {"region": "Нигде"}
    rows[2] |= {"relatives": "много"}
    small_survey.write_rows(path, [*rows, rows[5]])
    with path.open("a", encoding="utf-8") as out:
        out.write("SECRET-damaged;Айгуль;+996 555 123 999;42.874699\n")
        out.write('"SECRET-open;Айгуль;0555123998\n')


def _refused_as_a_whole(raw: Path) -> None:
    """Files each of which a reader or a check refuses, with the marks where its message could quote them."""
    rows = interviews("KZ")
    for row in rows:
        row["relatives"] = "SECRET"  # no personal column, but what a refused file says of it is counts only
    small_survey.write_rows(raw / "KZ_bad.csv", rows)
    body = _csv(interviews("KZ"))
    (raw / "KZ_headerless.csv").write_text(body.split("\n", 1)[1], encoding="utf-8")
    doubled = body.replace("phone", NAME, 1)
    (raw / "KZ_doubled.csv").write_text(doubled, encoding="utf-8")
    (raw / "KZ_coding.csv").write_bytes(body.encode("cp1251"))
    first = body.split("\n")[1]
    (raw / "KZ_twice.csv").write_text(f"{first};{first}\n{body}", encoding="utf-8")
    (raw / "KZ_quote.csv").write_text(f'"SECRET" Айгуль;{body}', encoding="utf-8")


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Лист1"
    sheet.append(["Анкета SECRET-title", "Айгуль", "+996 555 123 000"])
    sheet.append([])
    sheet.append(["SECRET-subtitle"])
    rows = interviews("KG")
    rows[3] |= {"settlement_type": "юрта"}
    sheet.append(list(rows[0]))
    for row in [*rows, rows[4]]:
        sheet.append(list(row.values()))
    sheet.cell(row=HEADER_ROW + 7, column=len(rows[0]) + 2, value='SECRET-stray "Айгуль" 555123')
    book.save(path)


def every_text(root: Path, without: str = "raw") -> Iterator[tuple[str, str]]:
    """Yield (place, text) of everything below a folder: bytes, unpacked archives, tables of databases and Parquet."""
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if not path.is_file() or path.is_symlink() or name.split("/", maxsplit=1)[0] == without:
            continue
        content = path.read_bytes()
        for coding in ("utf-8", "utf-16-le", "cp1251"):
            yield f"{name} as {coding}", content.decode(coding, "replace")
        if path.suffix == ".gz":
            yield f"{name} unpacked", gzip.decompress(content).decode("utf-8", "replace")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for part in archive.namelist():
                    yield f"{name}!{part}", archive.read(part).decode("utf-8", "replace")
        if path.suffix == ".duckdb":
            yield f"{name} tables", _tables(path)
        if path.suffix == ".parquet":
            yield f"{name} rows", str(duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall())


def _tables(path: Path) -> str:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return "\n".join(str(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names)
    finally:
        connection.close()


def marks_in(text: str) -> list[str]:
    """Return the marks that a text holds."""
    return [mark for mark in MARKS if mark in text]
