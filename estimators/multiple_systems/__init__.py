"""Multiple-systems estimation: how many victims no list holds, from how far the lists overlap.

Input: one row per combination of lists, a column of 0 and 1 for each list and `count`, the cases on exactly the
lists marked 1, matched between lists beforehand. Combinations nobody has may be left out. Cases must be victims
of the same kind, place and period on every list, and a case on several lists must be recognised on all of them;
matching errors move the answer more than any choice made here.

One number would hide what the answer depends on, so `estimate_lists` returns a set of models. Not here: families
or surveys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.multiple_systems import chao, limits
from estimators.multiple_systems.loglinear import Fit
from estimators.multiple_systems.model_choice import Average, Rule, bic_average, main_effects, stepwise_aic, stepwise_p
from estimators.multiple_systems.overlaps import Overlaps, overlaps
from estimators.simple_random import normal_quantile

COLUMNS = [
    "model", "limits", "estimate", "std_error", "ci_low", "ci_high", "confidence", "n_observed", "n_lists",
    "interactions", "empty_interactions", "n_parameters", "deviance", "df", "aic", "bic", "n_models", "status", "note",
]  # fmt: skip
RESAMPLED = ("main_effects", "stepwise_p")
"""Rules quick enough to choose a model anew in every replicate; stepwise AIC fits some sixty models each time."""
DEFAULTS: dict[str, Any] = {"confidence": 0.95, "p_threshold": 0.02, "replicates": 500, "seed": 2009}

__all__ = ["COLUMNS", "DEFAULTS", "estimate_lists", "overlaps"]


def estimate_lists(table: pd.DataFrame, options: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Estimate all victims, listed or not, from the overlaps of two or more lists, by a set of models.

    table: see the head of this module. options: confidence, p_threshold of the stepwise rule, replicates of
    the bootstrap (0: none) and seed. Returns COLUMNS, one row per model and kind of limits: main_effects
    and stepwise_p (wald, profile, bootstrap), stepwise_aic (wald, profile), bic_average (mixture), chao and
    chao_unequal_lists (lognormal). A model without a unique maximum keeps its row, without numbers and with its status.
    Raises ValueError for a malformed table.
    """
    chosen = {**DEFAULTS, **(options or {})}
    data = overlaps(table)
    rules: dict[str, Rule] = {
        "main_effects": main_effects,
        "stepwise_p": lambda lists: stepwise_p(lists, chosen["p_threshold"]),
        "stepwise_aic": stepwise_aic,
    }
    rows = [row for name, rule in rules.items() for row in _rule_rows(data, name, rule, chosen)]
    rows += [_average_row(data, bic_average(data), chosen), *_chao_rows(data, chosen)]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return frame.assign(confidence=float(chosen["confidence"]), n_observed=data.observed, n_lists=len(data.lists))


def _rule_rows(data: Overlaps, name: str, rule: Rule, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay one chosen model out with each kind of limits."""
    model = rule(data)
    row = {"model": name, "n_models": 1, **_described(data, model)}
    if model.status != "fitted":
        return [{**row, "limits": "none"}]
    z = normal_quantile(options["confidence"])
    low, high = limits.wald(model, data.observed, z)
    best, below, above = limits.profile(data, model, z)
    rows = [
        {**row, "limits": "wald", "ci_low": low, "ci_high": high},
        {**row, "limits": "profile", "estimate": best, "ci_low": below, "ci_high": above,
         "note": "the estimate is the largest multinomial likelihood's"},
    ]  # fmt: skip
    if options["replicates"] and name in RESAMPLED:
        error, (low, high), failed = limits.bootstrap(
            data, rule, options["confidence"], options["replicates"], options["seed"]
        )
        note = f"{options['replicates']} replicates, the model chosen anew in each; {failed} without an estimate"
        rows.append({**row, "limits": "bootstrap", "std_error": error, "ci_low": low, "ci_high": high, "note": note})
    return rows


def _described(data: Overlaps, model: Fit) -> dict[str, Any]:
    """Return what a row says about a fitted model."""
    return {
        "estimate": model.estimate,
        "std_error": model.std_error,
        "interactions": ", ".join(data.name(pair) for pair in model.pairs),
        "empty_interactions": ", ".join(data.name(pair) for pair in model.removed),
        "n_parameters": model.n_parameters,
        "deviance": model.deviance,
        "df": model.n_cells - model.n_parameters + len(model.removed),
        "aic": model.aic,
        "bic": model.bic(data.observed),
        "status": model.status,
    }


def _average_row(data: Overlaps, average: Average, options: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the weighed models out."""
    row: dict[str, Any] = {"model": "bic_average", "limits": "mixture", "n_models": len(average.fits)}
    if not average.fits:
        return {**row, "status": "no_maximum", "note": "no model has a unique maximum"}
    low, high = limits.mixture(average, data.observed, options["confidence"])
    spread = [fit.estimate for fit in average.fits]
    which = "every model of pairs" if average.every_model else "the BIC path and its neighbours"
    note = (
        f"{which}: {average.considered}, of which {average.considered - len(average.fits)} have no unique maximum; "
        f"the largest weight is {average.weights[0]:.2f}, estimates run from {min(spread):,.0f} to {max(spread):,.0f}"
    )
    return {**row, "estimate": average.estimate, "std_error": average.std_error, "ci_low": low, "ci_high": high,
            "interactions": ", ".join(data.name(pair) for pair in average.fits[0].pairs), "status": "fitted",
            "note": note}  # fmt: skip


def _chao_rows(data: Overlaps, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay the lower bounds out."""
    notes = {
        "chao": "a lower bound if lists reach alike; with few, unequal lists it can exceed the truth",
        "chao_unequal_lists": "a lower bound for lists of unequal reach; equal to the truth if they are independent",
    }
    rows = []
    for name, bound in (("chao", chao.lower_bound(data)), ("chao_unequal_lists", chao.unequal_lists(data))):
        low, high = chao.limits(bound, data.observed, normal_quantile(options["confidence"]))
        known = np.isfinite(bound.dark)
        rows.append(
            {"model": name, "limits": "lognormal", "estimate": data.observed + bound.dark,
             "std_error": np.sqrt(bound.variance), "ci_low": low, "ci_high": high, "n_models": 1,
             "status": "fitted" if known else "no_maximum",
             "note": notes[name] if known else "nobody stands on exactly two lists"}
        )  # fmt: skip
    return rows
