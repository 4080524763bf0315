"""The registry of places and organisations: the spellings are those that the documents of 2004, 2005 and 2008 have."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from schemas import registry, survey_folders
from schemas.errors import DeclarationError
from schemas.failures import Failures
from schemas.survey_table import read_table

GOLDEN = Path(__file__).parents[2] / "golden" / "registry" / "spellings.csv"
BUNDLED = survey_folders.CHECKOUT / "surveys" / "registry"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the registry that a test may edit."""
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path))
    return Path(shutil.copytree(BUNDLED, tmp_path / "registry"))


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


def test_every_spelling_of_the_documents_has_its_code() -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as handle:
        cases = list(csv.DictReader(handle))
    assert len(cases) > 70
    known = {"place": registry.places(), "organisation": registry.organisations()}
    for case in cases:
        assert known[case["kind"]].find(case["spelling"]) == case["code"], case["spelling"]


def test_two_organisations_of_one_name_need_their_place() -> None:
    organisations = registry.organisations()
    assert organisations.find("WIC Ayalzat") is None
    assert "wic ayalzat osh" in organisations.suggestion("WIC Ayalzat")


def test_a_composite_is_made_of_its_parts_and_lies_in_the_country() -> None:
    places = registry.places()
    assert places.parts("KG-B+KG-J+KG-O") == ("KG-B", "KG-J", "KG-O")
    assert places.parts("KG-O") == ("KG-O",)
    assert places.within("KG-J-kerben") == ("KG-J-aksy", "KG-J", "KG")
    assert places.name("KG-GO") == "Osh city"
    assert places.name("KG-GO", "ru") == "город Ош"


def test_surveys_call_composite_places_as_the_registry_does() -> None:
    """So that the regions of one survey are found in another; the family survey of five countries has its own."""
    table = registry.places().table
    known = {frozenset(code.split("+")): code for code in table.index if "+" in code}
    for name in survey_folders.names():
        codes = pd.read_csv(survey_folders.CHECKOUT / "surveys" / name / "regions.csv")["region"]
        for code in codes[codes.str.contains("+", regex=False)]:
            assert known.get(frozenset(code.split("+")), code) == code, name


def test_eighteen_grantees_and_where_they_are() -> None:
    # The list of partners in the evaluation of 2005: Bishkek 5, Batken 3, Chuy and Naryn 1, elsewhere 2.
    table = registry.organisations().table
    by_region = table[table["kind"] == "grantee"]["region"].value_counts().to_dict()
    assert by_region == {
        "KG-GB": 5,
        "KG-B": 3,
        "KG-T": 2,
        "KG-Y": 2,
        "KG-J": 2,
        "KG-O": 2,
        "KG-C": 1,
        "KG-N": 1,
    }


def test_columns_are_coded_and_unknown_spellings_refused_with_the_nearest() -> None:
    frame = pd.DataFrame(
        {
            "grantee": pd.array(["Sezim", "Sesim", None, "TOMO"], dtype="str"),
            "place": pd.array(["the South", "Osh  City", "Nookat", "Zzyzx"], dtype="str"),
        }
    )
    failures = Failures()
    coded = registry.code(frame, {"grantee": "organisation", "place": "place"}, failures)
    assert coded["grantee"].isna().tolist() == [False, True, True, False]
    assert coded["grantee"].dropna().tolist() == ["sezim", "tomo"]
    assert coded["place"].dropna().tolist() == ["KG-B+KG-J+KG-O", "KG-GO", "KG-O-nookat"]
    found = failures.table().set_index("rule")
    assert found["position"].to_dict() == {"grantee_unknown": 1, "place_unknown": 3}
    assert 'nearest is "sezim"' in found.at["grantee_unknown", "message"]
    assert "near to it" in found.at["place_unknown", "message"]


def test_no_column_reads_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path))
    frame = pd.DataFrame({"a": ["b"]})
    pd.testing.assert_frame_equal(registry.code(frame, {}, Failures()), frame)
    with pytest.raises(DeclarationError, match=r"places\.csv is not there"):
        registry.places()


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("places.csv", "KG-X,,rayon,KG-O,Nowhere,Нигде,Nookan,test", "stands for two regions"),
        ("places.csv", "KG-X,,rayon,KG-Q,Nowhere,Нигде,,test", 'parent "KG-Q" is no place'),
        ("places.csv", "KG-B+KG-Q,,composite,KG,Nowhere,Нигде,,test", 'part "KG-Q" is no place'),
        ("places.csv", "KG-B+KG-T,,region,KG,Nowhere,Нигде,,test", "is of level region"),
        ("places.csv", "KG-X,,hamlet,KG-O,Nowhere,Нигде,,test", '"hamlet" is no level'),
        ("places.csv", "KG-X,,rayon,KG-X,Nowhere,Нигде,,test", "lies in itself"),
        ("places.csv", "KG-O,,rayon,KG,Nowhere,Нигде,,test", "stands in two rows"),
        ("organisations.csv", "other,Other,Ledi-Shirin,ngo,KG-T,test", "stands for two regions"),
        ("organisations.csv", "other,Other,,ngo,KG-Q,test", 'region "KG-Q" is no place'),
    ],
)
def test_a_registry_that_contradicts_itself_is_refused(own: Path, file: str, line: str, told: str) -> None:
    append(own / file, line)
    with pytest.raises(DeclarationError, match=told) as error:
        registry.organisations()
    assert error.value.where.row is not None


def test_an_edited_registry_is_read_again(own: Path) -> None:
    assert registry.organisations().find("A new spelling") is None
    append(own / "organisations.csv", "new,A new spelling,,ngo,KG-T,test")
    assert registry.organisations().find("a new  SPELLING") == "new"


def test_the_registry_is_no_survey() -> None:
    assert "registry" not in survey_folders.names()


def test_surveys_of_kyrgyzstan_mean_the_same_places_as_the_registry() -> None:
    """A spelling that both know is the survey's region, or what it stands for lies in that region, part by part."""
    places = registry.places()
    seen = 0
    for survey in survey_folders.names():
        table = read_table(survey_folders.surveys_folder() / survey / "regions.csv").fillna("")
        for row in table[table["country"] == "KG"].to_dict("records"):
            for spelling in filter(None, (row["name_en"], *row["aliases"].split(";"))):
                found = places.find(spelling)
                if found is None:
                    continue
                seen += 1
                known = {row["region"], *row["region"].split("+")}
                for part in places.parts(found):
                    assert known & {found, part, *places.within(part)}, f"{survey}: {spelling} is {found}"
    assert seen > 50
