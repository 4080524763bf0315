"""Whatever is delivered, corrected and waived, in any order: no questionnaire is lost, and none counts twice.

What should be in force is worked out here from the last deliveries and entries alone, row by row.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import direct
from flows.intake import take_in
from schemas import declaration
from schemas.errors import DeliveryError
from tasks import pull
from tests import small_survey
from tests.property.memory_warehouse import empty_warehouse
from warehouse import accounting
from warehouse.build import Warehouse
from warehouse.home import Home

FIRST_DAY = date(2027, 3, 1)
ROWS = 10
RELATIVES = ["8", "31", "x"]
"""Fine; too many, which can be waived; no number, which cannot."""
PLACES = st.integers(0, ROWS - 1)
STEP = st.one_of(
    st.tuples(st.just("deliver"), PLACES, st.sampled_from(RELATIVES)),
    st.tuples(st.just("leave_out"), PLACES, st.none()),
    st.tuples(st.just("bring_back"), PLACES, st.none()),
    st.tuples(st.just("correct"), PLACES, st.sampled_from(RELATIVES)),
    st.tuples(st.just("drop"), PLACES, st.sampled_from(RELATIVES)),
    st.tuples(st.just("undo"), PLACES, st.none()),
    st.tuples(st.just("waive"), PLACES, st.integers(0, 3)),
    st.tuples(st.just("wait"), PLACES, st.integers(1, 3)),
)


@dataclass
class World:
    """What is delivered and decided: relatives by row, rows left out, entries by row, the day."""

    relatives: dict[int, str] = field(default_factory=lambda: dict.fromkeys(range(ROWS), "8"))
    gone: set[int] = field(default_factory=set)
    corrections: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    waivers: dict[int, date] = field(default_factory=dict)
    day: date = FIRST_DAY

    def step(self, what: str, row: int, value: object) -> None:
        """Change one thing."""
        if what == "deliver":
            self.relatives[row] = str(value)
        elif what == "leave_out":
            self.gone.add(row)
        elif what == "bring_back":
            self.gone.discard(row)
        elif what in ("correct", "drop"):
            self.corrections[row] = (str(value), "9" if what == "correct" else None)
        elif what == "undo":
            self.corrections.pop(row, None)
        elif what == "waive":
            self.waivers[row] = self.day + timedelta(days=int(str(value)))
        else:
            self.day += timedelta(days=int(str(value)))

    @property
    def stale(self) -> bool:
        """Whether an entry does not fit the delivery."""
        return any(row in self.gone or self.relatives[row] != seen for row, (seen, _) in self.corrections.items())

    def accepted(self) -> set[int]:
        """Return the rows that should count."""
        return {row for row in set(self.relatives) - self.gone if self._passes(row)}

    def _passes(self, row: int) -> bool:
        relatives = self.relatives[row]
        if row in self.corrections:
            _, new = self.corrections[row]
            if new is None:
                return False
            relatives = new
        waived = row in self.waivers and self.day <= self.waivers[row]
        return relatives in ("8", "9") or (relatives == "31" and waived)

    def write(self, survey: Path) -> None:
        """Write delivery and entries as files."""
        interviews = small_survey.interviews("KZ")[:ROWS]
        rows = [{**interviews[n], "relatives": self.relatives[n]} for n in range(ROWS) if n not in self.gone]
        small_survey.write_rows(survey / "raw" / "KZ.csv", rows)
        told = {"reason": "r", "source": "s", "date": FIRST_DAY}
        named = {n: {"country": "KZ", "file": "KZ.csv", "questionnaire": f"KZ-{n:03d}"} for n in range(ROWS)}
        entries = [
            {**named[n], "column": "relatives", "expect": seen, **({"set": new} if new else {"drop": True}), **told}
            for n, (seen, new) in self.corrections.items()
        ]
        (survey / "corrections.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
        passes = [
            {**named[n], "rule": "relatives_above_limit", "by": "b", "reason": "r", "until": until}
            for n, until in self.waivers.items()
        ]
        (survey / "waivers.yaml").write_text(yaml.safe_dump(passes), encoding="utf-8")


def check(warehouse: Warehouse, accepted: set[int], delivered: set[int], refused_ever: set[int]) -> None:
    """Assert what must hold after every night."""
    assert accounting.faults(warehouse) == []
    counted = [row["questionnaire_id"] for row in warehouse.rows("SELECT questionnaire_id FROM interviews ORDER BY 1")]
    assert counted == [f"KZ-{n:03d}" for n in sorted(accepted)]  # each once, none besides
    query = "SELECT questionnaire_id FROM quarantine WHERE status IN ('open', 'dropped') ORDER BY 1"
    live = [row["questionnaire_id"] for row in warehouse.rows(query)]
    assert live == [f"KZ-{n:03d}" for n in sorted(delivered - accepted)]
    ever = {row["questionnaire_id"] for row in warehouse.rows("SELECT DISTINCT questionnaire_id FROM quarantine")}
    assert ever == {f"KZ-{n:03d}" for n in refused_ever}  # who was refused once is on record for ever


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(STEP, min_size=1, max_size=3), min_size=1, max_size=5))
def test_any_sequence_of_deliveries_corrections_and_waivers_adds_up(
    nights: list[list[tuple[str, int, object]]],
) -> None:
    steps = direct.steps()
    with tempfile.TemporaryDirectory() as name, empty_warehouse() as warehouse, pytest.MonkeyPatch.context() as patch:
        survey = small_survey.write(Path(name) / "surveys")
        patch.setenv("KINSCALE_SURVEYS", str(Path(name) / "surveys"))
        path = survey / "survey.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["sources"] = content["sources"][:1]
        content["acceptance"]["largest_invalid_share"] = 1.0
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        world, home = World(), Home(Path(name) / "home")
        accepted, delivered, refused = set[int](), set[int](), set[int]()
        for night in nights:
            for step in night:
                world.step(*step)
            if len(world.gone) == ROWS:
                world.gone.clear()
            world.write(survey)
            chosen = declaration.load(small_survey.ID, world.day)
            files, _ = pull.pull(pull.look(chosen), chosen, warehouse, home)
            _, errors = take_in(files, chosen, home, warehouse, steps, lambda _: None)
            assert [isinstance(error, DeliveryError) for error in errors] == [True] * world.stale
            if not world.stale:
                accepted, delivered = world.accepted(), set(world.relatives) - world.gone
                refused |= delivered - accepted
            check(warehouse, accepted, delivered, refused)
