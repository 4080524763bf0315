"""Rival definitions of trafficking: the logic, the verdicts on 24 told cases, and the switches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from estimators.definitions import classify, definitions, kleene
from estimators.definitions.kleene import truth
from samples.kyrgyzstan_case_mentions_2007 import mentions
from schemas.definitions import Rules, catalogue, rules
from schemas.errors import DeclarationError

ROOT = Path(__file__).parents[4]
GOLDEN = ROOT / "tests" / "golden" / "definitions"
FACT = {"1": "yes", "0": "no", "?": "unknown"}


def declared() -> dict[str, Any]:
    """Read the instrument's file."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "schemas/instruments/case_mentions.yaml").read_text("utf-8"))
    return content


def of_instrument(**changes: Any) -> Rules:
    """Return the rules of the instrument, some of its key `definitions` changed."""
    content = declared()
    found = rules({**content["definitions"], **changes}, list(content["columns"]), "case_mentions.yaml")
    assert found is not None
    return found


def records() -> pd.DataFrame:
    """Return the 27 mentions with the columns of the instrument."""
    survey = yaml.safe_load((ROOT / "surveys/kyrgyzstan_case_mentions_2007/survey.yaml").read_text("utf-8"))
    names = {header: name for name, header in survey["sources"][0]["columns"].items() if header}
    return pd.DataFrame(mentions()).rename(columns=names).replace("", pd.NA)


def verdicts(table: pd.DataFrame, practice: str = "include", border: str = "all") -> pd.DataFrame:
    """Return the verdicts under one switch, a row a mention and a column a definition."""
    chosen = table[(table["practice"] == practice) & (table["border"] == border)]
    return chosen.pivot(index="questionnaire_id", columns="definition", values="verdict")


def test_the_logic_is_kleenes() -> None:
    table = pd.read_csv(GOLDEN / "kleene.csv", dtype=str)
    a, b = truth(table["a"]), truth(table["b"])
    assert list(kleene.text(kleene.both(a, b))) == list(table["both"])
    assert list(kleene.text(kleene.either(a, b))) == list(table["either"])
    assert list(kleene.text(kleene.opposite(a))) == list(table["not_a"])


def test_a_missing_fact_is_not_known_and_any_other_answer_is_refused() -> None:
    assert list(kleene.text(truth(pd.Series(["yes", None, pd.NA])))) == ["yes", "unknown", "unknown"]
    with pytest.raises(ValueError, match="'maybe' is none of yes, no and unknown"):
        truth(pd.Series(["maybe"], name="force"))


def test_the_mentions_hold_the_facts_that_were_read() -> None:
    expected = pd.read_csv(GOLDEN / "verdicts.csv", dtype=str).set_index("questionnaire_id")
    found = records().set_index("questionnaire_id").loc[expected.index]
    for fact in ("movement", "exploitation", "third_party", "child", "force"):
        assert list(found[fact]) == [FACT[code] for code in expected[fact]], fact


def test_the_studys_definition_gives_the_verdicts_of_the_24_cases() -> None:
    expected = pd.read_csv(GOLDEN / "verdicts.csv", dtype=str).set_index("questionnaire_id")
    found = verdicts(classify(records(), of_instrument())).loc[expected.index]
    assert list(found["unicef_analytic"]) == list(expected["unicef_analytic"])
    told = expected["children_code"].notna()
    assert set(found.loc[told, "kgz_children_code"]) == {"yes"}
    assert "yes" not in set(found.loc[~told, "kgz_children_code"])


def test_the_interval_of_the_studys_definition_is_that_of_its_verdicts() -> None:
    """Five cases certain, six excluded: 5 of 24 to 18 of 24; 27 mentions tell V8, V9 and V10 twice."""
    table = definitions(records(), of_instrument()).set_index(["definition", "practice", "border", "counted_by"])
    cases = table.loc["unicef_analytic", "include", "all", "cases"]
    assert (cases["n"], cases["certain"], cases["possible"], cases["excluded"]) == (24, 5, 13, 6)
    assert cases["share_low"] == pytest.approx(5 / 24)
    assert cases["share_high"] == pytest.approx(18 / 24)
    mentioned = table.loc["unicef_analytic", "include", "all", "mentions"]
    assert (mentioned["n"], mentioned["certain"], mentioned["possible"], mentioned["excluded"]) == (27, 6, 15, 6)


def test_practices_count_left_out_or_without_consent() -> None:
    """V21 is a bride kidnapped against her will, V22 one who agreed, V23 a dowry of which nothing is told."""
    found = classify(records(), of_instrument())
    lay = {switch: verdicts(found, switch)["respondent_lay"] for switch in ("include", "exclude", "only_if_no_consent")}
    assert list(lay["include"][["V21", "V22", "V23"]]) == ["yes", "yes", "unknown"]
    assert list(lay["exclude"][["V21", "V22", "V23"]]) == ["no", "no", "no"]
    assert list(lay["only_if_no_consent"][["V21", "V22", "V23"]]) == ["yes", "no", "unknown"]


def test_a_case_that_may_have_crossed_a_border_is_possible_on_both_sides() -> None:
    found = classify(records(), of_instrument())
    sides = [verdicts(found, border=border)["palermo_child"] for border in ("all", "internal", "cross_border")]
    assert [side["V8"] for side in sides] == ["yes", "unknown", "unknown"]
    assert [side["V1"] for side in sides] == ["yes", "yes", "no"]


def test_what_mentions_of_one_case_say_differently_is_not_known() -> None:
    two = records().query("questionnaire_id in ['V8', 'V8b']").copy()
    two["movement"] = ["yes", "unknown"]
    rules_ = of_instrument(use=["unicef_analytic"])
    once = definitions(two, rules_).query("counted_by == 'cases' and practice == 'include' and border == 'all'")
    assert once[["n", "certain"]].to_numpy().tolist() == [[1, 1]]  # one says yes, the other does not know
    two["movement"] = ["yes", "no"]
    once = definitions(two, rules_).query("counted_by == 'cases' and practice == 'include' and border == 'all'")
    assert once[["n", "certain", "possible"]].to_numpy().tolist() == [[1, 0, 1]]


def test_shares_of_nothing_are_missing() -> None:
    table = definitions(records().head(0), of_instrument())
    assert (table["n"] == 0).all()
    assert table[["share_low", "share_high"]].isna().all().all()


def test_an_instrument_without_practices_and_borders_has_one_switch_of_each() -> None:
    table = definitions(records(), of_instrument(practice=None, consent=None, border=None, case=None))
    switches = table[["practice", "border", "counted_by"]].drop_duplicates()
    assert switches.to_numpy().tolist() == [["include", "all", "mentions"]]


def test_every_definition_is_counted_whatever_the_order_of_the_records() -> None:
    rules_ = of_instrument()
    mixed = records().sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(definitions(mixed, rules_), definitions(records(), rules_))
    assert list(rules_.definitions) == list(catalogue().definitions)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"use": ["unheard_of"]}, "unheard_of is not declared"),
        ({"use": []}, "use"),
        ({"use": ["unicef_analytic"], "case": "nowhere"}, "nowhere is no column"),
    ],
)
def test_a_wrong_declaration_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        rules(given, list(declared()["columns"]), "case_mentions.yaml")


def test_an_instrument_that_lacks_a_fact_cannot_use_a_definition_that_asks_for_it() -> None:
    columns = [name for name in declared()["columns"] if name != "third_party"]
    with pytest.raises(DeclarationError, match="third_party is no column"):
        rules({"use": ["unicef_analytic"]}, columns, "case_mentions.yaml")
    assert rules({}, columns, "case_mentions.yaml") is None
