"""Every fault of a survey's folder at once, each with its file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from schemas import declaration
from schemas.errors import DeclarationError
from tasks.declaration_check import FolderCheck, check
from tests import small_survey


def told(survey: Path) -> tuple[FolderCheck, str]:
    found = check(small_survey.ID)
    return found, "\n".join(str(fault) for fault in found.faults)


def write(survey: Path, change: dict[str, object]) -> None:
    content = {**small_survey.declaration(), **change}
    (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def line_of(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.strip().startswith(start))


def test_a_sound_folder_has_no_fault(survey: Path) -> None:
    found, _ = told(survey)
    assert found.faults == ()
    assert found.declaration is not None


def test_all_faults_of_survey_yaml_come_together_with_their_lines(survey: Path) -> None:
    write(survey, {"title": "CHOOSE", "fieldwork": {"first_day": "CHOOSE", "last_day": "soon"}, "wvae": 1})
    found, text = told(survey)
    path = survey / "survey.yaml"
    places = {str(fault.facts["key"]): fault.where.row for fault in found.faults}
    assert places == {
        "title": line_of(path, "title:"),
        "fieldwork.first_day": line_of(path, "first_day:"),
        "fieldwork.last_day": line_of(path, "last_day:"),
        "wvae": line_of(path, "wvae:"),
    }
    assert found.declaration is None
    assert "Write it over CHOOSE" in text


def test_no_command_loads_a_declaration_with_a_choice_left(survey: Path) -> None:
    sources = small_survey.declaration()["sources"]
    assert isinstance(sources, list)
    sources[1]["columns"]["relatives"] = "CHOOSE"
    write(survey, {"sources": sources})
    with pytest.raises(DeclarationError, match=r"sources\.1\.columns\.relatives is not chosen yet"):
        declaration.load(small_survey.ID)


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ({"format": "docx"}, 'reader format "docx" is not known'),
        ({"format": "csv", "sheet": "Q1"}, 'reader key "sheet" is not known for format csv'),
        ({"format": "csv", "encoding": "klingon"}, 'encoding "klingon" is not known'),
        ({"format": "xlsx", "decimal": ";"}, "decimal ';' is not known"),
        ({"format": "csv", "inside": "rar"}, "inside 'rar' is not known"),
        ({"format": "csv", "limits": {"rows": 3}}, "limit 'rows': 3 is not known"),
        ({"format": "jsonl", "repeats": {"cases": {"array": "cases"}}}, "repeats: cases: it collects nothing"),
    ],
)
def test_a_wrong_reader_is_named_with_its_line(reader: dict[str, object], said: str, survey: Path) -> None:
    sources = small_survey.declaration()["sources"]
    assert isinstance(sources, list)
    sources[0]["reader"] = reader
    write(survey, {"sources": sources})
    found, text = told(survey)
    assert f"sources.0.reader: {said}" in text
    assert [fault.where.row for fault in found.faults] == [line_of(survey / "survey.yaml", "reader:")]


def test_sources_are_held_to_the_instrument(survey: Path) -> None:
    sources = small_survey.declaration()["sources"]
    assert isinstance(sources, list)
    del sources[0]["columns"]["ngo"]
    sources[0]["columns"] |= {"income": "доход", "district": "region"}
    sources[1] |= {"country": "UZ", "values": {"settlement_type": {"пгт": "suburban"}}}
    write(survey, {"sources": sources, "methods": {"guessing": {}}})
    _, text = told(survey)
    for part in (
        "sources.0.columns: ngo has no header.",
        "sources.0.columns.income: no column of the instrument.",
        'sources.0.columns: "region" is given to 2 columns.',
        "sources.1.country: UZ is not under `countries`.",
        'sources.1.values.settlement_type.пгт: "suburban" is none of rural, urban.',
        "methods.guessing:",
    ):
        assert part in text


def test_tables_are_checked_cell_by_cell(survey: Path) -> None:
    regions = survey / "regions.csv"
    regions.write_text(regions.read_text(encoding="utf-8").replace("KG,KG-C,", "KG,KG-B,", 1), encoding="utf-8")
    population = survey / "population.csv"
    text = population.read_text(encoding="utf-8").replace("KZ,,900", "KZ,,").replace("KG,KG-C,450", "KG,KG-C,many")
    population.write_text(text.replace("KZ,KZ-15,450", "KZ,CHOOSE,450"), encoding="utf-8")
    found, text = told(survey)
    assert "regions.csv, row 5" in text  # header, KZ-15, KZ-23, KG-B, and this one
    assert "KG KG-B has a row already, row 4." in text
    assert "1 populations are missing: KZ (row 2)." in text
    assert 'the population of KG-C is "many".' in text
    assert "the region is not chosen yet" in text
    assert not found.regions_known
    assert found.notes == ("KZ-15 has no row in population.csv: it gets rates and no totals",)


def test_a_table_that_is_not_there_or_has_no_such_column_is_a_fault(survey: Path) -> None:
    (survey / "regions.csv").unlink()
    (survey / "population.csv").write_text("country,region\n", encoding="utf-8")
    _, text = told(survey)
    assert "regions.csv: it is not there." in text
    assert "it has no column population_thousands, reference_date, grade, source." in text


def test_a_table_with_a_choice_left_is_not_read_by_a_night_either(survey: Path) -> None:
    regions = survey / "regions.csv"
    regions.write_text(regions.read_text(encoding="utf-8").replace("KG-C", "CHOOSE", 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match="not chosen yet"):
        _ = declaration.load(small_survey.ID).regions


def test_marks_that_somebody_should_look_at_are_listed(survey: Path) -> None:
    path = survey / "survey.yaml"
    text = path.read_text(encoding="utf-8").replace("wave: '2009'", "wave: '2009'  # guessed (unsure: by the dates)")
    path.write_text(text, encoding="utf-8")
    found, _ = told(survey)
    assert found.notes == (
        f"survey.yaml, line {line_of(path, 'wave')}: wave: '2009'  # guessed (unsure: by the dates)",
    )


@pytest.mark.parametrize("text", ["id: [", "", "- a list"])
def test_a_file_that_is_no_declaration_is_one_fault(survey: Path, text: str) -> None:
    (survey / "survey.yaml").write_text(text, encoding="utf-8")
    assert len(told(survey)[0].faults) == 1


def test_what_a_delivery_may_lack_is_held_to_the_instrument(survey: Path) -> None:
    sources = small_survey.declaration()["sources"]
    assert isinstance(sources, list)
    sources[0]["columns"] |= {"ngo": None, "settlement": None}
    sources[1] |= {"form_versions": [2], "drift": {"codes": "thaw"}}
    write(survey, {"sources": sources})
    _, text = told(survey)
    assert "sources.1.drift.codes: Input should be 'freeze', 'evolve' or 'quarantine'" in text
    sources[1]["drift"] = "evolve"
    write(survey, {"sources": sources})
    found, text = told(survey)
    assert "sources.0.columns.settlement: numbers rest on this column." in text
    assert "sources.1.form_versions: no column holds them." in text
    assert len(found.faults) == 2  # that the organisation is absent is none


def test_a_column_that_no_number_rests_on_need_not_be_named(survey: Path) -> None:
    sources = small_survey.declaration()["sources"]
    assert isinstance(sources, list)
    del sources[0]["columns"]["duration_minutes"]
    sources[1]["columns"]["duration_minutes"] = None
    write(survey, {"sources": sources})
    found, _ = told(survey)
    assert found.faults == ()


def test_a_spelling_of_two_regions_is_told_with_its_row(survey: Path) -> None:
    table = survey / "regions.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("Баткенская,,", "Баткенская,чуйская,"), encoding="utf-8")
    found, text = told(survey)
    assert "stands for two regions: KG-B (row 4) and KG-C (row 5)" in text
    assert not found.regions_known


def test_personal_columns_that_cannot_be_are_named_with_their_lines(survey: Path) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    personal = {"relatives": "pseudonym", "region": "drop", "interviewer": "drop", "ngo": "pseudonym", "phone": "drop"}
    content["sources"][0] |= {"personal": personal, "ignore": ["phone"]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    found, _ = told(survey)
    wrong = {str(fault.facts["key"]).rpartition(".")[2]: fault.what for fault in found.faults}
    # a number and a region are counted by what they say; the form needs an interviewer, a pseudonym will do
    assert set(wrong) == {"relatives", "region", "interviewer", "phone"}
    assert "say pseudonym" in wrong["interviewer"]
    assert "under `ignore` as well" in wrong["phone"]


@pytest.mark.parametrize(
    "entry",
    [
        "hide",
        {"action": "drop", "domain": "x"},
        {"action": "pseudonym", "normalise": "loud"},
        {"action": "pseudonym", "domain": "a b"},
    ],
)
def test_entries_that_say_nothing_possible_do_not_load(survey: Path, entry: object) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0]["personal"] = {"phone": entry}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    found, _ = told(survey)
    assert [str(fault.facts["key"]).startswith("sources.0.personal.phone") for fault in found.faults] == [True]
