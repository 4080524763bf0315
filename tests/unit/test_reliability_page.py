"""The table of docs/reliability.md is that of the drills there are: no fault missing, none invented, enough kills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drills import reliability
from tests.drills.aftermath import Seen

SUM = "**all**"


def test_the_page_has_the_faults_that_are_drilled_and_no_other() -> None:
    page, expected = reliability.read(), reliability.expected()
    assert list(page) == [*expected, SUM]
    assert {name: at_least for name, at_least in expected.items() if page[name][0] < at_least} == {}
    assert reliability.kills({name: cells[0] for name, cells in page.items()}) >= 200


def test_every_drill_of_the_page_came_out_well() -> None:
    for name, (times, none, old, new, converged, lost, doubled) in reliability.read().items():
        assert none + old + new == times == converged, name
        assert (lost, doubled) == (0, 0), name


def test_the_page_has_the_sum_of_its_lines() -> None:
    page = reliability.read()
    assert page.pop(SUM) == [sum(column) for column in zip(*page.values(), strict=True)]


def test_a_record_in_which_a_drill_is_missing_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "reliability.md"
    page.write_text(f"head\n{reliability.BEGIN}\n{reliability.END}\ntail\n", encoding="utf-8")
    monkeypatch.setattr(reliability, "PAGE", page)
    every = [Seen(name, "old", True, 0, 0) for name, times in reliability.expected().items() for _ in range(times)]
    with pytest.raises(AssertionError, match="two nights at once"):
        reliability.write([seen for seen in every if seen.fault != "two nights at once"])
    with pytest.raises(AssertionError, match="did not come out well"):
        reliability.write([*every, Seen("two nights at once", "old", True, 1, 0)])
    reliability.write(every)
    assert page.read_text(encoding="utf-8").startswith("head\n")
    assert page.read_text(encoding="utf-8").endswith("-->\ntail\n")
    assert reliability.read(page)[SUM][0] == len(every)
