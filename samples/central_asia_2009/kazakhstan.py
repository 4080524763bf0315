"""KZ_2009.xlsx: a spreadsheet made for printing, with titles above and two header rows with merged groups."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from samples.central_asia_2009.deliveries import minutes, whole, worded
from samples.central_asia_2009.interviews import COUNTS

SHEET = "Анкеты"
STAMP = datetime(2010, 1, 15, 12, 0, 0)
SINGLE = {
    "questionnaire_id": "№ анкеты",
    "country": "Страна",
    "region": "Область",
    "district": "Район",
    "settlement": "Населённый пункт",
    "settlement_type": "Город/село",
    "ngo": "НПО",
    "interviewer": "Интервьюер",
    "interview_date": "Дата интервью",
    "relatives": "1. Число близких родственников (с респондентом)",
    "migrant_inside": "2а. Выезжали на работу внутри страны",
    "migrant_abroad": "2б. Выезжали на работу за рубеж",
}
_WHO = {"women": "женщины", "men": "мужчины", "total": "всего (независимо от пола)"}
_WHEN = {"last_3_years": "за последние 3 года", "earlier": "раньше"}
_WHERE = {"inside": "внутри страны", "abroad": "за рубежом"}
LENGTH, NOTE = "Длительность, мин", "Примечание"


def group_and_name(count: str) -> tuple[str, str]:
    """Upper and lower header of one of the sixteen counts."""
    stream, place, rest = count.split("_", 2)
    if stream == "sexual":
        return f"Сексуальная эксплуатация {_WHERE[place]}", f"всего, {_WHEN[rest]}"
    who, when = rest.split("_", 1)
    return f"Трудовая эксплуатация {_WHERE[place]}", f"{_WHO[who]}, {_WHEN[when]}"


HEADERS = SINGLE | {name: " / ".join(group_and_name(name)) for name in COUNTS}


def write(path: Path) -> int:
    """Write the Kazakh delivery and return its number of questionnaires."""
    frame = worded("KZ", "да", "нет", "город", "село")
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    _headers(sheet)
    _body(sheet, frame)
    notes = book.create_sheet("Пояснения")
    notes.append(["Пустая клетка: вопрос не задавался. Прочерк: ответ не получен."])
    book.properties.created = STAMP
    path.write_bytes(_timeless(book))
    return len(frame)


def _headers(sheet: Worksheet) -> None:
    sheet["A1"] = "Опрос семей о трудовой миграции и эксплуатации, Казахстан"
    sheet["A2"] = "Сентябрь - ноябрь 2009 г. Сводная таблица анкет (реконструкция)"
    sheet["A1"].font = Font(bold=True, size=14)
    for column, title in enumerate(SINGLE.values(), start=1):
        sheet.cell(4, column, title)
        sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
    column = len(SINGLE) + 1
    start, previous = column, ""
    for name in [*COUNTS, ""]:
        group, title = group_and_name(name) if name else ("", "")
        if previous and group != previous:
            sheet.merge_cells(start_row=4, end_row=4, start_column=start, end_column=column - 1)
        if name and group != previous:
            sheet.cell(4, column, group)
            start = column
        if name:
            sheet.cell(5, column, title)
        previous, column = group, column + 1
    for offset, title in enumerate((LENGTH, NOTE)):
        last = len(SINGLE) + len(COUNTS) + 1 + offset
        sheet.cell(4, last, title)
        sheet.merge_cells(start_row=4, end_row=5, start_column=last, end_column=last)
    for row in sheet["A4:AD5"]:
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B6"


def _body(sheet: Worksheet, frame: pd.DataFrame) -> None:
    for position, (row, length) in enumerate(zip(frame.to_dict("records"), minutes(frame, 0), strict=True), start=6):
        values: list[object] = [row[name] for name in SINGLE]
        values[8] = row["interview_date"].to_pydatetime()
        values[9] = whole(row["relatives"])
        values += [_answer(row, name) for name in COUNTS]
        values += [length, "повторный визит" if length > 45 else None]
        for column, value in enumerate(values, start=1):
            if value is not None:
                sheet.cell(position, column, value)
        sheet.cell(position, 9).number_format = "DD.MM.YYYY"


def _answer(row: dict[str, object], name: str) -> int | str | None:
    """A count; a dash where the sexual question was asked and left out, nothing where it was skipped."""
    value = whole(row[name])
    asked = row["migrant_" + name.split("_")[1]] == "да"
    return "-" if value is None and asked and name.startswith("sexual") else value


def _timeless(book: Workbook) -> bytes:
    """The workbook's bytes with every time stamp fixed, so that rebuilding gives the same file."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(item.filename, STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return fixed.getvalue()
