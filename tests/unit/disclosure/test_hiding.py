"""What is hidden together: rows of every indicator and method, models, and printed numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disclosure.cells import KEYS, POSITION, Key, key_of
from disclosure.hiding import masked_reproduction, model_status, of_estimate, rows_status
from disclosure.plan import Places

PLACES = Places(nations=8, group=9, nations_by_design=10, group_by_design=11)


def at(*key: str) -> int:
    return POSITION[Key(*key)]


def test_rate_total_and_total_per_population_are_one_cell() -> None:
    for indicator in ("victims_per_1000_families", "victims", "victims_per_1000_population"):
        assert of_estimate(indicator, "labour", "both", "men", "annual", "design") == [
            at("labour", "both", "men", "last_3_years")
        ]


def test_a_share_shows_its_numerator_its_complement_and_their_sum() -> None:
    assert set(of_estimate("share_women", "labour", "inside", "women", "all_time", "design")) == {
        at("labour", "inside", who, "all_time") for who in ("women", "men", "all")
    }
    assert set(of_estimate("share_last_3_years", "sexual", "abroad", "all", "last_3_years", "pennington")) == {
        at("sexual", "abroad", "all", window) for window in ("last_3_years", "earlier", "all_time")
    }


def test_what_holds_no_case_is_never_hidden() -> None:
    for indicator in ("families", "family_size", "share_migrant_families"):
        assert of_estimate(indicator, "all", "all", "all", "survey", "design") == []


def test_rows_of_the_2010_rule_show_the_counts_of_all_time_they_are_made_from() -> None:
    cells = of_estimate("victims", "all", "both", "all", "annual", "pennington")
    assert cells[0] == at("all", "both", "all", "last_3_years")
    assert {at(f, p, "all", "all_time") for f in ("labour", "sexual") for p in ("inside", "abroad")} <= set(cells)


def test_sexual_victims_are_women_and_no_men() -> None:
    assert key_of("sexual", "inside", "women", "annual") == key_of("sexual", "inside", "all", "annual")
    assert key_of("sexual", "inside", "men", "annual") is None
    assert key_of("all", "inside", "men", "annual") == key_of("labour", "inside", "men", "annual")


def rows(methods: list[str], domains: list[int]) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.DataFrame({"method": methods})
    frame = frame.assign(indicator="victims", exploitation="labour", location="inside", sex="all", period="annual")
    return frame, np.array(domains)


def status(hidden: dict[int, str]) -> np.ndarray:
    found = np.full((PLACES.n, len(KEYS)), "F", dtype=object)
    for domain, letter in hidden.items():
        found[domain, at("labour", "inside", "all", "last_3_years")] = letter
    return found


def test_a_cell_is_hidden_in_every_method() -> None:
    frame, domain = rows(["design", "jackknife", "small_area", "pennington", "poisson"], [0] * 5)
    assert rows_status(frame, domain, status({0: "C"}), PLACES).tolist() == ["C"] * 5
    assert rows_status(frame, domain, status({0: "D"}), PLACES).tolist() == ["D"] * 5
    assert rows_status(frame, domain, status({}), PLACES).tolist() == ["F"] * 5


def test_a_weighed_sum_of_a_nation_is_hidden_only_in_methods_that_weigh() -> None:
    frame, domain = rows(["design", "bootstrap", "small_area", "design_pooled", "pennington"], [8] * 5)
    assert rows_status(frame, domain, status({10: "D"}), PLACES).tolist() == ["D", "D", "D", "F", "F"]


@pytest.mark.parametrize(("hidden", "shown"), [(0, True), (1, False), (5, False), (6, True)])
def test_a_model_of_few_hidden_regions_shows_none(hidden: int, shown: bool) -> None:
    """With less than six hidden, the model's mean, spread and design effect and two sums would give them away."""
    frame, domain = rows(["small_area"] * 8, list(range(8)))
    nation = np.where(np.arange(PLACES.n) < 8, 0, -1)
    few = model_status(frame, domain, status(dict.fromkeys(range(hidden), "D")), nation)
    assert not few.any() if shown else few.all()


def test_a_hidden_printed_number_keeps_print_and_verdict_and_ours_only_where_equal() -> None:
    table = pd.DataFrame(
        {
            "printed": [7.4, 30.0, 12.0],
            "computed": [7.3964, 31.0, 12.0],
            "difference": [-0.0036, 1.0, 0.0],
            "verdict": ["match", "publication_error", "match"],
            "reason": [None, "31 and not 30, because", None],
        }
    )
    out = masked_reproduction(table, np.array([True, True, False]))
    assert out["printed"].tolist() == [7.4, 30.0, 12.0]
    assert out["verdict"].tolist() == ["match", "publication_error", "match"]
    assert out["computed"].iloc[0] == 7.4  # as printed, and no digit more
    assert np.isnan(out["computed"].iloc[1])
    assert "31" not in out["reason"].iloc[1]
    assert out.iloc[2].equals(table.iloc[2])
