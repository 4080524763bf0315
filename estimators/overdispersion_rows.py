"""The table `overdispersion`: how far cases spread between families, by country and form of exploitation.

Lives here: the rows, and the test of overdispersion that knows the settlements. Families of one region are held
against the region's own rate per relative. Not here: the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.overdispersion import negative_binomial, quasi_poisson
from estimators.quotients import ratio
from estimators.sampling_design import degrees_of_freedom, sampling_design, variance

FORMS = ("labour", "sexual", "all")
COLUMNS = [
    "country", "exploitation", "n_respondents", "n_cases", "dispersion", "theta", "theta_std_error",
    "extra_variance", "extra_variance_std_error", "statistic", "df", "p_value",
]  # fmt: skip


def overdispersion(counts: pd.DataFrame, products: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return COLUMNS, one row per country and form; both places and the window's cases together.

    counts: country, region, relatives, labour, sexual, families: families of each kind. products: one row per PSU,
    the sums of relatives, cases and their products. settings: rates and the options of `design`, for strata and
    PSUs. Regions without a case of the form say nothing and are left out. Raises LonelyPsu as `design` does.
    """
    options = {**settings["rates"], **((settings.get("methods") or {}).get("design") or {})}
    countries, country = np.unique(counts["country"].to_numpy(str), return_inverse=True)
    tests = clustered_tests(products, options)
    rows = []
    for code, name in enumerate(countries):
        part = counts[country == code]
        for form in FORMS:
            cases = _of_form(part, form)
            families = part["families"].to_numpy(float)
            fitted = _fitted(cases, part, families)
            own = {"country": name, "exploitation": form, "n_respondents": families.sum()}
            rows.append({**own, "n_cases": (families * cases).sum(), **fitted, **tests[form].loc[name].to_dict()})
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_form(frame: pd.DataFrame, form: str) -> np.ndarray:
    parts = ("labour", "sexual") if form == "all" else (form,)
    return frame[list(parts)].sum(axis=1).to_numpy(float)


def _fitted(cases: np.ndarray, kinds: pd.DataFrame, families: np.ndarray) -> dict[str, float]:
    """Fit both models to one country; null without a case, theta null where nothing spreads beyond Poisson."""
    region = np.unique(kinds["region"].to_numpy(str), return_inverse=True)[1]
    some = (np.bincount(region, weights=families * cases) > 0)[region]
    if not some.any():
        return {"dispersion": np.nan, "theta": np.nan, "theta_std_error": np.nan}
    group = np.unique(region[some], return_inverse=True)[1]
    given = (cases[some], kinds["relatives"].to_numpy(float)[some], group, families[some])
    binomial = negative_binomial(*given)
    size = binomial.size if np.isfinite(binomial.size) else np.nan
    return {"dispersion": quasi_poisson(*given).dispersion, "theta": size, "theta_std_error": binomial.size_error}


def clustered_tests(products: pd.DataFrame, options: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Estimate a in variance = mu + a mu^2 by moments, with its error under strata and PSUs, for each form.

    a = sum ((y - mu)^2 - y) / sum mu^2, mu = R_r f with R_r the region's cases per relative; linearised with R_r.
    t = a / SE on the design's degrees of freedom, one-sided, as counts that spread less than Poisson's are not what
    is asked. Source: Cameron and Trivedi (1990), Journal of Econometrics 46; Dean (1992), JASA 87.
    """
    from scipy.special import stdtr

    rows = products.sort_values(["country", "region", "stratum", "psu"], ignore_index=True)
    design = sampling_design(rows, options)
    countries, country = np.unique(rows["country"].to_numpy(str), return_inverse=True)
    place = np.unique((rows["country"] + "\0" + rows["region"]).to_numpy(str), return_inverse=True)[1]
    df = degrees_of_freedom(design, country, len(countries), np.ones((len(rows), 1), dtype=bool))[:, 0]
    tests = {}
    for form in FORMS:
        value, influence = _extra_variance(rows, form, place, country)
        error = np.sqrt(variance(design, influence[:, None], country, len(countries))[:, 0])
        statistic = ratio(value, error)
        columns = {
            "extra_variance": value, "extra_variance_std_error": np.where(np.isfinite(value), error, np.nan),
            "statistic": statistic, "df": df, "p_value": stdtr(np.where(df > 0, df, np.nan), -statistic),
        }  # fmt: skip
        tests[form] = pd.DataFrame(columns, index=countries)
    return tests


def _extra_variance(
    rows: pd.DataFrame, form: str, place: np.ndarray, country: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a of each country and the influence of each PSU on it."""
    y = _of_form(rows, form)
    f, ff = rows["relatives"].to_numpy(float), rows["relatives_squared"].to_numpy(float)
    yy, yf = _products(rows, form)
    base = np.bincount(place, weights=f)
    rate = ratio(np.bincount(place, weights=y), base)[place]
    excess, squares = yy - 2 * rate * yf + rate**2 * ff - y, rate**2 * ff
    below = np.bincount(country, weights=squares)
    value = ratio(np.bincount(country, weights=excess), below)
    of_row = value[country]
    # both sums move with the region's rate: d/dR of sum (y - R f)^2 and of sum R^2 f^2
    above_slope = -2 * np.bincount(place, weights=yf - rate * ff)[place]
    below_slope = 2 * np.bincount(place, weights=rate * ff)[place]
    of_rate = ratio(y - rate * f, base[place])
    influence = excess - of_row * squares + (above_slope - of_row * below_slope) * of_rate
    return value, ratio(np.nan_to_num(influence), below[country])


def _products(rows: pd.DataFrame, form: str) -> tuple[np.ndarray, np.ndarray]:
    """Return sums of y^2 and of y f by PSU."""
    if form != "all":
        return rows[f"{form}_{form}"].to_numpy(float), rows[f"{form}_relatives"].to_numpy(float)
    squares = rows["labour_labour"] + 2 * rows["labour_sexual"] + rows["sexual_sexual"]
    return squares.to_numpy(float), (rows["labour_relatives"] + rows["sexual_relatives"]).to_numpy(float)
