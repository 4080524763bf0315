"""Sums of an interview's nonlinear answers by PSU, for the table `sensitivity`: a second GROUP BY, kept nowhere."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from warehouse.build import Warehouse, statement


def query(instrument: ModuleType) -> str:
    """Write the GROUP BY for the places the instrument asks about."""
    answers, sums = statement("psu_sensitivity_answers"), statement("psu_sensitivity_sums")
    return statement("psu_sensitivity").format(
        answers=",\n".join(answers.format(place=place) for place in instrument.PLACES),
        sums=",\n".join(sums.format(place=place) for place in instrument.PLACES),
    )


def compute(warehouse: Warehouse, survey_id: str, instrument: ModuleType, limit: int) -> pd.DataFrame:
    """Return one row per PSU of a survey, in key order. limit: network size of the variants `cap` and `within`."""
    relation = warehouse.connection.execute(query(instrument), {"survey_id": survey_id, "limit": limit})
    frame: pd.DataFrame = relation.df()
    return frame
