"""Backfills of one method, one country or one code version: what is named is computed again, and nothing else.

What is expected of the named parts comes from a first night in a data folder of its own, of the others from the release
in force, and of the night after from the same first night.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from estimators import pennington, poisson
from estimators.parts import TOGETHER, WHOLE, Part
from schemas import instrument
from schemas.result_tables import tables
from tests import small_survey
from tests.integration.backfill_world import call, night, told
from warehouse import build, code_version, estimated, results
from warehouse import release as folders
from warehouse.home import Home

METHODS: dict[str, dict[str, Any]] = {
    "design": {},
    "bootstrap": {"replicates": 9, "seed": 7},
    "pennington": {"cdf_decimals": 4},
    "poisson": {},
}
OTHER = {**METHODS, "bootstrap": {"replicates": 30, "seed": 7}, "pennington": {"cdf_decimals": 1}}
COUNTRIES = ("KG", "KZ")
WHO = ("--by", "head of unit", "--reason", "checked against the forms")
KEY = [name for name in tables()["estimates"].key if name != "release_id"]


def declare(
    survey: Path, methods: dict[str, dict[str, Any]] = METHODS, limits: dict[str, int] | None = None, **rates: Any
) -> None:
    """Write survey.yaml. limits: relatives above which a questionnaire is dropped, by country; 30 elsewhere."""
    content = small_survey.declaration()
    editing: Any = content["editing"]
    rule = {"action": "drop"}
    editing["countries"] = {c: {"relatives_above": {**rule, "limit": n}} for c, n in (limits or {}).items()}
    own = {"years": 3, "confidence": 0.95, **rates}
    changed = {**content, "editing": editing, "rates": own, "methods": methods}
    (survey / "survey.yaml").write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")


def published(home: Home) -> pd.DataFrame:
    """Return the cells of the release in force."""
    newest = folders.published(home, small_survey.ID)[-1]
    return cells(newest.folder, newest.release_id)


def proposed(home: Home, name: str) -> pd.DataFrame:
    """Return the cells of a candidate."""
    return cells(home.candidates / name, name.split("-backfill-", maxsplit=1)[0])


def cells(folder: Path, release_id: str) -> pd.DataFrame:
    frame = results.read(folder / "results.duckdb", "estimates", release_id=release_id)
    return frame.drop(columns=["release_id", "obs_status"]).sort_values(KEY, ignore_index=True)


def same(one: pd.DataFrame, other: pd.DataFrame, chosen: pd.Series | None = None) -> None:
    """Hold rows against rows of the same cells, to the last digit."""
    if chosen is not None:
        one, other = one[chosen], other[chosen]
    assert len(one) > 0
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def content(home: Home) -> str:
    return str(folders.published(home, small_survey.ID)[-1].manifest["content_sha256"])


def undisturbed(folder: Path) -> Home:
    """Run a first night under the declaration of now in a data folder of its own."""
    home = Home(folder)
    assert night(home).is_new_release
    return home


def parts_of(plan: dict[str, Any]) -> dict[tuple[str | None, str], int]:
    return {(part["country"], part["method"]): part["cells"] for part in plan["parts"]}


def test_one_method_is_computed_again_and_the_night_does_the_other(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part]
) -> None:
    declare(survey)
    night(home)
    declare(survey, OTHER)
    expected = undisturbed(tmp_path / "undisturbed")
    before, after = published(home), published(expected)
    (plan,) = told(home, "plan", "--method", "bootstrap")
    own = before[before["method"] == "bootstrap"]
    counted = own["country"].value_counts(dropna=False)
    assert [file["reasons"] for file in plan["files"]] == [["the declaration changed"]] * 2  # rows turn out the same
    assert (plan["kept"], plan["narrowed"], plan["cells"]) == ([], True, len(own))
    together = int(own["country"].isna().sum())
    assert parts_of(plan) == {
        ("KG", "bootstrap"): counted["KG"],
        ("KZ", "bootstrap"): counted["KZ"],
        (None, "bootstrap"): together,
    }

    computed.clear()
    (built,) = told(home, "run", "--method", "bootstrap")
    assert set(computed) == {Part(country, "bootstrap") for country in (TOGETHER, *COUNTRIES)}
    candidate = proposed(home, built["candidate"])
    same(candidate, after, candidate["method"] == "bootstrap")
    same(candidate, before, candidate["method"] != "bootstrap")
    moved = [{row["method"] for row in told(home, "diff")["cells"]}]
    assert moved == [{"bootstrap"}]
    assert not before[before["method"] == "pennington"].equals(after[after["method"] == "pennington"])

    assert call(home, "approve", *WHO).exit_code == 0
    same(published(home), candidate)
    (left,) = told(home, "plan")
    assert not left["unchanged"]  # the declaration is that of the release in force, and one method is not
    computed.clear()
    assert night(home).is_new_release
    assert set(computed) == {Part(country, "pennington") for country in (TOGETHER, *COUNTRIES)}
    assert content(home) == content(expected)
    assert night(home).news is False


def test_one_country_is_read_and_computed_again_and_the_night_does_the_other(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part]
) -> None:
    declare(survey)
    night(home)
    declare(survey, limits={"KZ": 12})
    alone = published(undisturbed(tmp_path / "one_country"))
    declare(survey, limits={"KZ": 12, "KG": 12})
    expected = undisturbed(tmp_path / "undisturbed")
    before, after = published(home), published(expected)
    (plan,) = told(home, "plan", "--country", "KZ")
    taken = (before["country"] == "KZ") | before["country"].isna()
    assert ([file["uri"] for file in plan["files"]], plan["kept"]) == (["raw/KZ.csv"], ["raw/KG.csv"])
    assert set(parts_of(plan)) == {(country, method) for country in ("KZ", None) for method in METHODS}
    assert plan["cells"] == int(taken.sum())

    computed.clear()
    (built,) = told(home, "run", "--country", "KZ")
    assert set(computed) == {Part(country, method) for country in (TOGETHER, "KZ") for method in METHODS}
    candidate = proposed(home, built["candidate"])
    same(candidate, after, candidate["country"] == "KZ")
    same(candidate, before, candidate["country"] == "KG")
    same(candidate, alone)  # all together too: as if only this country's rule had changed

    assert call(home, "approve", *WHO).exit_code == 0
    computed.clear()
    assert night(home).is_new_release
    assert set(computed) == {Part(country, method) for country in (TOGETHER, "KG") for method in METHODS}
    assert content(home) == content(expected)


def test_other_code_of_an_estimator_comes_in_method_by_method(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other code gives standard errors half as large again, of two methods; one is asked for."""
    declare(survey)
    night(home)
    fingerprint = code_version.fingerprint
    monkeypatch.setattr(code_version, "fingerprint", lambda parts: fingerprint(parts) + "-changed")
    for module in (pennington, poisson):
        original = module.estimate

        def larger(*given: Any, original: Any = original) -> pd.DataFrame:
            rows = original(*given)
            return rows.assign(std_error=rows["std_error"] * 1.5)

        monkeypatch.setattr(module, "estimate", larger)
    expected = undisturbed(tmp_path / "undisturbed")
    before, after = published(home), published(expected)

    computed.clear()
    (built,) = told(home, "run", "--method", "poisson")
    assert set(computed) == {Part(country, "poisson") for country in (TOGETHER, *COUNTRIES)}
    candidate = proposed(home, built["candidate"])
    same(candidate, after, candidate["method"] == "poisson")
    same(candidate, before, candidate["method"] != "poisson")
    larger_errors = candidate["method"].eq("poisson") & before["estimate"].gt(0)
    ratio = candidate.loc[larger_errors, "std_error"] / before.loc[larger_errors, "std_error"]
    assert ratio.to_numpy() == pytest.approx(1.5)

    assert call(home, "approve", *WHO).exit_code == 0
    computed.clear()
    assert night(home).is_new_release
    others = [name for name in METHODS if name != "poisson"]
    assert set(computed) == {Part(country, method) for country in (TOGETHER, *COUNTRIES) for method in others}
    assert content(home) == content(expected)


