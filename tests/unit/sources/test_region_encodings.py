"""Texts of the region in every encoding that has their letters: found again, and read without a changed letter."""

from __future__ import annotations

import pytest

from sources.detect import detect

TEXTS = {
    "Russian": ["Баткенская область", "Ляйлякский район", "село Кулунду", "не выезжали на работу", "объявление"],
    "Kazakh": ["Қазақстан Республикасы", "Ақтөбе облысы", "Маңғыстау", "үй шаруашылығы", "Қызылорда, Түркістан"],
    "Kyrgyz": ["Кыргыз Республикасы", "Өзгөн району", "Жаңы-Жол айылы", "үй-бүлө мүчөлөрү", "эмгек миграциясы"],
    "Tajik": ["Ҷумҳурии Тоҷикистон", "вилояти Суғд", "ноҳияи Ҷаббор Расулов", "муҳоҷирати меҳнатӣ", "қишлоқ, ӯ"],
    "Uzbek": ["Ўзбекистон Республикаси", "Қашқадарё вилояти", "Фарғона, Ҳамза", "меҳнат миграцияси", "қишлоғи"],
    "Uzbek, Latin": [
        "Oʻzbekiston Respublikasi",
        "Qashqadaryo viloyati",
        "Fargʻona",
        "mehnat migratsiyasi",
        "qishlogʻi",
    ],
    "Turkmen": ["Türkmenistan", "Daşoguz welaýaty", "Köneürgenç etraby", "zähmet migrasiýasy", "şäher, oba"],
}
ONE_BYTE = {
    "Russian": ["cp1251", "koi8-r", "cp866"],
    "Kazakh": ["kz1048", "ptcp154"],
    "Kyrgyz": ["ptcp154"],
    "Tajik": ["ptcp154"],
    "Uzbek": ["ptcp154"],
}
"""Without Kyrgyz in kz1048, which has its letters too, at the places of ptcp154's: that is asked below."""
CASES = [(language, encoding) for language, encodings in ONE_BYTE.items() for encoding in encodings]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
CASES += [(language, encoding) for language in TEXTS for encoding in UNICODE]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_the_encoding_of_a_text_of_the_region_is_found(language: str, encoding: str) -> None:
    lines = ["№;text;n" if encoding in UNICODE else "no;text;n"]
    lines += [f"{number};{text};{number * 7}" for number, text in enumerate(TEXTS[language], start=1)]
    found = detect("\r\n".join(lines).encode(encoding), "x.csv")
    assert found.reader["encoding"].value == encoding
    assert found.reader["encoding"].confidence is not None and found.reader["encoding"].confidence > 0.5
    assert list(found.table.frame["text"]) == TEXTS[language]
    assert found.reader["delimiter"].value == ";"


def test_kyrgyz_letters_that_two_code_pages_share_read_alike_or_are_called_unsure() -> None:
    text = "no;text\n" + "".join(f"{number};{line}\n" for number, line in enumerate(TEXTS["Kyrgyz"]))
    found = detect(text.encode("kz1048"), "x.csv")
    assert list(found.table.frame["text"]) == TEXTS["Kyrgyz"] or not found.reader["encoding"].sure


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "^", "~", ":"])
def test_any_usual_character_between_cells_is_found(delimiter: str) -> None:
    rows = [["id", "place", "n"], ["1", "Ош", "5"], ["2", "Чуй", "6"], ["3", "Нарын", "7"]]
    found = detect("\n".join(delimiter.join(row) for row in rows).encode(), "x.csv")
    assert (found.reader["delimiter"].value, found.reader["delimiter"].sure) == (delimiter, True)
    assert found.reader["delimiter"].confidence == 1.0


def test_times_of_day_are_no_cells() -> None:
    found = detect(b"started;ended\n10:05;11:10\n09:00;09:40\n", "x.csv")
    assert (found.reader["delimiter"].value, found.reader["delimiter"].sure) == (";", True)
