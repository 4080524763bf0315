"""Each policy against each kind of change, through validation of the small survey; verdicts by docs/surveys.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import declaration
from schemas.batch import Batch, LongBatch, Lot, PulledFile
from schemas.errors import KinscaleError
from schemas.shape import Accepted, LastAccepted
from sources.table import RawTable, text_frame
from tasks import drift, validate
from tests import small_survey

FILE = PulledFile("raw/KZ.csv", "KZ.csv", "KZ", 0, "0" * 64, 10, "load")
Rows = list[dict[str, str]]


def declared(survey: Path, **keys: Any) -> declaration.Declaration:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0] |= keys
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return declaration.load(small_survey.ID)


def table(rows: Rows) -> RawTable:
    columns = tuple(rows[0])
    cells = [[row[name] for name in columns] for row in rows]
    return RawTable(text_frame(columns, cells, range(2, len(rows) + 2)), columns, "KZ.csv")


def outcome(rows: Rows, survey: declaration.Declaration, before: LastAccepted = drift.NOTHING) -> Batch | KinscaleError:
    (found,) = validate.validate(Lot((FILE,), (0,)), [table(rows)], survey, before=before)
    assert not isinstance(found, LongBatch)
    return found


def added(rows: Rows) -> Rows:
    return [{**row, "телефон": "7" if n < 3 else ""} for n, row in enumerate(rows)]


def dropped(rows: Rows) -> Rows:
    return [{k: v for k, v in row.items() if k != "ngo"} for row in rows]


def dropped_that_counts(rows: Rows) -> Rows:
    return [{k: v for k, v in row.items() if k != "relatives"} for row in rows]


def code(rows: Rows) -> Rows:
    return [{**row, "migrant_abroad": "неизвестно"} if n < 2 else row for n, row in enumerate(rows)]


def capitals(rows: Rows) -> Rows:
    return [{**row, "migrant_abroad": row["migrant_abroad"].upper()} if n < 2 else row for n, row in enumerate(rows)]


def spelling(rows: Rows) -> Rows:
    return [{**row, "region": "Aktubinskaia"} if n == 0 else row for n, row in enumerate(rows)]


def retyped(rows: Rows) -> Rows:
    return [{**row, "relatives": f"{row['relatives']} чел."} for row in rows]


def version(rows: Rows) -> Rows:
    return [{**row, "__version__": "v2" if n < 4 else "v1"} for n, row in enumerate(rows)]


def reordered(rows: Rows) -> Rows:
    return [dict(reversed(row.items())) for row in rows]


VERDICTS: list[tuple[Callable[[Rows], Rows], str, object]] = [
    (added, "freeze", "unknown_column"),
    (added, "evolve", {}),
    (added, "quarantine", {"column_added": 3}),
    (dropped, "freeze", "missing_column"),
    (dropped, "evolve", {}),
    (dropped, "quarantine", "missing_column"),  # it touches every row
    (dropped_that_counts, "freeze", "missing_column"),
    (dropped_that_counts, "evolve", "missing_column"),
    (dropped_that_counts, "quarantine", "missing_column"),
    (code, "freeze", "delivery_drifted"),
    (code, "evolve", {"migrant_abroad_code": 2}),
    (code, "quarantine", {"migrant_abroad_code": 2}),
    (capitals, "freeze", "delivery_drifted"),
    (capitals, "evolve", {}),
    (capitals, "quarantine", {"migrant_abroad_code": 2}),
    (spelling, "freeze", "delivery_drifted"),
    (spelling, "evolve", {"region_unknown": 1}),
    (spelling, "quarantine", {"region_unknown": 1}),
    (retyped, "freeze", "delivery_drifted"),
    (retyped, "evolve", "too_many_bad_rows"),
    (retyped, "quarantine", "too_many_bad_rows"),
    (version, "freeze", "delivery_drifted"),
    (version, "evolve", {}),
    (version, "quarantine", {"form_version_unknown": 4}),
    (reordered, "freeze", {}),
    (reordered, "evolve", {}),
    (reordered, "quarantine", {}),
]


@pytest.mark.parametrize(("change", "policy", "verdict"), VERDICTS, ids=[f"{c.__name__}-{p}" for c, p, _ in VERDICTS])
def test_a_policy_decides_what_becomes_of_a_change(
    survey: Path, change: Callable[[Rows], Rows], policy: str, verdict: object
) -> None:
    chosen = declared(survey, drift=policy, form_version="__version__", form_versions=["v1"])
    rows = change([{**row, "__version__": "v1"} for row in small_survey.interviews("KZ")])
    found = outcome(rows, chosen)
    if isinstance(found, KinscaleError):
        assert found.code == verdict
        return
    assert found.quarantined["rule"].value_counts().to_dict() == verdict
    assert len(found.accepted) + len(found.quarantined) == 30


def test_a_frozen_form_refuses_a_file_that_names_no_version(survey: Path) -> None:
    found = outcome(small_survey.interviews("KZ"), declared(survey, drift="freeze", form_version="__version__"))
    assert isinstance(found, KinscaleError)
    assert found.code == "delivery_drifted"
    assert '"__version__": was there, is not there' in str(found)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (added, "unknown_column"),
        (dropped, "missing_column"),
        (code, {"migrant_abroad_code": 2}),
        (spelling, {"region_unknown": 1}),
    ],
)
def test_nothing_said_is_as_it_always_was(survey: Path, change: Callable[[Rows], Rows], verdict: object) -> None:
    found = outcome(change(small_survey.interviews("KZ")), declaration.load(small_survey.ID))
    if isinstance(found, KinscaleError):
        assert found.code == verdict
    else:
        assert found.quarantined["rule"].value_counts().to_dict() == verdict


def test_a_column_that_is_declared_absent_is_missing_and_the_country_is_that_of_the_source(survey: Path) -> None:
    columns = {name: name for name in small_survey.COLUMNS} | {"ngo": None, "interviewer": None, "country": None}
    rows = [{k: v for k, v in row.items() if columns[k]} for row in small_survey.interviews("KZ")]
    found = outcome(rows, declared(survey, columns=columns))
    assert isinstance(found, Batch)
    assert len(found.accepted) == 30
    assert found.accepted["ngo"].isna().all()
    assert found.accepted["interviewer"].isna().all()
    assert set(found.accepted["country"]) == {"KZ"}


def test_a_column_that_numbers_rest_on_cannot_be_declared_absent(survey: Path) -> None:
    columns = {name: name for name in small_survey.COLUMNS} | {"settlement": None}
    found = outcome(small_survey.interviews("KZ"), declared(survey, columns=columns))
    assert isinstance(found, KinscaleError)
    assert found.code == "declaration_error"
    assert "settlement is absent, and numbers rest on it" in str(found)


def test_an_empty_cell_of_a_column_that_is_there_still_refuses_the_row(survey: Path) -> None:
    rows = [{**row, "ngo": "" if n == 0 else row["ngo"]} for n, row in enumerate(small_survey.interviews("KZ"))]
    found = outcome(rows, declared(survey, drift="evolve"))
    assert isinstance(found, Batch)
    assert found.quarantined["rule"].tolist() == ["ngo_not_nullable"]


def test_the_message_compares_with_the_last_accepted_delivery(survey: Path) -> None:
    chosen = declaration.load(small_survey.ID)
    first = outcome(small_survey.interviews("KZ"), chosen)
    assert isinstance(first, Batch)
    assert first.form is not None
    before = LastAccepted({}, Accepted("KZ_1.csv", datetime(2009, 10, 2), first.form.shape))
    renamed = [{("anzahl" if k == "relatives" else k): v for k, v in r.items()} for r in small_survey.interviews("KZ")]
    error = outcome(renamed, chosen, before)
    assert isinstance(error, KinscaleError)
    said = str(error)
    assert "KZ_1.csv of 2009-10-02" in said
    assert "column 10, whole numbers" in said  # relatives is the tenth of COLUMNS, in both files
    assert 'columns: {relatives: "anzahl"}' in said
    assert [one["kind"] for one in error.facts["drift"]] == ["column_renamed"]


def test_too_many_bad_rows_say_what_changed_and_how_to_declare_it(survey: Path) -> None:
    rows = [
        {**row, "interview_date": f"2009-10-{n % 28 + 1:02d}"} for n, row in enumerate(small_survey.interviews("KZ"))
    ]
    error = outcome(rows, declaration.load(small_survey.ID))
    assert isinstance(error, KinscaleError)
    assert error.code == "too_many_bad_rows"
    assert "was days like 31.12.2009, is days like 2009-12-31" in error.what
    assert 'date_format: "%Y-%m-%d"' in str(error)


def test_a_cell_of_an_undeclared_column_is_in_no_message(survey: Path) -> None:
    chosen = declared(survey, drift="quarantine")
    rows = [{**row, "телефон": "+7 701 5550199"} for row in small_survey.interviews("KZ")[:2]]
    rows += [{**row, "телефон": ""} for row in small_survey.interviews("KZ")[2:]]
    found = outcome(rows, chosen)
    assert isinstance(found, Batch)
    assert found.form is not None
    refused = found.quarantined[["rule", "column_name", "value", "message"]].to_json(force_ascii=False)
    assert "column_added" in refused
    assert "5550199" not in refused + found.form.shape.as_json() + str(found.form.differences)


def pasted(error: KinscaleError) -> list[dict[str, Any]]:
    """Return what the lines of an error say that begin with a key of a source, each read by itself."""
    step = error.next_step or ""
    lines = [line.partition(": ")[2] if line.startswith("If it ") else line for line in step.splitlines()]
    return [yaml.safe_load(line) for line in lines if line.startswith(("values:", "ignore:", "personal:", "columns:"))]


def test_each_line_that_a_refused_file_names_can_be_pasted(survey: Path) -> None:
    rows = [{**row, "migrant_inside": "иногда"} if n < 2 else row for n, row in enumerate(code(kz()))]
    error = outcome(rows, declared(survey, drift={"codes": "freeze"}))
    assert isinstance(error, KinscaleError)
    assert sorted(key for line in pasted(error) for key in line["values"]) == ["migrant_abroad", "migrant_inside"]
    values = yaml.safe_load((survey / "survey.yaml").read_text(encoding="utf-8"))["sources"][0]["values"]
    for line in pasted(error):
        for column, new in line["values"].items():
            values[column] |= dict.fromkeys(new, "no")
    assert isinstance(outcome(rows, declared(survey, values=values)), Batch)


@pytest.mark.parametrize("header", ['имя "x"', "№, п/п: #", "it's"])
def test_a_header_with_marks_of_yaml_can_be_ignored_or_declared_personal(survey: Path, header: str) -> None:
    rows = [{**row, header: "1"} for row in kz()]
    error = outcome(rows, declaration.load(small_survey.ID))
    assert isinstance(error, KinscaleError)
    ignore, personal = pasted(error)
    assert (ignore["ignore"][-1], personal) == (header, {"personal": {header: "drop"}})
    assert isinstance(outcome(rows, declared(survey, **ignore)), Batch)


def kz() -> Rows:
    return small_survey.interviews("KZ")
