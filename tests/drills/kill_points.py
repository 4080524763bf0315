"""The kills: where processes are killed, and which of them every run of the test suite repeats.

Steps and changes of the disk are enumerated, not listed: a new step, or a new write, is drilled without an entry here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.drills.faults import Fault, step_names

TWICE = ("read", "validate", "land")
"""Steps that a first night takes once per file; it has two files."""
OF_RECORDS = ("gather", "tabulate", "hide_records")
"""Steps of surveys that are not about families; the drilled survey is."""
CALLED = {
    "first night": [name for name in step_names() if name not in ("refuse", *OF_RECORDS)],
    "later night": [name for name in step_names() if name not in ("refuse", *OF_RECORDS)],
    "night with a refused file": ["refuse"],
}
WITHIN = [
    "warehouse.loads._retire",  # inside the transaction of landing: old rows deleted, new ones not yet written
    "warehouse.loads._insert_loads",
    "warehouse.results.write",
    "warehouse.chain.as_text",  # the release has its name, and the chain does not know it
    "warehouse.release.point",  # the chain knows it, and nothing points to it
    "warehouse.run_log.end",
]
CHANGES = {"first night": 40, "later night": 20, "night with a refused file": 4, "withdrawal": 8, "rebuild": 12}
"""At how many changes of the disk a process is killed, spread evenly over all that it makes."""
SIZES = [1, 4096, 9000, 13_000, 20_000, 70_000, 270_000, 530_000]
"""Bytes beyond which no file may grow: the process dies in the middle of the write. A warehouse begins with 12,288."""
INSTANTS = 10
"""Kills at random moments of a night, in each state."""
SEED = 20091101


def steps(state: str) -> list[Fault]:
    """Before and after every step of a night."""
    calls = [(name, 2 if state == "first night" and name in TWICE else 1) for name in CALLED.get(state, ())]
    return [
        Fault("step", name, moment, number)
        for name, times in calls
        for number in range(1, times + 1)
        for moment in ("before", "after")
    ]


def within(state: str) -> list[Fault]:
    """Before and after what lies in the middle of landing, assembling and publishing."""
    if state == "night with a refused file":
        return []
    return [Fault("function", name, moment) for name in WITHIN for moment in ("before", "after")]


def changes(state: str) -> list[Fault]:
    """Changes of the disk, numbered from 1 to how many are drilled; `at` says which change of the night that is."""
    return [Fault("change", number=number) for number in range(1, CHANGES[state] + 1)]


def at(number: int, drilled: int, made: int) -> int:
    """Return the change at which the n-th drill kills: the first, the last, and the others evenly between."""
    return 1 + round((number - 1) * (made - 1) / (drilled - 1))


def growth() -> list[Fault]:
    """While a file grows beyond a size."""
    return [Fault("growth", number=size) for size in SIZES]


def instants(state: str) -> list[Fault]:
    """At random moments; `seconds` is the share of the night that has passed."""
    chance = random.Random(f"{SEED} {state}")
    return [Fault("instant", number=n + 1, seconds=round(chance.random(), 3)) for n in range(INSTANTS)]


def nights() -> Iterator[tuple[str, Fault]]:
    """Every kill of a night, with its state."""
    for state in ("first night", "later night", "night with a refused file"):
        for fault in [*steps(state), *within(state), *changes(state)]:
            yield state, fault
    for state in ("first night", "later night"):
        for fault in [*growth(), *instants(state)]:
            yield state, fault


def every() -> list[tuple[str, Fault]]:
    """Every kill."""
    return [*nights(), *(("withdrawal", fault) for fault in changes("withdrawal")),
            *(("rebuild", fault) for fault in changes("rebuild"))]  # fmt: skip


def is_quick(state: str, fault: Fault) -> bool:
    """Tell whether every run of the suite repeats a kill; the others run with --slow."""
    if fault.kind == "step":
        return fault.moment == "after" and state == "first night" and fault.number == 1
    if fault.kind == "function":
        return fault.moment == "before" and state == "later night"
    every_nth = {"change": 6, "growth": 4, "instant": 10}[fault.kind]
    place = SIZES.index(fault.number) if fault.kind == "growth" else fault.number
    return place % every_nth == every_nth // 2
