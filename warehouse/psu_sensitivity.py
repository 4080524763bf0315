"""Sums of an interview's nonlinear answers by PSU, for the table `sensitivity`: a second GROUP BY, kept nowhere."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from warehouse import reduction
from warehouse.build import Warehouse, statement
from warehouse.told_apart import columns


def query(instrument: ModuleType, by_family: bool = False) -> str:
    """Write the GROUP BY for the places the instrument asks about."""
    answers, sums = statement("psu_sensitivity_answers"), statement("psu_sensitivity_sums")
    return statement("psu_sensitivity").format(
        answers=",\n".join(answers.format(place=place) for place in instrument.PLACES),
        sums=",\n".join(sums.format(place=place) for place in instrument.PLACES),
        **columns(instrument, by_family),
    )


def compute(
    warehouse: Warehouse, survey_id: str, instrument: ModuleType, limit: int, by_family: bool = False
) -> pd.DataFrame:
    """Return one row per PSU of a survey, or per PSU and kind of family, in key order.

    limit: network size of the variants `cap` and `within`.
    """
    return reduction.rows(warehouse, survey_id, query(instrument, by_family), limit=limit)