def test_the_files_that_one_code_read_are_those_not_read_since(
    survey: Path, home: Home, tmp_path: Path, computed: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(survey)
    night(home)
    old = code_version.fingerprint(code_version.INTAKE)[:12]
    fingerprint = code_version.fingerprint
    monkeypatch.setattr(code_version, "fingerprint", lambda parts: "changed-" + fingerprint(parts))
    declare(survey, limits={"KZ": 12, "KG": 12})
    expected = undisturbed(tmp_path / "undisturbed")
    (plan,) = told(home, "plan", "--code-version", old)
    assert [(file["uri"], file["reasons"]) for file in plan["files"]] == [
        (uri, [f"read by code {old}", "the code that reads it changed", "the declaration changed"])
        for uri in ("raw/KZ.csv", "raw/KG.csv")
    ]
    assert set(parts_of(plan)) == {(country, method) for country in (*COUNTRIES, None) for method in METHODS}
    assert plan["cells"] == len(published(home))

    told(home, "run", "--code-version", old, "--country", "KZ")
    assert call(home, "approve", *WHO).exit_code == 0
    (left,) = told(home, "plan", "--code-version", old)
    assert [file["uri"] for file in left["files"]] == ["raw/KG.csv"]
    assert {country for country, _ in parts_of(left)} == {"KG", None}
    computed.clear()
    (built,) = told(home, "run", "--code-version", old)
    assert set(computed) == {Part(country, method) for country in (TOGETHER, "KG") for method in METHODS}
    same(proposed(home, built["candidate"]), published(expected))
    assert call(home, "approve", *WHO).exit_code == 0
    assert content(home) == content(expected)
    assert "no load in force was read by code" in str(call(home, "plan", "--code-version", old).exception)
    computed.clear()
    tonight = night(home)
    assert (tonight.is_new_release, tonight.exit_code, computed) == (False, 0, [])


def test_the_plan_counts_countries_that_rest_on_the_named_one(survey: Path, home: Home, computed: list[Part]) -> None:
    """`adjust` looks at all settlements of all countries, so that one country's rows move every country's limits."""
    methods: dict[str, dict[str, Any]] = {"design": {}, "poisson": {}}
    declare(survey, methods, lonely_psu="adjust")
    night(home)
    before = published(home)
    (plan,) = told(home, "plan", "--country", "KZ")
    assert plan["cells"] == len(before)
    assert set(parts_of(plan)) == {(country, method) for country in (*COUNTRIES, None) for method in methods}
    computed.clear()
    told(home, "run", "--country", "KZ")
    assert set(computed) == {Part(WHOLE, method) for method in methods}


def test_the_plan_counts_what_is_not_kept_and_so_cannot_stay(survey: Path, home: Home, computed: list[Part]) -> None:
    declare(survey)
    night(home)
    with build.write(home, instrument.find("family_survey")) as warehouse:
        estimated.forget(warehouse, small_survey.ID)
    (plan,) = told(home, "plan", "--method", "poisson")
    assert plan["cells"] == len(published(home))
    computed.clear()
    (built,) = told(home, "run", "--method", "poisson")
    assert len(computed) == len(plan["parts"]) == 3 * len(METHODS)
    assert built["candidate"] is None  # the same code and options: no cell changes
