"""Which interactions a model of list overlaps takes: stepwise, or every model weighed by BIC.

Not here: one model's fit, and limits of the numbers chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from estimators.multiple_systems.loglinear import Fit, fit
from estimators.multiple_systems.overlaps import Overlaps, Pair

MOST_MODELS = 1024
"""All models of five lists; with more lists the neighbours of the stepwise path stand for them."""

Rule = Callable[[Overlaps], Fit]


@dataclass(frozen=True)
class Average:
    """Models weighed by BIC. weights: of the fitted models, adding to 1, largest first."""

    fits: tuple[Fit, ...]
    weights: np.ndarray
    considered: int
    every_model: bool

    @property
    def estimate(self) -> float:
        """Mean of the estimates."""
        return float(self.weights @ [fit.estimate for fit in self.fits])

    @property
    def std_error(self) -> float:
        """Error within models and spread between them. Source: Hoeting et al. (1999)."""
        estimates = np.array([fit.estimate for fit in self.fits])
        errors = np.array([fit.std_error for fit in self.fits])
        return float(np.sqrt(self.weights @ (errors**2 + (estimates - self.estimate) ** 2)))


def main_effects(data: Overlaps) -> Fit:
    """Fit lists that are independent of each other."""
    return fit(data, ())


def stepwise_p(data: Overlaps, threshold: float = 0.02) -> Fit:
    """Add the interaction that surprises the model most, until none has a p-value below the threshold.

    Surprise: the one-sided Poisson probability of the number of cases two lists share, given the model's
    expectation of it. An interaction whose model has no unique maximum is passed over.
    Source: Chan, Silverman and Vincent (2021), section 4.
    """
    current = main_effects(data)
    while current.status == "fitted":
        candidates = sorted((p, pair) for pair, p in surprise(data, current).items() if p < threshold)
        tried = (fit(data, (*current.pairs, pair)) for _, pair in candidates)
        better = next((model for model in tried if model.status == "fitted"), None)
        if better is None:
            break
        current = better
    return current


def surprise(data: Overlaps, model: Fit) -> dict[Pair, float]:
    """Return the p-value of each interaction that is not in the model."""
    from scipy.special import pdtr, pdtrc

    assert model.expected is not None
    found = {}
    for pair in data.pairs:
        if pair not in model.pairs:
            shared, mean = data.shared(pair), float(model.expected[data.both(pair)].sum())
            above = float(pdtrc(shared - 1, mean)) if shared > 0 else 1.0
            found[pair] = min(float(pdtr(shared, mean)), above)
    return found


def stepwise_aic(data: Overlaps) -> Fit:
    """Add the interaction that lowers AIC most, as long as one does. Source: Bales, Hesketh and Silverman (2015)."""
    return path(data, lambda model: model.aic)[-1]


def path(data: Overlaps, criterion: Callable[[Fit], float]) -> list[Fit]:
    """Return the models from main effects on, each the best by a criterion that one more interaction gives."""
    taken = [main_effects(data)]
    while taken[-1].status == "fitted":
        last = taken[-1]
        tried = [fit(data, (*last.pairs, pair)) for pair in data.pairs if pair not in last.pairs]
        fitted = [model for model in tried if model.status == "fitted"]
        best = min(fitted, key=criterion, default=None)
        if best is None or criterion(best) >= criterion(last):
            break
        taken.append(best)
    return taken


def bic_average(data: Overlaps) -> Average:
    """Weigh models with exp(-BIC / 2): all of them up to five lists, else the stepwise path and its neighbours.

    Models without a unique maximum are left out and counted. Source: Hoeting et al. (1999); Madigan and York
    (1997) for lists.
    """
    every = 2 ** len(data.pairs) <= MOST_MODELS
    candidates = list(_all_models(data) if every else _near_path(data))
    fits = [model for model in (fit(data, pairs) for pairs in candidates) if model.status == "fitted"]
    bic = np.array([model.bic(data.observed) for model in fits])
    weights = np.exp(-(bic - bic.min()) / 2) if len(bic) else bic
    weights = weights / weights.sum()
    order = np.argsort(-weights, kind="stable")
    return Average(tuple(fits[i] for i in order), weights[order], len(candidates), every)


def _all_models(data: Overlaps) -> Iterable[tuple[Pair, ...]]:
    """List every set of interactions."""
    return chain.from_iterable(combinations(data.pairs, size) for size in range(len(data.pairs) + 1))


def _near_path(data: Overlaps) -> Iterable[tuple[Pair, ...]]:
    """List the models of the BIC path and all that differ from one of them by one interaction."""
    sets = [frozenset(model.pairs) for model in path(data, lambda model: model.bic(data.observed))]
    near = {pairs ^ {pair} for pairs in sets for pair in data.pairs} | set(sets)
    return sorted(tuple(sorted(pairs)) for pairs in near)
