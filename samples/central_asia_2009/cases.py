"""How many persons each reporting family counts, and how women, men, totals and periods split them."""

from __future__ import annotations

import numpy as np

from samples.central_asia_2009.draws import pick, spread
from samples.central_asia_2009.families import Family
from samples.central_asia_2009.targets import PLACES

# Invented limits that keep a family's cases below thirty relatives in every combination.
MOST_LABOUR_CASES = 9
MOST_SEXUAL_CASES = 6
FAMILY_LEVELS = (1, 1, 1, 2, 4, 8)

# Share of families with a migrant and no sexual case that left the sexual question out (only men migrated).
LEFT_OUT = 0.08


def count_cases(rng: np.random.Generator, made: list[Family], sums: dict[str, int]) -> None:
    """Give each reporting family of one region its women+men, total and sexual counts."""
    for place in PLACES:
        reporting = [family for family in made if family.reports["labour", place]]
        wanted = {"women_men": sums[f"labour_{place}_women_men"], "total": sums[f"labour_{place}_total"]}
        larger, smaller = sorted(wanted, key=lambda name: -wanted[name])
        for family, count in zip(reporting, _hand_out(rng, reporting, wanted[larger], place, MOST_LABOUR_CASES),
                                 strict=True):  # fmt: skip
            family.women_men[place] = family.total[place] = count
        _leave_blank(rng, reporting, wanted[larger] - wanted[smaller], place, smaller)
        reporting = [family for family in made if family.reports["sexual", place]]
        for family, count in zip(reporting, _hand_out(rng, reporting, sums[f"sexual_{place}"], place,
                                                      MOST_SEXUAL_CASES), strict=True):  # fmt: skip
            family.sexual[place] = count


def _hand_out(rng: np.random.Generator, reporting: list[Family], total: int, place: str, most: int) -> list[int]:
    """One case per family, the others clustered in settlements and families."""
    weights = []
    for family in reporting:
        inside = place == "inside"
        level = family.settlement.exploitation_inside if inside else family.settlement.exploitation_abroad
        weights.append(level * pick(rng, FAMILY_LEVELS))
    extra = spread(rng, total - len(reporting), weights, [most - 1] * len(reporting))
    return [1 + more for more in extra]


def _leave_blank(rng: np.random.Generator, reporting: list[Family], gap: int, place: str, field: str) -> None:
    """Blank one of the two labour answers in some families until it sums to `gap` persons less.

    What is left over when no family fits becomes a family whose women and men do not add up to its total.
    """
    for i in (int(i) for i in rng.permutation(len(reporting))):
        family = reporting[i]
        count = getattr(family, field)[place]
        if gap == 0:
            return
        # Every tenth family contradicts itself instead: the study kept such rows.
        if count > 1 and rng.random() < 0.1:
            getattr(family, field)[place] = count - 1
            gap -= 1
        elif count <= gap:
            getattr(family, field)[place] = 0
            gap -= count
    for family in reporting:
        while gap and getattr(family, field)[place] > 1:
            getattr(family, field)[place] -= 1
            gap -= 1
    if gap:
        raise ValueError(f"{gap} persons of {field} {place} could not be left blank in {len(reporting)} families")


def split_cases(rng: np.random.Generator, made: list[Family], sums: dict[str, int]) -> None:
    """Split the counts of a whole country by sex and period so that its women and last three years are exact."""
    for place in PLACES:
        women = _nearest(rng, made, place, "women_men", sums[f"labour_{place}_women"])
        recent = _nearest(rng, made, place, "women_men", sums[f"labour_{place}_last_3_years"])
        share = sums[f"labour_{place}_last_3_years"] / sums[f"labour_{place}_women_men"]
        sexual = _nearest(rng, made, place, "sexual", sums[f"sexual_{place}_last_3_years"])
        for i, family in enumerate(made):
            if family.migrant[place]:
                family.counts |= _labour(rng, family, place, women[i], recent[i], share)
                family.counts |= _sexual(rng, family, place, sexual[i])


def _nearest(rng: np.random.Generator, made: list[Family], place: str, field: str, wanted: int) -> list[list[bool]]:
    """For each person counted, whether she or he has the attribute: exactly `wanted` do, alike within a family."""
    persons = []
    for i, family in enumerate(made):
        common = rng.random()
        persons += [(0.6 * common + 0.4 * own, i) for own in rng.random(getattr(family, field)[place])]
    limit = {index for index, _ in sorted(enumerate(persons), key=lambda pair: pair[1])[:wanted]}
    flags: list[list[bool]] = [[] for _ in made]
    for index, (_, i) in enumerate(persons):
        flags[i].append(index in limit)
    return flags


def _labour(
    rng: np.random.Generator, family: Family, place: str, women: list[bool], recent: list[bool], share: float
) -> dict[str, int | None]:
    """The six labour answers of one place; missing where the sexes or the total were left blank."""
    names = [f"{who}_{when}" for who in ("women", "men", "total") for when in ("last_3_years", "earlier")]
    answers: dict[str, int | None] = dict.fromkeys(names, 0)
    split, total = family.women_men[place], family.total[place]
    # Sex and period are drawn apart, so the persons of the family are shuffled between them.
    shuffled = [recent[int(i)] for i in rng.permutation(len(recent))]
    for is_woman, is_recent in zip(women, shuffled, strict=True):
        name = f"{'women' if is_woman else 'men'}_{'last_3_years' if is_recent else 'earlier'}"
        answers[name] = (answers[name] or 0) + 1
    last = sum(shuffled) if split else sum(int(draw < share) for draw in rng.random(total))
    last = min(last + max(0, total - split) * (last > 0), total) if split else last
    answers["total_last_3_years"], answers["total_earlier"] = last, total - last
    if total and not split:
        answers |= dict.fromkeys(names[:4])
    if split and not total:
        answers |= dict.fromkeys(names[4:])
    return {f"labour_{place}_{name}": value for name, value in answers.items()}


def _sexual(rng: np.random.Generator, family: Family, place: str, recent: list[bool]) -> dict[str, int | None]:
    left_out = not family.sexual[place] and rng.random() < LEFT_OUT
    return {
        f"sexual_{place}_last_3_years": None if left_out else sum(recent),
        f"sexual_{place}_earlier": None if left_out else len(recent) - sum(recent),
    }
