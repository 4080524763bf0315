"""Which families have migrants, and which of those report labour or sexual exploitation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from samples.central_asia_2009.draws import weighted_order
from samples.central_asia_2009.settlements import Settlement
from samples.central_asia_2009.targets import PLACES, Region

# A family that reports labour exploitation is this many times likelier to report a sexual case too.
SEXUAL_GIVEN_LABOUR = 6


@dataclass
class Family:
    """One respondent's family while it is being built; the cases are counts of persons per place."""

    settlement: Settlement
    migrant: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PLACES, False))
    reports: dict[tuple[str, str], bool] = field(
        default_factory=lambda: {(stream, place): False for stream in ("labour", "sexual") for place in PLACES}
    )
    relatives: int | None = 0
    relatives_raw: int | None = 0
    women_men: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    sexual: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    counts: dict[str, int | None] = field(default_factory=dict)
    unusable: str = ""

    def cases(self) -> int:
        """Cases of the four streams, the larger of women+men and total for labour."""
        return sum(max(self.women_men[place], self.total[place]) + self.sexual[place] for place in PLACES)


def families(rng: np.random.Generator, region: Region, places: list[Settlement]) -> list[Family]:
    """Families of one region with migration and reports that sum to its targets."""
    made = [Family(place) for place in places for _ in range(place.interviews)]
    _migration(rng, made, region.sums)
    for stream in ("labour", "sexual"):
        _reports(rng, made, region.sums, stream)
    return made


def _migration(rng: np.random.Generator, made: list[Family], sums: dict[str, int]) -> None:
    both = sums["migrant_both"]
    weights = {
        "inside": [family.settlement.migration_inside for family in made],
        "abroad": [family.settlement.migration_abroad for family in made],
    }
    product = [inside * abroad for inside, abroad in zip(weights["inside"], weights["abroad"], strict=True)]
    taken = set(weighted_order(rng, range(len(made)), product)[:both])
    for i in taken:
        made[i].migrant = dict.fromkeys(PLACES, True)
    for place in PLACES:
        rest = [i for i in range(len(made)) if i not in taken]
        order = weighted_order(rng, rest, [weights[place][i] for i in rest])
        chosen = order[: sums[f"migrant_{place}"] - both]
        for i in chosen:
            made[i].migrant[place] = True
        taken.update(chosen)


def _reports(rng: np.random.Generator, made: list[Family], sums: dict[str, int], stream: str) -> None:
    """Mark reporting families: first those that report in both places, then inside only, then abroad only."""
    both = sums[f"{stream}_both_families"]
    only = {place: sums[f"{stream}_{place}_families"] - both for place in PLACES}
    movers = [i for i, family in enumerate(made) if all(family.migrant.values())]
    weight = {place: [_weight(family, stream, place) for family in made] for place in PLACES}
    order = weighted_order(rng, movers, [weight["inside"][i] * weight["abroad"][i] for i in movers])
    for i in order[:both]:
        for place in PLACES:
            made[i].reports[stream, place] = True
    spare = set(order[both:])
    abroad_only = sum(family.migrant["abroad"] and not family.migrant["inside"] for family in made)
    # Families with migrants in both places that may report inside only, so that enough are left for abroad only.
    room = len(spare) - max(0, only["abroad"] - abroad_only)
    for place in PLACES:
        candidates = [
            i for i, f in enumerate(made) if f.migrant[place] and (i in spare or sum(f.migrant.values()) == 1)
        ]
        wanted = only[place]
        for i in weighted_order(rng, candidates, [weight[place][i] for i in candidates]):
            if not wanted:
                break
            if i in spare and place == "inside" and room <= 0:
                continue
            room -= i in spare and place == "inside"
            spare.discard(i)
            made[i].reports[stream, place] = True
            wanted -= 1
        if wanted:
            raise ValueError(f"{wanted} families that report {stream} {place} do not fit among the migrants")


def _weight(family: Family, stream: str, place: str) -> int:
    level = family.settlement.exploitation_inside if place == "inside" else family.settlement.exploitation_abroad
    return level * (SEXUAL_GIVEN_LABOUR if stream == "sexual" and family.reports["labour", place] else 1)
