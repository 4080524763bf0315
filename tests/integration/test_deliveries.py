"""Nights in which a file is replaced, shrunk, resent, encoded anew or reordered; counts are those of the files."""

from __future__ import annotations

import json
import shlex
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows import cli, warehouse_rebuild
from flows import replay as replays
from flows.after_night import record_of
from reports import night_summary
from schemas import accepted_deliveries, declaration
from schemas.delivery_record import Delivered, told
from schemas.errors import DeclarationError, DeliveryUnexpected
from tests import small_survey
from tests.integration.delivered import SAY, content, declare, kz, rows, run, said
from tests.killed_script import killed
from warehouse import delivery_records, release
from warehouse.home import Home

COMMANDS = (["list"], ["show", "KZ.csv"], ["show", "KZ.csv", "--json"])


def where(home: Home) -> list[str]:
    return ["--survey", small_survey.ID, "--home", str(home.root)]


def verdicts(one: Delivered) -> dict[str, str]:
    """What the checks said that was not ok."""
    return {finding.check_id: finding.verdict for finding in one.findings if finding.verdict != "ok"}


def test_a_replaced_file_shows_what_changed_inside(survey: Path, home: Home) -> None:
    first = run(home)
    assert first.deliveries == ()  # nothing was there to compare with
    changed = kz(survey)
    changed[2] |= {"relatives": "20", "district": "другой район"}
    changed[4] |= {"relatives": "21"}
    changed[5] |= {"questionnaire_id": "KZ-900"}
    changed[7] |= {"relatives": "many"}
    del changed[9]
    small_survey.write_rows(survey / "raw" / "KZ.csv", changed)
    outcome = run(home)
    one = said(outcome)["KZ.csv"]
    assert one.kind == "replaced"
    found = {(c.kind, c.column): (c.number, c.questionnaires) for c in one.changes}
    assert found == {
        ("added", ""): (1, ("KZ-900",)),
        ("removed", ""): (2, ("KZ-005", "KZ-009")),
        ("refused_now", ""): (1, ("KZ-007",)),
        ("questionnaires", ""): (2, ()),
        ("cells", "district"): (1, ("KZ-002",)),
        ("cells", "relatives"): (2, ("KZ-002", "KZ-004")),
    }
    assert verdicts(one) == {"key_overlap": "warn"}
    assert outcome.exit_code == 0
    (shown,) = delivery_records.show(home, small_survey.ID, "KZ.csv")
    examples = {change["column_name"]: change["examples"] for change in shown["changes"]}
    # Relatives of interview n are 6 + n % 9 (tests/small_survey.py). A place is named, its cells are not shown.
    assert examples["relatives"] == [["KZ-002", "8", "20"], ["KZ-004", "10", "21"]]
    assert examples["district"] == [["KZ-002"]]
    told_by = [CliRunner().invoke(cli.app, ["deliveries", *words, *where(home)]).output for words in COMMANDS]
    listed = [line.split() for line in told_by[0].splitlines()]
    assert ["KZ", "KZ.csv", "counts", "29", "replaced", "warn"] in [words[:6] for words in listed]
    assert "KZ-002 from 8 to 20" in told_by[1]
    assert "2 of 30 questionnaires are gone" in told_by[1]
    assert json.loads(told_by[2])[0]["state"] == "counts"
    summary = night_summary.markdown(record_of(outcome, home, release.now()))
    assert "gone 2" in summary
    assert "relatives 2" in summary
    assert "другой" not in summary
    assert "KZ-00" not in summary  # a record may leave the machine; the terminal and `deliveries show` name interviews
    assert "gone: KZ-005, KZ-009" in told(one)


def accept(survey: Path, error: DeliveryUnexpected) -> None:
    """Add the line that an error gives, with a name and a reason."""
    assert error.next_step is not None
    line = error.next_step.splitlines()[1]
    (survey / "accepted_deliveries.yaml").write_text(line.replace("WHO", "M").replace("WHY", "one district less"))


def shrink(survey: Path, kept: int = 12) -> None:
    small_survey.write_rows(survey / "raw" / "KZ.csv", kz(survey)[:kept])


