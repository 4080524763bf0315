"""Random tables of counts: an attacker of our own, with programmes of their own, comes no nearer than one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure.count_tables import audit, hide
from tests.unit.disclosure.counts_attacker import too_close

QUIET = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = st.integers(0, 6)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """One or two questions over the same regions; codes that sum to the base, or any up to the base."""
    regions = draw(st.integers(1, 4))
    rows: list[tuple[object, ...]] = []
    names = [f"r{k}" for k in range(regions)]
    bases = None
    for question in ("q1", "q2")[: draw(st.integers(1, 2))]:
        additive, codes = draw(st.booleans()), draw(st.integers(1, 4))
        counts = np.array(draw(st.lists(SMALL, min_size=regions * codes, max_size=regions * codes)))
        counts = counts.reshape(regions, codes)
        base = counts.sum(axis=1) if additive else counts.max(axis=1) + draw(st.integers(0, 4))
        if not additive and bases is not None and (bases >= counts.max(axis=1)).all():
            base = bases
        bases = base
        for c in range(codes):
            rows += [(question, f"c{c}", names[r], counts[r, c], base[r], additive) for r in range(regions)]
            rows.append((question, f"c{c}", None, counts[:, c].sum(), base.sum(), additive))
    frame = pd.DataFrame(rows, columns=["question", "code", "region", "count", "base", "additive"])
    return frame.assign(level=np.where(frame["region"].isna(), "country", "region"), exempt=False)


@QUIET
@given(cells=tables(), min_units=st.integers(2, 4))
def test_no_hidden_count_is_bounded_more_closely_than_by_one_unit(cells: pd.DataFrame, min_units: int) -> None:
    found = hide(cells, min_units)
    small = cells["count"].between(1, min_units - 1)
    assert (found.loc[small, "conf_status"] == "C").all()
    assert too_close(found).empty
    assert audit(found) == []


@QUIET
@given(cells=tables(), min_units=st.integers(2, 4), data=st.data())
def test_what_was_printed_stays_shown_and_the_rest_is_as_safe_as_it_lets(
    cells: pd.DataFrame, min_units: int, data: st.DataObject
) -> None:
    printed = data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    found = hide(cells.assign(exempt=printed), min_units)
    assert (found.loc[printed, "conf_status"] == "F").all()
    small = cells["count"].between(1, min_units - 1) & ~np.array(printed)
    assert ((found.loc[small, "conf_status"] == "C") | (found.loc[small, "rule"] == "follows")).all()
    assert audit(found) == []
