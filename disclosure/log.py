"""The log: what was hidden and why, without saying how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from disclosure.cells import KEYS
from disclosure.plan import Plan

REASONS = {
    "families": "fewer reporting families than the threshold, perhaps none",
    "settlements": "reporting families in fewer settlements than the threshold",
    "dominance": "one family holds more than the largest share of the cases",
    "weights": "in sums that weigh regions; with these and the plain sums shown, a sensitive cell could be computed",
    "margins": "with it shown, a sensitive cell could be computed from sums",
}
ACTIONS = {
    "exempt_publication": "not hidden: the declared earlier publication printed it, or numbers from which it follows",
    "shown_in_earlier_release": "hidden from now on, and not protected: an earlier release shows the same number",
    "exposed": "hidden, and not protected: it follows from this and earlier releases together",
}


def entries(plan: Plan, domains: pd.DataFrame, shown: np.ndarray) -> pd.DataFrame:
    """Return one row per decision: columns of domains, exploitation, location, sex, period, action, rule, reason.

    domains: level, country, region of regions, nations and all together. shown: (n_keys,) whether any row of a release
    shows the key. A nation's weighed sum has an entry only where the plain one is shown.
    """
    n = len(domains)
    action = np.full(plan.rule.shape, "", dtype=object)
    action[plan.status == "D"] = "hidden_complementary"
    action[plan.status == "C"] = "hidden_primary"
    action[plan.exempt] = "exempt_publication"
    action[plan.shown_before] = "shown_in_earlier_release"
    action[plan.exposed] = "exposed"
    rule = np.where(plan.rule == "", "margins", plan.rule)
    own = np.arange(plan.places.nations, n)
    weighed = plan.places.by_design(own)
    only = (action[own] == "") & (action[weighed] != "")
    action[own] = np.where(only, action[weighed], action[own])
    rule[own] = np.where(only, "weights", rule[own])
    domain, key = np.nonzero((action[:n] != "") & shown)
    frame = domains.iloc[domain].reset_index(drop=True)
    for name in ("exploitation", "location", "sex", "period"):
        frame[name] = [getattr(KEYS[k], name) for k in key]
    done, why = action[domain, key], rule[domain, key]
    reasons = [ACTIONS.get(a) or REASONS[r] for a, r in zip(done, why, strict=True)]
    return frame.assign(action=done, rule=why, reason=reasons)
