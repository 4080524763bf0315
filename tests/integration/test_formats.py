"""The same interviews in every format give the same numbers: the expected content hash is that of the csv files."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import yaml

from flows import direct
from schemas import declaration
from schemas.family_survey import COLUMNS
from sources.detect import detect
from tests import small_survey
from warehouse.home import Home

Row = dict[str, str]
Delivery = tuple[str, bytes, dict[str, Any], dict[str, str]]
"""File name, bytes, reader, and the headers that are not those of the instrument."""
ISO = "%Y-%m-%d"


def table(rows: list[Row], delimiter: str, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def typed(row: Row) -> dict[str, Any]:
    """Give counts and days the types that formats with types store; an empty cell is stored as nothing."""
    out: dict[str, Any] = {}
    for name, cell in row.items():
        day = datetime.datetime.strptime(cell, "%d.%m.%Y").date() if name == "interview_date" else None
        out[name] = day or (int(cell) if cell.isdigit() else cell or None)
    return out


def plain(row: Row) -> dict[str, Any]:
    return {name: cell.isoformat() if isinstance(cell, datetime.date) else cell for name, cell in typed(row).items()}


def json_lines(rows: list[Row]) -> Delivery:
    """Counts in a group of their own, relatives as a repeat that is counted, the answers as a list of codes."""
    lines = []
    for row in map(plain, rows):
        members = [{"number": number} for number in range(row.pop("relatives"))]
        cases = {name: row.pop(name) for name in COLUMNS if name in row and name.startswith(("labour", "sexual"))}
        place = {"migrant_abroad": [row.pop("migrant_abroad")]}
        lines.append(json.dumps({**row, "members": members, "cases": cases, "family": place}, ensure_ascii=False))
    headers = {name: f"cases/{name}" for name in COLUMNS if name.startswith(("labour", "sexual"))}
    repeats = {"members": {"array": "members", "collect": {"relatives": {"count": True}}}}
    reader = {"format": "jsonl", "repeats": repeats}
    return "d.jsonl", "\n".join(lines).encode(), reader, headers | {"migrant_abroad": "family/migrant_abroad"}


def json_results(rows: list[Row]) -> Delivery:
    content = json.dumps({"count": len(rows), "results": [plain(row) for row in rows]})
    return "d.json", content.encode(), {"format": "json", "records": "results"}, {}


def xlsx(rows: list[Row]) -> Delivery:
    """Two sheets with a title above the header, relatives as people type them where the decimal mark is a comma."""
    book = openpyxl.Workbook()
    for at, part in enumerate((rows[:10], rows[10:])):
        sheet = book.create_sheet(f"Q{at + 1}")
        sheet.append(["A title"])
        sheet.append(list(COLUMNS))
        for row in map(typed, part):
            row["relatives"] = f"{row['relatives']},0"
            sheet.append([row[name] for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    reader = {"format": "xlsx", "sheet": "Q*", "header_rows": [2], "decimal": ","}
    return "d.xlsx", out.getvalue(), reader, {}


def ods(rows: list[Row]) -> Delivery:
    """The least of XML that OpenDocument asks for."""

    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, datetime.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'

    lines = [list(COLUMNS), *([typed(row)[name] for name in COLUMNS] for row in rows)]
    body = "".join("<table:table-row>" + "".join(map(cell, line)) + "</table:table-row>" for line in lines)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='data'>{body}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    return "d.ods", packed(parts | {"META-INF/manifest.xml": manifest}), {"format": "ods"}, {}


def packed(parts: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parquet(rows: list[Row]) -> Delivery:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([typed(row) for row in rows]), out, row_group_size=7)
    return "d.parquet", out.getvalue(), {"format": "parquet"}, {}


def transport(rows: list[Row]) -> Delivery:
    """Names of eight letters, as version 5 has them."""
    short = {name: f"C{at}" for at, name in enumerate(COLUMNS)}
    frame = pd.DataFrame([typed(row) for row in rows]).rename(columns=short)
    numbers = [column for column in frame if pd.api.types.is_numeric_dtype(frame[column])]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    path = Path("d.xpt")
    pyreadstat.write_xport(frame, str(path), file_format_version=5)
    return "d.xpt", path.read_bytes(), {"format": "xpt"}, short


def zipped(rows: list[Row]) -> Delivery:
    """An archive with other files, and decimal commas as spreadsheets save them."""
    rows = [{**row, "relatives": f"{row['relatives']},0"} for row in rows]
    parts = {"прочти.txt": "см. csv", "raw/d.csv": table(rows, "^", "cp866"), "media/1.jpg": b"\xff\xd8"}
    reader = {
        "format": "csv",
        "encoding": "cp866",
        "delimiter": "^",
        "inside": "zip",
        "member": "*.csv",
        "decimal": ",",
    }
    return "d.zip", packed(parts), reader, {}


def gzipped(rows: list[Row]) -> Delivery:
    reader = {"format": "tsv", "encoding": "utf-16-le", "inside": "gzip"}
    return "d.tsv.gz", gzip.compress(table(rows, "\t", "utf-16-le")), reader, {}


FORMATS: list[Callable[[list[Row]], Delivery]] = [
    json_lines, json_results, xlsx, ods, parquet, transport, zipped, gzipped,
]  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The content hash of the survey as it is: text in utf-8."""
    folder = tmp_path_factory.mktemp("csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        small_survey.write(folder / "surveys")
        return content_sha256(Home(folder / "home"))


def content_sha256(home: Home) -> str:
    outcome = direct.run(declaration.load(small_survey.ID), home, lambda line: None)
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


@pytest.mark.parametrize("deliver", FORMATS, ids=lambda deliver: deliver.__name__)
def test_the_format_of_a_delivery_changes_no_number(
    deliver: Callable[[list[Row]], Delivery], expected: str, survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(survey)
    content: dict[str, Any] = small_survey.declaration()
    for source in content["sources"]:
        rows = small_survey.interviews(source["country"])
        name, raw, reader, headers = deliver(rows)
        (survey / "raw" / f"{source['country']}.csv").unlink()
        (survey / "raw" / f"{source['country']}-{name}").write_bytes(raw)
        source |= {"path": f"raw/{source['country']}-{name}", "reader": reader}
        source["columns"] |= headers
        source["date_format"] = "%d.%m.%Y" if reader["format"] in ("csv", "tsv") else ISO
        found = detect(raw, name).reader
        assert {key: found[key].value for key in ("format", "inside") if key in found} == {
            key: value for key, value in reader.items() if key in ("format", "inside")
        }
    (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert content_sha256(home) == expected
