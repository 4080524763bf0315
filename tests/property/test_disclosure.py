"""Random small tables: what is hidden cannot be computed from what is shown, by algebra and by trying all tables."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure import complementary
from disclosure.audit import intervals
from disclosure.complementary import Problem, suppress
from disclosure.knowledge import tables
from tests.unit.disclosure.small_systems import of_sums, problem, two_way

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
COUNTS = st.lists(st.integers(0, 12), min_size=6, max_size=12).filter(lambda counts: len(counts) % 3 == 0)


def recovered(asked: Problem, hidden: np.ndarray) -> np.ndarray:
    """Tell which hidden cells the shown sums determine, by least squares: no code of the project but the sums."""
    table = asked.margins.table.toarray()
    shown = table[~hidden[asked.margins.cell]]
    if not len(shown):
        return np.zeros(int(hidden.sum()), bool)
    targets = table[: asked.margins.n_cells][hidden]
    left = targets - (targets @ np.linalg.pinv(shown)) @ shown
    found: np.ndarray = np.abs(left).max(axis=1, initial=0) < 1e-7
    return found


@pytest.mark.parametrize("small", [6000, 0])
@QUIET
@given(counts=COUNTS, threshold=st.integers(1, 4), known=st.integers(-1, 5))
def test_no_hidden_cell_is_determined_by_what_is_shown(
    small: int, counts: list[int], threshold: int, known: int
) -> None:
    margins = two_way(len(counts) // 3, 3)
    public = [known] if known >= 0 else []
    sensitive = [i for i, n in enumerate(counts) if 0 < n < threshold and i not in public]
    asked = problem(margins, counts, sensitive, public)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complementary, "SMALL", small)
        pattern = suppress(asked)
    assert not recovered(asked, pattern.hidden).any()
    assert pattern.hidden[sensitive].all() or pattern.implied.any()
    assert not pattern.hidden[public].any()


@QUIET
@given(counts=st.lists(st.integers(0, 3), min_size=6, max_size=6), bound=st.sampled_from([1, 2]))
def test_the_bound_holds_among_all_whole_tables(counts: list[int], bound: int) -> None:
    """Every table of whole numbers with the sums that are shown is written down; the others must be among them."""
    margins = two_way(2, 3)
    sensitive = [i for i, n in enumerate(counts) if 0 < n < 3]
    asked = problem(margins, counts, sensitive, bound=bound)
    pattern = suppress(asked)
    cells = margins.table.toarray()
    shown = cells[~pattern.hidden]
    true = np.array(counts)
    every = np.array(list(product(range(7), repeat=6)))
    possible = every[(every @ shown.T == shown @ true).all(axis=1)]
    for cell in sensitive:
        if pattern.hidden[cell] and not pattern.limited[cell]:
            values = possible[:, cell]
            assert values.max() >= true[cell] + bound  # margins of plain sums have whole-numbered corners
            assert values.min() <= max(true[cell] - bound, 0)


@QUIET
@given(
    counts=st.lists(st.integers(1, 12), min_size=4, max_size=6),
    weights=st.lists(st.integers(1, 9), min_size=6, max_size=6, unique=True),
)
def test_two_weightings_of_the_same_regions_do_not_give_one_away(counts: list[int], weights: list[int]) -> None:
    n = len(counts)
    margins = of_sums([*np.eye(n), np.ones(n), np.array(weights[:n], dtype=float)])
    sensitive = [i for i, count in enumerate(counts) if count < 4]
    asked = problem(margins, counts, sensitive, public=[n, n + 1])
    pattern = suppress(asked)
    assert not recovered(asked, pattern.hidden).any()
    hidden = int(pattern.hidden.sum())
    assert hidden == 0 or hidden >= 3


@QUIET
@given(counts=COUNTS)
def test_intervals_hold_the_truth_and_shown_cells_have_none(counts: list[int]) -> None:
    margins = two_way(len(counts) // 3, 3)
    base = np.array(counts, dtype=float)
    value = margins.table @ base
    hidden = np.arange(margins.n_cells) < 4
    found = intervals(tables(margins, ~hidden, base, np.zeros(len(value))), np.arange(margins.n_cells), value)
    assert (found[:, 0] <= value + 1e-9).all()
    assert (found[:, 1] >= value - 1e-9).all()
    assert np.allclose(found[~hidden], value[~hidden, None])
