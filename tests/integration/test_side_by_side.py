"""What workers read and validate leaves in the warehouse what the pipeline leaves that reads everything itself.

Expected is always the undisturbed night of one process, on a data folder of its own. The workers are threads that take
and give bytes (`tests/aside_pool.py`); with Dask itself the same is seen in `tests/scale`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import batch, declaration, family_survey
from schemas.errors import KinscaleError
from sources import text_blocks
from tasks import read_and_validate
from tests import personal_survey, small_survey
from tests.aside_pool import Pool, use
from warehouse import accounting, build, stored_rows
from warehouse.home import Home

TABLES = {
    "interviews": "*",
    "quarantine": "* EXCLUDE (opened_at, closed_at)",
    "edits": "*",
    "loads": "* EXCLUDE (loaded_at)",
    "drift": "*",
    "shapes": "*",
    "looks_personal": "*",
    "delivery_profile": "*",
    "delivery_changes": "*",
    "replacements": "*",
}
STORES = [{"engine": "duckdb"}, {"microdata": "build/interviews"}]
"""The build warehouse, and Parquet parts, which Spark would read."""


def night(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, lambda _: None)


def contents(home: Home) -> dict[str, list[dict[str, Any]]]:
    with build.write(home, family_survey) as warehouse:
        assert accounting.faults(warehouse) == []
        return {name: warehouse.rows(f"SELECT {what} FROM {name} ORDER BY ALL") for name, what in TABLES.items()}


def split(survey: Path, files: int = 5) -> None:
    """Divide each country's delivery into files, and let its source take them all."""
    declared: dict[str, Any] = small_survey.declaration()
    for source in declared["sources"]:
        country = source["country"]
        rows = small_survey.interviews(country)
        (survey / "raw" / f"{country}.csv").unlink()
        each = len(rows) // files
        for number in range(files):
            mine = rows[number * each : (number + 1) * each]
            small_survey.write_rows(survey / "raw" / f"{country}_{number}.csv", mine)
        source["path"] = f"raw/{country}_*.csv"
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")


def slip(survey: Path) -> None:
    """Of a file one answer is no number, so that a row is refused."""
    small_survey.change(survey / "raw" / "KZ_1.csv", 2, {"relatives": "six"})


def twice(survey: Path) -> None:
    """Two numbers of the first files come again in later ones, one of them of another lot."""
    small_survey.change(survey / "raw" / "KZ_4.csv", 0, {"questionnaire_id": "KZ-000"})
    small_survey.change(survey / "raw" / "KG_2.csv", 5, {"questionnaire_id": "KG-001"})


def bad(survey: Path) -> None:
    """Files that are refused: for their rows, for a column, as one that came before, and one without a row."""
    for row in range(5):
        small_survey.change(survey / "raw" / "KZ_0.csv", row, {"relatives": "many"})
        small_survey.change(survey / "raw" / "KZ_3.csv", row, {"relatives": "many"})
    file = survey / "raw" / "KG_1.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("relatives", "rels"), encoding="utf-8")
    (survey / "raw" / "KG_5.csv").write_bytes((survey / "raw" / "KG_0.csv").read_bytes())
    header, *lines = (survey / "raw" / "KG_3.csv").read_text(encoding="utf-8").splitlines()
    (survey / "raw" / "KG_6.csv").write_text("\n".join([header, *lines[::-1]]) + "\n", encoding="utf-8")
    (survey / "raw" / "KG_7.csv").write_text(header + "\n", encoding="utf-8")


def mended(survey: Path) -> None:
    """The refused row of before is right now, another is wrong, and a third has gone."""
    path = survey / "raw" / "KZ_1.csv"
    small_survey.change(path, 2, {"relatives": "6"})
    small_survey.change(path, 3, {"relatives": "seven"})
    small_survey.change(survey / "raw" / "KG_0.csv", 0, {"relatives": "11"})


def both(
    survey: Path, tmp_path: Path, patch: pytest.MonkeyPatch, store: dict[str, str], *changes: Callable[[Path], None]
) -> tuple[Pool, Outcome, Outcome]:
    """Run a night after each change, without and with workers, and compare what both left."""
    pool, plain, aside = Pool(), Home(tmp_path / "plain"), Home(tmp_path / "aside")
    patch.setattr(batch, "FILES_OF_LOT", 2)
    plain.root.mkdir()
    (plain.root / "settings.yaml").write_text(yaml.safe_dump(store))
    for change in changes:
        change(survey)
        expected = night(plain)
        with patch.context() as inner:
            use(pool, aside, inner, **store)
            found = night(aside)
        assert [told(error) for error in found.errors] == [told(error) for error in expected.errors]
        assert {load.load_id for load in found.landed} == {load.load_id for load in expected.landed}
        left = contents(aside)
        for name, rows in contents(plain).items():
            assert left[name] == rows, name
    assert not list(stored_rows.folder(aside).glob("*"))  # what has landed waits no more
    return pool, expected, found


