"""The build warehouse against itself and the raw store: each fault is made, and found."""

from __future__ import annotations

import json

import pytest

from schemas import family_survey
from warehouse import build, consistency, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home

FILES = {"a": b"one", "b": b"two"}


@pytest.fixture
def warehouse(home: Home) -> Home:
    """Two loads in force, of two accepted rows and one refused row each, whose bytes are in the raw store."""
    with build.write(home, family_survey) as opened:
        for name, content in FILES.items():
            sha256, size = raw_store.keep(home, [content])
            add_load(opened, name, sha256, size)
            for row in (1, 2):
                add_row(opened, "interviews", load_id=name, survey_id="s", source_row=row)
            add_refused(opened, name)
    return home


def add_row(opened: Warehouse, table: str, **row: object) -> None:
    opened.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f'${c}' for c in row)})", **row)


def add_load(opened: Warehouse, name: str, sha256: str, size: int, **more: object) -> None:
    about = {"load_id": name, "survey_id": "s", "country": "KZ", "uri": f"raw/{name}.csv", "file": f"{name}.csv"}
    rows = {"rows_read": 3, "rows_accepted": 2, "rows_quarantined": 1, "status": "landed", "error": ""}
    rest = {"sha256": sha256, "bytes": size, "reasons": json.dumps({}), "edits": json.dumps({})}
    add_row(opened, "loads", **{**about, **rows, **rest, "loaded_at": "2026-11-22 01:30:00", **more})


def add_refused(opened: Warehouse, name: str) -> None:
    about = {"load_id": name, "survey_id": "s", "country": "KZ", "file": f"{name}.csv", "source_row": 3}
    why = dict.fromkeys(("rule", "column_name", "value", "message", "also", "raw_row"), "")
    add_row(opened, "quarantine", **about, **why, status="open", opened_at="2026-11-22 01:30:00")


def change(home: Home, sql: str) -> list[str]:
    with build.write(home, family_survey) as opened:
        opened.execute(sql)
        return consistency.faults(opened)


def test_a_whole_warehouse_has_no_fault(warehouse: Home) -> None:
    with build.read(warehouse) as opened:
        assert opened is not None
        assert consistency.faults(opened) == []
        found = consistency.stored(opened, warehouse)
    assert (found.files, found.hashed, found.missing, found.changed) == (2, 2, (), ())


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "DELETE FROM interviews WHERE load_id = 'a' AND source_row = 1",
            "a.csv: 2 rows were accepted, 1 interviews are stored",
        ),
        ("DELETE FROM quarantine WHERE load_id = 'b'", "b.csv: 1 rows were quarantined, 0 are stored"),
        (
            "INSERT INTO interviews BY NAME SELECT 'z' AS load_id, 's' AS survey_id, 1 AS source_row",
            "z: 1 interviews are of no load",
        ),
        (
            "UPDATE loads SET status = 'replaced' WHERE load_id = 'a'",
            "a.csv: it is replaced, and 2 interviews of it are stored",
        ),
        ("UPDATE loads SET uri = 'raw/a.csv'", "2 versions of one file are in force"),
        (
            """INSERT INTO edits VALUES ('z', 's', 1, 'q', 'correction', 'set', 'relatives', '1', '2')""",
            "edits: 1 rows belong to no load in force",
        ),
    ],
)
def test_each_fault_is_named(warehouse: Home, sql: str, told: str) -> None:
    assert any(told in fault for fault in change(warehouse, sql))


def test_stored_bytes_that_went_or_changed_are_named(warehouse: Home) -> None:
    stored = sorted(path for path in warehouse.raw.glob("??/*") if len(path.name) == 64)
    content = {path.read_bytes(): path for path in stored}
    content[b"one"].unlink()
    content[b"two"].chmod(0o644)
    content[b"two"].write_bytes(b"tw0")
    with build.read(warehouse) as opened:
        assert opened is not None
        found = consistency.stored(opened, warehouse)
    assert (found.missing, found.changed) == (("a.csv",), ("b.csv",))


def test_more_bytes_than_can_be_read_are_looked_for_only(warehouse: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "MOST_BYTES", 3)  # one file of three bytes
    with build.read(warehouse) as opened:
        assert opened is not None
        found = consistency.stored(opened, warehouse)
    assert (found.files, found.hashed, found.missing) == (2, 1, ())
