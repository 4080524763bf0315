"""Lists of people with pseudonymous keys: how many people they hold together, and the table of their overlaps.

Lives here: from one row per person and list to the input of `multiple_systems`, and the bounds where lists cannot be
matched. Not here: the models of people on no list, and how keys are made.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from estimators.multiple_systems.overlaps import LARGEST

ESTIMABLE, NOT_ESTIMABLE = "estimable", "not_estimable"
FEWEST = 2
"""Lists that a multiple-systems estimate needs at least; with two it must take them for independent."""


@dataclass(frozen=True)
class ListedPeople:
    """What lists say together. overlaps: input of `multiple_systems.estimate_lists`, none where it is not estimable."""

    n_lists: int
    n_entries: int
    """Different keys on each list, added over lists."""
    largest_list: int
    n_keys: int
    """Different keys on all lists: the number of people, if one person has one key everywhere."""
    verdict: str
    reason: str
    reason_ru: str
    overlaps: pd.DataFrame | None

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the fewest and the most people that can stand on the lists, whatever the keys are worth.

        At least those of the largest list (all others stand on it too), at most the sum (nobody stands on two).
        """
        return self.largest_list, self.n_entries


def listed_people(rows: pd.DataFrame, person: str, on_list: str) -> ListedPeople:
    """Count people on lists by their keys, and say whether an estimate of people on no list can be made.

    rows: one per person and list, columns `person` (key) and `on_list` (name of the list), text; a row without a list
    is left out, one without a key is a person of its own on that list, who can be matched with nobody. One key twice on
    a list is one person. Not estimable without two lists, with more than LARGEST of them, with entries that lack a key,
    or where no key stands on two lists: then nothing tells shared people from keys that do not match.
    """
    entries = rows[[person, on_list]].dropna(subset=[on_list])
    keyed = entries.dropna(subset=[person]).drop_duplicates()
    without = entries[entries[person].isna()]
    sizes = keyed.groupby(on_list).size().add(without.groupby(on_list).size(), fill_value=0).astype(int)
    names = sorted(sizes.index)
    times = keyed.groupby(person).size()
    reason, reason_ru = _why_not(len(names), len(without), int((times > 1).sum()))
    return ListedPeople(
        n_lists=len(names),
        n_entries=int(sizes.sum()),
        largest_list=int(sizes.max()) if len(sizes) else 0,
        n_keys=len(times) + len(without),
        verdict=NOT_ESTIMABLE if reason else ESTIMABLE,
        reason=reason,
        reason_ru=reason_ru,
        overlaps=None if reason else overlap_table(keyed, person, on_list),
    )


def _why_not(n_lists: int, n_without_key: int, n_shared: int) -> tuple[str, str]:
    if n_lists < FEWEST:
        return f"{n_lists} list(s); at least {FEWEST} are needed", f"списков {n_lists}, нужно не менее {FEWEST}"
    if n_without_key:
        return (
            f"{n_without_key} entries have no key, so nobody can say whether they stand on another list",
            f"записей без ключа {n_without_key}: неизвестно, есть ли эти люди в других списках",
        )
    if not n_shared:
        return (
            f"no key stands on two of the {n_lists} lists: either nobody does, or the lists do not use the same keys",
            f"ни один ключ не стоит в двух из {n_lists} списков: либо таких людей нет, либо ключи в списках разные",
        )
    if n_lists > LARGEST:
        return (
            f"{n_lists} lists; at most {LARGEST} can be modelled, so join lists of one kind first",
            f"списков {n_lists}, модель допускает не более {LARGEST}: сначала объедините однородные списки",
        )
    return "", ""


def overlap_table(entries: pd.DataFrame, person: str, on_list: str) -> pd.DataFrame:
    """Count people by the lists they stand on and on no other.

    entries: as `rows` of `listed_people`, every row with a key. Returns one column of 0 and 1 per list, in the order of
    their names, and `count`; one row per combination that somebody has, in the order of their marks, largest first.
    """
    marks = pd.crosstab(entries[person], entries[on_list]).clip(upper=1)
    names = sorted(marks.columns)
    counted = marks[names].value_counts(sort=False).rename("count").reset_index()
    return counted.sort_values(names, ascending=False, ignore_index=True).rename_axis(columns=None)
