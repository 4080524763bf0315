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
from estimators.design_levels import (
    COUNTS,
    Level,
    level_totals,
    levels,
    neighbours,
    replicate_totals,
    row_counts,
    sample_counts,
    women_share,
)
from estimators.domain_totals import LEVELS, SurveyTotals
from estimators.linearised import added_up, sums_by
from estimators.sampling_design import Design, degrees_of_freedom, rule_applied, sampling_design, variance

DESIGN_RULES = ("lonely_psu", "collapse", "frame_psus", "psu_selection", "second_stage")
RULES = (*DESIGN_RULES, "combination", "calibrate_nations", "years")
"""Options that decide what is shared; all others are a method's own."""


@dataclass(frozen=True)
class Prepared:
    """One survey under one set of rules. Arrays are (n_domains, n_cells), in the order of `domains` and CELLS.

    levels: all of them; `wanted` are those of the survey's totals, and `domains` the positions of theirs.
    """

    totals: SurveyTotals
    design: Design
    levels: list[Level]
    years: float

    @cached_property
    def wanted(self) -> list[Level]:
        """Return the levels whose cells are computed."""
        return [level for name, level in zip(LEVELS, self.levels, strict=True) if name in self.totals.levels]

    @cached_property
    def domains(self) -> np.ndarray:
        """Return the positions in totals.domains of the domains of the wanted levels."""
        return np.concatenate([level.domains for level in self.wanted])

    @cached_property
    def neighbours(self) -> np.ndarray:
        """Return codes of the domains that steady each other's limits, (n_domains,)."""
        return neighbours(self.levels)[self.domains]

    @cached_property
    def national(self) -> np.ndarray:
        """Return every cell's estimate for the nations, (n_nations, n_cells), wanted or not."""
        level = self.levels[1]
        rows, relatives = row_counts(self.totals)
        sums, base = sums_by(level.of_row, rows, len(level.to)), sums_by(level.of_row, relatives, len(level.to))
        totals = replicate_totals(level, sums, base, women_share(level, sums, base))
        return published(level, added_up(totals, level.to, len(level.domains)), self.years).value

    @cached_property
    def linearised(self) -> tuple[np.ndarray, np.ndarray]:
        """Return every cell's estimate and its linearised variance."""
        rows, relatives = row_counts(self.totals)
        values, variances = [], []
        for level in self.wanted:
            cells = published(level, level_totals(level, rows, relatives), self.years)
            assert cells.influence is not None
            values.append(cells.value)
            variances.append(variance(self.design, cells.influence, level.row_domain, len(level.domains)))
        return np.concatenate(values), np.concatenate(variances)

    @cached_property
    def cases_and_base(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the unweighted cases of every cell, and what they are cases of."""
        return cases_and_base(np.concatenate([sample_counts(level, self.totals) for level in self.wanted]))

    @cached_property
    def df(self) -> np.ndarray:
        """Return the degrees of freedom of every cell."""
        held = present(self.totals.psu[list(COUNTS)].to_numpy(float))
        return np.concatenate(
            [degrees_of_freedom(self.design, level.row_domain, len(level.domains), held) for level in self.wanted]
        )

    @cached_property
    def lonely_rule(self) -> np.ndarray:
        """Return the rule for lonely PSUs that each domain needed, (n_domains,) of text or null."""
        return np.concatenate(
            [rule_applied(self.design, level.row_domain, len(level.domains)) for level in self.wanted]
        )


def prepared(totals: SurveyTotals, options: Mapping[str, Any]) -> Prepared:
    """Return the survey under the rules among the options, the same object for every method with the same rules.

    Raises LonelyPsu and ValueError as `sampling_design` and `levels` do.
    """
    key, of_design = (
        json.dumps([options.get(name) for name in rules], sort_keys=True) for rules in (RULES, DESIGN_RULES)
    )
    if key not in totals.prepared:
        if of_design not in totals.prepared:
            totals.prepared[of_design] = sampling_design(totals.psu, options)
        design = totals.prepared[of_design]
        totals.prepared[key] = Prepared(totals, design, levels(totals, options), float(options["years"]))
    found: Prepared = totals.prepared[key]
    return found
