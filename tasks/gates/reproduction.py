"""How many of the numbers printed before are met."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tasks.gates.check import Check


def reproduction(table: pd.DataFrame) -> Iterator[Check]:
    """Count the printed numbers by verdict; none of them stops a release."""
    whole = f"of {len(table):,}"
    for told, rows in table.groupby("verdict"):
        yield Check("reproduction", f"printed_numbers_{told}", "earlier publication", len(rows), None, "noted", whole)
