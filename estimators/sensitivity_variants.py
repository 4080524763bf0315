"""The variants of the national total that the table `sensitivity` compares, each a product of powers of sums.

Lives here: which sums make which variant, in words and in factors. Not here: their variance.

The leading estimate is N Y / X / years: population, cases of the window, network sizes after editing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Factors = tuple[tuple[str, int], ...]
LEADING: Factors = (("cases", 1), ("relatives", -1))
FAMILIES: Factors = (("n_respondents", 1), ("relatives", -1))
DEFAULTS: dict[str, Any] = {
    "limit": 30,
    "degree_ratio": [0.7, 1.0, 1.3],
    "visibility": [0.5, 0.8, 1.0],
    "yearly_recall_loss": [0.05, 0.1, 0.2],
    "window_years": [2.5, 3.5],
    "all_time_years": [6.0, 10.0],
    "replicates": 500,
    "seed": 2009,
}


@dataclass(frozen=True)
class Variant:
    """One variant. total = N times the product of `cases`, times `scale`; families = N times the product of `families`.

    topic: what it varies. parameter: the value varied, in words. pooled: the country is one stratum of
    population. median: the network size is the median of PSU means.
    """

    name: str
    topic: str
    parameter: str
    note: str
    cases: Factors = LEADING
    families: Factors = FAMILIES
    scale: float = 1.0
    pooled: bool = False
    median: bool = False


def variants(options: Mapping[str, Any], years: float) -> list[Variant]:
    """List all variants, the leading one first. options: DEFAULTS with the survey's own on top."""
    return [
        Variant("leading", "leading", "", "the estimate that the report leads with: N Y / X, regions by population"),
        Variant(
            "pooled",
            "combination",
            "sample",
            "one ratio for the country, regions by their sample, times the national population",
            pooled=True,
        ),
        *_family_sizes(int(options["limit"])),
        *_counting_rules(),
        *_scale_up(options),
        *_recall(options, years),
        *_annualisation(options, years),
    ]


def _family_sizes(limit: int) -> Iterator[Variant]:
    """Cap or drop large networks. Source: McCormick, Salganik and Zheng (2010) on trimming degrees."""
    editing = "of the interviews that were accepted; those dropped in editing are in no variant"
    for name, column, parameter in (
        ("cap_none", "relatives_uncapped", "none"),
        (f"cap_{limit}", "relatives_cap", str(limit)),
        ("cap_p99", "relatives_p99", "99th percentile"),
        ("cap_p97_5", "relatives_p97_5", "97.5th percentile"),
    ):
        yield Variant(
            name, "family_size", parameter, f"network sizes as reported, at most the cap, {editing}",
            cases=(("cases", 1), (column, -1)), families=(("n_respondents", 1), (column, -1)),
        )  # fmt: skip
    yield Variant(
        f"drop_above_{limit}", "family_size", str(limit), "interviews above the limit are left out, cases and all",
        cases=(("cases_within", 1), ("relatives_within", -1)),
        families=(("n_within", 1), ("relatives_within", -1)),
    )  # fmt: skip
    yield Variant(
        "median_of_psu_means", "family_size", "median", "the mean size is the median of the settlements' means",
        cases=(("cases", 1), ("n_respondents", -1)), families=(), median=True,
    )  # fmt: skip


def _counting_rules() -> Iterator[Variant]:
    """Count victims or families by the interview's own network size."""
    yield Variant(
        "sirken", "multiplicity", "mean of y/f",
        "every case divided by its interview's network: N mean(y / f), Sirken (1970)",
        cases=(("cases_per_relative", 1), ("n_sized", -1)),
    )  # fmt: skip
    yield Variant(
        "families_by_person", "multiplicity", "mean of 1/f",
        "families if respondents were drawn as persons, large families therefore oftener: N mean(1 / f)",
        cases=(("inverse_relatives", 1), ("n_sized", -1), ("cases", 1), ("n_respondents", -1)),
        families=(("inverse_relatives", 1), ("n_sized", -1)),
    )  # fmt: skip


def _scale_up(options: Mapping[str, Any]) -> Iterator[Variant]:
    """Divide by degree ratio and visibility. Source: Feehan and Salganik (2016), generalised scale-up."""
    for delta in options["degree_ratio"]:
        for tau in options["visibility"]:
            yield Variant(
                f"scale_up_degree_{delta:g}_visibility_{tau:g}", "scale_up",
                f"degree ratio {delta:g}, visibility {tau:g}",
                "victims' networks against all networks, and the chance that a relative knows", scale=1 / (delta * tau),
            )  # fmt: skip


def _recall(options: Mapping[str, Any], years: float) -> Iterator[Variant]:
    """Correct for cases forgotten at a constant yearly rate.

    Of cases evenly spread over the window, the share still told is (1 - e^(-d L)) / (d L) with
    d = -log(1 - loss). Source: Sudman and Bradburn (1973), omission as exponential decay.
    """
    for loss in options["yearly_recall_loss"]:
        decay = -np.log1p(-float(loss)) * years
        yield Variant(
            f"recall_loss_{loss:g}", "recall", f"{float(loss):.0%} a year", "cases forgotten at a constant yearly rate",
            scale=float(decay / -np.expm1(-decay)),
        )  # fmt: skip


def _annualisation(options: Mapping[str, Any], years: float) -> Iterator[Variant]:
    """Divide by another length of the window, or take all cases ever over a length that must be assumed."""
    for length in options["window_years"]:
        yield Variant(
            f"window_{length:g}_years", "annualisation", f"{length:g} years",
            "the same cases, if 'the last three years' is really told about so many years", scale=years / float(length),
        )  # fmt: skip
    for length in options["all_time_years"]:
        yield Variant(
            f"all_time_over_{length:g}_years", "annualisation", f"{length:g} years",
            "all cases ever told, spread over the years that relatives are assumed to look back",
            cases=(("cases_all_time", 1), ("relatives", -1)), scale=years / float(length),
        )  # fmt: skip
