"""A new country from a sample file to a published release, as the README says: the same commands, the same edits.

Expected numbers by arithmetic from samples/new_country.py: 30 cases among 120 families in three years are a quarter
of a case per family, 1/12 a year; families of five make 1,000,000 people 200,000 families; 200,000 / 12 = 16,666.67.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from samples import new_country
from schemas.errors import DeclarationError
from warehouse import results
from warehouse.home import Home

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def surveys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return tmp_path / "surveys"


@pytest.fixture
def deliveries(tmp_path: Path) -> Path:
    (tmp_path / "deliveries").mkdir()
    new_country.write(tmp_path / "deliveries")
    return tmp_path / "deliveries"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Make the edits of a person; each must find exactly one place."""
    text = path.read_text(encoding="utf-8")
    for pattern, new in changes:
        text, times = re.subn(pattern, new, text, flags=re.MULTILINE)
        assert times == 1, f"{path.name}: {pattern} is there {times} times"
    path.write_text(text, encoding="utf-8")


def victims(home: Home, survey_id: str) -> dict[tuple[str, str], float]:
    """Return all victims abroad a year by `design`, by level and region."""
    cells = results.read(
        home.releases / f"{survey_id}-2012-r1" / "results.duckdb", "estimates", indicator="victims", method="design",
        exploitation="all", sex="all", location="abroad",
    )  # fmt: skip
    return {
        (row["level"], row["region"] or ""): row["estimate"] for row in cells.fillna({"region": ""}).to_dict("records")
    }


