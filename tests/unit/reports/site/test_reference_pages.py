"""Methods, dictionary and downloads: thresholds of the declaration, names of columns and codes, sizes of files."""

from __future__ import annotations

import pytest

from reports.site import dictionary, downloads, methods
from reports.site.release_view import View
from reports.site.texts import paragraphs
from schemas import declaration
from schemas.declaration import Declaration, Disclosure
from tests import small_survey
from tests.unit.reports.site import views

pytestmark = pytest.mark.usefixtures("survey")
FILES = {
    "results.duckdb": 1257472,
    "workbook.xlsx": 105532,
    "notes.txt": 12,
    "tables/releases.csv.gz": 285,
    "tables/releases.parquet": 8777,
    "tables/estimates.parquet": 320294,
}


def declared(**changes: object) -> Declaration:
    return declaration.load(small_survey.ID).model_copy(update=changes)


def words(seen: View, section: str) -> str:
    found = next(one for one in methods.sections(seen) if one["id"] == section)
    return " ".join(text for paragraph in found["paragraphs"] for _kind, text in paragraph)


def test_the_rule_of_reliability_has_the_thresholds_of_the_survey() -> None:
    seen = views.view(
        views.tables(),
        declared=declared(
            reliability={"min_cases": 7, "min_base": 11, "max_relative_width": 1.5, "min_df": 9, "max_cv": 0.25}
        ),
    )
    told = words(seen, "reliability")
    for threshold in ("fewer than 7 cases or 11 interviews", "1.5 times", "fewer than 9 degrees", "more than 25%"):
        assert threshold in told.replace("\n", " ")


def test_the_rule_of_hiding_has_the_thresholds_of_the_survey_in_both_languages() -> None:
    hiding = declared(disclosure=Disclosure(min_families=6, min_settlements=4, largest_share=0.4, protection=0.3))
    told = words(views.view(views.tables(), declared=hiding), "disclosure")
    assert "fewer than 6 families" in told and "fewer than 4 settlements" in told
    assert "40%" in told and "30%" in told
    russian = words(views.view(views.tables(), "ru", declared=hiding), "disclosure")
    assert "меньше 6 семей" in russian and "40\u00a0%" in russian


def test_a_survey_that_hides_nothing_says_so_so_that_it_stands_out() -> None:
    seen = views.view(views.tables())  # the small survey switches disclosure control off
    found = next(one for one in methods.sections(seen) if one["id"] == "disclosure")
    assert ("strong", "No number of this survey is hidden") in found["paragraphs"][0]


def test_each_declared_method_has_its_paragraph_the_leading_one_first() -> None:
    own = declared(methods={"poisson": {}, "my_method": {}, "pennington": {}})
    found = methods.methods(views.view(views.tables(), declared=own))
    assert [(method["code"], method["leads"], bool(method["paragraphs"])) for method in found] == [
        ("pennington", True, True),  # small_release has no `design`
        ("poisson", False, True),
        ("my_method", False, False),
    ]
    assert "A method of this survey's own." in views.html(views.view(views.tables(), declared=own), "methods")


def test_the_page_of_methods_is_written_in_the_language() -> None:
    english, russian = (views.html(views.view(views.tables(), code), "methods") for code in ("en", "ru"))
    assert "the last 3 years" in english
    assert "Чего эти числа не охватывают" in russian
    assert "What the numbers do not cover" not in russian
    assert "{" not in russian.split("<main")[1].split("</main>")[0]  # nothing was left to fill in


def test_marks_of_the_catalogue_become_code_and_stress() -> None:
    assert paragraphs("As `design`.\n\n**No** more") == [
        [("plain", "As "), ("code", "design"), ("plain", ".")],
        [("strong", "No"), ("plain", " more")],
    ]


def test_columns_have_their_title_in_the_language_and_codes_their_list() -> None:
    seen = views.view(views.tables(), "ru")
    table = next(table for table in dictionary.tables(seen) if table["name"] == "estimates")
    columns = {column["column_name"]: column for column in table["columns"]}
    assert table["title"] == "Оценки"
    assert (columns["ci_low"]["title"], columns["ci_low"]["type"]) == ("Нижний предел", "DOUBLE")
    assert (columns["location"]["codes"], columns["estimate"]["codes"]) == ("location", "")
    places = next(codes for codes in dictionary.code_lists(seen) if codes["name"] == "location")
    assert ("inside", "Внутри страны") in places["codes"]
    text = views.html(seen, "dictionary")
    assert 'href="#codes-location"' in text and 'id="codes-location"' in text
    assert text.count('<details id="table-') == 14


def test_files_are_listed_with_size_format_and_purpose() -> None:
    seen = views.view(views.tables(), files=FILES)
    assert [(file["name"], file["format"], file["size"]) for file in downloads.whole(seen)] == [
        ("results.duckdb", "DuckDB", "1.3 MB"),
        ("workbook.xlsx", "Excel", "106 KB"),
        ("notes.txt", "TXT", "1 KB"),  # one that the catalogue does not know
    ]
    assert [
        (table["name"], [(form["format"], form["size"]) for form in table["forms"]]) for table in downloads.tables(seen)
    ] == [("estimates", [("Parquet", "320 KB")]), ("releases", [("CSV", "1 KB"), ("Parquet", "9 KB")])]


def test_a_licence_is_shown_as_declared_and_its_absence_is_said() -> None:
    silent = views.html(views.view(views.tables(), files=FILES), "downloads")
    assert "The survey declares no licence" in silent
    report = declared().report.model_copy(update={"licence": "CC BY 4.0 <x>"})
    told = views.html(views.view(views.tables(), files=FILES, declared=declared(report=report)), "downloads")
    assert "CC BY 4.0 &lt;x&gt;" in told
    assert "The survey declares no licence" not in told
