"""PSU totals that meet the national counts the 2010 study prints, for tests that do not need raw files.

One PSU per country; Kyrgyzstan has four invented regions, because its national rate is a mean over regions.
Counts are those of sections 2.1.6 to 2.5.6; T (labour_*_total) and relatives are what the printed digits
imply.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from estimators.domain_totals import COUNT_COLUMNS

RATES: dict[str, Any] = {
    "years": 3,
    "confidence": 0.95,
    "countries": {
        "KG": {"national_rate": "victim_share", "labour_rate_decimals": 2, "sexual_rate_decimals": 2},
        "TM": {"labour_rate_decimals": 2, "family_size_decimals": 2},
        "UZ": {"family_size_decimals": 2},
    },
}
SETTINGS: dict[str, Any] = {
    "rates": RATES,
    "methods": {"pennington": {"cdf_decimals": 4}, "poisson": {}, "poisson_ppf": {}},
    "reliability": {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3},
}
POPULATION = {"KZ": 15778.2, "KG": 5432.03, "TJ": 7349.14, "TM": 6746.0, "UZ": 27606.0}
# respondents, relatives after and before editing, families with migrants inside, abroad, both
HOUSEHOLDS = {
    "KZ": (2234, 19141, 19141, 896, 385, 201),
    "KG": (1990, 25931, 25931, 686, 1239, 486),
    "TJ": (1970, 26632, 26632, 349, 1493, 246),
    "TM": (2598, 33644, 33644, 431, 714, 218),
    "UZ": (2556, 43963, 48308, 873, 1727, 628),
}
# labour: N, N3, women of N, T, families reporting; sexual: S, S3, families reporting
CASES = {
    ("KZ", "inside"): (1016, 467, 320, 1049, 516, 66, 29, 59),
    ("KZ", "abroad"): (409, 162, 148, 422, 184, 62, 23, 45),
    ("KG", "inside"): (314, 165, 121, 314, 179, 11, 9, 6),
    ("KG", "abroad"): (959, 523, 353, 959, 569, 29, 14, 22),
    ("TJ", "inside"): (399, 200, 95, 401, 249, 32, 13, 28),
    ("TJ", "abroad"): (1968, 949, 363, 1972, 956, 71, 23, 70),
    ("TM", "inside"): (847, 557, 190, 844, 353, 79, 45, 61),
    ("TM", "abroad"): (1718, 1231, 772, 1060, 697, 148, 98, 105),
    ("UZ", "inside"): (1171, 662, 374, 1462, 713, 338, 206, 245),
    ("UZ", "abroad"): (2724, 1762, 680, 2989, 1507, 313, 239, 268),
}
BOTH_FAMILIES = {"KZ": (74, 6), "KG": (64, 2), "TJ": (161, 7), "TM": (174, 9), "UZ": (468, 70)}
# One of the splits of 1,990 respondents for which regional rates weighted by regional victims give the four
# printed rates 32.66, 107.02, 2.70 and 7.77 of Kyrgyzstan; found by drawing splits at random.
KYRGYZ_REGIONS = ("KG-B", "KG-C", "KG-GB", "KG-J")
KYRGYZ_SPLIT: dict[str, tuple[int, ...]] = {
    "n_respondents": (460, 1003, 424, 103),
    "labour_inside_total": (102, 181, 14, 17),
    "labour_abroad_total": (407, 329, 166, 57),
    "sexual_inside": (1, 3, 5, 2),
    "sexual_abroad": (25, 1, 1, 2),
    "sexual_inside_last_3_years": (1, 3, 4, 1),
    "sexual_abroad_last_3_years": (11, 1, 1, 1),
}


def country_sums(country: str) -> dict[str, int]:
    """All sums of one country's PSU totals."""
    n, relatives, raw, inside, abroad, both = HOUSEHOLDS[country]
    sums = dict.fromkeys(COUNT_COLUMNS, 0)
    sums |= {
        "n_respondents": n,
        "relatives": relatives,
        "relatives_raw": raw,
        "relatives_squared": relatives**2 // n + 30 * n,
        "migrant_inside": inside,
        "migrant_abroad": abroad,
        "migrant_both": both,
        "migrant_any": inside + abroad - both,
        "labour_both_families": BOTH_FAMILIES[country][0],
        "sexual_both_families": BOTH_FAMILIES[country][1],
    }
    for place in ("inside", "abroad"):
        ever, window, women, total, families, sexual, sexual_window, sexual_families = CASES[country, place]
        women_window = women * window // ever
        sums |= {
            f"labour_{place}_women": women,
            f"labour_{place}_men": ever - women,
            f"labour_{place}_women_last_3_years": women_window,
            f"labour_{place}_men_last_3_years": window - women_window,
            f"labour_{place}_total": total,
            f"labour_{place}_total_last_3_years": total * window // ever,
            f"labour_{place}_families": families,
            f"sexual_{place}": sexual,
            f"sexual_{place}_last_3_years": sexual_window,
            f"sexual_{place}_families": sexual_families,
        }
    return sums


def psu_row(country: str, region: str, psu: str, **sums: int) -> dict[str, Any]:
    """One row of psu_totals; sums that are not named are zero."""
    place = {"survey_id": "study", "country": country, "region": region, "stratum": region, "psu": psu}
    return {**place, **dict.fromkeys(COUNT_COLUMNS, 0), **sums}


def kyrgyz_rows() -> list[dict[str, Any]]:
    """One PSU in each of the four regions; sums without a split of their own follow the respondents."""
    sums, split = country_sums("KG"), KYRGYZ_SPLIT
    respondents = split["n_respondents"]
    rows, seen = [], 0
    for i, region in enumerate(KYRGYZ_REGIONS):
        before, seen = seen, seen + respondents[i]
        own = {name: total * seen // 1990 - total * before // 1990 for name, total in sums.items()}
        own |= {name: parts[i] for name, parts in split.items()}
        rows.append(psu_row("KG", region, "1", **own))
    return rows


def psu_totals() -> pd.DataFrame:
    """The whole survey: one PSU per country, and four for Kyrgyzstan."""
    others = [psu_row(c, f"{c}-1", "1", **country_sums(c)) for c in HOUSEHOLDS if c != "KG"]
    return pd.DataFrame(others + kyrgyz_rows())


def population() -> pd.DataFrame:
    """National populations in thousands; no regional ones."""
    return pd.DataFrame(
        {
            "country": list(POPULATION),
            "region": pd.Series([None] * len(POPULATION), dtype="str"),
            "population_thousands": list(POPULATION.values()),
        }
    )
