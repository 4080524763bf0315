"""The kinds of rules and what computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from estimators.reconciliation import days, lists, pairs, percentages, rivals, sums
from estimators.reconciliation.finding import Outcome
from estimators.reconciliation.selection import Selection

KINDS: Mapping[str, Callable[[Any, Selection], Outcome]] = {
    "sum": sums.sum_of_parts,
    "hundred": sums.hundred,
    "exhausted": sums.exhausted,
    "equal": pairs.equal,
    "at_most": pairs.at_most,
    "contradiction": pairs.contradiction,
    "mean_size": pairs.mean_size,
    "growth": pairs.growth,
    "exchange": pairs.exchange,
    "integer_base": percentages.integer_base,
    "one_rounding": percentages.one_rounding,
    "wording": percentages.wording,
    "missing_base": percentages.missing_base,
    "rivals": rivals.rivals,
    "overlap": rivals.overlap,
    "population": rivals.population,
    "same_text": rivals.same_text,
    "exclusive": rivals.exclusive,
    "support": rivals.support,
    "dates": days.dates,
    "period": days.period,
    "serial_gaps": lists.serial_gaps,
    "likely_duplicates": lists.likely_duplicates,
    "concentration": lists.concentration,
    "coverage": lists.coverage,
    "text_defects": lists.text_defects,
    "each_group": lists.each_group,
}
"""Kind to the function that turns a rule and the records into an outcome."""
