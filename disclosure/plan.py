"""The plan for a whole survey: which cells are sensitive, public, hidden, and what the audit says of it.

Lives here: regions, nations and all countries as one linked system, and the order of decisions. Not here: the rules,
the programmes, and what a hidden cell takes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.audit import Need
from disclosure.cells import KEYS
from disclosure.complementary import Problem, suppress
from disclosure.knowledge import tables
from disclosure.margins import Margins, linked
from disclosure.primary import RULES, Contributors, Thresholds, added_up, broken_rule

WEIGHT = {
    "period": {"last_3_years": 4.0, "all_time": 2.0, "earlier": 1.0},
    "sex": {"all": 3.0, "women": 1.0, "men": 1.0},
    "location": {"both": 2.0, "inside": 1.0, "abroad": 1.0},
    "exploitation": {"all": 2.0, "labour": 1.0, "sexual": 1.0},
}
"""What a cell is worth to readers: totals more than parts, the window of yearly rates more than the others."""
UNPUBLISHED = 0.05
"""Worth of a cell that no row shows by itself."""
ABOVE_REGIONS = 1000.0
"""A nation's cell is worth so many of its regions'."""
KEPT = 0.8
"""A cell that the last release hid costs so much less, so that patterns do not jump from night to night."""


@dataclass(frozen=True)
class Survey:
    """What the plan is made from, regions in the order of their key.

    country: (n_regions,) codes 0, 1, ...  by: contributors of each region's cells (n_regions, n_keys). base: the
    counts that tables show, (n_regions, n_base). weights: (n_regions,) of regions in design-based nations over those in
    the sample. study: (n_regions, n_keys) coefficients of nations that are means of their regions' rates, 0 elsewhere.
    """

    country: np.ndarray
    by: Contributors
    base: np.ndarray
    weights: np.ndarray
    study: np.ndarray

    @property
    def members(self) -> np.ndarray:
        """Return the regions of each region, nation and all together, (n_domains, n_regions) bool."""
        return np.concatenate([np.eye(len(self.country), dtype=bool), self.nations, self.everything])

    @property
    def nations(self) -> np.ndarray:
        """Return the regions of each nation, (n_countries, n_regions) bool."""
        nations: np.ndarray = self.country == np.arange(self.country.max() + 1)[:, None]
        return nations

    @property
    def everything(self) -> np.ndarray:
        """Return the regions of all countries, (1, n_regions) bool."""
        return np.ones((1, len(self.country)), bool)

    def places(self) -> Places:
        """Return where each kind of domain begins."""
        n, k = len(self.country), len(self.nations)
        return Places(n, n + k, n + k + 1, n + 2 * k + 1)


@dataclass(frozen=True)
class Places:
    """Positions: regions are 0 to nations - 1; then nations; all together; and both again as the design weighs them."""

    nations: int
    group: int
    nations_by_design: int
    group_by_design: int

    @property
    def n(self) -> int:
        """How many domains there are."""
        return self.group_by_design + 1

    @property
    def groups(self) -> tuple[tuple[int, slice], tuple[int, slice]]:
        """Return the two domains of all together, each with its nations."""
        return (
            (self.group, slice(self.nations, self.group)),
            (self.group_by_design, slice(self.nations_by_design, self.group_by_design)),
        )

    def by_design(self, domain: np.ndarray) -> np.ndarray:
        """Return the domain as the design weighs it; a region is its own."""
        shifted: np.ndarray = np.where(domain < self.nations, domain, domain + self.nations_by_design - self.nations)
        return shifted


@dataclass(frozen=True)
class Known:
    """Cells that are known whatever is hidden now, (n_domains, n_keys) bool each: printed, or shown by a release.

    releases: one array an earlier release, of the cells it shows with the number they have now. Domains that the
    design weighs are known nowhere but in releases. hidden_before: what the last release hides.
    """

    printed: np.ndarray
    releases: Sequence[np.ndarray]
    hidden_before: np.ndarray

    @property
    def earlier(self) -> np.ndarray:
        """Return what any earlier release shows."""
        found: np.ndarray = np.any([np.zeros_like(self.printed), *self.releases], axis=0)
        return found

    def without_releases(self, domains: np.ndarray) -> Known:
        """Return the same without what releases tell of some domains, (n_domains,) bool."""
        kept = ~domains[:, None]
        return Known(self.printed, tuple(release & kept for release in self.releases), self.hidden_before & kept)


@dataclass(frozen=True)
class Plan:
    """The decision on each cell (n_domains, n_keys), and what the audit found.

    rule: the primary rule it breaks, or empty. status: F, C or D. exempt, shown_before, exposed: sensitive cells that
    a publication made public, that follow from one earlier release, and that follow only from several together.
    recovered, too_close, limited: hidden cells that can be computed, that are closer than the bound, and whose bound
    public numbers make narrower.
    """

    places: Places
    rule: np.ndarray
    status: np.ndarray
    exempt: np.ndarray
    shown_before: np.ndarray
    exposed: np.ndarray
    recovered: np.ndarray
    too_close: np.ndarray
    limited: np.ndarray


def plan(survey: Survey, known: Known, thresholds: Thresholds, protection: float) -> Plan:
    """Decide on every cell as if nothing had been released, and again where an earlier release shows what that hides.

    protection: share of a sensitive count, at least one case, that an attacker must be kept off. Equal counts are so
    hidden alike in every release: what it showed of them before tells nobody more than it shows again.
    """
    alone = _decided(survey, known.without_releases(np.ones(len(known.printed), bool)), thresholds, protection)
    told = known.earlier & (alone.status != "F")
    if not told.any():
        return alone
    unaffected = ~told.any(axis=1)
    for country in range(len(survey.nations)):
        inside, _ = system(survey, country)
        unaffected[inside] = not told[inside].any()
    return _decided(survey, known.without_releases(unaffected), thresholds, protection)


def _decided(survey: Survey, known: Known, thresholds: Thresholds, protection: float) -> Plan:
    """Decide, country by country, and carry what is hidden of a nation over to all countries together.

    A group shows no key that is hidden in any of its nations, so that its numbers are sums of shown ones and say
    nothing more.
    """
    places = survey.places()
    by = added_up(survey.by, np.concatenate([survey.members, survey.nations, survey.everything]))
    rule = broken_rule(by, thresholds)
    rule[places.nations_by_design :] = ""
    held, exempt, shown_before, exposed = _known(survey, known, rule != "")
    sensitive = (rule != "") & ~held
    found = {name: np.zeros(rule.shape, bool) for name in ("hidden", "recovered", "too_close", "limited", "implied")}
    for country in range(len(survey.nations)):
        inside, margins = system(survey, country)
        worth = _worth(by.cases[inside], known.hidden_before[inside], inside >= places.nations)
        base = survey.base[survey.country == country]
        known_here = held[inside], np.repeat((inside >= places.nations)[:, None], len(KEYS), axis=1)
        problem = _problem(margins, sensitive[inside], *known_here, base, by.cases[inside], worth, protection)
        pattern = suppress(problem)
        for name, cells in (
            ("hidden", pattern.hidden),
            ("recovered", pattern.finding.recovered & pattern.hidden),
            ("too_close", pattern.finding.too_close & pattern.hidden),
            ("limited", pattern.limited & pattern.hidden),
            ("implied", pattern.implied),
        ):
            found[name][inside] = cells.reshape(len(inside), -1)
        public = shown_before if known.earlier[inside].any() else exempt
        public[inside] |= found["implied"][inside]
    hidden, implied = found.pop("hidden"), found.pop("implied")
    held |= implied
    for group, nations in places.groups:
        hidden[group] = (hidden[nations].any(axis=0) | sensitive[group]) & ~held[group]
    follows = _across_countries(survey, hidden, held)
    hidden &= ~(follows & (rule == ""))  # what can be computed anyway, and says nothing of its own, is shown
    found["recovered"] |= follows & hidden
    gone = hidden | shown_before | exposed
    nobody = gone & (by.families == 0) & (np.arange(places.n) < places.nations_by_design)[:, None]
    rule[nobody] = RULES[0]
    status = np.where(gone, np.where(rule != "", "C", "D"), "F").astype(object)
    return Plan(places, rule, status, exempt, shown_before, exposed, **found)


def system(survey: Survey, country: int) -> tuple[np.ndarray, Margins]:
    """Return the domains of a country (regions, nation, nation by design), and their margins linked."""
    places = survey.places()
    regions = np.flatnonzero(survey.country == country)
    inside = np.concatenate([regions, [places.nations + country, places.nations_by_design + country]])
    members = survey.members[inside[:-1]][:, regions]
    return inside, linked(members, survey.weights[regions][None], {len(regions): survey.study[regions]})


def _across_countries(survey: Survey, hidden: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Tell which hidden cells follow from all countries together; asked only where a nation hides something."""
    places = survey.places()
    found = np.zeros(hidden.shape, bool)
    if not hidden[places.nations :].any():
        return found
    designs = np.concatenate([survey.nations * survey.weights, survey.everything * survey.weights])
    slopes = {places.nations + c: nation[:, None] * survey.study for c, nation in enumerate(survey.nations)}
    margins = linked(survey.members, designs, slopes)
    least = np.zeros(margins.n_cells)
    given = tables(margins, (~hidden | held).ravel(), survey.base.ravel(), least)
    cells = np.flatnonzero(hidden)
    found.ravel()[cells] = given.follows(cells)
    return found


