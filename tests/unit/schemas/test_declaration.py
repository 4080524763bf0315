"""What is said about a wrong declaration: the file, the key, and what would have been right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import declaration
from schemas.errors import DeclarationError
from schemas.instrument import MODULES
from tests import small_survey


def edit(survey: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def refusal(survey_id: str = small_survey.ID) -> str:
    with pytest.raises(DeclarationError) as caught:
        declaration.load(survey_id)
    return str(caught.value)


def test_a_right_one_is_typed(survey: Path) -> None:
    loaded = declaration.load(small_survey.ID)
    assert loaded.folder == survey
    assert loaded.fieldwork.first_day == date(2009, 9, 1)  # tests/small_survey.py
    assert loaded.sources[0].country == "KZ"
    assert loaded.published is None
    assert loaded.population["population_thousands"].tolist() == [900.0, 900.0, 450.0, 450.0, 450.0, 450.0]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda c: c.update(fieldwrok=1), "fieldwrok"),
        (lambda c: c.pop("fieldwork"), "fieldwork"),
        (lambda c: c["fieldwork"].update(last_day="soon"), "fieldwork.last_day"),
        (lambda c: c["acceptance"].update(largest_invalid_share=40), "acceptance.largest_invalid_share"),
        (lambda c: c["sources"][1].update(colums={}), "sources.1.colums"),
        (lambda c: c["sources"][1].pop("path"), "sources.1.path"),
        (lambda c: c["sources"][1].update(date_format="%e.%m.%Y"), "sources.1.date_format"),
        (lambda c: c["sources"][0].update(date_format="d.m.Y"), "sources.0.date_format"),
        (lambda c: c.update(removed={"raw/KZ.csv": "..."}), "removed.raw/KZ.csv"),
        (lambda c: c.update(delivery_checks={"rows": {"warn": 3, "refuse": 1}}), "delivery_checks.rows"),
        (lambda c: c.update(delivery_checks={"key_overlap": {"refuse": 2}}), "never above 1"),
        (lambda c: c["editing"]["default"]["relatives_above"].update(action="guess"), "relatives_above.action"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(survey: Path, change: Callable[[dict[str, Any]], object], key: str) -> None:
    edit(survey, change)
    message = refusal()
    assert str(survey / "survey.yaml") in message
    assert key in message


def test_an_unknown_survey_names_the_ones_there_are(survey: Path) -> None:
    message = refusal("central_asia")
    assert '"central_asia"' in message
    assert small_survey.ID in message


def test_an_id_that_is_not_the_folders_name_is_refused(survey: Path) -> None:
    edit(survey, lambda content: content.update(id="other"))
    message = refusal()
    assert '"other"' in message
    assert f'"{small_survey.ID}"' in message


def test_a_key_that_stands_twice_is_named_with_both_lines(survey: Path) -> None:
    path = survey / "survey.yaml"
    lines = [*path.read_text(encoding="utf-8").splitlines(), "sources: []"]
    path.write_text("\n".join(lines), encoding="utf-8")
    first = lines.index("sources:") + 1
    message = refusal()
    assert f"survey.yaml, row {len(lines)}" in message
    assert f'the key "sources" stands twice, first in line {first}' in message


def test_text_that_is_no_yaml_is_named(survey: Path) -> None:
    (survey / "survey.yaml").write_text("id: [1\n", encoding="utf-8")
    assert "not valid YAML" in refusal()


def test_an_empty_declaration_is_refused_with_a_message(survey: Path) -> None:
    (survey / "survey.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert str(survey / "survey.yaml") in refusal()


def test_a_table_row_with_a_cell_too_many_is_named(survey: Path) -> None:
    path = survey / "population.csv"
    path.write_text(path.read_text(encoding="utf-8") + "KZ,,1,2,3,4,5\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        _ = declaration.load(small_survey.ID).population
    assert "population.csv, row 8" in str(caught.value)  # a header, six populations, and the wrong row
    assert "7 cells" in str(caught.value)


def test_a_missing_table_is_named(survey: Path) -> None:
    (survey / "regions.csv").unlink()
    with pytest.raises(DeclarationError, match=r"regions\.csv is not there"):
        _ = declaration.load(small_survey.ID).regions


def test_the_fingerprint_moves_with_every_table_and_key(survey: Path) -> None:
    seen = {declaration.load(small_survey.ID).fingerprint}
    edit(survey, lambda content: content.update(title="Another"))
    seen.add(declaration.load(small_survey.ID).fingerprint)
    path = survey / "regions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("yes", "no", 1), encoding="utf-8")
    seen.add(declaration.load(small_survey.ID).fingerprint)
    assert len(seen) == 3
    assert declaration.load(small_survey.ID).fingerprint in seen  # and is the same when nothing changed


def test_every_survey_of_the_checkout_loads_and_fits_together() -> None:
    for name in declaration.names():
        loaded = declaration.load(name)
        regions = set(zip(loaded.regions["country"], loaded.regions["region"], strict=True))
        populated = loaded.population.dropna(subset=["region"])
        assert set(zip(populated["country"], populated["region"], strict=True)) <= regions
        assert {source.country for source in loaded.sources} == set(loaded.countries)
        nations = set(loaded.population.loc[loaded.population["region"].isna(), "country"])
        assert nations == set(loaded.countries) or loaded.instrument not in MODULES
