"""What stands beside an estimate of the design methods: error, limits, degrees of freedom, design effects, rows.

Lives here: how values and variances of all domains become rows of `estimates`. Not here: where the variances
come from (linearisation, jackknife or bootstrap).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from estimators import design_effect, sampling_limits
from estimators.design_cells import CELLS, VICTIMS, of_kind, one_case, rows
from estimators.design_prepared import Prepared
from estimators.pennington import implied_deff
from estimators.quotients import ratio

Limits = tuple[np.ndarray, np.ndarray]


def of_all_domains(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Put the levels' arrays under each other, in the order of Prepared.domains."""
    return np.concatenate(parts, axis=0)


def estimate_rows(
    given: Prepared,
    value: np.ndarray,
    variance: np.ndarray,
    options: Mapping[str, Any],
    own_limits: Limits | None = None,
) -> pd.DataFrame:
    """Complete values and variances (n_domains, n_cells) of all domains to rows of `estimates`.

    own_limits: limits that a method found itself (percentiles); they are widened to hold the estimate, and do
    not serve an estimate without spread, whose standard error is the distance over z to the farther limit that it
    has without its neighbours' design effect, and whose design effect is the one that its limits rest on.
    """
    confidence = float(options["confidence"])
    df = given.df
    cases, base = given.cases_and_base
    steadied = _steadied(given, value, variance, cases, options)
    low, high = limits(value, variance, cases, base, df, steadied, options)
    still = without_spread(value, variance)
    if own_limits is not None:
        known = ~still & (df > 0) & np.isfinite(own_limits[0])
        low = np.where(known, np.minimum(own_limits[0], value), low)
        high = np.where(known, np.maximum(own_limits[1], value), high)
    unit = _one_case(given)
    alone = _not_borrowed(value, (low, high), cases, unit, df, still, confidence)
    error = np.where(still, sampling_limits.error_without_spread(value, *alone, confidence), np.sqrt(variance))
    low, high = _without_a_case(value, (low, high), unit, steadied, confidence)
    borrowing = of_kind("share") & (still | (own_limits is None))
    of_shares = _shares_effect(given, value, variance, base, options)
    low, high = _steadied_shares(value, base, df, of_shares, borrowing, (low, high), options)
    behind = np.ones_like(value)  # the design effects that limits rest on
    behind[:, of_kind("count")], behind[:, of_kind("share")] = steadied.effect, of_shares
    columns = {
        "estimate": value,
        "std_error": error,
        "ci_low": low,
        "ci_high": high,
        "n_cases": cases,
        "base": base,
        "df": df,
        "deff": np.where(still, behind, own_design_effect(given, value, variance, cases, base)),
        "implied_deff": _implied(given),
        "lonely_psu": np.broadcast_to(given.lonely_rule[:, None], value.shape),
    }
    return rows(
        given.totals, given.domains, columns, options.get("publish_levels") or ("regional", "national", "group")
    )


