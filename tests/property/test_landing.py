"""Any sequence of versions of two files leaves exactly the rows of their last versions that could be read."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import declaration
from schemas.batch import Batch, Load, Lot, PulledFile
from schemas.declaration import Declaration
from schemas.editing import EDIT_COLUMNS
from schemas.errors import FormatDamaged
from tasks import land
from tests import small_survey
from tests.property.memory_warehouse import empty_warehouse
from warehouse import accounting, loads
from warehouse.build import Warehouse

URIS = ("raw/KZ_1.csv", "raw/KZ_2.csv")
STEP = st.tuples(
    st.sampled_from(URIS),
    st.one_of(
        st.none(),  # the version cannot be read and is refused as a whole
        st.lists(st.booleans(), min_size=1, max_size=4).map(tuple),  # its rows: accepted, or quarantined
    ),
)


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Declaration:
    folder = tmp_path_factory.mktemp("surveys")
    small_survey.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder))
        return declaration.load(small_survey.ID)


def batch(uri: str, version: tuple[bool, ...]) -> Batch:
    name = "".join("10"[not good] for good in version)
    file = PulledFile(uri, uri, "KZ", 0, name, len(version), f"{uri}@{name}")
    good, bad = ([n for n, fine in enumerate(version) if fine is wanted] for wanted in (True, False))
    accepted = pd.DataFrame({"questionnaire_id": [f"{uri}-{n}" for n in good], "source_row": good})
    text = {"column_name": "relatives", "value": "x", "message": "no number", "also": ""}
    named = {"questionnaire_id": [f"{uri}-{n}" for n in bad], "raw_row": [f'{{"n": "{n}"}}' for n in bad]}
    quarantined = pd.DataFrame({"source_row": bad, "rule": "relatives_integer", **text, **named})
    edits = pd.DataFrame(
        [[n, f"{uri}-{n}", "sex_total_mismatch", "warn", "x", "1", "2"] for n in good[:1]], columns=EDIT_COLUMNS
    )
    return Batch(file, len(version), accepted, quarantined, edits)


def landed(validated: Batch, chosen: Declaration, warehouse: Warehouse) -> Load:
    (load,) = land.land(Lot((validated.file,), (0,)), [validated], chosen, warehouse)
    assert isinstance(load, Load)
    return load


def rows(warehouse: Warehouse, table: str) -> list[tuple[str, int]]:
    query = f"SELECT uri, source_row FROM {table} JOIN loads USING (load_id) WHERE loads.status = 'landed' ORDER BY ALL"
    found = [(row["uri"], row["source_row"]) for row in warehouse.rows(query)]
    kept = "WHERE status = 'open'" if table == "quarantine" else ""  # refused rows stay for ever, closed
    assert len(found) == warehouse.rows(f"SELECT count(*) AS n FROM {table} {kept}")[0]["n"]  # and no row is left over
    assert accounting.faults(warehouse) == []
    return found


@settings(max_examples=30, deadline=None)
@given(st.lists(STEP, max_size=7))
def test_the_last_readable_version_of_each_file_is_what_counts(
    chosen: Declaration, steps: list[tuple[str, tuple[bool, ...] | None]]
) -> None:
    model: dict[str, tuple[bool, ...]] = {}
    refused: set[str] = set()
    with empty_warehouse() as warehouse:
        for uri, version in steps:
            if version is None:
                file = PulledFile(uri, uri, "KZ", 0, "damaged", 1, f"{uri}@damaged")
                land.refuse(Lot((file,), (0,)), [FormatDamaged("torn", file=uri)], chosen, warehouse)
                refused.add(uri)
            else:
                landed(batch(uri, version), chosen, warehouse)
                model[uri] = version
                refused.discard(uri)
            expected = {
                wanted: [(u, n) for u in URIS for n, fine in enumerate(model.get(u, ())) if fine is wanted]
                for wanted in (True, False)
            }
            assert rows(warehouse, "interviews") == expected[True]
            assert rows(warehouse, "quarantine") == expected[False]
            assert [u for u, _ in rows(warehouse, "edits")] == [u for u in URIS if any(model.get(u, ()))]
            standing = loads.current(warehouse, chosen.id).values()
            assert {load.uri for load in standing if load.status == "landed"} == set(model)
            assert {load.uri for load in standing if load.status == "refused"} == refused
            for load in standing:
                assert load.rows_read == load.rows_accepted + load.rows_quarantined
                assert load.status == "refused" or load.rows_read == len(model[load.uri])


@settings(max_examples=10, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=4).map(tuple), st.integers(1, 3))
def test_landing_a_file_again_changes_nothing(chosen: Declaration, version: tuple[bool, ...], times: int) -> None:
    with empty_warehouse() as warehouse:
        seen = []
        for _ in range(times + 1):
            load = landed(batch(URIS[0], version), chosen, warehouse)
            counts = "SELECT (SELECT count(*) FROM loads) AS l, (SELECT count(*) FROM interviews) AS i"
            seen.append((load, warehouse.rows(counts)))
        assert seen == seen[:1] * len(seen)


def test_two_surveys_with_files_of_one_name_leave_each_other_alone(chosen: Declaration) -> None:
    """An address is relative to its survey's folder, so both can be raw/KZ_1.csv."""
    other = chosen.model_copy(update={"id": "other_survey"})
    with empty_warehouse() as warehouse:
        landed(batch(URIS[0], (True, False)), chosen, warehouse)
        second = batch(URIS[0], (True, True))
        landed(replace(second, file=replace(second.file, load_id="of the other")), other, warehouse)
        assert [len(loads.current(warehouse, survey.id)) for survey in (chosen, other)] == [1, 1]
        assert warehouse.rows("SELECT count(*) AS n FROM interviews") == [{"n": 3}]
        assert warehouse.rows("SELECT status FROM quarantine") == [{"status": "open"}]
