"""Victim lists from a file: both layouts give the same overlaps, and every cell that is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows import lists_table
from flows.cli import app
from schemas.errors import KinscaleError, ListsInvalid, MissingColumn, SourceMissing
from tasks import lists
from warehouse.home import CHECKOUT

EXAMPLE = CHECKOUT / "samples" / "victim_lists" / "united_kingdom_2013.csv"
FEW = {"replicates": 0}
# 60 on A alone, 30 on B alone, 20 on both: unseen 60 x 30 / 20 = 90 (Lincoln and Petersen), so 200 together.
OVERLAPS = "A,B,count\n1,0,60\n0,1,30\n1,1,20\n"


def file(folder: Path, text: str) -> Path:
    path = folder / "lists.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_two_lists_by_hand(tmp_path: Path) -> None:
    found = lists.estimate(file(tmp_path, OVERLAPS), options=FEW)
    assert (found.lists, found.observed, found.shared) == (("A", "B"), 110, {"A:B": 20})
    models = found.models.set_index(["model", "limits"])
    assert models.loc[("main_effects", "wald"), "estimate"] == pytest.approx(200, rel=1e-9)
    assert set(found.models["model"]) >= {"main_effects", "stepwise_p", "bic_average", "chao"}


def test_a_row_per_person_says_the_same(tmp_path: Path) -> None:
    counted = lists.read(file(tmp_path, OVERLAPS))
    people = ["1;0"] * 60 + ["0;1"] * 30 + ["1;1"] * 20
    text = "person;A;B\n" + "".join(f"p{number};{marks}\n" for number, marks in enumerate(people))
    pd.testing.assert_frame_equal(lists.read(file(tmp_path, text), ["person"], ";"), counted)


def test_a_row_per_person_and_list_says_the_same(tmp_path: Path) -> None:
    counted = lists.read(file(tmp_path, OVERLAPS))
    of = {"A": [*range(60), *range(90, 110)], "B": range(60, 110)}  # 60 to 89 on B alone, 90 to 109 on both
    text = "who,where\n" + "".join(f"key{number},{name}\n" for name, numbers in of.items() for number in numbers)
    entries = lists.read_entries(file(tmp_path, text), "who", "where")
    key = ["A", "B"]
    got, expected = (table.set_index(key)["count"].sort_index() for table in (entries, counted))
    pd.testing.assert_series_equal(got, expected, check_index_type=False)


def test_lists_that_do_not_match_say_how_many_people_they_can_hold(tmp_path: Path) -> None:
    path = file(tmp_path, "who,where\na,X\nb,X\nc,Y\n")
    told = CliRunner().invoke(app, ["lists", str(path), "--entries", "who", "where"])
    assert told.exit_code == 1
    with pytest.raises(ListsInvalid, match="no key stands on two of the 2 lists") as caught:
        lists.read_entries(path, "who", "where")
    assert (caught.value.facts["fewest"], caught.value.facts["most"]) == (2, 3)
    with pytest.raises(MissingColumn):
        lists.read_entries(path, "who", "list")


def test_the_bundled_example_is_the_published_count() -> None:
    # Bales, Hesketh and Silverman (2015): 2,744 potential victims, five lists after joining.
    found = lists.estimate(EXAMPLE, options=FEW)
    assert (found.observed, len(found.lists)) == (2744, 5)
    told = "\n".join(lists_table.warnings(found))
    assert "every model above has one maximum" in told
    assert "LA:GP 0, NG:GP 1" in told
    assert json.loads(json.dumps(found.record, allow_nan=False))["estimates"][0]["model"] == "main_effects"


def test_a_model_without_an_estimate_keeps_its_row_and_says_why(tmp_path: Path) -> None:
    found = lists.estimate(file(tmp_path, "A,B,count\n1,0,40\n0,1,30\n"), options=FEW)  # nobody is on both
    assert "main_effects: no estimate exists" in "\n".join(lists_table.warnings(found))
    assert found.record["estimates"][0]["estimate"] is None


@pytest.mark.parametrize(
    ("text", "row", "column", "words"),
    [
        ("A,B,count\n1,0,3\n0,2,4\n", 3, "B", "neither 0 nor 1"),
        ("A,B,count\n1,0,3\n0,,4\n", 3, "B", "neither 0 nor 1"),
        ("A,B,count\n1,0,3\n0,1,4.5\n", 3, "count", "not a number of people"),
        ("A,B,count\n1,0,-3\n0,1,4\n", 2, "count", "not a number of people"),
        ("A,B,count\n1,0,3\n0,1,many\n", 3, "count", "not a number of people"),
        ("A,B,count\n1,0,3\n0,1,4\n0,0,9\n", 4, None, "on no list"),
        ("A,B\n1,0\n0,0\n0,1\n", 3, None, "on no list"),
        ("A,B,count\n1,0,3\n1,1,0\n", None, "B", "nobody is on this list"),
        ("A,B,count\n1,0,3\n0,1\n", 3, None, "does not fit the header"),
        ("A,count\n1,3\n", None, None, "1 lists"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, row: int | None, column: str | None, words: str) -> None:
    with pytest.raises(ListsInvalid, match=words) as caught:
        lists.read(file(tmp_path, text))
    assert caught.value.where == ("lists.csv", row, column)


def test_a_file_or_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        lists.read(tmp_path / "none.csv")
    with pytest.raises(MissingColumn):
        lists.read(file(tmp_path, OVERLAPS), ["person"])
    with pytest.raises(KinscaleError):
        lists.read(file(tmp_path, ""))


def test_the_command_prints_a_table_or_json(tmp_path: Path) -> None:
    path = str(file(tmp_path, OVERLAPS))
    shown = CliRunner().invoke(app, ["lists", path, "--replicates", "0"])
    assert shown.exit_code == 0, shown.output
    told = CliRunner().invoke(app, ["lists", path, "--replicates", "20", "--json"])
    record = json.loads(told.stdout)
    assert record["observed"] == 110
    assert {row["limits"] for row in record["estimates"] if row["model"] == "main_effects"} == {
        "wald", "profile", "bootstrap"
    }  # fmt: skip
