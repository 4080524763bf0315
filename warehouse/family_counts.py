"""How cases spread over families, for the table `overdispersion`: two more GROUP BYs, kept nowhere."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from warehouse import reduction
from warehouse.build import Warehouse, statement
from warehouse.told_apart import columns


def query(name: str, instrument: ModuleType, by_family: bool = False) -> str:
    """Write one of the GROUP BYs for the places the instrument asks about."""
    answers, places = statement("psu_sensitivity_answers"), instrument.PLACES
    sums = {kind: " + ".join(f"{kind}_{place}" for place in places) for kind in ("labour", "sexual")}
    written = ",\n".join(answers.format(place=place) for place in places)
    return statement(name).format(answers=written, **sums, **columns(instrument, by_family))


def compute(
    warehouse: Warehouse, survey_id: str, instrument: ModuleType, by_family: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return families by region, network size and cases, and the sums of products by PSU, both in key order.

    by_family: the products by PSU and kind of family instead.
    """
    counts, products = (
        reduction.rows(warehouse, survey_id, query(name, instrument, by_family))
        for name in ("family_counts", "family_products")
    )
    return counts, products
