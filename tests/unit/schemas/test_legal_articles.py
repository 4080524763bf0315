"""Articles and their days, against the years that the documents give: 124 until 2019, 171 and 173 from 2019."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from schemas.errors import DeclarationError
from schemas.legal_articles import COLUMNS, articles, in_force, known_not_in_force

HEADER = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("article", "day", "expected"),
    [
        ("KG-2019-171", date(2018, 12, 31), False),  # it came in 2019
        ("KG-2019-171", date(2019, 6, 1), None),  # on which day of 2019 is not known
        ("KG-2019-171", date(2020, 6, 1), True),  # between 2019 and 2021, when it is cited as in force
        ("KG-2019-171", date(2022, 1, 1), None),  # when the later code replaced it is not known
        ("KG-1997-124", date(2002, 6, 1), True),  # crimes of 2001 to 2003 are registered under it
        ("KG-1997-124", date(1996, 6, 1), None),
        ("KG-1997-124", date(2019, 6, 1), None),
        ("KG-1997-124", date(2020, 1, 1), False),
        ("KG-1997-159", date(2020, 1, 1), None),  # the documents give it no end
        ("KG-later-166", date(1990, 1, 1), None),  # and this one no date at all
        ("KG-1960-1", date(2020, 1, 1), None),  # not in the registry
    ],
)  # fmt: skip
def test_whether_an_article_was_in_force_is_yes_no_or_unknown(article: str, day: date, expected: bool | None) -> None:
    assert in_force("KG", article, day) is expected


def test_another_country_has_other_articles() -> None:
    assert in_force("KZ", "KG-2019-171", date(2018, 1, 1)) is None


def test_force_is_known_to_be_needed_only_where_a_source_says_so() -> None:
    known = {article: value.needs_force for (_, article), value in articles().items()}
    assert known["KG-1997-124"] is True
    assert {article for article, value in known.items() if value is not None} == {"KG-1997-124"}


def test_only_what_is_certainly_wrong_is_found_among_records() -> None:
    wrong = known_not_in_force(
        pd.Series(["KG"] * 5),
        pd.Series(["KG-2019-171", "KG-2019-171", "KG-1997-124", None, "KG-2019-171"]),
        pd.to_datetime(pd.Series(["2018-05-01", "2019-05-01", "2020-05-01", "2018-05-01", None])),
    )
    assert list(wrong) == [True, False, True, False, False]


def _registry(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "legal_articles.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("KG,A,,,soon,,,,,,,,",), "row 2: the row cannot be read"),
        (("KG,A,,,,,,,,,perhaps,,",), "row 2: the row cannot be read"),
        (("KG,A,,,2019,2018,,,,,,,",), "row 2: A ends, or is seen in force, outside its own dates"),
        (("KG,A,,,2019,,2018,,,,,,",), "row 2: A ends, or is seen in force, outside its own dates"),
        (("KG,A,,,,,,,,,,,", "KG,A,,,,,,,,,,,"), "row 3: A is there twice"),
    ],
)
def test_a_fault_of_the_registry_is_named_with_its_row(tmp_path: Path, rows: tuple[str, ...], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        articles(_registry(tmp_path, *rows))


def test_a_registry_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "legal_articles.csv"
    path.write_text("country,article\nKG,A\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="the columns are not those expected"):
        articles(path)
