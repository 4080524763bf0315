"""The step that publishes: four hundred nights without change, refused nights, leftovers, what each release keeps."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pandas as pd
import pytest

from schemas import declaration, result_tables
from schemas.declaration import Declaration
from schemas.errors import GateRefused
from schemas.reason import Reason, ReasonCode
from tasks import release as publishing
from tasks.withdraw import withdraw
from tests import small_survey
from tests.unit.tasks import small_tables
from warehouse import chain, integrity, raw_store, results
from warehouse import release as folders
from warehouse.home import Home

LIMITED = {"estimate": 1.0, "ci_low": 0.5, "ci_high": 2.0}
LOADS = [small_tables.load(country=country, uri=f"raw/{country}.csv") for country in ("KG", "KZ")]


@functools.cache
def tables(number: float = 100.0, verdict: str = "passed") -> dict[str, pd.DataFrame]:
    """Return what the earlier steps hand over; `number` is the total of all countries together."""
    cells = small_tables.estimates("next")
    group = (cells["level"] == "group") & (cells["exploitation"] == "all") & (cells["location"] == "both")
    group &= cells["sex"] == "all"
    check = {"release_id": "next", "dimension": "coherence", "check_id": "sums", "scope": "all", "verdict": verdict}
    quality = pd.DataFrame([check]).reindex(columns=result_tables.tables()["quality"].names)
    empty = {table.name: small_tables.empty(table.name) for table in result_tables.tables_in("families")}
    changed = {name: cells[name].mask(group, number * part) for name, part in LIMITED.items()}
    return {
        **empty,
        "estimates": cells.assign(**changed),
        "quality": result_tables.conform("quality", quality),
    }


@pytest.fixture
def chosen(survey: Path) -> Declaration:
    return declaration.load(small_survey.ID)


def publish(
    home: Home, chosen: Declaration, number: float = 100.0, verdict: str = "passed", reason: Reason | None = None
) -> str | None:
    """Run the step once; return the name of a new release, None when there is none."""
    name = folders.next_id(home, chosen.id, "2009")
    made = {
        table: frame.assign(release_id=name) if "release_id" in frame else frame
        for table, frame in tables(number, verdict).items()
    }
    published, is_new = publishing.release(made, chosen, LOADS, name, home, reason=reason)
    return published.release_id if is_new else None


def test_four_hundred_nights_without_change_leave_one_release(home: Home, chosen: Declaration) -> None:
    made = [publish(home, chosen) for _ in range(400)]
    assert made == ["small_survey-2009-r1"] + [None] * 399
    assert sorted(path.name for path in home.releases.iterdir()) == [
        "chain.jsonl",
        "latest",
        "latest-small_survey",
        "small_survey-2009-r1",
    ]
    assert not home.candidates.exists()
    assert len(chain.entries(home)) == 1


def test_nights_without_change_remove_neither_old_nor_withdrawn_releases(home: Home, chosen: Declaration) -> None:
    assert [publish(home, chosen, number) for number in (1.0, 2.0, 3.0)][-1] == "small_survey-2009-r3"
    withdraw(home, "r2", "two deliveries were swapped")
    before = {str(p): p.stat().st_mtime_ns for p in home.releases.rglob("*") if p.is_file() and not p.is_symlink()}
    assert [publish(home, chosen, 3.0) for _ in range(20)] == [None] * 20
    after = {str(p): p.stat().st_mtime_ns for p in home.releases.rglob("*") if p.is_file() and not p.is_symlink()}
    assert after == before
    assert integrity.check(home) == []


def test_refused_nights_with_equal_content_leave_one_candidate(home: Home, chosen: Declaration) -> None:
    for _ in range(5):
        with pytest.raises(GateRefused):
            publish(home, chosen, verdict="refused")
    (candidate,) = home.candidates.iterdir()
    assert json.loads((candidate / "manifest.json").read_text(encoding="utf-8"))["refused"] == ["sums (all): nan"]
    with pytest.raises(GateRefused):
        publish(home, chosen, 7.0, verdict="refused")
    assert len(list(home.candidates.iterdir())) == 2


def test_leftovers_of_killed_builds_go_even_when_nothing_is_new(home: Home, chosen: Declaration) -> None:
    publish(home, chosen)
    left = home.releases / ".building-another-2009-r7"
    (left / "tables").mkdir(parents=True)
    (left / "tables" / "half.csv").write_text("half", encoding="utf-8")
    publish(home, chosen)
    assert not left.exists()


def test_the_manifest_names_what_the_release_was_made_from(home: Home, chosen: Declaration) -> None:
    publish(home, chosen)
    manifest = folders.published(home, chosen.id)[0].manifest
    names = {item["name"] for item in manifest["declaration_files"]}
    assert names == {"survey.yaml", "regions.csv", "population.csv"}
    for item in manifest["declaration_files"]:
        assert raw_store.verify(home, item["sha256"])
        assert raw_store.place(home, item["sha256"]).read_bytes() == (chosen.folder / item["name"]).read_bytes()
    assert manifest["seeds"] == {"sensitivity": 2009}  # neither pennington nor poisson draws anything


def frozen(chosen: Declaration, day: str = "2020-01-01") -> Declaration:
    """Return the declaration with a freeze date; the file is changed too, as a person would."""
    path = chosen.folder / "survey.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nfreeze_date: {day}\n", encoding="utf-8")
    return declaration.load(chosen.id)


def test_final_numbers_change_for_a_reason_only(home: Home, chosen: Declaration) -> None:
    final = frozen(chosen)
    publish(home, final)
    with pytest.raises(GateRefused) as refused:
        publish(home, final, 101.0)
    assert "final_numbers_change_for_a_reason" in str(refused.value)
    assert "1 cells differ" in str(refused.value)
    assert "./kinscale run --reason" in str(refused.value)
    assert refused.value.exit_code == 3
    assert home.latest.resolve().name == "small_survey-2009-r1"
    assert publish(home, final, 101.0, reason=Reason("typed twice", ReasonCode.CORRECTION)) == "small_survey-2009-r2"
    release = folders.published(home, chosen.id)[-1]
    assert (release.manifest["reason"], release.manifest["reason_code"]) == ("typed twice", "correction")
    (row,) = results.read(release.database, "revisions").to_dict("records")
    assert (row["level"], row["estimate"], row["reason"], row["reason_code"]) == (
        "group",
        101.0,
        "typed twice",
        "correction",
    )
    rows = results.read(release.database, "releases").set_index("release_id")
    assert list(rows["reason"].fillna("")) == ["", "typed twice"]
    assert set(rows["status"]) == {"final"}
    cells = results.read(release.database, "estimates", release_id=release.release_id)
    assert list(cells.loc[cells["obs_status"] == "R", "estimate"]) == [101.0]
    assert set(cells["obs_status"]) == {"R", "A"}


def test_provisional_numbers_change_without_one(home: Home, chosen: Declaration) -> None:
    later = frozen(chosen, "2999-01-01")
    publish(home, later)
    assert publish(home, later, 101.0) == "small_survey-2009-r2"
    release = folders.published(home, chosen.id)[-1]
    assert set(results.read(release.database, "estimates")["obs_status"]) == {"P"}
    assert set(results.read(release.database, "releases")["status"]) == {"provisional"}
    assert release.manifest["reason_code"] == "method"  # the inputs are the same


def test_the_freeze_date_alone_makes_no_release(home: Home, chosen: Declaration) -> None:
    publish(home, chosen)
    assert publish(home, frozen(chosen)) is None


def test_a_reason_does_not_help_against_another_refusal(home: Home, chosen: Declaration) -> None:
    with pytest.raises(GateRefused, match="sums"):
        publish(home, chosen, verdict="refused", reason=Reason("because"))


@pytest.mark.usefixtures("all_pages")
def test_what_was_withdrawn_returns_for_a_reason_only(home: Home, chosen: Declaration) -> None:
    publish(home, chosen, 1.0)
    publish(home, chosen, 2.0)
    withdraw(home, "r2", "wrong file")
    with pytest.raises(GateRefused, match="equal to small_survey-2009-r2, which was withdrawn: wrong file"):
        publish(home, chosen, 2.0)
    assert home.latest.resolve().name == "small_survey-2009-r1"
    assert publish(home, chosen, 1.0) is None  # what is in force stays in force
    assert publish(home, chosen, 2.0, reason=Reason("it was right after all")) == "small_survey-2009-r3"
    release = folders.published(home, chosen.id)[-1]
    rows = results.read(release.database, "releases").set_index("release_id")
    withdrawn = rows.loc["small_survey-2009-r2"]
    assert (withdrawn["status"], withdrawn["withdrawal_reason"], withdrawn["replaced_by"]) == (
        "withdrawn",
        "wrong file",
        "small_survey-2009-r3",
    )
    changed = results.read(release.database, "revisions").sort_values("release_id")
    assert [tuple(pair) for pair in changed[["previous_release_id", "release_id"]].to_numpy()] == [
        ("small_survey-2009-r1", "small_survey-2009-r2"),
        ("small_survey-2009-r1", "small_survey-2009-r3"),  # compared with what stood, not with what was withdrawn
    ]
    page = (release.folder / "report" / "revisions.html").read_text(encoding="utf-8")
    assert "wrong file</q>. Use small_survey-2009-r3" in page
    assert integrity.check(home) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("regions.csv", "KZ-15,KZ-15", "KZ-15,Aktobe", "reclassification"),
        ("survey.yaml", "title: A small", "title: The small", "method"),
        ("survey.yaml", "да: 'yes'", "ДА: 'yes'", "reclassification"),
        ("population.csv", "450", "451", "method"),
    ],
)
def test_without_a_code_the_reason_follows_from_what_differs(
    home: Home, chosen: Declaration, file: str, old: str, new: str, code: str
) -> None:
    publish(home, chosen)
    path = chosen.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    publish(home, declaration.load(chosen.id), 101.0)
    assert folders.published(home, chosen.id)[-1].manifest["reason_code"] == code