def test_a_new_country_is_published_by_what_the_readme_says(
    surveys: Path, deliveries: Path, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call("new-survey", "valley_2012", "--from", str(deliveries / "valley.csv"))
    assert made.exit_code == 0, made.output
    assert re.search(r"valley\.csv +120 .* 27 of 28$", made.output, flags=re.MULTILINE)
    assert "To choose, 1 place:" in made.output

    before = call("check", "valley_2012")
    assert before.exit_code == 1
    assert "settlement is not chosen yet" in before.stdout
    assert "3 populations are missing: KG (row 2), KG-B (row 3), KG-C (row 4)" in before.stdout
    with pytest.raises(DeclarationError, match="is not chosen yet"):  # and no night reads it either
        CliRunner().invoke(app, ["run", "--survey", "valley_2012", "--direct"], catch_exceptions=False)

    folder = surveys / "valley_2012"  # the four edits
    edit(folder / "survey.yaml", (r"settlement: CHOOSE.*$", 'settlement: "Село или город"'))
    edit(
        folder / "population.csv",
        ("^KG,,,", "KG,,1000,"),
        ("^KG,KG-B,,", "KG,KG-B,600,"),
        ("^KG,KG-C,,", "KG,KG-C,400,"),
    )

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    files = sorted(path for path in tmp_path.rglob("*"))
    after = call("check", "valley_2012")
    assert after.exit_code == 0, after.stdout
    assert "rows         120 read, 120 would be accepted" in after.stdout
    assert "Ready. Next: ./kinscale run --survey valley_2012" in after.stdout
    assert sorted(path for path in tmp_path.rglob("*")) == files  # nothing was written

    run = call("run", "--survey", "valley_2012", "--direct", "--home", str(home.root))
    assert run.exit_code == 0, run.output
    expected = {("national", ""): 200_000 / 12, ("group", ""): 200_000 / 12,
                ("regional", "KG-B"): 120_000 / 12, ("regional", "KG-C"): 80_000 / 12}  # fmt: skip
    assert victims(home, "valley_2012") == pytest.approx(expected, rel=1e-9)


def test_the_readme_has_these_commands_and_edits() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Your own survey in ten minutes")[1].split("\n## ")[0]
    commands = ["sample new_country --to deliveries", "new-survey valley_2012 --from deliveries/valley.csv"]
    commands += ["check valley_2012", "run --survey valley_2012"]
    for said in (*commands, 'settlement: "Село или город"', "KG,,1000", "KG,KG-B,600", "KG,KG-C,400"):
        assert said in section


def test_an_unknown_country_in_a_workbook_needs_its_codes(surveys: Path, deliveries: Path) -> None:
    made = call("new-survey", "lowland_2012", "--from", str(deliveries / "lowland.xlsx"), "--json")
    told = json.loads(made.stdout)
    assert [source["mapped"] for source in told["sources"]] == [28]
    assert len(told["choose"]) == 4  # two regions, each in regions.csv and population.csv

    folder = surveys / "lowland_2012"
    edit(folder / "regions.csv", ("^MD,CHOOSE,Orhei", "MD,MD-OR,Orhei"), ("^MD,CHOOSE,Soroca", "MD,MD-SO,Soroca"))
    edit(folder / "population.csv", ("^MD,,,", "MD,,1000,"), ("^MD,CHOOSE,,(.*Orhei)", r"MD,MD-OR,750,\1"),
         ("^MD,CHOOSE,,(.*Soroca)", r"MD,MD-SO,250,\1"))  # fmt: skip
    ready = call("check", "lowland_2012", "--json")
    assert ready.exit_code == 0, ready.stdout
    report = json.loads(ready.stdout)
    assert report["ready"] is True
    assert report["publishes"]["regions"] == ["MD-OR", "MD-SO"]


def test_check_tells_rows_codes_and_spellings_that_do_not_fit(survey: Path, surveys: Path) -> None:
    """On the small survey, broken: the row numbers count the header as 1, as a text editor does."""
    from tests import small_survey

    path = survey / "raw" / "KG.csv"
    small_survey.change(path, 0, {"settlement_type": "пгт"})
    small_survey.change(path, 1, {"region": "Чуйска"})
    small_survey.change(path, 2, {"relatives": "Асель и двое братьев"})
    small_survey.change(path, 3, {"interview_date": "31.12.2009"})
    found = call("check", small_survey.ID)
    assert "rows         30 read, 26 would be accepted" in found.stdout
    for rule, row in (
        ("settlement_type_code", 2),
        ("region_unknown", 3),
        ("relatives_integer", 4),
        ("outside_fieldwork", 5),
    ):
        assert re.search(rf"{rule} +1  row {row}\b", found.stdout), rule
    assert 'settlement_type: "пгт": 1 rows; not under `values`' in found.stdout
    assert 'region: "Чуйска": 1 rows; the nearest alias is "чуйская" (KG-C)' in found.stdout
    assert "Асель" not in found.stdout  # what stands in a column without codes may be anything


def test_check_compares_how_a_file_is_declared_with_how_it_looks(survey: Path, surveys: Path) -> None:
    from tests import small_survey

    path = survey / "raw" / "KG.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("прим", "").encode("cp1251"))
    (survey / "raw" / "KZ.csv").unlink()
    found = call("check", small_survey.ID, "--json")
    assert found.exit_code == 1
    report = json.loads(found.stdout)
    assert {problem["code"] for problem in report["problems"]} == {"source_missing", "encoding_mismatch"}
    encoding = next(row for row in report["files"][0]["read_as"] if row["key"] == "encoding")
    assert (encoding["declared"], encoding["found"], encoding["sure"]) == ("utf-8", "cp1251", True)
    assert encoding["confidence"] > 0.99
    assert report["publishes"] is None


def test_check_asks_the_gate_and_names_nothing_of_the_scratch_folder(survey: Path, surveys: Path) -> None:
    from tests import small_survey

    with (survey / "regions.csv").open("a", encoding="utf-8") as handle:
        handle.write("KG,KG-T,Talas,Талас,,yes\n")  # surveyed, it says, and no interview is there
    found = call("check", small_survey.ID)
    assert found.exit_code == 1
    assert (
        "gate_refused  the release was refused: region_set_is_complete (KG): 2 of 3 regions; missing KG-T"
        in found.stdout
    )
    assert "kinscale-check-" not in found.stdout
    assert "KG-T has no row in population.csv" in found.stdout


def test_check_names_regions_of_one_settlement_and_where_to_choose(survey: Path, surveys: Path) -> None:
    from tests import small_survey

    path = survey / "raw" / "KG.csv"
    for row in range(0, small_survey.ROWS_PER_COUNTRY, 2):  # every second interview is of KG-B
        small_survey.change(path, row, {"district": "район 1", "settlement": "село 1"})
    found = call("check", small_survey.ID)
    assert found.exit_code == 1
    assert "one settlement only: KG-B" in found.stdout
    assert "rates.lonely_psu: fail, and of KG-B" in found.stdout


@pytest.mark.parametrize("arguments", [("new-survey", "a b", "--from", "x"), ("new-survey", "ok"), ("check",)])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).exit_code == 2