def test_a_version_that_lost_most_questionnaires_is_refused_until_somebody_accepts_it(survey: Path, home: Home) -> None:
    first = run(home)
    shrink(survey)
    outcome = run(home)
    (error,) = outcome.errors
    assert isinstance(error, DeliveryUnexpected)
    assert "18 of 30 questionnaires are gone (key_overlap); gone: KZ-012, KZ-013, " in str(error)
    assert outcome.exit_code == 1
    assert content(outcome) == content(first)  # the version before is in force
    assert {load.file: load.rows_accepted for load in outcome.loads} == {"KG.csv": 30, "KZ.csv": 30}
    assert said(outcome)["KZ.csv"].verdict == "refuse"
    assert [row["state"] for row in delivery_records.every(home, small_survey.ID) if row["file"] == "KZ.csv"] == [
        "counts",
        "refused",
    ]
    again = run(home)
    assert not again.news
    assert "refused before" in str(again.errors[0])

    look = shlex.split((error.next_step or "").partition("./kinscale ")[2].partition("    ")[0])
    assert look == ["deliveries", "show", "KZ.csv", "--survey", small_survey.ID]
    assert CliRunner().invoke(cli.app, [*look, "--home", str(home.root)]).exit_code == 0
    (survey / "accepted_deliveries.yaml").write_text((error.next_step or "").splitlines()[1])
    with pytest.raises(DeclarationError, match="entry 1: by"):
        declaration.load(small_survey.ID)  # as it was printed: nobody answers for it yet
    accept(survey, error)
    taken = run(home)
    assert taken.errors == ()
    assert {load.file: load.rows_accepted for load in taken.loads} == {"KG.csv": 30, "KZ.csv": 12}
    assert said(taken)["KZ.csv"].findings[2].accepted.startswith("accepted by M on ")
    (survey / "accepted_deliveries.yaml").unlink()
    assert {load.file: load.rows_accepted for load in run(home).loads} == {"KG.csv": 30, "KZ.csv": 12}


def test_an_accepted_delivery_of_a_file_that_nobody_delivered_is_told(survey: Path, home: Home) -> None:
    entry = accepted_deliveries.line("KZ", "KZ_2.csv", "0" * 64, "key_overlap", date(2010, 1, 1))
    path = survey / "accepted_deliveries.yaml"
    path.write_text(entry.replace("WHO", "M").replace("WHY", "fewer"))
    (error,) = run(home).errors
    assert (error.code, error.where.file) == ("acceptance_stale", "KZ_2.csv")
    path.write_text(path.read_text().replace("KZ_2.csv", "KZ.csv"))
    assert run(home).errors == ()


def test_a_survey_chooses_its_own_thresholds_and_a_source_goes_over_them(survey: Path, home: Home) -> None:
    run(home)
    declare(survey, delivery_checks={"key_overlap": {"refuse": None}, "rows": {"refuse": 2.4}})
    shrink(survey)
    outcome = run(home)
    assert [error.facts["checks"] for error in outcome.errors] == [["rows"]]  # 30 rows by 12 is 2.5
    sources = yaml.safe_load((survey / "survey.yaml").read_text("utf-8"))["sources"]
    sources[0]["delivery_checks"] = {"rows": {"refuse": 2.6}}
    declare(survey, sources=sources)
    assert run(home).errors == ()


def test_a_rebuild_takes_in_what_a_release_has_counted_and_refuses_what_was_refused(
    survey: Path, home: Home, tmp_path: Path
) -> None:
    run(home)
    shrink(survey)
    (error,) = run(home).errors
    assert isinstance(error, DeliveryUnexpected)
    accept(survey, error)
    accepted = run(home)
    changed = kz(survey)[:1]
    small_survey.write_rows(survey / "raw" / "KZ.csv", changed)
    assert isinstance(run(home).errors[0], DeliveryUnexpected)  # 11 of 12 are gone
    before = rows(home, "SELECT questionnaire_id, relatives FROM interviews ORDER BY ALL")
    (survey / "accepted_deliveries.yaml").unlink()
    rebuilt = warehouse_rebuild.rebuild(home, SAY)
    assert rows(home, "SELECT questionnaire_id, relatives FROM interviews ORDER BY ALL") == before
    assert [load.file for load in rebuilt.refused] == ["KZ.csv"]
    assert content(run(home)) == content(accepted)


