"""Nights on which a delivery has changed its form: what is told, what is refused, and that a rebuild agrees.

Counts are arithmetic on the thirty interviews of `tests/small_survey.py` and on what each test changes in them.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows import after_night, direct, warehouse_rebuild
from flows.cli import app
from flows.night import Outcome
from reports import night_summary
from schemas import declaration
from schemas.shape import Shape
from tests import small_survey
from warehouse import build, quarantined
from warehouse.home import Home


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


def declare(survey: Path, **keys: Any) -> None:
    """Change keys of the source of Kazakhstan."""
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0] |= keys
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def deliver(survey: Path, rows: list[dict[str, str]], name: str = "KZ.csv") -> None:
    small_survey.write_rows(survey / "raw" / name, rows)


def rows_of(home: Home, sql: str) -> list[dict[str, Any]]:
    with build.read(home) as warehouse:
        assert warehouse is not None
        return warehouse.rows(sql)


def kinds(outcome: Outcome) -> list[tuple[str, str]]:
    return [(seen.difference.kind, seen.difference.column) for seen in outcome.drift]


def changed() -> list[dict[str, str]]:
    """Return interviews with a new column, without the organisation, with a new code, in capitals, and a spelling."""
    rows = [{**row, "телефон": "7015550199"} for row in small_survey.interviews("KZ")]
    for row in rows:
        del row["ngo"]
    rows[1]["migrant_abroad"] = "НЕТ"
    rows[3]["migrant_abroad"] = "может"
    rows[0]["region"] = "Aktubinskaia obl."
    return rows


def test_a_form_that_may_evolve_is_taken_in_and_told(survey: Path, home: Home) -> None:
    declare(survey, drift="evolve")
    run(home)
    deliver(survey, changed())
    outcome = run(home)
    assert outcome.errors == ()
    assert kinds(outcome) == [
        ("code_new", "migrant_abroad"),
        ("code_new", "migrant_abroad"),
        ("column_absent", "ngo"),
        ("column_added", "телефон"),
        ("region_new", "region"),
    ]
    loads = {load.country: load for load in outcome.loads}
    assert (loads["KZ"].rows_accepted, loads["KZ"].reasons) == (28, {"migrant_abroad_code": 1, "region_unknown": 1})
    assert rows_of(home, "SELECT count(ngo) AS n FROM interviews WHERE country = 'KZ'") == [{"n": 0}]
    kept = rows_of(home, "SELECT shape FROM shapes JOIN loads USING (load_id) WHERE file = 'KZ.csv' ORDER BY loaded_at")
    assert len(kept) == 2  # of the delivery before as well
    assert "телефон" in Shape.of_json(kept[1]["shape"]).columns
    assert "7015550199" not in json.dumps(kept)
    summary = night_summary.markdown(after_night.record_of(outcome, home, datetime.now(UTC)))
    assert "column_added" in summary
    assert "Aktubinskaia" not in summary  # a cell of the file, which notices and Prefect would be shown
    listed = (
        CliRunner().invoke(app, ["quarantine", "list", "--survey", small_survey.ID, "--home", str(home.root)]).output
    )
    assert "row 2 of regions.csv (KZ-15), if it is this region, aliases: Aktubinskaia obl." in listed
    assert 'values: {migrant_abroad: {"может": CHOOSE}}' in listed
    assert f"(since KZ.csv of {datetime.now(UTC):%Y}" in listed
    (row,) = rows_of(home, "SELECT * FROM quarantine WHERE rule = 'migrant_abroad_code'")
    shown = CliRunner().invoke(app, ["quarantine", "show", quarantined.name(row), "--home", str(home.root)]).output
    assert 'survey.yaml:  values: {migrant_abroad: {"может": CHOOSE}}' in shown
    before = numbers(home)
    warehouse_rebuild.rebuild(home, lambda _: None)
    assert numbers(home) == before


def numbers(home: Home) -> list[dict[str, Any]]:
    """Return the rows that count and those that were refused, and how the files differ."""
    return [
        *rows_of(home, "SELECT * EXCLUDE (load_id) FROM interviews ORDER BY ALL"),
        *rows_of(home, "SELECT file, source_row, rule, message FROM quarantine ORDER BY ALL"),
        *rows_of(home, "SELECT kind, column_name, now, outcome FROM drift ORDER BY ALL"),
    ]


def test_a_frozen_form_refuses_the_file_until_the_line_it_names_is_declared(survey: Path, home: Home) -> None:
    first = [{**row, "__version__": "v1"} for row in small_survey.interviews("KZ")]
    declare(survey, drift="freeze", form_version="__version__", form_versions=["v1"])
    deliver(survey, first)
    run(home)
    deliver(survey, [{**row, "__version__": "v2"} for row in first], "KZ_new.csv")
    declare(survey, path="raw/KZ*.csv")
    outcome = run(home)
    (error,) = outcome.errors
    assert error.code == "delivery_drifted"
    assert error.where.file == "KZ_new.csv"
    assert 'form_versions: ["v1", "v2"]' in (error.next_step or "")
    assert {load.country: load.rows_accepted for load in outcome.loads} == {"KG": 30, "KZ": 30}
    before = numbers(home)
    rebuilt = warehouse_rebuild.rebuild(home, lambda _: None)
    assert numbers(home) == before
    assert [(load.file, load.status) for load in rebuilt.refused] == [("KZ_new.csv", "refused")]
    line = (error.next_step or "").partition("declare what is new: ")[2]
    declare(survey, **yaml.safe_load(line))
    outcome = run(home)
    assert [load.rows_accepted for load in outcome.landed if load.file == "KZ.csv"] == [30]
    assert not [error for error in outcome.errors if error.code == "delivery_drifted"]  # now its numbers are duplicates


def test_rows_that_a_change_touches_wait_in_quarantine(survey: Path, home: Home) -> None:
    declare(survey, drift={"columns": "quarantine"})
    rows = [{**row, "телефон": "7015550199" if n < 2 else ""} for n, row in enumerate(small_survey.interviews("KZ"))]
    deliver(survey, rows)
    outcome = run(home)
    assert {load.country: load.reasons for load in outcome.loads} == {"KG": {}, "KZ": {"column_added": 2}}
    (told,) = outcome.drift
    assert (told.difference.line, told.difference.outcome) == (
        'ignore: ["телефон"]',
        "rows that fill it are in quarantine",
    )


def test_check_compares_with_what_was_accepted_and_says_the_line(survey: Path, home: Home) -> None:
    run(home)
    deliver(survey, changed())
    said = CliRunner().invoke(app, ["check", small_survey.ID, "--home", str(home.root)])
    assert said.exit_code == 1
    assert "changed its form since KZ.csv of" in said.output
    assert "columns: {ngo: null}" in said.output
    assert 'ignore: ["телефон"]' in said.output
    told = json.loads(CliRunner().invoke(app, ["check", small_survey.ID, "--home", str(home.root), "--json"]).stdout)
    kinds_told = {one["kind"] for file in told["files"] for one in file["drift"]}
    assert kinds_told == {"column_absent", "column_added"}


def test_many_files_have_a_shape_each_and_are_told_together(survey: Path, home: Home) -> None:
    declare(survey, drift="evolve", path="raw/KZ*.csv")
    (survey / "raw" / "KZ.csv").unlink()
    rows = [{**row, "v": "1"} for row in small_survey.interviews("KZ")]
    for number in range(10):
        deliver(survey, rows[number * 3 : number * 3 + 3], f"KZ_{number}.csv")
    outcome = run(home)
    (told,) = [seen for seen in outcome.drift if seen.country == "KZ"]
    assert (told.difference.kind, told.files, told.file) == ("column_added", 10, "KZ_0.csv")
    assert rows_of(home, "SELECT count(*) AS n, count(DISTINCT load_id) AS loads FROM shapes") == [
        {"n": 11, "loads": 11}
    ]
    deliver(survey, [dict(reversed(row.items())) for row in rows[:3]], "KZ_0.csv")  # compared with its own version
    assert ("columns_reordered", "") in kinds(run(home))


@pytest.mark.parametrize("alias", ["Атырауская", "АТЫРАУСКАЯ "])
def test_a_spelling_of_two_regions_stops_the_night_before_a_file_is_read(survey: Path, home: Home, alias: str) -> None:
    table = survey / "regions.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("Актюбинская,,", f"Актюбинская,{alias},"), encoding="utf-8"
    )
    with pytest.raises(Exception, match=r"stands for two regions: KZ-15 \(row 2\) and KZ-23 \(row 3\)") as caught:
        run(home)
    assert getattr(caught.value, "code", "") == "declaration_error"
    said = CliRunner().invoke(app, ["check", small_survey.ID, "--home", str(home.root)])
    assert "stands for two regions" in said.output
