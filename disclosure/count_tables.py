"""Tables of counts: which counts of persons or organisations a release hides, and what an attacker can still compute.

Lives here: the primary rules of a table of counts, and hiding over several questions of one survey. The programmes are
those of `disclosure.complementary`, the proof that of `disclosure.audit`. Not here: what a hidden count takes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from disclosure.audit import Need, intervals
from disclosure.audit import audit as audited
from disclosure.complementary import NEARLY, Problem, suppress
from disclosure.count_margins import NATION, CountTable, count_table
from disclosure.knowledge import EXACT, tables

UNITS, WHOLE, MARGINS = "units", "whole", "margins"
PUBLISHED, FOLLOWS = "published", "follows"
REASONS = {
    UNITS: "fewer units than the threshold, perhaps none",
    WHOLE: "all units of the base are in one cell, so that it tells something of each of them",
    MARGINS: "with it shown, a sensitive count could be computed from sums",
    PUBLISHED: "sensitive, and not hidden: the declared earlier publication printed it",
    FOLLOWS: "sensitive, and not hidden: it follows from what the earlier publication printed",
}
"""Rules of a count, and what each says to a reader."""
COLUMNS = ("question", "code", "level", "region", "count", "base", "additive", "exempt")
NATION_IS_WORTH = 1000.0
"""A national count is worth so many of a region's."""
SHARE = 0.2
"""An attacker is kept so far off a sum over few units; off a count by one unit, which is more where it is small."""
NOTHING = 1e-3
"""Price of hiding a number that no reader sees by itself."""


@dataclass(frozen=True)
class Exposed:
    """A hidden count that an attacker can bound more closely than by one unit, and the bounds. None: the nation."""

    question: str
    code: str
    region: str | None
    low: float
    high: float


def hide(cells: pd.DataFrame, min_units: int) -> pd.DataFrame:
    """Decide which counts are hidden. cells: one row a count, see COLUMNS; any order, and any index.

    question, code: text, code may be missing; region: missing for the nation; level is carried along. count: units,
    missing where there is none. base: units asked, missing where counts are no part of one (cases, say). additive: the
    codes of the question sum to its base; if they need not, a base below a count is no base of it. A count of no code
    that is its base is a tally of everybody. exempt: printed before, never hidden. units: where a count is a sum over
    units, how many there are (optional column). Regions sum to the nation; what they
    lack is taken as units of no region. min_units: fewest units in a count that is shown and not zero.

    Returns the rows with `conf_status` (F free, C primary, D complementary) and `rule`, a key of REASONS or empty. A
    zero that had to be hidden is C too, so that C says "fewer than min_units" and no more.
    Raises ValueError if a count is there twice, below zero, or more than its base or its nation.
    """
    frame = _checked(cells)
    bases = _hidden_bases(frame, min_units)
    status, rule = pd.Series("F", index=frame.index), pd.Series("", index=frame.index)
    for rows in _groups(frame):
        one = count_table(rows, bool(rows["additive"].all()))
        primary, closed = _primary(rows, min_units), _closed(rows, bases)
        forced = rows["domain"].isin(closed).to_numpy()
        exempt = rows["exempt"].to_numpy()
        pattern = suppress(_problem(one, rows, primary, closed, min_units))
        hidden = (pattern.hidden[: one.n_counts] | forced) & ~exempt
        few = (rows["count"] < min_units).to_numpy()
        kind = np.where(primary != "", primary, np.where(few, UNITS, MARGINS))
        free = np.where(primary == "", "", np.where(exempt, PUBLISHED, FOLLOWS))
        status[rows.index] = np.where(hidden, np.where(kind == MARGINS, "D", "C"), "F")
        rule[rows.index] = np.where(hidden, kind, free)
    order = frame["position"].to_numpy()
    kept = pd.DataFrame({"status": "F", "rule": ""}, index=np.arange(len(cells)))
    kept.loc[order, "status"], kept.loc[order, "rule"] = status.to_numpy(), rule.to_numpy()
    return cells.assign(conf_status=kept["status"].to_numpy(), rule=kept["rule"].to_numpy())