def test_a_questionnaire_in_quarantine_with_another_file_is_not_gone(folder: Path, home: Home) -> None:
    everyone = kz(folder)
    (folder / "raw" / "KZ.csv").unlink()
    halves = {"KZ_a.csv": everyone[:15], "KZ_b.csv": everyone[15:]}
    for name, half in halves.items():
        small_survey.write_rows(folder / "raw" / name, half)
    run(home)
    exchanged = [{**row, "relatives": "many"} if n in (4, 6) else row for n, row in enumerate(everyone[:15])]
    small_survey.write_rows(folder / "raw" / "KZ_b.csv", exchanged)
    small_survey.write_rows(folder / "raw" / "KZ_a.csv", everyone[15:])
    outcome = run(home)
    one = said(outcome)["KZ_a.csv"]
    assert {c.kind: c.number for c in one.changes if c.kind in ("held_elsewhere", "removed")} == {"held_elsewhere": 15}
    assert verdicts(one) == {}


def test_a_file_that_is_only_read_again_is_not_judged(survey: Path, home: Home) -> None:
    run(home)
    entry: dict[str, Any] = {"country": "KZ", "questionnaire": "KZ-003", "column": "relatives", "expect": "9"}
    entry |= {"set": "10", "reason": "the form says so", "source": "scan 12", "date": date(2027, 2, 1)}
    (survey / "corrections.yaml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    outcome = run(home)
    assert [load.file for load in outcome.landed] == ["KZ.csv"]
    assert outcome.deliveries == ()
    replays.replay(declaration.load(small_survey.ID), home, SAY)
    assert rows(home, "SELECT count(*) AS n FROM delivery_findings") == [{"n": 0}]


def test_a_new_file_of_few_interviews_is_compared_and_never_refused(folder: Path, home: Home) -> None:
    declare(folder, delivery_checks={"rows": {"warn": 3, "refuse": 4}})
    run(home)
    late = {"interview_date": "30.11.2009", "questionnaire_id": "KZ-700"}
    small_survey.write_rows(folder / "raw" / "KZ_next.csv", [{**small_survey.interviews("KZ")[0], **late}])
    outcome = run(home)
    one = said(outcome)["KZ_next.csv"]
    assert (one.kind, one.beside) == ("new", "the earlier file of raw/*KZ*.csv")
    assert verdicts(one) == {"size": "warn", "rows": "warn"}  # 1 row by 30; two days after the last interview
    assert outcome.errors == ()


KILLED = """
import importlib, sys
from pathlib import Path
from flows import direct
from schemas import declaration
from tests.drills.faults import Fault, deadly
from warehouse.home import Home
module = importlib.import_module(sys.argv[2])
setattr(module, sys.argv[3], deadly(getattr(module, sys.argv[3]), Fault("function", sys.argv[3], "after")))
direct.run(declaration.load("small_survey"), Home(Path(sys.argv[1])), lambda _: None)
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("warehouse.delivery_changes", "keep_before"),  # within the transaction that lands, and is undone
        ("warehouse.delivery_changes", "record"),  # the refusal of the version is not yet written down
        ("warehouse.resent", "record"),
    ],
)
def test_a_killed_night_judges_again_and_ends_as_one_that_was_not(
    folder: Path, home: Home, module: str, function: str
) -> None:
    first = run(home)
    shutil.copy(folder / "raw" / "KZ.csv", folder / "raw" / "KZ_copy.csv")
    small_survey.write_rows(folder / "raw" / "KG.csv", small_survey.interviews("KG")[:12])
    killed(KILLED, folder.parent, str(home.root), module, function)
    outcome = run(home)
    (error,) = outcome.errors
    assert "18 of 30 questionnaires are gone" in str(error)
    assert content(outcome) == content(first)
    assert {load.file for load in outcome.loads} == {"KG.csv", "KZ.csv"}
    found = rows(home, "SELECT uri, how FROM resent_deliveries")
    assert found == [{"uri": "raw/KZ_copy.csv", "how": "bytes"}]
