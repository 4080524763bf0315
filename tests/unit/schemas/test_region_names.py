"""Region names: exact after folding, never by likeness; codes are those of ISO 3166-2, merged as in the study."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
import yaml

from schemas import survey_folders
from schemas.errors import DeclarationError
from schemas.region_names import RegionNames, fold
from schemas.survey_table import read_table

GOLDEN = Path(__file__).parents[2] / "golden" / "regions"


@pytest.fixture(scope="module")
def bundled() -> pd.DataFrame:
    return read_table(survey_folders.CHECKOUT / "surveys" / "central_asia_2009" / "regions.csv")


def rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("script", ["latin", "cyrillic"])
def test_a_known_spelling_gives_its_region(bundled: pd.DataFrame, script: str) -> None:
    names = RegionNames(bundled)
    cases = rows(f"{script}_spellings.csv")
    assert len(cases) >= 20
    for case in cases:
        assert names.find(case["spelling"]) == (case["country"], case["region"]), case["spelling"]


def test_what_is_no_alias_gives_no_region(bundled: pd.DataFrame) -> None:
    names = RegionNames(bundled)
    for case in rows("no_region.csv"):
        assert names.find(case["spelling"]) is None, (case["spelling"], case["why"])


def test_no_spelling_of_the_bundled_survey_names_two_regions(bundled: pd.DataFrame) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in bundled.fillna("").to_dict("records"):
        for spelling in (row["region"], row["name_en"], row["name_ru"], *row["aliases"].split(";")):
            if spelling.strip():
                owners[fold(spelling)].add(row["region"])
    assert {spelling: regions for spelling, regions in owners.items() if len(regions) > 1} == {}


def test_a_name_of_every_bundled_region_is_found(bundled: pd.DataFrame) -> None:
    names = RegionNames(bundled)
    for row in bundled.to_dict("records"):
        for column in ("region", "name_en", "name_ru"):
            assert names.find(row[column]) == (row["country"], row["region"])


def test_folding_removes_case_width_dashes_apostrophes_and_spaces_only() -> None:
    assert fold("  ЮЖНО\u2013Казахстанская\u00a0 область ") == "южно-казахстанская область"
    assert fold("Farg\u2018ona") == fold("Farg\u02bbona") == fold("farg`ona") == "farg'ona"
    assert fold("ＡＢＣ") == "abc"  # full-width letters
    assert fold("Ysyk-Ko\u0308l") == fold("Ysyk-K\u00f6l")  # a letter with its mark beside it
    assert fold("Ош") != fold("Ow")
    assert fold("Қарағанды") != fold("Караганды")  # letters of two languages are not one


def test_the_nearest_alias_is_named_and_only_of_the_same_country(bundled: pd.DataFrame) -> None:
    names = RegionNames(bundled)
    assert "актюбинская" in names.suggestion("Актюбинскя", "KZ")
    assert "KZ-15" in names.suggestion("Актюбинскя", "KZ")
    assert "актюбинская" not in names.suggestion("Актюбинскя", "TM")
    assert names.suggestion("Qwertz", "UZ") == "no alias of this country is near to it"


def test_the_nearest_name_is_suggested_across_scripts_and_never_matched(bundled: pd.DataFrame) -> None:
    names = RegionNames(bundled)
    for case in rows("suggestions.csv"):
        assert names.find(case["spelling"]) is None, case
        near = names.nearest(case["spelling"], case["country"])
        assert (near[1].region if near else "") == case["region"], (case, near)


def test_hidden_spaces_and_hyphens_carry_no_meaning() -> None:
    assert fold("Чуй\u00adская\u200b") == fold("\ufeffЧуйская")
    assert fold("Gʻijduvon") == fold("Gʼijduvon") == fold("G′ijduvon")
    assert fold("Актёбе") != fold("Актебе")


def test_a_spelling_of_two_regions_is_refused_with_both_rows() -> None:
    row = {"country": "KG", "name_ru": "", "aliases": ""}
    table = pd.DataFrame(
        [
            {**row, "region": "KG-O", "name_en": "Osh oblast", "aliases": "Ош"},
            {**row, "region": "KG-C", "name_en": "Chui"},
            {**row, "region": "KG-GO", "name_en": "Osh city", "aliases": "г. Ош; ОШ "},
        ]
    )
    with pytest.raises(DeclarationError) as caught:
        RegionNames(table)
    assert caught.value.facts == {"rows": [2, 4], "spelling": "ош"}
    assert "KG-O (row 2) and KG-GO (row 4)" in str(caught.value)
    RegionNames(table.assign(aliases=["Ош; ОШ", "", ""]))  # twice in one row is no harm


def test_the_line_to_add_holds_the_aliases_that_are_there(bundled: pd.DataFrame) -> None:
    row = bundled[bundled["region"] == "KG-C"].iloc[0]
    line = RegionNames(bundled).lines(["Chuiskaya obl"], "KG")["Chuiskaya obl"]
    assert line.startswith(f"row {bundled.index[bundled['region'] == 'KG-C'][0] + 2} of regions.csv (KG-C)")
    assert line.endswith(f"aliases: {row['aliases']};Chuiskaya obl")


NEW = ["Chuiskaya obl", 'Чуйская "обл", север', "Чуйск. область"]


def test_the_lines_of_a_file_make_all_its_spellings_known_when_they_are_pasted(bundled: pd.DataFrame) -> None:
    lines = RegionNames(bundled).lines(NEW, "KG")
    assert len(set(lines.values())) == 1, "one cell, so one line"
    place, _, cell = lines[NEW[0]].partition("aliases: ")
    row = int(place.split()[1])
    ((pasted,),) = csv.reader([cell])
    changed = bundled.copy()
    changed.loc[row - 2, "aliases"] = pasted
    names = RegionNames(changed)
    assert [names.find(text) for text in NEW] == [("KG", "KG-C")] * 3


def test_the_steps_of_two_rows_can_be_taken_in_any_order(bundled: pd.DataFrame) -> None:
    names = RegionNames(bundled)
    for text in NEW:
        step = names.step(text, "KG")
        place, _, cell = step.partition("added to its aliases: ")
        bundled.loc[int(place.split()[1]) - 2, "aliases"] += ";" + next(csv.reader([cell]))[0]
    changed = RegionNames(bundled)
    assert [changed.find(text) for text in NEW] == [("KG", "KG-C")] * 3


def test_a_spelling_with_a_semicolon_cannot_be_an_alias_and_is_told_so(bundled: pd.DataFrame) -> None:
    text = "Чуйская; область"
    names = RegionNames(bundled)
    assert "correct the rows in corrections.yaml" in names.step(text, "KG")
    assert yaml.safe_load(names.lines([text, NEW[0]], "KG")[text]) is None, "a comment: pasted, it changes nothing"
    assert text not in names.lines([text, NEW[0]], "KG")[NEW[0]]
