"""What every delivery has in common: the interviews of one country in that country's own words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from samples.central_asia_2009.draws import generator
from samples.central_asia_2009.interviews import COUNTS, interviews
from samples.central_asia_2009.labels import COUNTRY, spelling


def worded(country: str, yes: object, no: object, urban: object, rural: object) -> pd.DataFrame:
    """Interviews of one country with its own words for the country, regions, yes and no, town and village."""
    frame = interviews()
    frame = frame[frame["country"] == country].reset_index(drop=True)
    frame["region"] = [
        spelling(row.region, row.district, row.settlement, row.settlement_type == "urban") for row in frame.itertuples()
    ]
    frame["country"] = COUNTRY[country]
    for name in ("migrant_inside", "migrant_abroad"):
        frame[name] = frame[name].map({"yes": yes, "no": no})
    frame["settlement_type"] = frame["settlement_type"].map({"urban": urban, "rural": rural})
    return frame


def minutes(frame: pd.DataFrame, country_index: int) -> list[float]:
    """Length of each interview in minutes, in halves: longer where more was told (invented)."""
    told = frame[COUNTS].fillna(0).astype("int64").sum(axis=1).to_numpy()
    # A stream of its own, so that the lengths cannot change the interviews.
    draws = generator(100 + country_index).integers(0, 30, len(frame))
    return [float(12 + draw / 2 + 1.5 * cases) for draw, cases in zip(draws, np.minimum(told, 20), strict=True)]


def whole(value: object) -> int | None:
    """A count as a plain int, or None if it is missing."""
    return None if value is pd.NA or value is None else int(str(value))
