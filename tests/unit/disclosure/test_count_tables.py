"""Tables of counts: what is hidden of tables that can be solved by hand, and of the key-informant roster of 2007."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from disclosure.count_tables import Exposed, audit, hide
from tests.unit.disclosure.counts_attacker import bounds_of_hidden, too_close

GOLDEN = Path(__file__).parents[2] / "golden" / "count_tables"
COLUMNS = ["question", "code", "level", "region", "count", "base", "additive", "exempt"]


def two_way(
    counts: dict[str, dict[str, int]], question: str = "type", additive: bool = True, nation: bool = True
) -> pd.DataFrame:
    """Cells of {region: {code: count}}; the base of a region is the sum of its codes, the nation the sum of regions."""
    table = pd.DataFrame(counts).T
    rows = [
        (question, code, "region", region, table.loc[region, code], table.loc[region].sum(), additive, False)
        for region in table.index
        for code in table.columns
    ]
    if nation:
        rows += [(question, c, "country", None, table[c].sum(), table.sum().sum(), additive, False) for c in table]
    return pd.DataFrame(rows, columns=COLUMNS)


def statuses(cells: pd.DataFrame, min_units: int = 3) -> dict[tuple[str, str], str]:
    """Hide, and return the status by region and code; the nation is ''."""
    hidden = hide(cells, min_units)
    keys = zip(hidden["region"].fillna(""), hidden["code"], strict=True)
    return dict(zip(keys, hidden["conf_status"], strict=True))


def test_a_table_without_small_counts_is_shown_as_it_is() -> None:
    found = hide(two_way({"a": {"x": 5, "y": 9}, "b": {"x": 4, "y": 0}}).query("region != 'b'"), 3)
    assert set(found["conf_status"]) == {"F"}
    assert set(found["rule"]) == {""}


def test_one_small_count_of_a_two_by_two_table_takes_the_other_three_with_it() -> None:
    found = statuses(two_way({"a": {"x": 2, "y": 30}, "b": {"x": 40, "y": 50}}))
    assert {key for key, status in found.items() if status != "F"} == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert found["a", "x"] == "C"
    assert found["b", "y"] == "D"  # with sums shown, three cells give the fourth


def test_a_nation_alone_hides_a_second_code_beside_a_small_one() -> None:
    cells = two_way({"a": {"x": 2, "y": 5, "z": 30}}).query("level == 'country'")
    assert statuses(cells) == {("", "x"): "C", ("", "y"): "D", ("", "z"): "F"}


def test_all_of_a_row_in_one_cell_is_hidden_with_enough_to_keep_it_from_being_read_off_its_base() -> None:
    found = statuses(two_way({"a": {"x": 8, "y": 0}, "b": {"x": 7, "y": 9}, "c": {"x": 9, "y": 9}}))
    assert found["a", "x"] == "C"
    assert found["a", "y"] == "C"  # zero, and told like any other of fewer than three
    assert [found["", code] for code in "xy"] == ["F", "F"]


def test_zeros_are_shown_where_no_row_is_all_in_one_cell() -> None:
    found = statuses(two_way({"a": {"x": 8, "y": 0, "z": 5}, "b": {"x": 7, "y": 9, "z": 4}}))
    assert set(found.values()) == {"F"}


def test_few_who_did_not_choose_a_code_are_hidden_with_those_who_did() -> None:
    # Two of 36 said no. The row of yes would tell it, so it is hidden; 20 of 36 tells nothing of few.
    rows = [(name, "yes", "country", None, n, 36, False, False) for name, n in (("trained", 34), ("film", 20))]
    found = hide(pd.DataFrame(rows, columns=COLUMNS), 3)
    assert list(found["conf_status"]) == ["D", "F"]


def test_codes_that_do_not_sum_to_the_base_do_not_give_each_other_away() -> None:
    rows = [("services", code, "country", None, n, 36, False, False) for code, n in (("a", 2), ("b", 20), ("c", 30))]
    assert list(hide(pd.DataFrame(rows, columns=COLUMNS), 3)["conf_status"]) == ["C", "F", "F"]


def test_counts_without_a_base_are_not_held_against_one() -> None:
    rows = [("cases", None, "country", None, 692, None, False, False)]
    assert list(hide(pd.DataFrame(rows, columns=COLUMNS), 3)["conf_status"]) == ["F"]


def test_a_region_of_two_is_hidden_in_all_questions_with_the_same_companion() -> None:
    first = two_way({"a": {"x": 1, "y": 1}, "b": {"x": 7, "y": 9}, "c": {"x": 9, "y": 9}}, "q1")
    second = two_way({"a": {"x": 0, "y": 2}, "b": {"x": 12, "y": 4}, "c": {"x": 9, "y": 9}}, "q2")
    tally = two_way({"a": {"": 2}, "b": {"": 16}, "c": {"": 18}}, "rows")
    found = hide(pd.concat([first, second, tally]), 3)
    wholly = found.groupby(["question", "region"])["conf_status"].agg(lambda s: (s != "F").all()).unstack()
    assert wholly["a"].all()
    assert wholly["b"].all() or wholly["c"].all()  # the same region in all three, or the bases would give it away
    assert (found[found["question"] == "rows"].set_index("region")["conf_status"] != "F").sum() == 2


def test_a_region_of_two_in_one_population_does_not_close_it_in_another() -> None:
    few = two_way({"a": {"": 2}, "b": {"": 16}, "c": {"": 18}}, "citations")
    many = two_way({"a": {"": 12}, "b": {"": 17}, "c": {"": 15}}, "informants")
    found = hide(pd.concat([few, many]), 3)
    assert set(found.loc[found["question"] == "informants", "conf_status"]) == {"F"}


def test_a_sum_over_two_organisations_is_kept_off_by_a_fifth_of_it() -> None:
    """692 cases of which two offices of a region told 500: hidden with another region that can move by 100."""
    rows = [
        ("cases", None, "region", "a", 500, None, False, False, 2),
        ("cases", None, "region", "b", 20, None, False, False, 9),
        ("cases", None, "region", "c", 172, None, False, False, 8),
        ("cases", None, "country", None, 692, None, False, False, 19),
    ]
    found = hide(pd.DataFrame(rows, columns=[*COLUMNS, "units"]), 3)
    assert list(found["conf_status"]) == ["C", "F", "D", "F"]


def test_what_was_printed_before_is_not_hidden() -> None:
    cells = two_way({"a": {"x": 2, "y": 30}, "b": {"x": 40, "y": 50}})
    found = hide(cells.assign(exempt=cells["code"] == "x"), 3)
    assert set(found["conf_status"]) == {"F"}
    assert set(found.loc[found["count"] == 2, "rule"]) == {"published"}


def test_what_follows_from_what_was_printed_is_said_to() -> None:
    cells = two_way({"a": {"x": 30, "y": 2}}, nation=False)
    found = hide(cells.assign(exempt=cells["code"] == "x"), 3)
    assert list(found["rule"]) == ["", "follows"]


def test_bounds_that_a_printed_part_makes_narrow_are_no_finding() -> None:
    """Of the nation's one z, region a's was printed: it cannot be less, and can be more."""
    cells = two_way({"a": {"x": 1, "y": 5, "z": 1}, "b": {"x": 2, "y": 5, "z": 0}, "c": {"x": 4, "y": 6, "z": 0}})
    found = hide(cells.assign(exempt=(cells["region"] == "a") & (cells["code"] == "z")), 3)
    nation = found[found["region"].isna()].set_index("code")
    assert nation.loc["z", "conf_status"] == "C"
    assert audit(found) == []
    assert bounds_of_hidden(found).set_index(["region", "code"]).loc[("", "z"), "low"] == pytest.approx(1)


def test_units_of_no_region_are_a_row_of_their_own() -> None:
    cells = two_way({"a": {"x": 5, "y": 9}, "b": {"x": 4, "y": 7}, "": {"x": 1, "y": 0}})
    found = hide(cells[cells["region"] != ""], 3)
    assert (found["conf_status"] == "F").all()  # one unit of no region: it is in no cell of a place
    assert not audit(found)


def test_the_order_and_the_index_of_the_rows_do_not_matter() -> None:
    cells = two_way({"a": {"x": 2, "y": 30, "z": 5}, "b": {"x": 40, "y": 50, "z": 5}, "c": {"x": 9, "y": 8, "z": 1}})
    mixed = cells.sample(frac=1, random_state=7).set_axis(["k"] * len(cells))
    key = ["region", "code"]
    again = hide(mixed, 3).sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, hide(cells, 3).sort_values(key).reset_index(drop=True))


def test_the_audit_names_what_a_careless_hand_left_open() -> None:
    cells = two_way({"a": {"x": 2, "y": 30}, "b": {"x": 40, "y": 50}})
    careless = cells.assign(conf_status="F", rule="")
    careless.loc[careless["count"] == 2, ["conf_status", "rule"]] = ["C", "units"]
    assert audit(careless) == [Exposed("type", "x", "a", 2.0, 2.0)]


def test_the_audit_gives_the_bounds_that_are_too_narrow() -> None:
    cells = two_way({"a": {"x": 4, "y": 9, "z": 1}, "b": {"x": 6, "y": 7, "z": 3}})
    careless = cells.assign(conf_status="F", rule="")
    both = careless["code"].isin(["x", "z"]) & (careless["region"] != "b")
    careless.loc[both, ["conf_status", "rule"]] = ["D", "margins"]
    # a shows that x + z = 5; so x and z lie in [0, 5] there, and with b's 6 and 3 in [6, 11] and [3, 8] in the nation
    assert audit(careless) == []
    careless.loc[careless["region"].isna(), ["conf_status", "rule"]] = ["F", ""]
    assert {(f.code, f.low, f.high) for f in audit(careless)} == {("x", 4.0, 4.0), ("z", 1.0, 1.0)}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda cells: pd.concat([cells, cells.iloc[:1]]), "more than once"),
        (lambda cells: cells.assign(count=cells["count"] - 99), "below zero"),
        (lambda cells: cells.assign(base=cells["base"] - 1), "more than its base"),
        (lambda cells: cells.assign(count=cells["count"].where(cells["region"].notna(), 0)), "more than the nation"),
    ],
)
def test_cells_that_cannot_be_are_refused(fault: object, message: str) -> None:
    cells = two_way({"a": {"x": 2, "y": 30}, "b": {"x": 40, "y": 50}})
    with pytest.raises(ValueError, match=message):
        hide(fault(cells), 3)  # type: ignore[operator]


def test_the_roster_of_2007_shows_no_office_that_could_be_a_person() -> None:
    """Expected by hand: every count of one or two is hidden, and nothing else need be.

    69 ones, 15 twos of regions; six codes of one or two in the nation. An attacker's programmes prove the rest.
    """
    cells = pd.read_csv(GOLDEN / "roster_region_by_type.csv")
    found = hide(cells.drop(columns="expected"), 3)
    assert list(found["conf_status"]) == list(cells["expected"])
    regions = found[found["region"].notna()]
    assert (regions["count"] > 0).sum() == 91
    assert (regions["count"] == 1).sum() == 69
    assert (found["conf_status"] != "F").sum() == 69 + 15 + 6
    assert len(bounds_of_hidden(found)) == 90
    assert too_close(found).empty
    assert audit(found) == []


def test_the_destinations_of_two_focus_groups_come_out_suppressed() -> None:
    """Baseline study of 2004, Osh 11 people and Bishkek 6: cells of one and two, which say where each was taken."""
    osh = {"UA": 5, "KZ": 5, "AE": 1, "SY": 0, "TR": 0, "CZ": 0, "KG": 0}
    bishkek = {"UA": 0, "KZ": 0, "AE": 1, "SY": 2, "TR": 1, "CZ": 1, "KG": 1}
    found = hide(two_way({"KG-GO": osh, "KG-GB": bishkek}), 3)
    by = found.set_index([found["region"].fillna(""), "code"])["conf_status"]
    assert (by["KG-GB"][["SY", "TR", "CZ", "AE", "KG"]] == "C").all()
    assert by["KG-GO", "AE"] == "C"
    assert "D" in set(by["KG-GO"][["UA", "KZ"]])  # 11 less two of the three counts is the third
    assert too_close(found).empty
    assert audit(found) == []
