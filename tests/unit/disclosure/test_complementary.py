"""Complementary suppression on tables small enough to be solved by hand, and against Tau-Argus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, sparse

from disclosure import complementary
from disclosure.audit import Need, audit, intervals
from disclosure.complementary import Problem, suppress
from disclosure.knowledge import tables
from disclosure.margins import Margins
from tests.unit.disclosure.small_systems import of_sums, problem, two_way

BESIDE = Path("shared") / "oracles" / "sdc" / "expected.json"
ORACLE = next((up / BESIDE for up in Path(__file__).resolve().parents if (up / BESIDE).exists()), None)


def test_one_sensitive_cell_of_a_two_by_two_table_takes_the_other_three_with_it() -> None:
    pattern = suppress(problem(two_way(2, 2), [2, 30, 40, 50], sensitive=[0]))
    assert np.flatnonzero(pattern.hidden).tolist() == [0, 1, 2, 3]  # with sums shown, three cells give the fourth


def test_nothing_sensitive_hides_nothing() -> None:
    assert not suppress(problem(two_way(2, 2), [20, 30, 40, 50], sensitive=[])).hidden.any()


def test_the_cheapest_rectangle_is_hidden() -> None:
    # In a 3 x 3 table the rectangle around the cell (0, 0) with the least cost is the one over the cells 3, 4 and 5.
    base = [2, 3, 90, 4, 5, 90, 90, 90, 90]
    hidden = suppress(problem(two_way(3, 3), base, sensitive=[0])).hidden
    assert np.flatnonzero(hidden).tolist() == [0, 1, 3, 4]


def test_a_cell_without_a_case_cannot_stand_in_where_counts_must_fall() -> None:
    # Cell 0 must rise by one, so cell 1 of its row must fall; it holds none, and cell 2 does.
    base = [2, 0, 9, 8, 8, 8]
    hidden = suppress(problem(two_way(2, 3), base, sensitive=[0])).hidden
    assert np.flatnonzero(hidden[:6]).tolist() == [0, 2, 3, 5]


def test_a_wide_bound_needs_a_larger_companion() -> None:
    base = [10, 2, 30, 20, 40, 40]
    near = suppress(problem(two_way(2, 3), base, sensitive=[0], bound=2)).hidden
    far = suppress(problem(two_way(2, 3), base, sensitive=[0], bound=5)).hidden
    assert np.flatnonzero(near[:6]).tolist() == [0, 1, 3, 4]
    assert np.flatnonzero(far[:6]).tolist() == [0, 2, 3, 5]  # cell 1 could fall by two only


REGIONS = np.eye(4)
PLAIN, WEIGHED = np.ones(4), np.array([1.0, 2.0, 3.0, 5.0])


def test_two_sums_over_the_same_regions_need_three_hidden() -> None:
    """With regions 0 and 1 hidden, x + y = 5 and x + 2 y = 7 give both: the trap of two weightings."""
    margins = of_sums([*REGIONS, PLAIN, WEIGHED])
    hidden = suppress(problem(margins, [3, 4, 6, 9], sensitive=[0], public=[4, 5])).hidden
    assert hidden[0]
    assert hidden[:4].sum() >= 3
    given = tables(margins, ~np.isin(np.arange(6), [0, 1]), np.array([3.0, 4, 6, 9]), np.zeros(6))
    assert given.follows(np.array([0, 1])).all()


def test_a_number_that_shows_the_same_cell_with_other_weights_goes_with_it() -> None:
    """Rate x families = total: both are numbers of one cell, hidden together or shown together."""
    margins = Margins(sparse.csr_matrix(np.array([[1.0, 0], [0, 1], [1, 1], [37.5, 0]])), np.array([0, 1, 2, 0]), 3)
    hidden = suppress(problem(margins, [3, 20], sensitive=[0])).hidden
    given = tables(margins, ~hidden, np.array([3.0, 20]), np.zeros(3))
    assert hidden.tolist() == [True, False, True] or hidden.tolist() == [True, True, False]
    assert not given.follows(np.array([0])).any()


def test_a_cell_that_an_earlier_release_shows_hides_nothing() -> None:
    """Cell 3 is known, so the cheapest rectangle with it would not protect cell 0."""
    base = [2, 3, 90, 4, 5, 90, 90, 90, 90]
    hidden = suppress(problem(two_way(3, 3), base, sensitive=[0], public=[3])).hidden
    assert not hidden[3]
    assert np.flatnonzero(hidden).tolist() == [0, 1, 6, 7]


def test_what_public_numbers_give_away_is_named_and_not_hidden() -> None:
    margins = of_sums([[1, 0], [0, 1], [1, 1]])
    pattern = suppress(problem(margins, [3, 20], sensitive=[0], public=[1, 2]))
    assert pattern.implied.tolist() == [True, False, False]
    assert not pattern.hidden.any()


def test_public_numbers_narrow_the_bound_and_are_said_to() -> None:
    margins = of_sums([[1, 0], [0, 1], [1, 1]])
    pattern = suppress(problem(margins, [3, 2], sensitive=[0], public=[2], bound=5))
    assert pattern.hidden.tolist() == [True, True, False]
    assert pattern.limited[0]  # it can rise by the two of its neighbour, not by five


@pytest.mark.parametrize("large", [True, False])
def test_tables_found_one_after_another_protect_as_the_whole_programme_does(
    monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    """The whole programme is too large, or the solver gives it up when its branches are spent."""
    generator = np.random.default_rng(2009)
    base = generator.poisson(9, 30).astype(float)
    sensitive = np.flatnonzero((base > 0) & (base < 6))
    asked = problem(two_way(6, 5), base.tolist(), sensitive.tolist())
    whole = suppress(asked)
    solve, spent = optimize.milp, []

    def out_of_branches(cost: np.ndarray, **given: Any) -> Any:
        if "node_limit" not in given.get("options", {}):
            return solve(cost, **given)
        spent.append((len(cost), given["options"]["node_limit"]))
        return optimize.OptimizeResult(status=4, x=None, message="the limit of branches was met")

    monkeypatch.setattr(optimize, "milp", out_of_branches)
    if large:
        monkeypatch.setattr(complementary, "SMALL", 0)
    found = suppress(asked)
    assert len(spent) == (0 if large else 1)
    assert all(branches == max(1, complementary.WORK // variables) for variables, branches in spent)
    for pattern in (whole, found):
        given = tables(asked.margins, ~pattern.hidden, asked.base, asked.least)
        assert not audit(given, pattern.hidden, asked.need).too_close.any()
    assert asked.cost[whole.hidden].sum() <= asked.cost[found.hidden].sum() * (1 + 1e-9)


@pytest.mark.skipif(ORACLE is None, reason="the expected values of Tau-Argus are not beside this checkout")
@pytest.mark.parametrize(("name", "dimensions"), [
    ("fixture_region_by_any_freq10", ("reg", "any")), ("counts_4x3_freq5", ("r", "c"))
])  # fmt: skip
def test_against_tau_argus(name: str, dimensions: tuple[str, str]) -> None:
    """Total cost and feasibility intervals of Tau-Argus (pytauargus 0.6); patterns may differ where costs tie."""
    assert ORACLE is not None
    oracle: dict[str, Any] = json.loads(ORACLE.read_text(encoding="utf-8"))[name]
    cells = oracle["cells"]
    inner = [cell for cell in cells if all(cell[d] != "Total" for d in dimensions)]
    margins = of_sums([[all(c[d] in ("Total", b[d]) for d in dimensions) for b in inner] for c in cells])
    base = np.array([cell["one"] for cell in inner])
    value = margins.table @ base
    primary = np.array([cell["status"] == "U" for cell in cells])
    least = np.select([value >= 4, value == 3], [3.0, 2.0], 0.0)  # the bounds that its intervals end at
    bound = np.where(primary, np.maximum(1, 0.2 * value), 1.0)
    need = Need(np.minimum(bound, value - least), bound, ~primary)
    nothing = np.zeros(len(cells), bool)
    pattern = suppress(Problem(margins, primary, nothing, nothing, base, least, need, value))
    assert value[pattern.hidden].sum() == oracle["suppressed_value_total"]
    theirs = np.array([cell["status"] in ("U", "M") for cell in cells])
    found = intervals(tables(margins, ~theirs, base, least), np.array([a["cell"] for a in oracle["audit"]]), value)
    assert found == pytest.approx(np.array([[a["min"], a["max"]] for a in oracle["audit"]]), abs=1e-6)