def without_spread(value: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Tell where a count or a share shows no variance: no case, a share of 0 or 1, or PSUs that happen to agree.

    Agreement is judged by a variance that only rounding makes differ from zero.
    """
    return ~of_kind("mean", "turned_mean") & (variance <= 1e-24 * value**2)


def limits(
    value: np.ndarray,
    variance: np.ndarray,
    cases: np.ndarray,
    base: np.ndarray,
    df: np.ndarray,
    steadied: design_effect.Steadied,
    options: Mapping[str, Any],
) -> Limits:
    """Return limits of every cell by the rule of its kind, (n_domains, n_cells) each; means by t on the normal scale.

    steadied: (n_domains, n_counts) design effects that limits of counts rest on. Limits of families are those of
    the family size, turned.
    """
    confidence = float(options["confidence"])
    count_rule = chosen(options, "limits", sampling_limits.COUNT_LIMITS)
    share_rule = chosen(options, "share_limits", sampling_limits.SHARE_LIMITS)
    low, high = sampling_limits.wald(value, variance, df, confidence)
    count, share = of_kind("count"), of_kind("share")
    v, u, f = (array[:, count] for array in (value, variance, df))
    if count_rule == "garwood_effective":
        low[:, count], high[:, count] = sampling_limits.garwood_steadied(v, cases[:, count], steadied, confidence)
    elif count_rule == "garwood_own":
        low[:, count], high[:, count] = sampling_limits.garwood_effective(v, u, cases[:, count], f, confidence)
    elif count_rule == "log_t":
        low[:, count], high[:, count] = sampling_limits.log_t(v, u, f, confidence)
    v, u, f = (array[:, share] for array in (value, variance, df))
    exact = sampling_limits.korn_graubard(v, u, base[:, share], f, confidence)
    if share_rule in ("korn_graubard", "korn_graubard_own"):
        low[:, share], high[:, share] = exact
    elif share_rule == "logit_t":
        low[:, share], high[:, share] = sampling_limits.logit_t(v, u, f, confidence)
    inside = (v > 0) & (v < 1)
    low[:, share] = np.where(inside, low[:, share], exact[0])
    high[:, share] = np.where(inside, np.minimum(high[:, share], 1), exact[1])
    size, families = of_kind("mean"), of_kind("turned_mean")
    low[:, families] = ratio(value[:, families] * value[:, size], high[:, size])
    high[:, families] = ratio(value[:, families] * value[:, size], np.where(low[:, size] > 0, low[:, size], np.nan))
    return np.maximum(low, 0), high


def chosen(options: Mapping[str, Any], name: str, known: Sequence[str]) -> str:
    """Return a rule of limits by its name; a method's own rules (percentile, t) leave the default here."""
    rule = str(options.get(name, known[0]))
    if rule not in known:
        raise ValueError(f'{name}: "{rule}" is not a rule; known are {", ".join(known)}')
    return rule


def own_design_effect(
    given: Prepared, value: np.ndarray, variance: np.ndarray, cases: np.ndarray, base: np.ndarray
) -> np.ndarray:
    """Return the variance over that of simple random sampling of as many families, (n_domains, n_cells).

    Counts: against R^2 / k, the Poisson variance of k cases, so that it holds overdispersion of families as
    well as clustering. Shares: against p (1 - p) / n of the n cases below the line. Means: against s^2 / n.
    """
    sums = given.totals.domains[["relatives", "n_respondents", "relatives_squared"]]
    size, n, squares = sums.to_numpy(float)[given.domains].T
    relative = ratio(ratio(squares - ratio(size**2, n), n - 1), n) * ratio(n, size) ** 2
    plain = np.where(of_kind("share"), ratio(value * (1 - value), base), ratio(value**2, cases))
    plain = np.where(of_kind("mean", "turned_mean"), value**2 * relative[:, None], plain)
    return ratio(variance, plain)


def _steadied(
    given: Prepared, value: np.ndarray, variance: np.ndarray, cases: np.ndarray, options: Mapping[str, Any]
) -> design_effect.Steadied:
    """Return the design effects behind limits of counts, (n_domains, n_counts); 1 where limits do not borrow."""
    v, u, k, f = (array[:, of_kind("count")] for array in (value, variance, cases, given.df))
    if chosen(options, "limits", sampling_limits.COUNT_LIMITS) != "garwood_effective":
        return design_effect.not_borrowed(f)
    least = [design_effect.least_effect(given.design, level.row_domain, len(level.domains)) for level in given.wanted]
    return design_effect.for_limits(v, u, k, f, given.neighbours, of_all_domains(least))


def _shares_effect(
    given: Prepared, value: np.ndarray, variance: np.ndarray, base: np.ndarray, options: Mapping[str, Any]
) -> np.ndarray:
    """Return the design effects behind limits of shares, (n_domains, n_shares); 1 where limits do not borrow.

    V over p (1 - p) / n is the form V over R^2 / k has for counts, with n for k. base: n, (n_domains, n_cells).
    """
    v, u, n, f = (array[:, of_kind("share")] for array in (value, variance, base, given.df))
    if chosen(options, "share_limits", sampling_limits.SHARE_LIMITS) != sampling_limits.SHARE_LIMITS[0]:
        return np.ones_like(v)
    v = np.clip(v, 0.0, 1.0)  # rounding can carry a share of 1 past it
    binomial = np.sqrt(v * (1 - v))
    least = np.ones(len(value))  # victims of a domain never count for more than they are
    informed = np.where(binomial > 0, n, 0.0)
    return design_effect.for_limits(binomial, u, informed, f, given.neighbours, least).effect


def _steadied_shares(
    value: np.ndarray,
    base: np.ndarray,
    df: np.ndarray,
    effect: np.ndarray,
    borrowing: np.ndarray,
    limits: Limits,
    options: Mapping[str, Any],
) -> Limits:
    """Let limits of shares rest on steadied design effects as those of counts do; the other limits as given."""
    if chosen(options, "share_limits", sampling_limits.SHARE_LIMITS) != sampling_limits.SHARE_LIMITS[0]:
        return limits
    share = of_kind("share")
    v, n, f = np.clip(value[:, share], 0.0, 1.0), base[:, share], df[:, share]
    exact = sampling_limits.korn_graubard_steadied(v, n, effect, f, float(options["confidence"]))
    low, high = (side.copy() for side in limits)
    for side, better in zip((low, high), exact, strict=True):
        side[:, share] = np.where(borrowing[:, share], better, side[:, share])
    return low, high


def _not_borrowed(
    value: np.ndarray,
    limits: Limits,
    cases: np.ndarray,
    unit: np.ndarray,
    df: np.ndarray,
    still: np.ndarray,
    confidence: float,
) -> Limits:
    """Return the limits that counts without spread have by themselves, design effect 1; the others as given."""
    low, high = (side.copy() for side in limits)
    agree = still & (value > 0) & of_kind("count")
    itself = design_effect.not_borrowed(df)
    low[agree], high[agree] = sampling_limits.garwood_steadied(value[agree], cases[agree], itself.of(agree), confidence)
    return _without_a_case(value, (low, high), unit, itself.of((slice(None), of_kind("count"))), confidence)


def _one_case(given: Prepared) -> np.ndarray:
    """Return what one case would make of each count, (n_domains, n_counts)."""
    n, relatives = given.totals.domains[["n_respondents", "relatives"]].to_numpy(float).T
    parts = [one_case(level, n[level.domains], relatives[level.domains], given.years) for level in given.wanted]
    return of_all_domains(parts)


def _without_a_case(
    value: np.ndarray, limits: Limits, unit: np.ndarray, steadied: design_effect.Steadied, confidence: float
) -> Limits:
    """Put the limits of no case where a count is zero; none without degrees of freedom."""
    low, high = (side.copy() for side in limits)
    count = of_kind("count")
    none = value[:, count] == 0
    upper = high[:, count]
    upper[none] = sampling_limits.no_case(unit[none], confidence, steadied.of(none))
    low[:, count] = np.where(none, 0.0, low[:, count])
    high[:, count] = np.where(none & ~(steadied.df > 0), np.nan, upper)
    return low, high


def _implied(given: Prepared) -> np.ndarray:
    """Return the design effect the 2010 study's limits assume, for counts, null elsewhere, (n_domains, n_cells).

    For all countries together, which the study takes as independent samples of 1,000 family-years each: what its
    variances of the countries' totals add up to, over those of as many cases at random (as `combination.with_group`).
    """
    totals = given.totals
    implied = implied_deff(totals, given.years)
    keys = [(cell.indicator, cell.exploitation, cell.location, cell.sex) for cell in CELLS]
    at = [keys.index(("families", "all", "all", "all")), keys.index(("victims", "all", "both", "all"))]
    assumed = given.national[:, at].prod(axis=1)  # families^2 x rate, up to a factor
    together = ratio(assumed.sum(), ratio(assumed, implied[totals.is_national]).sum())
    out = np.full((len(given.domains), len(CELLS)), np.nan)
    out[:, : 3 * len(VICTIMS)] = np.append(implied, together)[given.domains, None]
    return out
