"""A night estimates the parts of which something changed, and comes to what a night from nothing comes to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from estimators.parts import TOGETHER, WHOLE, Part
from flows import direct
from flows.night import Outcome
from schemas import declaration, instrument
from schemas.selection import Selection
from tasks import aggregate, estimate
from tests import small_survey
from warehouse import build, code_version, estimated
from warehouse.build import Warehouse
from warehouse.home import Home

METHODS: dict[str, dict[str, Any]] = {
    "design": {},
    "design_pooled": {},
    "jackknife": {},
    "bootstrap": {"replicates": 9, "seed": 7},
    "small_area": {"replicates": 20, "seed": 7},
    "pennington": {"cdf_decimals": 4},
}
SAY = logging.getLogger("test").info


def declare(survey: Path, methods: dict[str, dict[str, Any]] = METHODS, **rates: Any) -> None:
    content = small_survey.declaration()
    own = {"years": 3, "confidence": 0.95, **rates}
    text = yaml.safe_dump({**content, "rates": own, "methods": methods}, allow_unicode=True)
    (survey / "survey.yaml").write_text(text, encoding="utf-8")


def night(home: Home) -> Outcome:
    outcome = direct.run(declaration.load(small_survey.ID), home, SAY)
    assert outcome.release is not None
    return outcome


def content(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


def one_answer_changes(survey: Path, country: str = "KZ") -> None:
    path = survey / "raw" / f"{country}.csv"
    small_survey.change(path, 6, {"labour_abroad_women_last_3_years": "2", "labour_abroad_total_last_3_years": "2"})


@contextmanager
def opened(home: Home) -> Iterator[tuple[Warehouse, pd.DataFrame]]:
    """The build warehouse of a data folder, and the PSU rows of the survey."""
    declared = declaration.load(small_survey.ID)
    with build.write(home, instrument.find(declared.instrument)) as warehouse:
        yield warehouse, aggregate.aggregate(declared, warehouse)


def test_only_the_country_that_changed_is_estimated(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part]
) -> None:
    declare(survey)
    first = night(home)
    assert set(computed) == {Part(country, method) for country in (TOGETHER, "KG", "KZ") for method in METHODS}
    computed.clear()
    one_answer_changes(survey)
    second = night(home)
    assert set(computed) == {Part(country, method) for country in (TOGETHER, "KZ") for method in METHODS}
    assert content(second) != content(first)
    computed.clear()
    assert content(night(Home(tmp_path / "from_nothing"))) == content(second)
    assert len(computed) == 3 * len(METHODS)


def test_another_declaration_estimates_what_it_moves(survey: Path, home: Home, computed: list[Part]) -> None:
    declare(survey)
    night(home)
    computed.clear()
    fewer = {name: own for name, own in METHODS.items() if name != "small_area"}
    declare(survey, {**fewer, "bootstrap": {"replicates": 30, "seed": 7}, "poisson": {}})
    with opened(home) as (warehouse, totals):
        changed = estimate.estimate(totals, declaration.load(small_survey.ID), warehouse)
        assert {part.method for part in computed} == {"bootstrap", "poisson"}
        assert {method for _, method in estimated.keys(warehouse, small_survey.ID)} == {*fewer, "poisson"}
        computed.clear()
        people = survey / "population.csv"
        people.write_text(people.read_text(encoding="utf-8").replace("KG,KG-B,450", "KG,KG-B,460"), encoding="utf-8")
        moved = estimate.estimate(totals, declaration.load(small_survey.ID), warehouse)
        assert {part.country for part in computed} == {TOGETHER, "KG"}
        assert not moved.equals(changed)
        estimated.forget(warehouse, small_survey.ID)
        whole = estimate.estimate(totals, declaration.load(small_survey.ID), warehouse)
        pd.testing.assert_frame_equal(moved, whole, check_exact=True)


def test_other_code_estimates_everything_and_comes_to_the_same(
    survey: Path, home: Home, computed: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(survey)
    first = night(home)
    computed.clear()
    fingerprint = code_version.fingerprint
    monkeypatch.setattr(code_version, "fingerprint", lambda parts: fingerprint(parts) + "-changed")
    again = night(home)
    assert len(computed) == 3 * len(METHODS)
    assert content(again) == content(first)


def test_a_store_of_other_columns_is_made_again(survey: Path, home: Home, computed: list[Part]) -> None:
    declare(survey)
    night(home)
    declared = declaration.load(small_survey.ID)
    with opened(home) as (warehouse, totals):
        kept = estimate.estimate(totals, declared, warehouse)
        warehouse.execute("ALTER TABLE estimated_cells DROP COLUMN deff")
        computed.clear()
        again = estimate.estimate(totals, declared, warehouse, Selection(methods=frozenset()))
    assert len(computed) == 3 * len(METHODS)
    pd.testing.assert_frame_equal(kept, again, check_exact=True)


@pytest.mark.parametrize(
    "rule", [{"lonely_psu": "collapse", "collapse": {"KZ-15": "KZ-23"}}, {"lonely_psu": "adjust"}], ids=str
)
def test_rules_that_look_across_countries_rest_on_all_of_them(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part], rule: dict[str, Any]
) -> None:
    declare(survey, {"design": {}, "pennington": {"cdf_decimals": 4}}, **rule)
    night(home)
    assert set(computed) == {Part(WHOLE, "design"), Part(WHOLE, "pennington")}
    one_answer_changes(survey)
    changed = night(home)
    assert len(computed) == 4
    assert content(changed) == content(night(Home(tmp_path / "from_nothing")))


def test_a_selection_takes_its_parts_and_leaves_the_others_as_they_are(
    survey: Path, home: Home, computed: list[Part]
) -> None:
    declare(survey)
    night(home)
    one_answer_changes(survey)
    declared = declaration.load(small_survey.ID)
    with opened(home) as (warehouse, totals):
        before = estimate.estimate(totals, declared, warehouse)
        moved = totals.assign(relatives=totals["relatives"] + 1)
        computed.clear()
        some = Selection(countries=frozenset({"KZ"}), methods=frozenset({"design"}))
        mixed = estimate.estimate(moved, declared, warehouse, some)
        assert set(computed) == {Part(TOGETHER, "design"), Part("KZ", "design")}
        taken = mixed["method"].eq("design") & (mixed["country"].eq("KZ") | mixed["level"].eq("group"))
        size = mixed["indicator"].eq("family_size")
        assert (mixed["estimate"] > before["estimate"])[taken & size].all()
        pd.testing.assert_frame_equal(mixed[~taken], before[~taken])
        computed.clear()
        estimate.estimate(moved, declared, warehouse, Selection(methods=frozenset()))
        assert not computed
        estimated.forget(warehouse, declared.id)
        estimate.estimate(moved, declared, warehouse, some)
        assert len(computed) == 3 * len(METHODS)  # what is not there cannot stay as it is
        computed.clear()
        estimate.estimate(moved, declared, warehouse)
        assert not computed


def test_the_night_says_whose_numbers_are_as_before(survey: Path, home: Home) -> None:
    declare(survey)
    night(home)
    one_answer_changes(survey)
    said: list[str] = []
    direct.run(declaration.load(small_survey.ID), home, said.append)
    assert "estimating all countries, KZ (KG as before)" in said
