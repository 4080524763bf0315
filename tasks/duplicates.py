"""Which row holds a questionnaire number that came more than once: the first one, in the order of the listing.

The order in which files came, and how they were divided into lots, decides nothing: a night reads files
again when another one that stands before them came later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from schemas.errors import KinscaleError, TooManyBadRows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from schemas.failures import Failures
    from warehouse.numbers_taken import NumbersTaken

RULE = "duplicate_questionnaire"
IN_THIS_FILE = 'questionnaire "{value}" stands in this file twice'
ELSEWHERE = 'questionnaire "{value}" has already come with another file of this country'
HELD = "held"
"""Fact of an error on its way to `named`, which takes it out: a number says more than an error may."""
Held = tuple[str, int]
"""A number, and the place in the listing of the file that holds it."""
Holders = Callable[["pd.Series"], dict[str, int]]
"""Asked for questionnaire numbers, tells the place in the listing of the first other file that holds each, if any."""


def nobody(_: pd.Series) -> dict[str, int]:
    """Tell that no other file holds any number."""
    return {}


def also_held(held: Holders, taken: Sequence[tuple[int, pd.Series]]) -> Holders:
    """Return holders that know of further files. taken: place in the listing and numbers of each, in that order."""

    def asked(numbers: pd.Series) -> dict[str, int]:
        known = held(numbers)
        for place, theirs in taken:
            for number in theirs[theirs.isin(numbers)]:
                known[number] = min(known.get(number, place), place)
        return known

    return asked


def refuse_duplicates(
    numbers: pd.Series,
    of: np.ndarray,
    places: Sequence[int],
    held: Holders,
    bad: np.ndarray,
    is_refused: Callable[[int, int], bool],
    failures: Failures,
    taken: NumbersTaken | None = None,
) -> dict[int, Held]:
    """Refuse the second and later rows of a number in a file, and numbers that a file earlier in the listing holds.

    numbers: of the rows that can be accepted, indexed by row.  of: (n_rows,) number of each row's file.  places: of the
    files in the listing.  bad: (n_rows,) what no file will hold.  is_refused: (number of a file, its bad rows) whether
    the whole file is refused, and so holds nothing.  taken: the numbers of earlier parts, where a file comes in parts.
    Returns, by number of a file, the first of its numbers that another file holds.
    """
    import numpy as np

    owner = numbers.to_frame("number").assign(file=of[numbers.index])
    twice = owner.duplicated()
    if taken is not None:
        twice |= taken.take(numbers)
    failures.add(RULE, str(numbers.name), numbers, twice, IN_THIS_FILE)
    bad = bad.copy()
    bad[twice.index[twice]] = True
    known = held(numbers)
    contested = owner[~twice]["number"]
    contested = contested[contested.duplicated(keep=False)]
    rows = owner[numbers.isin(set(known) | set(contested))]
    found = np.zeros(len(of), dtype=bool)
    first: dict[int, Held] = {}
    for file, mine in rows.groupby("file", sort=True)["number"]:
        place = places[int(file)]
        index = mine.index.to_numpy()
        found[index] = [known.get(number, place) < place for number in mine]
        bad |= found
        theirs = mine[found[index]]
        if len(theirs):
            first[int(file)] = (str(theirs.iloc[0]), known[theirs.iloc[0]])
        if is_refused(int(file), int(bad[of == file].sum())):
            continue
        for number in mine[~bad[index]]:
            known[number] = min(known.get(number, place), place)
    elsewhere = numbers.notna() & found[numbers.index]
    failures.add(RULE, str(numbers.name), numbers, elsewhere, ELSEWHERE)
    return first


def named(error: KinscaleError, name_of: Callable[[str, int], str | None]) -> KinscaleError:
    """Say of a file with too many bad rows which other file holds its numbers.

    name_of: asked for a number and the place of the file that holds it; None where nobody knows.
    """
    if not isinstance(error, TooManyBadRows) or HELD not in error.facts:
        return error
    facts = {key: value for key, value in error.facts.items() if key != HELD}
    name = name_of(*error.facts[HELD])
    what, next_step = error.what, error.next_step
    if name is not None:
        what += f" {name} holds questionnaires that this file brings as well."
        next_step = f"{next_step or ''} If one of the two is a copy of the other, remove the copy.".strip()
        facts["held_by"] = name
    return TooManyBadRows(what, **error.where._asdict(), expected=error.expected, next_step=next_step, facts=facts)
