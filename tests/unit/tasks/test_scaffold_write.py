"""A drafted folder: what it says of a sample, what it never says, and that nothing is overwritten or half written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from samples import new_country
from schemas import family_survey
from schemas.declaration import load
from schemas.declaration_faults import CHOOSE
from schemas.errors import DeclarationError, SourceMissing
from tasks.scaffold import draft as drafting
from tasks.scaffold.draft import draft
from tasks.scaffold.write import quoted, survey_yaml, write
from tests import small_survey

BUNDLED = load("central_asia_2009")
GOLDEN = Path(__file__).parents[2] / "golden" / "scaffold" / "valley_2012"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    (tmp_path / "deliveries").mkdir()
    return new_country.write(tmp_path / "deliveries")[0]


def drafted(tmp_path: Path, *files: Path, country: str | None = None, copy: bool = False) -> Path:
    return write(draft("valley_2012", "family_survey", files, country, None), tmp_path / "surveys", copy)


@pytest.mark.parametrize("name", ["survey.yaml", "regions.csv", "population.csv"])
def test_the_sample_is_drafted_as_reviewed(tmp_path: Path, delivery: Path, name: str) -> None:
    """The golden files were read line by line against samples/new_country.py before they were kept."""
    folder = drafted(tmp_path, delivery, copy=True)
    assert (folder / name).read_text(encoding="utf-8") == (GOLDEN / name).read_text(encoding="utf-8")


def test_files_are_pointed_to_unless_they_are_copied(tmp_path: Path, delivery: Path) -> None:
    folder = drafted(tmp_path, delivery)
    content = yaml.safe_load((folder / "survey.yaml").read_text(encoding="utf-8"))
    assert content["sources"][0]["path"] == str(delivery.resolve())
    assert sorted(path.name for path in folder.iterdir()) == ["population.csv", "regions.csv", "survey.yaml"]


def test_no_answer_and_no_name_of_a_person_or_village_is_written(tmp_path: Path, delivery: Path) -> None:
    with delivery.open(encoding="cp1251", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    for row in rows:
        row |= {"Интервьюер": "Айгуль Осмонова", "Село или город": "Кара-Дөбө".replace("ө", "о"), "Город/село": "село"}
    with delivery.open("w", encoding="cp1251", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    folder = drafted(tmp_path, delivery)
    written = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "Чуйская" in written  # a region is a code
    for personal in ("Осмонова", "Кара-Добо", "KG-001", "KG-NGO", "Чуйская 1"):
        assert personal not in written


def test_a_column_of_many_texts_is_no_code_list_and_its_texts_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("settlement_type\n" + "\n".join(f"secret {n}" for n in range(21)), encoding="utf-8")
    folder = drafted(tmp_path, path, country="KG")
    written = (folder / "survey.yaml").read_text(encoding="utf-8")
    assert "secret" not in written
    assert yaml.safe_load(written)["sources"][0]["values"]["settlement_type"] == CHOOSE


def test_a_region_column_of_too_many_texts_is_doubted_and_its_texts_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("region\n" + "\n".join(f"secret {n}" for n in range(101)), encoding="utf-8")
    folder = drafted(tmp_path, path, country="KG")
    assert all("secret" not in file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert "unsure: 101 different texts" in (folder / "survey.yaml").read_text(encoding="utf-8")


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, delivery: Path) -> None:
    (tmp_path / "surveys" / "valley_2012").mkdir(parents=True)
    with pytest.raises(DeclarationError, match="Nothing was written"):
        drafted(tmp_path, delivery)
    assert [path.name for path in (tmp_path / "surveys").rglob("*")] == ["valley_2012"]


def test_a_draft_that_fails_leaves_nothing(tmp_path: Path, delivery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr("tasks.scaffold.write.population_csv", broken)
    with pytest.raises(OSError, match="no space"):
        drafted(tmp_path, delivery, copy=True)
    assert list((tmp_path / "surveys").iterdir()) == []


def test_two_files_of_one_name_are_not_copied_over_each_other(tmp_path: Path, delivery: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / delivery.name
    twin.write_bytes(delivery.read_bytes())
    with pytest.raises(DeclarationError, match="one name"):
        drafted(tmp_path, delivery, twin, copy=True)


def test_a_sample_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"nowhere\.csv"):
        drafted(tmp_path, tmp_path / "nowhere.csv")


def test_a_country_whose_code_yaml_would_misread_stays_a_code(tmp_path: Path, delivery: Path) -> None:
    folder = drafted(tmp_path, delivery, country="NO")  # `NO: Norway` without quotes is False: Norway
    content = yaml.safe_load((folder / "survey.yaml").read_text(encoding="utf-8"))
    assert list(content["countries"]) == ["NO"]
    assert content["sources"][0]["country"] == "NO"


@pytest.mark.parametrize(
    "text", ['"', "# no comment", "a: b", "\n", "\x85", "\u2028", "é\t", "'", "\\", " x ", "yes", "1"]
)
def test_any_text_is_one_line_of_yaml(text: str) -> None:
    assert "\n" not in quoted(text)
    assert yaml.safe_load(f"key: {quoted(text)}")["key"] == text


def test_two_files_are_two_sources_of_one_survey(tmp_path: Path, delivery: Path) -> None:
    made = drafting.draft("both", "family_survey", [delivery, delivery.parent / "lowland.xlsx"], None, None)
    assert list(made.countries) == ["KG", "MD"]
    assert [source.mapped for source in made.sources] == [27, 28]  # one header of valley.csv fits no column's name
    assert [(row.country, row.region) for row in made.regions] == [
        ("KG", "KG-B"), ("KG", "KG-C"), ("MD", CHOOSE), ("MD", CHOOSE),
    ]  # fmt: skip


@pytest.mark.parametrize("position", range(5), ids=[source.country for source in BUNDLED.sources])
def test_the_bundled_deliveries_are_drafted_as_they_are_declared(position: int) -> None:
    """But for texts of `missing` that the delivery does not hold."""
    source = BUNDLED.sources[position]
    made = drafting.source(BUNDLED.folder / source.path, family_survey, None)
    assert made.country.value == source.country
    assert {key: found.value for key, found in made.reader.items()} == dict(source.reader)
    assert {column: found.header for column, found in made.columns.items()} == dict(source.columns)
    assert set(made.left) == set(source.ignore)
    assert made.days.form.value == source.date_format
    drafted_codes = {column: {t: c.value for t, c in codes.items()} for column, codes in made.values.items() if codes}
    assert drafted_codes == {column: dict(codes) for column, codes in source.values.items()}
    assert set(made.missing) <= set(source.missing)
    assert made.days.first and made.days.last
    assert BUNDLED.fieldwork.first_day <= made.days.first <= made.days.last <= BUNDLED.fieldwork.last_day


def test_columns_that_look_personal_are_drafted_as_dropped_and_not_as_ignored(tmp_path: Path) -> None:
    rows = [{**row, "Телефон": "+996 555 123456", "weight": "1.5"} for row in small_survey.interviews("KG")]
    (tmp_path / "raw").mkdir()
    small_survey.write_rows(tmp_path / "raw" / "KG.csv", rows)
    made = draft("valley", "family_survey", [tmp_path / "raw" / "KG.csv"], "KG", None)
    text = survey_yaml(made, ["raw/KG.csv"])
    (source,) = yaml.safe_load(text)["sources"]
    assert (source["personal"], source["ignore"]) == ({"Телефон": "drop"}, ["weight"])
    assert '"Телефон": "drop"  # guessed (unsure: its name says: phone)' in text
    assert "555" not in text
