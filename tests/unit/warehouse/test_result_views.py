"""Views and macros of a release: two vintages side by side, one cell, names of releases, the loan of macros.

What `compare` must say about the cells comes from two places: the kinds written by hand below, and `tasks.changes`,
which knows the same rules in pandas.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas import result_tables
from schemas.errors import KinscaleError
from schemas.result_tables import conform
from schemas.result_views import views
from tasks.changes import KEY, changes
from tests.unit.tasks import small_tables
from warehouse import catalogue, query, result_views, results

HIDDEN: dict[str, object] = dict.fromkeys(["estimate", "ci_low", "ci_high", "n_respondents"]) | {"conf_status": "C"}
GONE: dict[str, object] = {"level": "gone"}
CASES: list[tuple[dict[str, object], dict[str, object], str]] = [
    ({}, {"estimate": 101.0}, "revised"),
    ({}, {"ci_high": 201.0}, "uncertainty"),
    ({}, {"n_respondents": 61}, "uncertainty"),
    ({}, {"reliability": "caution"}, "uncertainty"),
    ({}, {"df": 3.0}, "uncertainty"),
    ({}, {"lonely_psu": "adjust"}, "uncertainty"),
    ({"estimate": None}, {}, "added"),
    ({}, {"estimate": None}, "removed"),
    ({}, HIDDEN, "hidden"),
    ({}, {**HIDDEN, "conf_status": "D"}, "hidden"),
    (HIDDEN, {}, "shown"),
    (HIDDEN, {**HIDDEN, "conf_status": "D", "n_respondents": 5}, "same"),
    ({}, {"obs_status": "R"}, "same"),
    ({}, {"estimate": 100.0000000001}, "same"),
    (GONE, {}, "added"),
    ({}, GONE, "removed"),
    (HIDDEN, GONE, "removed"),
    ({"estimate": 0.0}, {"estimate": 1.0}, "revised"),
    ({}, {"estimate": 1000.0, "ci_low": 900.0, "ci_high": 1100.0}, "revised"),
]
"""What befalls the first innermost cells, in their order, and what it is called; all other cells stay as they are."""


def vintages() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two vintages of the small tables, in which case i befalls the i-th region's cell."""
    before, after = small_tables.estimates("s-2009-r1"), small_tables.estimates("s-2009-r2")
    for place, (old, new, _) in zip(before.index[before["estimate"] == 100.0], CASES, strict=False):
        for frame, values in ((before, old), (after, new)):
            for name, value in values.items():
                frame.loc[place, name] = value
    return before[before["level"] != "gone"], after[after["level"] != "gone"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release file with both vintages."""
    rows = []
    for number, day in ((1, "2026-01-01"), (2, "2026-02-01")):
        row = dict.fromkeys(result_tables.tables()["releases"].names)
        name = {"release_id": f"s-2009-r{number}", "survey_id": "small_survey", "reference_period": "2009"}
        about = {"published_at": pd.Timestamp(day), "status": "provisional", "content_sha256": "0" * 64}
        rows.append(row | name | about)
    content = {name: pd.DataFrame(columns=table.names) for name, table in result_tables.tables().items()}
    content |= {"estimates": pd.concat(vintages()), "releases": pd.DataFrame(rows)}
    folder = tmp_path_factory.mktemp("release")
    results.write(folder, {name: conform(name, frame) for name, frame in content.items()})
    return folder / "results.duckdb"


def ask(file: Path, text: str) -> list[dict[str, Any]]:
    with query.run(file, text) as answer:
        return answer.records()


def compared(file: Path) -> pd.DataFrame:
    return pd.DataFrame(ask(file, "FROM compare('r1', 'r2')"))


def test_compare_names_every_kind_of_change(file: Path) -> None:
    old, _ = vintages()
    got = compared(file)
    assert len(got) == len(small_tables.estimates())
    full = small_tables.estimates()
    cells = full[full["estimate"] == 100.0].head(len(CASES))[KEY]
    kinds = cells.merge(got, on=KEY, how="left")["change"]
    assert list(kinds) == [kind for _, _, kind in CASES]
    assert (got["change"] != "same").sum() == sum(kind != "same" for _, _, kind in CASES)
    assert len(old) == len(full) - 1


def test_compare_says_what_the_table_of_revisions_says(file: Path) -> None:
    expected = changes(*vintages()).sort_values(KEY).reset_index(drop=True)
    got = compared(file).query("change != 'same'").sort_values(KEY).reset_index(drop=True)
    assert got["change"].tolist() == expected["change"].tolist()
    for name in expected.columns.difference([*KEY, "change", "beyond_limits"]):
        assert got[name].astype("float64").to_numpy() == pytest.approx(
            expected[name].astype("float64").to_numpy(), nan_ok=True
        ), name
    assert got["beyond_limits"].eq(True).tolist() == expected["beyond_limits"].tolist()


def test_limits_that_are_apart(file: Path) -> None:
    """By hand: the one cell that went from 100 (50 to 200) to 1,000 (900 to 1,100)."""
    got = compared(file)
    apart = got[got["limits_apart"].eq(True)]
    assert apart[["difference", "relative_change", "beyond_limits"]].values.tolist() == [[900.0, 9.0, True]]


def test_a_cell_that_is_hidden_after_shows_nothing_of_before(file: Path) -> None:
    hidden = compared(file).query("visibility == 'hidden'")
    assert len(hidden) == 3
    assert hidden[["previous_estimate", "previous_ci_low", "estimate", "difference"]].isna().all().all()
    assert sorted(hidden["previous_visibility"]) == ["hidden", "shown", "shown"]


@pytest.mark.parametrize("name", ["s-2009-r1", "r1"])
def test_a_release_by_name(file: Path, name: str) -> None:
    assert ask(file, f"SELECT named_release('{name}') AS name") == [{"name": "s-2009-r1"}]
    assert ask(file, "SELECT named_release('latest') AS name") == [{"name": "s-2009-r2"}]


def test_a_release_that_is_not_there_is_told_with_those_that_are(file: Path) -> None:
    with pytest.raises(
        KinscaleError, match='"r9" names 0 of the releases in this file; they are: s-2009-r1, s-2009-r2'
    ):
        ask(file, "FROM compare('r1', 'r9')")


def test_one_cell_by_place(file: Path) -> None:
    """Numbers by hand from `small_tables`: 400 for women inside by labour in all, 200 a country, 100 a region."""
    call = "SELECT estimate, visibility FROM cell('{}', exploitation := 'labour', location := 'inside', sex := 'women')"
    assert ask(file, call.format("all")) == [{"estimate": 400.0, "visibility": "shown"}]
    assert ask(file, call.format("KZ")) == [{"estimate": 200.0, "visibility": "shown"}]
    assert ask(file, call.format("KZ-23"))[0]["visibility"] == "shown"
    assert ask(file, call.format("FR")) == []
    assert len(ask(file, "FROM cell('KZ', method := 'pennington')")) == 1
    assert ask(file, "FROM cell('KZ', method := 'design')") == []


def test_what_is_missing_is_said_in_words(file: Path) -> None:
    rows = "(1.0, 'F'), (NULL, 'C'), (NULL, 'D'), (NULL, 'N'), (NULL, 'F')"
    words = [row["v"] for row in ask(file, f"SELECT visibility(a, b) AS v FROM (VALUES {rows}) AS t(a, b)")]
    assert words == ["shown", "hidden", "hidden", "not for publication", "no number"]


def test_everything_is_commented_and_every_column_explained(file: Path) -> None:
    with query.session(file) as session:
        named = {one.name: one for one in catalogue.named(session.connection)}
        asked = "SELECT DISTINCT function_name, comment FROM duckdb_functions() WHERE NOT internal"
        assert dict(session.connection.execute(asked).fetchall()) == {
            n: v.comment for n, v in views().items() if "macro" in v.kind
        }
        assert named.keys() == result_tables.tables().keys() | views().keys()
        assert all(one.comment for one in named.values())
        for name, one in named.items():
            if one.has_columns:
                columns = catalogue.columns(session.connection, name)
                assert [c.name for c in columns if not c.comment] == [], name
                if name in views():
                    assert dict(views()[name].columns).keys() <= {c.name for c in columns}, name
        asked = """SELECT count(*) FROM duckdb_columns() AS c JOIN duckdb_views() AS v ON v.view_name = c.table_name
                   WHERE NOT v.internal AND c.comment IS NULL"""
        assert session.connection.execute(asked).fetchall() == [(0,)]


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.example])
def test_every_example_runs(file: Path, name: str) -> None:
    ask(file, views()[name].example)


def test_the_parameters_are_those_of_the_macro(file: Path) -> None:
    rows = ask(file, "SELECT function_name AS name, parameters AS given FROM duckdb_functions() WHERE NOT internal")
    for row in rows:
        told = views()[row["name"]].parameters.strip("()")
        names = [part.partition(":=")[0].strip() for part in told.split(",") if part]
        assert names == row["given"], row["name"]


def test_an_older_release_is_lent_what_it_lacks_and_stays_as_it_is(file: Path, tmp_path: Path) -> None:
    import duckdb

    own = {"latest_release", "national_estimates", "regional_estimates", "estimates_asof"}
    old = tmp_path / "results.duckdb"
    shutil.copy(file, old)
    old.chmod(0o600)
    connection = duckdb.connect(str(old))
    for name, view in views().items():
        if name not in own:
            connection.execute(f"DROP {view.kind.upper().replace('TABLE MACRO', 'MACRO TABLE')} {name}")
    connection.close()
    before = hashlib.sha256(old.read_bytes()).hexdigest()
    with query.session(old) as session:
        assert set(session.lent) == views().keys() - own
        assert session.last_answer("FROM compare('r1', 'r2')").records() == ask(file, "FROM compare('r1', 'r2')")
        assert all(one.comment for one in catalogue.named(session.connection))
    assert hashlib.sha256(old.read_bytes()).hexdigest() == before
    with query.session(file) as session:
        assert session.lent == ()


def test_meanings_of_shared_columns_come_from_the_tables() -> None:
    said = result_views.meanings(views()["cell"])
    assert said["n_psu"] == "Primary sampling units in the domain [settlements]"
    assert said["visibility"] == "shown, hidden, not for publication, or no number"
