"""Percentages as whole numbers of a base: which base, by rounding or by cutting off, in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from estimators.reconciliation.finding import DIFFERS, HOLDS, Outcome, Undecidable, exact
from estimators.reconciliation.selection import Number, Selection
from schemas.finding_messages import Told
from schemas.reconciliation_figures import Words
from schemas.reconciliation_kinds import IntegerBase, MissingBase, OneRounding, Wording


def rounded(printed: Number, numerator: int, base: int) -> bool:
    """Tell whether 100 numerator / base, rounded to its decimals, is the printed percentage; either way at a half."""
    return abs(_printed(printed) - Fraction(100 * numerator, base)) <= Fraction(1, 2 * 10**printed.decimals)


def cut(printed: Number, numerator: int, base: int) -> bool:
    """Tell whether 100 numerator / base, cut off at its decimals, is the printed percentage."""
    return 0 <= Fraction(100 * numerator, base) - _printed(printed) < Fraction(1, 10**printed.decimals)


def numerators(printed: Number, base: int, rounding: str) -> list[int]:
    """Return the whole numbers of `base` that can have been printed as this percentage."""
    nearest = int(_printed(printed) * base / 100)
    reach = int(Fraction(base, 100 * 10**printed.decimals)) + 1
    candidates = range(max(0, nearest - reach), min(base, nearest + reach) + 1)
    by_rounding, by_cutting = rounding in ("round", "either"), rounding in ("truncate", "either")
    return [
        k for k in candidates if (by_rounding and rounded(printed, k, base)) or (by_cutting and cut(printed, k, base))
    ]


def fit(shares: Sequence[Number], base: int, rounding: str, exclusive: bool) -> list[int] | None:
    """Return a numerator for each percentage, or None; if they exclude each other, ones that make the base."""
    choices = [numerators(share, base, rounding) for share in shares]
    if not all(choices):
        return None
    if not exclusive:
        return [_nearest(share, ks, base) for share, ks in zip(shares, choices, strict=True)]
    sums: dict[int, list[int]] = {0: []}
    for ks in choices:
        sums = {reached + k: [*chosen, k] for reached, chosen in sums.items() for k in ks if reached + k <= base}
    return sums.get(base)


def integer_base(rule: IntegerBase, figures: Selection) -> Outcome:
    """Percentages against a base; if it does not fit, the smallest base that does, up to the declared bound."""
    shares = figures.known("shares", rule.shares)
    base = int(figures.value("base", rule.base))
    values = [share.value for share in shares if share.value is not None]
    told: dict[str, Told] = {"parts": values, "largest": rule.largest_base}
    found = fit(shares, base, rule.rounding, rule.exclusive) if base > 0 else None
    if found is not None:
        told["numerators"] = [float(k) for k in found]
        return Outcome(HOLDS, HOLDS, base, base, 0.0, unit="count", told=told)
    for other in range(1, rule.largest_base + 1):
        fitting = fit(shares, other, rule.rounding, rule.exclusive)
        if fitting is not None:
            told["numerators"] = [float(k) for k in fitting]
            return Outcome(DIFFERS, "other", base, other, float(other - base), unit="count", told=told)
    return Outcome(DIFFERS, "none", base, unit="count", told=told)


def one_rounding(rule: OneRounding, figures: Selection) -> Outcome:
    """Percentages of the same whole numbers against rounding, and against cutting off."""
    shares = figures.known("shares", rule.shares)
    base = int(figures.value("base", rule.base))
    if base <= 0:
        raise Undecidable("no_record", key="base", where=str(base))
    ks = [round(_printed(share) * base / 100) for share in shares]
    pairs = list(zip(shares, ks, strict=True))
    by_rounding, by_cutting = (sum(test(share, k, base) for share, k in pairs) for test in (rounded, cut))
    unfit = [share.value for share, k in pairs if share.value is not None and not fits(share, k, base)]
    best = max(by_rounding, by_cutting)
    told: dict[str, Told] = {
        "parts": [share.value for share in shares if share.value is not None],
        "numerators": sorted({float(k) for k in ks}),
        "base": base,
        "rule": "round" if by_rounding >= by_cutting else "truncate",
        "rounded": by_rounding,
        "cut": by_cutting,
        "unfit": unfit,
    }
    verdict = HOLDS if best == len(shares) else DIFFERS
    wording = "unfit" if unfit else verdict
    return Outcome(verdict, wording, len(shares), best, float(best - len(shares)), unit="figures", told=told)


def fits(share: Number, numerator: int, base: int) -> bool:
    """Tell whether a percentage comes from a whole number in either way."""
    return rounded(share, numerator, base) or cut(share, numerator, base)


def wording(rule: Wording, figures: Selection) -> Outcome:
    """The share a word is used for against what the word means."""
    if rule.said is not None and figures.value("said", rule.said) == 0:
        raise Undecidable("not_affirmed")
    share = figures.value("share", rule.share)
    bounds = [
        (Words(en="more than", ru="больше"), rule.above, share > (rule.above or 0)),
        (Words(en="at least", ru="не меньше"), rule.at_least, share >= (rule.at_least or 0)),
        (Words(en="less than", ru="меньше"), rule.below, share < (rule.below or 0)),
        (Words(en="at most", ru="не больше"), rule.at_most, share <= (rule.at_most or 0)),
    ]
    declared = [(words, bound, true) for words, bound, true in bounds if bound is not None]
    failing = [one for one in declared if not one[2]]
    words, stated, _ = (failing or declared)[0]
    verdict = DIFFERS if failing else HOLDS
    told: dict[str, Told] = {"claim": rule.claim, "bound": words}
    return Outcome(verdict, verdict, stated, share, exact(share - stated), told=told)


def missing_base(rule: MissingBase, figures: Selection) -> Outcome:
    """Shares that say what they are a share of."""
    import pandas as pd

    shares = [share for share in figures.several("shares", rule.shares) if share.row is not None]
    if not shares:
        raise Undecidable("no_record", key="shares", where="; ".join(str(one.where) for one in rule.shares))
    figures.column("base", rule.base)
    without = [share.name for share in shares if share.row is not None and pd.isna(share.row[rule.base])]
    verdict = DIFFERS if without else HOLDS
    found = len(shares) - len(without)
    return Outcome(verdict, verdict, len(shares), found, -len(without), unit="figures", told={"records": without})


def _printed(printed: Number) -> Fraction:
    return Fraction(str(printed.value))


def _nearest(share: Number, candidates: Sequence[int], base: int) -> int:
    return min(candidates, key=lambda k: abs(Fraction(100 * k, base) - _printed(share)))
