"""Small groups of victims: what a release may say of them, and what an attacker computes from it.

Expected counts are those of the report, as surveys/kyrgyzstan_focus_groups_2004/README.md has them.
"""

from __future__ import annotations

import logging

import pandas as pd
import pytest

from flows import direct
from schemas import declaration
from warehouse import results
from warehouse.home import Home

SURVEY = "kyrgyzstan_focus_groups_2004"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    home = Home(tmp_path_factory.mktemp("home"))
    outcome = direct.run(declaration.load(SURVEY), home, logging.getLogger("test").info)
    assert outcome.exit_code == 0
    assert outcome.release is not None
    assert (sum(load.rows_accepted for load in outcome.loads), len(outcome.loads)) == (17, 1)
    return {name: results.read(outcome.release.database, name) for name in ("estimates", "quality", "reproduction")}


def test_no_count_of_one_or_two_participants_is_shown(release: dict[str, pd.DataFrame]) -> None:
    shown = release["estimates"][release["estimates"]["conf_status"] == "F"]
    counts = shown.loc[
        shown["indicator"].str.startswith(("participants", "sex", "destination", "education")), "estimate"
    ]
    assert counts[counts > 0].min() >= 3
    assert shown.loc[shown["n_cases"].between(0.5, 2.5), "indicator"].tolist() == []


def test_the_places_of_bishkek_are_hidden_altogether(release: dict[str, pd.DataFrame]) -> None:
    cells = release["estimates"]
    bishkek = cells[(cells["region"] == "KG-GB") & cells["indicator"].str.startswith("destination.")]
    assert len(bishkek) == 7
    there = bishkek["indicator"].isin([f"destination.{x}" for x in ("syria", "turkey", "czech_republic", "inside")])
    assert bishkek.loc[there, "estimate"].isna().all()


def test_an_attacker_who_subtracts_finds_no_hidden_count(release: dict[str, pd.DataFrame]) -> None:
    """Wherever a sum over codes or regions has one hidden part alone, that part is told; so there is no such sum."""
    cells = release["estimates"]
    of_codes = cells[cells["indicator"].str.startswith(("destination.", "sex."))]
    topics = of_codes["indicator"].str.partition(".")[0]
    for _, rows in of_codes.groupby([topics, of_codes["region"].fillna("")]):
        assert int(rows["estimate"].isna().sum()) != 1
    for _, rows in of_codes.groupby("indicator"):
        assert int(rows["estimate"].isna().sum()) != 1
    found = release["quality"].set_index("check_id").loc["no_hidden_count_can_be_computed"]
    assert (found["verdict"], found["value"]) == ("passed", 0)


def test_what_was_printed_and_is_not_hidden_is_met(release: dict[str, pd.DataFrame]) -> None:
    rows = release["reproduction"]
    assert len(rows) == 18
    hidden = rows["computed"].isna()
    assert set(rows.loc[~hidden, "verdict"]) == {"match"}
    assert set(rows.loc[hidden, "verdict"]) == {"not_reproducible"}
    assert rows.loc[hidden, "reason"].str.contains("hidden").all()
    assert {"participants: Osh", "participants: Bishkek"} <= set(rows.loc[~hidden, "source_cell"])