def audit(cells: pd.DataFrame) -> list[Exposed]:
    """Find the hidden counts that can be computed, or bounded more closely than by one unit.

    cells: what `hide` returned, with every count. A count hidden for itself is safe if one unit less and one unit more
    are both possible, any other if one of the two is, and a zero always. The attacker knows every shown count, every
    base that stands beside one, and that no count is below zero. No finding: bounds that nothing but printed numbers
    makes narrow, unless they meet; and what a region has that is hidden only because the whole region is.
    """
    frame = _checked(cells)
    shown = frame[frame["conf_status"] == "F"]
    seen = set(zip(shown["domain"], shown["base"], strict=True))
    found = []
    for rows in _groups(frame):
        one = count_table(rows, bool(rows["additive"].all()))
        known, printed = (np.zeros(len(one.value), bool) for _ in range(2))
        known[: one.n_counts] = rows["conf_status"] == "F"
        printed[: one.n_counts] = known[: one.n_counts] & rows["exempt"]
        for domain, cell in one.bases.items():
            known[cell] = printed[cell] = (domain, one.value[cell]) in seen
        sensitive = np.zeros(len(known), bool)
        sensitive[: one.n_counts] = rows["conf_status"] == "C"
        need = _need(one, rows["rule"].to_numpy(), sensitive)
        given, free = (tables(one.margins, what, one.base, np.zeros(len(known))) for what in (known, printed))
        finding = audited(given, ~known, need)
        open_to_view = rows["domain"].isin(rows.loc[rows["conf_status"] == "F", "domain"])
        asked = (rows["count"] > 0) & (open_to_view | (rows["conf_status"] == "C"))
        close = np.flatnonzero(finding.too_close[: one.n_counts] & asked)
        ends, widest = intervals(given, close, one.value), intervals(free, close, one.value)
        for at, (low, high), most in zip(close, ends, widest, strict=True):
            below = _falls_short(need.below[at], one.value[at] - low, one.value[at] - most[0])
            above = _falls_short(need.above[at], high - one.value[at], most[1] - one.value[at])
            if high - low < EXACT or (below and above) or ((below or above) and not need.either[at]):
                row = rows.iloc[at]
                found.append(Exposed(row["question"], row["code"], row["domain"] or None, float(low), float(high)))
    return found


def _falls_short(asked: float, far: float, possible: float) -> bool:
    """Tell whether a count can move less far than asked, and less than what was printed leaves possible."""
    return far < min(asked, NEARLY * possible) - EXACT


def _checked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the counts that there are, in the order of their key, with `domain` and their `position`."""
    frame = cells.assign(
        position=np.arange(len(cells)),
        domain=cells["region"].astype(object).where(cells["region"].notna(), NATION).astype(str),
        code=cells["code"].astype(object).where(cells["code"].notna(), "").astype(str),
        question=cells["question"].astype(str),
        count=pd.to_numeric(cells["count"]).astype(float),
        base=pd.to_numeric(cells["base"]).astype(float),
        additive=cells["additive"].astype(bool),
        exempt=cells["exempt"].astype(bool),
    )
    frame = frame[frame["count"].notna()]
    key = ["question", "domain", "code"]
    twice = frame[frame.duplicated(key)]
    if len(twice):
        raise ValueError(f"count_tables: {tuple(twice[key].iloc[0])} is there more than once")
    if (frame["count"] < 0).any():
        raise ValueError("count_tables: a count is below zero")
    return frame.sort_values(key).reset_index(drop=True)


def _groups(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Return the counts that are linked: those of a question whose codes sum to its base, or else of one code."""
    apart = frame["code"].where(~frame["additive"], "")
    for _, rows in frame.groupby([frame["question"], apart], sort=True):
        more = not rows["additive"].any() and (rows["count"] > rows["base"]).any()
        yield rows.assign(base=np.nan) if more else rows


def _is_tally(rows: pd.DataFrame) -> bool:
    """Tell whether counts are nothing but the bases themselves: of no code, or of the only one there is."""
    one = (rows["code"] == "").all() or (rows["additive"].all() and rows["code"].nunique() == 1)
    return bool(one and (rows["count"] == rows["base"]).all())


