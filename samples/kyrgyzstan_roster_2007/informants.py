"""The roster, row by row: which number has which kind of office is invented where the document is not described."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from random import Random

TABLE = Path(__file__).with_name("informants.csv")
SEED = 2007
BLOCKS = {
    "KG-GB": range(1, 17),
    "KG-C": range(17, 34),
    "KG-Y": range(34, 46),
    "KG-N": range(46, 61),
    "KG-T": range(61, 79),
    "KG-O+KG-GO": range(79, 91),
    "KG-J": range(91, 108),
    "KG-B": range(108, 125),
}
"""Serial numbers of each region: they run region by region."""
LEFT_OUT = (38, 40)
KNOWN = {
    22: "justice",
    26: "minors_affairs",
    46: "media",
    58: "media",
    57: "interior",
    59: "interior",
    80: "interior",
    86: "interior",
}
"""Numbers of which the kind of office is known."""
TWICE = {58: 46, 59: 57, 86: 80}
"""Numbers that name the office of an earlier one."""
SPELLED = {
    "KG-GB": "Bishkek",
    "KG-C": "Chui oblast",
    "KG-Y": "Issyk-Kul oblast",
    "KG-N": "Naryn oblast",
    "KG-T": "Talas oblast",
    "KG-O+KG-GO": "Osh oblast",
    "KG-J": "Jalalabad oblast",
    "KG-B": "Batken oblast",
}


def informants() -> list[dict[str, str]]:
    """Return the 122 rows of the roster in the order of their serial numbers, as text."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        counts = {(row["region"], row["organisation_type"]): int(row["rows"]) for row in csv.DictReader(handle)}
    random = Random(SEED)
    rows = []
    for region, block in BLOCKS.items():
        serials = [serial for serial in block if serial not in LEFT_OUT]
        left = Counter({kind: n for (place, kind), n in counts.items() if place == region})
        left.subtract(KNOWN[serial] for serial in serials if serial in KNOWN)
        kinds = [kind for kind in sorted(left) for _ in range(left[kind])]
        random.shuffle(kinds)
        rows += _of_region(region, {serial: KNOWN.get(serial) or kinds.pop() for serial in serials})
    return rows


def _of_region(region: str, kinds: dict[int, str]) -> list[dict[str, str]]:
    """Number the offices of one kind as they come; a row that is there twice keeps its office."""
    seen: Counter[str] = Counter()
    office: dict[int, str] = {}
    for serial, kind in kinds.items():
        if serial not in TWICE:
            seen[kind] += 1
        office[serial] = office[TWICE[serial]] if serial in TWICE else f"{kind} {seen[kind]}"
    return [
        {
            "Entry": f"R{serial:03}",
            "Kind": "informant",
            "Entries": "1",
            "No": str(serial),
            "Organisation": kind,
            "Office": f"{region} {office[serial]}",
            "Oblast": SPELLED[region],
        }
        for serial, kind in kinds.items()
    ]
