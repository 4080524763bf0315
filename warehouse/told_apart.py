"""Families of one PSU told apart by their answers: those who answered alike are one row.

Lives here: the column `family`, which the queries over interviews group by when it is asked for. Not here: the queries.
"""

from __future__ import annotations

from types import ModuleType


def answers(instrument: ModuleType) -> list[str]:
    """Name the answers that tell families apart.

    All sums of a query are sums over these, so families with the same ones have the same influence on every estimate.
    """
    return ["relatives_raw", "settlement_type", *instrument.ANSWERS, *instrument.WHOLE_NUMBERS]


def columns(instrument: ModuleType, wanted: bool) -> dict[str, str]:
    """Return what a query names: `told_apart`, the column among an interview's answers, and `family`, it in a key.

    Both are empty where families are not told apart.
    """
    if not wanted:
        return {"told_apart": "", "family": ""}
    text = ", ".join(f"coalesce({name}::VARCHAR, '')" for name in answers(instrument))
    return {"told_apart": f", concat_ws('/', {text}) AS family", "family": ", family"}
