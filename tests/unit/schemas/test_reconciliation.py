"""Rules are checked before any record is looked at, and an error names file, rule and key."""

from __future__ import annotations

import string
from pathlib import Path
from typing import get_args

import pytest

from estimators.reconciliation.kinds import KINDS
from schemas.errors import DeclarationError
from schemas.finding_messages import LANGUAGES, Told, message, templates, written
from schemas.reconciliation import read
from schemas.reconciliation_figures import Words
from schemas.reconciliation_kinds import Declared

SOUND = """
- id: crimes
  kind: sum
  subject: {en: crimes, ru: преступления}
  total: "indicator == 'crimes'"
  parts: ["indicator == 'kidnapping'", {ids: [F7], of: low, take: max}, 3]
"""


def written_down(folder: Path, text: str, name: str = "reconciliations.yaml") -> Path:
    """Write a file of rules."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_figures_are_an_expression_a_number_or_a_mapping(tmp_path: Path) -> None:
    (rule,) = read([written_down(tmp_path, SOUND)])
    assert rule.model_dump(exclude_defaults=True)["parts"] == (
        {"where": "indicator == 'kidnapping'"},
        {"ids": ("F7",), "of": "low", "take": "max"},
        {"number": 3.0},
    )


def test_rules_of_the_instrument_come_before_those_of_the_survey(tmp_path: Path) -> None:
    indented = "".join(f"  {line}\n" for line in SOUND.strip().splitlines())
    instrument = written_down(tmp_path, f"name: register\nreconciliations:\n{indented}", "register.yaml")
    own = written_down(tmp_path, SOUND.replace("id: crimes", "id: own"))
    assert [rule.id for rule in read([instrument, own])] == ["crimes", "own"]
    assert [rule.file for rule in read([instrument, own])] == [str(instrument), str(own)]


def test_a_file_that_is_not_there_or_is_empty_has_no_rules(tmp_path: Path) -> None:
    assert read([tmp_path / "none.yaml", written_down(tmp_path, ""), written_down(tmp_path, "name: x", "x.yaml")]) == ()


@pytest.mark.parametrize(
    ("broken", "by", "rule", "key"),
    [
        ("kind: sum", "kind: addition", "crimes", "kind"),
        ("  kind: sum\n", "", "crimes", "kind"),
        ("  total: \"indicator == 'crimes'\"\n", "", "crimes", "total"),
        ("indicator == 'crimes'", "indicator = 'crimes'", "crimes", "total.where"),
        ("indicator == 'crimes'", "indicator == @crimes", "crimes", "total.where"),
        ("indicator == 'crimes'", "indicator.__class__", "crimes", "total.where"),
        ("take: max", "take: middle", "crimes", "parts.1.take"),
        ("{ids: [F7], of: low, take: max}", "{of: low}", "crimes", "parts.1"),
        ("subject: {en: crimes, ru: преступления}", "subject: {en: crimes}", "crimes", "subject.ru"),
        ("kind: sum", "kind: sum\n  sums: true", "crimes", "sums"),
        ("kind: sum", "kind: sum\n  tolerance: -1", "crimes", "tolerance"),
        ("id: crimes", "id: Crimes!", "Crimes!", "id"),
    ],
)
def test_a_wrong_rule_is_named_with_its_key(tmp_path: Path, broken: str, by: str, rule: str, key: str) -> None:
    assert broken in SOUND
    path = written_down(tmp_path, SOUND.replace(broken, by))
    with pytest.raises(DeclarationError) as raised:
        read([path])
    assert raised.value.facts == {"rule": rule, "key": key}
    assert raised.value.where.file == str(path)
    assert f"rule {rule}, {key}" in str(raised.value)


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="another rule"):
        read([written_down(tmp_path, SOUND + SOUND)])


@pytest.mark.parametrize("text", ["- [a", "rules", "- just text"])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeclarationError):
        read([written_down(tmp_path, text)])


def test_a_word_needs_a_meaning_and_a_pattern_must_be_one(tmp_path: Path) -> None:
    subject = "subject: {en: s, ru: п}"
    wording = f"- {{id: w, kind: wording, {subject}, claim: {{en: most, ru: больше}}, share: 50}}"
    with pytest.raises(DeclarationError, match="say what the word means"):
        read([written_down(tmp_path, wording)])
    defects = f"- {{id: t, kind: text_defects, {subject}, where: 'value > 1', of: note, patterns: {{a: '('}}}}"
    with pytest.raises(DeclarationError, match="no regular expression"):
        read([written_down(tmp_path, defects)])


def test_every_kind_is_computed_and_has_its_messages() -> None:
    declared = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(Declared)}
    assert declared == set(KINDS) == set(templates()) - {"common"}


def test_both_languages_tell_the_same() -> None:
    for kind, outcomes in templates().items():
        for outcome, texts in outcomes.items():
            assert set(texts) == set(LANGUAGES), (kind, outcome)
            names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
            assert names[0] == names[1], (kind, outcome)


def test_numbers_in_messages() -> None:
    values: list[Told] = [1234567.5, -3, 70.0, None, [], float("inf")]
    assert [written(value, "en") for value in values] == [
        "1,234,567.5", "−3", "70", "–", "–", "∞",
    ]  # fmt: skip
    assert written([1.5, 2000], "ru") == "1,5; 2\u00a0000"
    assert written(list(range(1, 15)), "en").endswith("11, 12 … (+2)")
    assert written(Words(en="half", ru="половина"), "ru") == "половина"
    told: dict[str, Told] = {"found": 41, "stated": 17, "difference": 24, "parts": [29, 12]}
    assert message("sum", "differs", told, "en") == "The parts 29, 12 make 41; 17 is stated (+24)."
