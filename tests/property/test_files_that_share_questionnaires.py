"""Whatever files of one country bring night by night - copies, corrections, damage - nobody is counted twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows import direct
from flows.intake import take_in
from schemas import declaration
from schemas.errors import DeliveryError
from tasks import pull
from tests import small_survey
from tests.property.memory_warehouse import empty_warehouse
from warehouse import accounting, loads
from warehouse.build import Warehouse
from warehouse.home import Home

NAMES = ("KZ (1).csv", "KZ.csv", "KZ_z.csv")
DAMAGED = "damaged"
Content = tuple[tuple[int, int], str]
"""Which interviews a file brings, the first and the one behind the last, and what its first row is changed to."""
CONTENT = st.tuples(st.sampled_from([(0, 12), (0, 15), (10, 20), (15, 30)]), st.sampled_from(["", "29", DAMAGED]))
NIGHT = st.dictionaries(st.sampled_from(NAMES), st.one_of(st.none(), CONTENT), min_size=1, max_size=3)
ALL, CORRECTED, AGAIN, NOTHING = ((0, 15), ""), ((0, 15), "29"), ((0, 15), "28"), ((0, 15), DAMAGED)


def deliver(raw: Path, night: dict[str, Content | None]) -> None:
    """Write the files of a night; None takes one away."""
    for name, content in night.items():
        if content is None:
            (raw / name).unlink(missing_ok=True)
            continue
        (first, last), change = content
        rows = small_survey.interviews("KZ")[first:last]
        if change == DAMAGED:
            rows = [{**row, "relatives": "many"} for row in rows]
        elif change:
            rows[0] = {**rows[0], "relatives": change}
        small_survey.write_rows(raw / name, rows)


def check(warehouse: Warehouse) -> None:
    assert accounting.faults(warehouse) == []
    twice = "SELECT questionnaire_id FROM interviews GROUP BY ALL HAVING count(*) > 1"
    assert warehouse.rows(twice) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NIGHT, min_size=2, max_size=5))
@example([{"KZ.csv": ALL}, {"KZ (1).csv": ALL}, {"KZ.csv": CORRECTED}, {"KZ.csv": AGAIN}, {"KZ.csv": ALL}])
@example([{"KZ.csv": ALL}, {"KZ (1).csv": CORRECTED, "KZ.csv": NOTHING}, {"KZ.csv": AGAIN}])
@example([{"KZ.csv": ((15, 30), ""), "KZ (1).csv": ((0, 12), "")}, {"KZ (1).csv": ((15, 30), "29"), "KZ.csv": NOTHING}])
def test_no_sequence_of_files_counts_a_questionnaire_twice(nights: list[dict[str, Content | None]]) -> None:
    with tempfile.TemporaryDirectory() as name, empty_warehouse() as warehouse, pytest.MonkeyPatch.context() as patch:
        survey = small_survey.write(Path(name) / "surveys")
        patch.setenv("KINSCALE_SURVEYS", str(Path(name) / "surveys"))
        content = yaml.safe_load((survey / "survey.yaml").read_text(encoding="utf-8"))
        content["sources"] = [{**content["sources"][0], "path": "raw/KZ*.csv"}]
        (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        chosen, home = declaration.load(small_survey.ID), Home(Path(name) / "home")
        for night in nights:
            deliver(survey / "raw", night)
            files, _ = pull.pull(pull.look(chosen), chosen, warehouse, home)
            loads.forget_refusals(warehouse, chosen.id, [file.load_id for file in files])
            _, errors = take_in(files, chosen, home, warehouse, direct.steps(), lambda _: None)
            assert all(isinstance(error, DeliveryError) for error in errors)
            told = [str(error) for error in errors]
            assert len(set(told)) == len(told)  # each is said once
            check(warehouse)
