"""The comparison as a command: costs and agreement are printed, and one other number is a failure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import design_table
from benchmarks.design_table import Competitor
from flows.cli import app
from schemas.errors import KinscaleError

ARGUMENTS = ["--rows", "2000", "--repeat", "1", "--no-r", "--data"]
COPY = """
import sys, pandas
table = pandas.read_csv(sys.argv[1])
table.loc[table["std_error"].idxmax(), "std_error"] *= 1 + float(sys.argv[3])
table.to_csv(sys.argv[2], index=False)
"""


def beside_a_copy(change: str) -> Callable[[Path, argparse.Namespace], Iterator[Competitor]]:
    """Ourselves, and a peer that says the same but for one standard error, which is larger by a share."""
    alone = design_table.competitors

    def competitors(survey: Path, options: argparse.Namespace) -> Iterator[Competitor]:
        (ours,) = alone(survey, options)
        other = survey.with_name("copy.csv")
        yield ours
        yield Competitor("a copy", (sys.executable, "-c", COPY, str(ours.result), str(other), change), other)

    return competitors


@pytest.mark.parametrize(("change", "code"), [("0", 0), ("1e-11", 1)])
def test_twelve_digits_decide(
    change: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(design_table, "competitors", beside_a_copy(change))
    assert design_table.main([*ARGUMENTS, str(tmp_path)]) == code
    told = capsys.readouterr().out
    assert all(word in told for word in ("2,000 families", "wall x", "cpu x", "peak x", "a copy against ours, 480"))
    assert ("DIFFERS" in told) == bool(code)


def test_without_a_peer_nothing_is_said_to_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert design_table.main([*ARGUMENTS, str(tmp_path)]) == 0
    assert "Nothing to compare with" in capsys.readouterr().out


def test_a_peer_that_breaks_is_named(tmp_path: Path) -> None:
    broken = ["--svy-python", sys.executable]  # a Python without svy
    with pytest.raises(KinscaleError, match="svy failed"):
        design_table.main([*ARGUMENTS, str(tmp_path), *broken])


def test_the_command_hands_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []

    def main(arguments: list[str]) -> int:
        handed.extend(arguments)
        return 1

    monkeypatch.setattr(design_table, "main", main)
    call = ["benchmark", "--rows", "5000", "--rows", "9000", "--no-r", "--limit", "7", "--home", str(tmp_path)]
    assert CliRunner().invoke(app, call).exit_code == 1
    folder = ["--data", str(tmp_path / "benchmarks")]
    assert handed == ["--rows", "5000", "9000", "--repeat", "3", "--limit", "7.0", *folder, "--no-r"]
