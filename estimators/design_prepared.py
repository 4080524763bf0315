"""A survey laid out for the design methods, once for all of them: its design, its levels and what no method changes.

Lives here: what methods with the same rules for design and combination share. Not here: how any of it is computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from estimators.design_cells import cases_and_base, present, published
from estimators.design_levels import COUNTS, Level, level_totals, levels, row_counts, sample_counts
from estimators.domain_totals import SurveyTotals
from estimators.sampling_design import Design, degrees_of_freedom, rule_applied, sampling_design, variance

RULES = ("lonely_psu", "collapse", "frame_psus", "psu_selection", "combination", "calibrate_nations", "years")
"""Options that decide what is shared; all others are a method's own."""


@dataclass(frozen=True)
class Prepared:
    """One survey under one set of rules. Arrays are (n_domains, n_cells), in the order of totals.domains and CELLS."""

    totals: SurveyTotals
    design: Design
    levels: list[Level]
    years: float

    @cached_property
    def linearised(self) -> tuple[np.ndarray, np.ndarray]:
        """Return every cell's estimate and its linearised variance."""
        rows, relatives = row_counts(self.totals)
        values, variances = [], []
        for level in self.levels:
            cells = published(level, level_totals(level, rows, relatives), self.years)
            assert cells.influence is not None
            values.append(cells.value)
            variances.append(variance(self.design, cells.influence, level.row_domain, len(level.domains)))
        return np.concatenate(values), np.concatenate(variances)

    @cached_property
    def cases_and_base(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the unweighted cases of every cell, and what they are cases of."""
        return cases_and_base(np.concatenate([sample_counts(level, self.totals) for level in self.levels]))

    @cached_property
    def df(self) -> np.ndarray:
        """Return the degrees of freedom of every cell."""
        held = present(self.totals.psu[list(COUNTS)].to_numpy(float))
        return np.concatenate(
            [degrees_of_freedom(self.design, level.row_domain, len(level.domains), held) for level in self.levels]
        )

    @cached_property
    def lonely_rule(self) -> np.ndarray:
        """Return the rule for lonely PSUs that each domain needed, (n_domains,) of text or null."""
        return np.concatenate(
            [rule_applied(self.design, level.row_domain, len(level.domains)) for level in self.levels]
        )


def prepared(totals: SurveyTotals, options: Mapping[str, Any]) -> Prepared:
    """Return the survey under the rules among the options, the same object for every method with the same rules.

    Raises LonelyPsu and ValueError as `sampling_design` and `levels` do.
    """
    key = json.dumps([options.get(name) for name in RULES], sort_keys=True)
    if key not in totals.prepared:
        design = sampling_design(totals.psu, options)
        totals.prepared[key] = Prepared(totals, design, levels(totals, options), float(options["years"]))
    found: Prepared = totals.prepared[key]
    return found
