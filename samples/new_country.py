"""Two invented deliveries of countries that no declaration knows yet, to draft one from: `./kinscale new-survey`.

valley.csv: Kyrgyzstan as a spreadsheet saves it, cp1251, Russian headers. lowland.xlsx: Moldova, English headers in two
rows, a title above. Both hold 120 families of five in two regions of four villages; every fourth family tells of one
woman exploited for labour abroad in the last three years: a quarter of the families, 30 cases, 15 in each region.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

FAMILIES = 120
RELATIVES = 5
EVERY = 4
PLACES = {"inside": "внутри страны", "abroad": "за рубежом"}
_WHO = {"women": "женщины", "men": "мужчины", "total": "всего"}
_WINDOWS = {"last 3 years": "за последние 3 года", "earlier": "раньше"}
ASKED = [("labour", who) for who in _WHO] + [("sexual", "")]
RUSSIAN = (
    "Номер анкеты", "Страна", "Область", "Район", "Село или город", "Город/село", "Организация", "Интервьюер",
    "Дата интервью", "Число родственников", "Мигранты внутри страны", "Мигранты за рубежом",
)  # fmt: skip
ENGLISH = (
    "Questionnaire No", "Country", "Region", "District", "Settlement", "Settlement type", "NGO", "Interviewer",
    "Interview date", "Number of relatives", "Migrants inside the country", "Migrants abroad",
)  # fmt: skip


def write(folder: Path) -> list[Path]:
    """Write both files into a folder and return their paths."""
    return [_csv(folder / "valley.csv"), _xlsx(folder / "lowland.xlsx")]


def _csv(path: Path) -> Path:
    header = [*RUSSIAN]
    for place in PLACES.values():
        for form, who in ASKED:
            asked = (
                f"Трудовая эксплуатация {place}, {_WHO[who]}"
                if form == "labour"
                else f"Сексуальная эксплуатация {place}"
            )
            header += [f"{asked}, {window}" for window in _WINDOWS.values()]
    regions, words = ("Баткенская", "Чуйская"), ("да", "нет", "село")
    with path.open("w", encoding="cp1251", newline="") as handle:
        writer = csv.writer(handle, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        for number in range(FAMILIES):
            row = _interview(number, "KG", "Кыргызстан", regions, words)
            writer.writerow([cell.strftime("%d.%m.%Y") if isinstance(cell, date) else cell for cell in row])
    return path


def _xlsx(path: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Interviews"
    sheet.append(["Survey of families, 2012 (invented)"])
    sheet.append([])
    sheet.append([*ENGLISH, *[""] * (4 * len(ASKED))])
    sheet.append([""] * (len(ENGLISH) + 4 * len(ASKED)))
    for column in range(1, len(ENGLISH) + 1):
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    column = len(ENGLISH) + 1
    for place in ("inside the country", "abroad"):
        for form, who in ASKED:
            sheet.cell(3, column, f"{form.capitalize()} exploitation {place}" + (f", {who}" if who else ""))
            sheet.merge_cells(start_row=3, end_row=3, start_column=column, end_column=column + 1)
            sheet.cell(4, column, "last 3 years")
            sheet.cell(4, column + 1, "earlier")
            column += 2
    for number in range(FAMILIES):
        sheet.append(_interview(number, "MD", "Moldova", ("Orhei", "Soroca"), ("yes", "no", "rural")))
    book.save(path)
    return path


def _interview(
    number: int, code: str, country: str, regions: tuple[str, str], words: tuple[str, str, str]
) -> list[str | int | date | None]:
    """Return one interview; the number decides everything in it, so that sums can be told beforehand."""
    yes, no, rural = words
    half, within = divmod(number, FAMILIES // 2)
    abroad = number % 2 == 0
    case = int(number % EVERY == 0)
    counts: list[int | None] = [None] * (2 * len(ASKED))  # nobody migrated inside the country: not asked
    counts += [case, 0, 0, 0, case, 0, 0, 0] if abroad else [None] * (2 * len(ASKED))
    return [
        f"{code}-{number + 1:03d}", country, regions[half], f"{regions[half]} 1", f"{regions[half]} {within // 15 + 1}",
        rural, f"{code}-NGO", f"{code}-{number % 3}", date(2012, 9, 3) + timedelta(days=number % 60), RELATIVES,
        no, yes if abroad else no, *counts,
    ]  # fmt: skip
