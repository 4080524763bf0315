"""The 163 footnotes that cite an interview, by place and kind of informant: margins and some cells are known."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from random import Random

from samples.kyrgyzstan_roster_2007.informants import SEED, SPELLED

TABLE = Path(__file__).with_name("citations.csv")
NUMBERS = range(28, 224)
"""Footnotes among which the citations are."""
CITING = (44, 45, 151, 217, 223)
"""Footnotes that are known to cite an interview."""
IN_TOKMOK = 17
THREE_INFORMANTS = 151
KNOWN = {
    ("KG-C", "minors_affairs"): 21,
    ("KG-C", "justice"): 13,
    ("KG-GB", "media"): 10,
    ("KG-C", "community_leader"): 1,
    ("KG-O+KG-GO", "community_leader"): 2,
    ("KG-N", "court"): 1,
    ("KG-GB", "education"): 1,
    ("KG-J", "crisis_centre"): 2,
    ("KG-B", "administration"): 3,
    ("KG-C", "ngo"): 1,
}
"""Citations of a kind in a region that can be counted in the document; how the three leaders divide is invented."""


def citations() -> list[dict[str, str]]:
    """Return the 163 citations in the order of their footnotes, as text; an empty cell is not stated."""
    margins: dict[str, Counter[str]] = {"region": Counter(), "organisation_type": Counter()}
    with TABLE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            margins[row["margin"]][row["name"]] = int(row["rows"])
    pairs = [pair for pair, n in KNOWN.items() for _ in range(n)]
    random = Random(SEED)
    places, kinds = (_left(margins[name], [pair[at] for pair in pairs]) for at, name in enumerate(margins))
    pairs += _paired(places, kinds, random)
    random.shuffle(pairs)
    others = [number for number in NUMBERS if number not in CITING]
    numbers = sorted([*CITING, *random.sample(others, len(pairs) - len(CITING))])
    tokmok = _in_tokmok([number for number, (place, _) in zip(numbers, pairs, strict=True) if place == "KG-C"], random)
    return [
        {
            "Entry": f"F{number:03}",
            "Kind": "citation",
            "Entries": "1",
            "Footnote": str(number),
            "Informant": kind,
            "Place": "Tokmok" if number in tokmok else SPELLED.get(place, ""),
            "Locality": "Tokmok" if number in tokmok else "",
        }
        for number, (place, kind) in zip(numbers, pairs, strict=True)
    ]


def _left(margin: Counter[str], taken: list[str]) -> list[str]:
    rest = margin.copy()
    rest.subtract(taken)
    return [name for name in margin for _ in range(rest[name])]


def _paired(places: list[str], kinds: list[str], random: Random) -> list[tuple[str, str]]:
    """Pair places and kinds at random; pairs whose number is known change partners until none of them is left."""
    random.shuffle(kinds)
    pairs = list(zip(places, kinds, strict=True))
    while wrong := [at for at, pair in enumerate(pairs) if pair in KNOWN]:
        at, other = wrong[0], random.randrange(len(pairs))
        (place, kind), (place_there, kind_there) = pairs[at], pairs[other]
        if (place, kind_there) not in KNOWN and (place_there, kind) not in KNOWN:
            pairs[at], pairs[other] = (place, kind_there), (place_there, kind)
    return pairs


def _in_tokmok(chui: list[int], random: Random) -> set[int]:
    """Choose the citations from Tokmok, the one of three informants among them if it is from the oblast."""
    fixed = [number for number in chui if number == THREE_INFORMANTS]
    return {*fixed, *random.sample([n for n in chui if n not in fixed], IN_TOKMOK - len(fixed))}