def told(error: KinscaleError) -> str:
    return f"{error.code}: {error}"


def sha(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


@pytest.mark.parametrize("store", STORES)
def test_workers_leave_what_a_night_without_them_leaves(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: dict[str, str]
) -> None:
    split(survey)
    pool, expected, found = both(survey, tmp_path, monkeypatch, store, slip, mended)
    assert sha(found) == sha(expected)
    assert len(pool.lots) == 6 + 2  # of five files two a lot, in two countries; then a lot of the new files of each
    assert pool.most <= 4
    assert max(pool.bytes_back) < 60_000  # no accepted row travels: those of a lot are twelve


@pytest.mark.parametrize("store", STORES)
def test_a_number_that_came_before_is_refused_as_the_listing_says(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: dict[str, str]
) -> None:
    split(survey)
    both(survey, tmp_path, monkeypatch, store, twice, mended)


def test_refused_files_are_refused_with_the_same_words(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split(survey)
    _, expected, _ = both(survey, tmp_path, monkeypatch, STORES[0], bad, slip)
    assert len(expected.errors) >= 4  # else nothing was refused, and nothing compared


def test_a_long_file_is_validated_by_a_worker_part_by_part(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slips(survey: Path) -> None:
        small_survey.change(survey / "raw" / "KZ.csv", 4, {"relatives": "six", "questionnaire_id": "KZ-003"})

    def right(survey: Path) -> None:
        small_survey.change(survey / "raw" / "KZ.csv", 4, {"relatives": "6", "questionnaire_id": "KZ-004"})
        small_survey.change(survey / "raw" / "KZ.csv", 28, {"questionnaire_id": "KZ-001"})

    monkeypatch.setattr(text_blocks, "BLOCK", 900)  # bytes: some eight interviews, so that there are four parts
    pool, _, _ = both(survey, tmp_path, monkeypatch, STORES[0], slips, right)
    assert sorted(pool.lots) == ["KG.csv", "KZ.csv", "KZ.csv"]


def test_a_file_that_ends_its_workers_is_an_error_of_its_own_and_tried_again(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    split(survey)
    pool = Pool()
    pool.deadly = ("KZ_2.csv",)
    use(pool, home, monkeypatch)
    first = night(home)
    assert [(error.code, error.where.file) for error in first.errors] == [("worker_lost", "KZ_2.csv")]
    assert len(first.landed) == 9
    pool.deadly = ()
    second = night(home)
    assert second.errors == ()
    assert [load.file for load in second.landed] == ["KZ_2.csv"]
    assert len(second.loads) == 10


def test_a_worker_with_another_key_makes_no_pseudonym(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    personal_survey.write(tmp_path / "surveys")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    monkeypatch.setenv("KINSCALE_PSEUDONYM_KEY", personal_survey.KEY)
    pool = Pool()
    use(pool, home, monkeypatch)
    work = read_and_validate.read_and_validate

    def elsewhere(*asked: Any) -> Any:
        with pytest.MonkeyPatch.context() as other:
            other.setenv("KINSCALE_PSEUDONYM_KEY", "1e" * 32)
            return work(*asked)

    monkeypatch.setattr(read_and_validate, "read_and_validate", elsewhere)
    with pytest.raises(KinscaleError) as raised:
        night(home)
    assert raised.value.code == "pseudonym_key_changed"
    assert "1e1e" not in str(raised.value)
    with build.write(home, family_survey) as warehouse:
        assert warehouse.rows("SELECT * FROM loads") == []


def test_without_prefect_the_night_says_that_it_reads_by_itself(survey: Path, home: Home) -> None:
    home.root.mkdir()
    (home.root / "settings.yaml").write_text("runner: dask\n")
    said: list[str] = []
    outcome = direct.run(declaration.load(small_survey.ID), home, said.append)
    assert len(outcome.landed) == 2
    assert sum("read in this process" in line for line in said) == 1
