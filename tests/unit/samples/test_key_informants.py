"""The roster of 2007, its citations and the cases told: the files are what the builders write, and meet the sums."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from samples import kyrgyzstan_case_mentions_2007, kyrgyzstan_roster_2007
from samples.kyrgyzstan_roster_2007 import citations, informants

ROOT = Path(__file__).parents[3]
ROSTER = {
    "Bishkek": 16, "Chui oblast": 17, "Issyk-Kul oblast": 10, "Naryn oblast": 15,
    "Talas oblast": 18, "Osh oblast": 12, "Jalalabad oblast": 17, "Batken oblast": 17,
}  # fmt: skip
"""Rows of Appendix 2 by oblast, as counted there."""
CITED = {
    "Bishkek": 40, "Chui oblast": 61, "Tokmok": 17, "Issyk-Kul oblast": 3, "Naryn oblast": 4, "Talas oblast": 2,
    "Osh oblast": 6, "Jalalabad oblast": 8, "Batken oblast": 18, "": 4,
}  # fmt: skip
"""Footnotes that cite an interview by place, as counted; Chui oblast is 78 with Tokmok."""


@pytest.mark.parametrize(
    ("survey", "write"),
    [
        ("kyrgyzstan_roster_2007", kyrgyzstan_roster_2007.write),
        ("kyrgyzstan_case_mentions_2007", kyrgyzstan_case_mentions_2007.write),
    ],
)
def test_the_raw_files_are_what_the_builder_writes(survey: str, write: object, tmp_path: Path) -> None:
    write(tmp_path)  # type: ignore[operator]
    raw = ROOT / "surveys" / survey / "raw"
    assert {path.name for path in raw.iterdir()} == {path.name for path in tmp_path.iterdir()}
    for path in raw.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_roster_meets_what_was_counted() -> None:
    rows = informants()
    assert Counter(row["Oblast"] for row in rows) == ROSTER
    assert [int(row["No"]) for row in rows] == [n for n in range(1, 125) if n not in (38, 40)]
    office = {int(row["No"]): row["Office"] for row in rows}
    assert office[46] == office[58]
    assert office[57] == office[59]
    assert office[80] == office[86]
    assert len(set(office.values())) == 119
    cells = pd.read_csv(ROOT / "tests" / "golden" / "count_tables" / "roster_region_by_type.csv")
    by_kind = cells[cells["region"].isna()].set_index("code")["count"].to_dict()
    assert Counter(row["Organisation"] for row in rows) == by_kind


def test_the_citations_meet_what_was_counted() -> None:
    rows = citations()
    assert Counter(row["Place"] for row in rows) == CITED
    assert len({row["Footnote"] for row in rows}) == len(rows) == 163
    assert {"44", "45", "151", "217", "223"} <= {row["Footnote"] for row in rows}
    of_chui = Counter(row["Informant"] for row in rows if row["Place"] in ("Chui oblast", "Tokmok"))
    assert (of_chui["minors_affairs"], of_chui["justice"]) == (21, 13)
    assert sum(row["Informant"] == "media" and row["Place"] == "Bishkek" for row in rows) == 10
