"""Our ratios and standard errors against R survey and svy on the same invented survey, where they are installed.

Source of the expected numbers: the two packages themselves. svy is looked for beside the tests, and in the
Python that KINSCALE_SVY_PYTHON names.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import design_table, ours
from samples.synthetic import plan_of, write

KEY = ["level", "area", "count"]
TOLERANCE = 1e-12


@pytest.fixture(scope="module", params=[1.0, 12.0], ids=["unclustered", "clustered"])
def survey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(plan_of(6_000, design_effect=request.param), tmp_path_factory.mktemp("peers") / "survey.parquet")


def compare(survey: Path, theirs: Path) -> None:
    mine = pd.DataFrame(ours.table(str(survey)), columns=[*KEY, "estimate", "std_error"]).set_index(KEY).sort_index()
    expected = pd.read_csv(theirs).set_index(KEY).sort_index()
    assert len(mine) == 16 * 30
    pd.testing.assert_frame_equal(mine, expected, check_exact=False, rtol=TOLERANCE, atol=0)


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_r_survey_says_the_same(survey: Path) -> None:
    rscript = shutil.which("Rscript")
    if not rscript or subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode:
        pytest.skip("R with survey is not installed")
    result = survey.with_name("r.csv")
    run(rscript, design_table.HERE / "peer_survey.R", design_table.as_csv(survey), result)
    compare(survey, result)


def test_svy_says_the_same(survey: Path) -> None:
    python = sys.executable if importlib.util.find_spec("svy") else os.environ.get("KINSCALE_SVY_PYTHON")
    if not python:
        pytest.skip("svy is not installed")
    result = survey.with_name("svy.csv")
    run(python, design_table.HERE / "peer_svy.py", survey, result)
    compare(survey, result)


def test_a_difference_in_the_twelfth_digit_is_seen(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame(ours.table(str(survey)), columns=[*KEY, "estimate", "std_error"])
    rivals = []
    for name, factor in (("ours", 1.0), ("theirs", 1 + 1e-13), ("wrong", 1 + 1e-11)):
        path = survey.with_name(f"{name}.csv")
        table.assign(std_error=table["std_error"] * factor).to_csv(path, index=False)
        rivals.append(design_table.Competitor(name, (), path))
    assert design_table.agree(rivals[0], rivals[1])
    assert not design_table.agree(rivals[0], rivals[2])
    assert "DIFFERS" in capsys.readouterr().out