def _known(survey: Survey, known: Known, sensitive: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what is known, and of the sensitive: the exempt, those of one earlier release, those of several.

    All countries together are known where each of them is.
    """
    by_print = _closed(survey, known.printed)
    by_one, by_all = by_print, by_print
    if known.earlier.any():
        by_one = np.any([_closed(survey, known.printed | release) for release in known.releases], axis=0)
        by_all = _closed(survey, known.printed | known.earlier)
    exempt = by_print & sensitive
    return by_all, exempt, by_one & sensitive & ~exempt, by_all & sensitive & ~by_one


def _closed(survey: Survey, known: np.ndarray) -> np.ndarray:
    """Add to what is known what can be computed from it, (n_domains, n_keys)."""
    places = survey.places()
    found = known.copy()
    for country in range(len(survey.nations)):
        inside, margins = system(survey, country)
        base = survey.base[survey.country == country].ravel()
        given = tables(margins, known[inside].ravel(), base, np.zeros(margins.n_cells))
        found[inside] |= given.follows(np.arange(margins.n_cells)).reshape(len(inside), -1)
    for group, nations in places.groups:
        found[group] |= found[nations].all(axis=0)
    return found


def _worth(cases: np.ndarray, hidden_before: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Return what showing each cell is worth, (n_domains, n_keys)."""
    worth = np.array([np.prod([WEIGHT[axis][getattr(key, axis)] for axis in WEIGHT]) for key in KEYS])
    unpublished = [
        (key.sex != "all" and key.period == "earlier") or (key[0], key[2], key[3]) == ("all", "women", "all_time")
        for key in KEYS
    ]
    worth = np.where(unpublished, UNPUBLISHED, worth) * (1 + np.log1p(cases))
    return worth * np.where(hidden_before, KEPT, 1.0) * np.where(top, ABOVE_REGIONS, 1.0)[:, None]


def _problem(
    margins: Margins,
    sensitive: np.ndarray,
    public: np.ndarray,
    reserved: np.ndarray,
    base: np.ndarray,
    cases: np.ndarray,
    worth: np.ndarray,
    protection: float,
) -> Problem:
    """Put the needs. Sensitive cells: above by the bound, and below by the bound or down to nothing. Others: one case.

    No count is known to be above zero, because cells without a family are hidden too where that helps, and are then
    marked like any other with too few.
    """
    value = margins.table[: margins.n_cells] @ base.ravel()
    primary = sensitive.ravel()
    counted = np.arange(len(primary)) < len(primary) - len(KEYS)  # sums that weigh regions are no counts of families
    bound = np.where(primary, np.maximum(1.0, protection * cases.ravel()), 1.0)
    need = Need(np.minimum(bound, value), bound, ~primary)
    need = Need(np.where(counted, need.below, 0.0), np.where(counted, need.above, 0.0), need.either)
    spared = (reserved & ~sensitive & ~public).ravel()
    return Problem(margins, primary, public.ravel(), spared, base.ravel(), np.zeros(len(value)), need, worth.ravel())