def _primary(rows: pd.DataFrame, min_units: int) -> np.ndarray:
    """Return the rule that each count breaks by itself, empty where none, (n_counts,)."""
    count, base = rows["count"], rows["base"]
    rule = np.full(len(rows), "", dtype=object)
    if not _is_tally(rows):
        rule[((count == base) & (count > 0)).to_numpy()] = WHOLE
    behind = rows["units"].fillna(count) if "units" in rows else count
    rule[((behind > 0) & (behind < min_units) & (count > 0)).to_numpy()] = UNITS
    return rule


def _hidden_bases(frame: pd.DataFrame, min_units: int) -> set[tuple[str, float]]:
    """Return the bases that are hidden, (domain, base): of too few units, and others with them.

    A base stands beside every count of its region. So where it is too small all of these are hidden, in every question
    in which the region has it, and those of another region with them where the national base would give it away.
    """
    found: set[tuple[str, float]] = set()
    printed = set(frame.loc[frame["exempt"], ["domain", "base"]].itertuples(index=False, name=None))
    vectors = frame[frame["base"].notna()].groupby(["question", "domain"])["base"].max().unstack()
    for _, vector in vectors.drop_duplicates().iterrows():
        rows = vector.dropna().rename("count").rename_axis("domain").reset_index()
        pairs = list(zip(rows["domain"], rows["count"], strict=True))
        rows = rows.assign(question="", code="", base=np.nan, additive=True, exempt=[pair in printed for pair in pairs])
        primary = _primary(rows, min_units)
        if (primary != "").any():
            one = count_table(rows, additive=True)
            closed = {domain for domain, base in pairs if (domain, base) in found}
            hidden = suppress(_problem(one, rows, primary, closed, min_units)).hidden[: one.n_counts]
            found |= {pair for pair, gone in zip(pairs, hidden, strict=True) if gone}
    return found


def _closed(rows: pd.DataFrame, bases: set[tuple[str, float]]) -> set[str]:
    """Return the regions of a question whose base is hidden; all of them where the nation's is."""
    found = {domain for domain, base in zip(rows["domain"], rows["base"], strict=True) if (domain, base) in bases}
    return set(rows["domain"]) if NATION in found else found


def _problem(one: CountTable, rows: pd.DataFrame, primary: np.ndarray, closed: set[str], min_units: int) -> Problem:
    """Put the question's table to the planner: what is sensitive, what is known, and what each number is worth.

    closed: domains that are hidden in any case, so that hiding them costs nothing.
    """
    n, value = one.n_counts, one.value
    public, sensitive = np.zeros(len(value), bool), np.zeros(len(value), bool)
    public[:n] = rows["exempt"]
    sensitive[:n] = primary != ""
    for domain, cell in one.bases.items():
        public[cell], sensitive[cell] = domain not in closed, domain in closed and 0 < value[cell] < min_units
    for cell in one.remainder.values():
        sensitive[cell] = 0 < value[cell] < min_units
    cost = np.full(len(value), NOTHING)
    nation = np.where(rows["domain"] == NATION, NATION_IS_WORTH, 1.0)
    cost[:n] = np.where(rows["domain"].isin(closed), NOTHING, nation * (1 + np.log1p(value[:n])))
    sensitive &= ~public
    nothing = np.zeros(len(value))
    need = _need(one, primary, sensitive)
    return Problem(one.margins, sensitive, public, nothing.astype(bool), one.base, nothing, need, cost)


def _need(one: CountTable, rule: np.ndarray, sensitive: np.ndarray) -> Need:
    """Ask for one unit less and one more of a sensitive count, for one of the two of any other that is not zero.

    rule: (n_counts,) as _primary gives it. That everybody is in a cell is kept from being certain if it can be less.
    A sum over few units is kept off by SHARE of it.
    """
    value = one.value
    few = np.zeros(len(value), bool)
    few[: one.n_counts] = rule == UNITS
    above = np.where(value > 0, np.where(few, np.maximum(1.0, SHARE * value), 1.0), 0.0)
    below = np.minimum(above, value)
    above[: one.n_counts][rule == WHOLE] = 0.0
    return Need(below, above, ~sensitive)
