"""A method is one module in `estimators/` and one line in a survey: added to a copy of the code, it is published."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import small_survey
from tests.integration.command_line import environment
from warehouse.home import CHECKOUT

ROOMS = (
    "flows", "tasks", "warehouse", "reports", "exchange", "estimators", "disclosure", "sources", "schemas",
)  # fmt: skip
MODULE = '''"""Method `doubled_poisson`: every number of `poisson` twice."""

from estimators import poisson

NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]


def estimate(totals, options):
    rows = poisson.estimate(totals, options)
    return rows.assign(**{name: 2 * rows[name] for name in NUMBERS})
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms a run needs, in a folder of their own, with one module more."""
    checkout = tmp_path / "checkout"
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "requirements.lock", checkout)
    (checkout / "estimators" / "doubled_poisson.py").write_text(MODULE, encoding="utf-8")
    return checkout


def test_a_module_and_a_line_are_all_it_takes(copy: Path, tmp_path: Path) -> None:
    survey = small_survey.write(copy / "surveys")
    declared = {**small_survey.declaration(), "methods": {"poisson": {}, "doubled_poisson": {}}}
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")

    def kinscale(*arguments: str) -> str:
        call = [sys.executable, "-m", "flows.cli", *arguments, "--home", str(tmp_path / "home")]
        done = subprocess.run(
            call, cwd=copy, env=environment(PYTHONPATH=str(copy)), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    kinscale("run", "--direct", "--survey", small_survey.ID)
    query = "SELECT method, count(*) AS rows, sum(estimate) AS sum FROM estimates GROUP BY method ORDER BY method"
    doubled, single = json.loads(kinscale("sql", query, "--json"))
    assert (doubled["method"], single["method"]) == ("doubled_poisson", "poisson")
    assert doubled["rows"] == single["rows"] > 0
    assert doubled["sum"] == pytest.approx(2 * single["sum"], rel=1e-9)
