"""Sums of interviews by country and region, written apart from the generator and from the pipeline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from samples.central_asia_2009 import interviews, reasons

GOLDEN = Path(__file__).parents[2] / "golden" / "central_asia_2009"
WINDOWS = ("last_3_years", "earlier")


@cache
def families() -> pd.DataFrame:
    """One row per valid questionnaire with the derived counts of persons and yes/no answers as 0 and 1."""
    raw = interviews().set_index("questionnaire_id")
    raw = raw[reasons() == ""]
    out = raw[["country", "region", "district", "settlement"]].copy()
    out["urban"] = (raw["settlement_type"] == "urban").astype(int)
    out["relatives_raw"] = raw["relatives"].astype(int)
    # Section 2.5.2: only in Uzbekistan are larger answers reduced to 30.
    out["relatives"] = out["relatives_raw"].where(raw["country"] != "UZ", out["relatives_raw"].clip(upper=30))
    for place in ("inside", "abroad"):
        out[f"migrant_{place}"] = (raw[f"migrant_{place}"] == "yes").astype(int)
        counts = raw.filter(like=f"_{place}_").fillna(0).astype(int)
        for who in ("women", "men", "total"):
            for window in WINDOWS:
                out[f"{who}_{place}_{window}"] = counts[f"labour_{place}_{who}_{window}"]
            out[f"{who}_{place}"] = out[f"{who}_{place}_last_3_years"] + out[f"{who}_{place}_earlier"]
        out[f"labour_{place}"] = out[f"women_{place}"] + out[f"men_{place}"]
        out[f"labour_{place}_last_3_years"] = out[f"women_{place}_last_3_years"] + out[f"men_{place}_last_3_years"]
        out[f"sexual_{place}_last_3_years"] = counts[f"sexual_{place}_last_3_years"]
        out[f"sexual_{place}"] = counts[f"sexual_{place}_last_3_years"] + counts[f"sexual_{place}_earlier"]
        out[f"reports_labour_{place}"] = ((out[f"labour_{place}"] > 0) | (out[f"total_{place}"] > 0)).astype(int)
        out[f"reports_sexual_{place}"] = (out[f"sexual_{place}"] > 0).astype(int)
    for kind in ("migrant", "reports_labour", "reports_sexual"):
        inside, abroad = out[f"{kind}_inside"], out[f"{kind}_abroad"]
        out[f"{kind}_both"], out[f"{kind}_any"] = inside & abroad, inside | abroad
    return out


def of(country: str, regions: str = "*") -> pd.DataFrame:
    """Families of a country: `*` all, `*urban` in towns, region codes separated by blanks, or region@district start."""
    frame = families()
    frame = frame[frame["country"] == country]
    if regions == "*urban":
        return frame[frame["urban"] == 1]
    if regions == "*":
        return frame
    if "@" in regions:
        region, start = regions.split("@")
        return frame[(frame["region"] == region) & frame["district"].str.startswith(start)]
    return frame[frame["region"].isin(regions.split(" "))]


def rate(frame: pd.DataFrame, country: str, exploitation: str, place: str) -> float:
    """Cases per 1,000 families and year: all cases x the country's share of the last three years / 3 (section C3)."""
    nation = of(country)
    name = f"{exploitation}_{place}"
    share = nation[f"{name}_last_3_years"].sum() / nation[name].sum()
    base = f"total_{place}" if exploitation == "labour" else name
    return float(frame[base].sum() * share / 3 / len(frame) * 1000)
