"""The rooms and their floors, from the imports: arrows only point down; rooms on one floor do not know each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
FLOORS = {
    "flows": 5,
    "tasks": 4,
    "warehouse": 3,
    "reports": 3,
    "exchange": 3,
    "benchmarks": 3,
    "estimators": 2,
    "sources": 2,
    "samples": 2,
    "disclosure": 2,
    "schemas": 1,
}
PURE = {"duckdb", "prefect", "pandera", "fsspec", "pathlib", "os", "requests", "httpx"}
FORBIDDEN = {"estimators": PURE, "disclosure": PURE}
MODULES = [(room, path) for room in FLOORS for path in sorted((CHECKOUT / room).rglob("*.py"))]


def imported_rooms(path: Path) -> set[str]:
    """Name the first parts of everything a module imports, at its top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add((node.module or "").split(".")[0])
    return found


def arrows_that_point_up(room: str, imports: set[str]) -> set[str]:
    """Name the rooms above, or beside, that a module of `room` imports."""
    return {name for name in imports & FLOORS.keys() if name != room and FLOORS[name] >= FLOORS[room]}


@pytest.mark.parametrize(("room", "path"), MODULES, ids=[str(p.relative_to(CHECKOUT)) for _, p in MODULES])
def test_arrows_point_down(room: str, path: Path) -> None:
    imports = imported_rooms(path)
    assert not arrows_that_point_up(room, imports)
    assert not imports & FORBIDDEN.get(room, set())
    assert "tests" not in imports


def test_an_arrow_that_points_up_is_seen() -> None:
    assert arrows_that_point_up("estimators", {"numpy", "warehouse", "schemas"}) == {"warehouse"}
    assert arrows_that_point_up("sources", {"estimators"}) == {"estimators"}
    assert arrows_that_point_up("flows", {"tasks", "schemas"}) == set()


def test_only_the_orchestrating_modules_know_prefect() -> None:
    knowing = {str(p.relative_to(CHECKOUT)) for _, p in MODULES if "prefect" in imported_rooms(p)}
    flows = {f"flows/{name}.py" for name in ("nightly", "backfill", "verification", "maintenance", "artifacts")}
    assert knowing == flows | {
        "flows/orchestration.py",
        "flows/dask_pool.py",
        "tasks/orchestrated.py",
        "tasks/secret_block.py",
    }


def test_sql_lives_in_the_warehouse() -> None:
    knowing = {room for room, path in MODULES if "duckdb" in imported_rooms(path)}
    assert knowing <= {"warehouse", "flows", "benchmarks"}  # benchmarks read a file of their own, not the warehouse


def test_files_and_functions_stay_short() -> None:
    for _, path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, f"{path} is too long for one idea"
        assert ast.get_docstring(ast.parse(text)) or not text.strip(), f"{path} does not say what lives here"
