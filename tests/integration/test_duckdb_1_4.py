"""The oldest DuckDB that must open a release, in an environment of its own, asks what analysts ask."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration
from schemas.result_tables import tables_in
from tests import small_survey
from warehouse import results
from warehouse.home import Home

SECONDS = 90
READER = """
import duckdb, json, sys
c = duckdb.connect(sys.argv[1], read_only=True)
published = c.execute("SELECT max(published_at)::VARCHAR FROM releases").fetchone()[0]
queries = {
    "version": "SELECT version()",
    "national": "SELECT count(*) FROM national_estimates",
    "regional": "SELECT count(*), count(region_name) FROM regional_estimates",
    "latest": "SELECT release_id FROM latest_release",
    "asof": f"SELECT count(*) FROM estimates_asof('{published}')",
    "before": "SELECT count(*) FROM estimates_asof('2000-01-01')",
    "revised": "SELECT count(*) FROM revisions",
    "releases": "SELECT release_id, status FROM releases ORDER BY release_id",
    "dictionary": "SELECT count(DISTINCT table_name) FROM dictionary",
    "commented": "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'estimates' AND comment IS NOT NULL",
    "viewed": "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'regional_estimates' AND comment IS NULL",
    "compared": "SELECT count(*) FROM compare('r1', 'latest') WHERE change <> 'same'",
    "cell": "SELECT visibility FROM cell('KG', method := 'poisson')",
    "capita": "SELECT count(*) > 0 FROM per_capita()",
    "total": "SELECT estimate FROM estimates WHERE level = 'group' AND indicator = 'victims' AND method = 'poisson' "
    "AND exploitation = 'all' AND location = 'both' AND sex = 'all' AND release_id = (FROM latest_release)",
}
print(json.dumps({name: c.execute(query).fetchall() for name, query in queries.items()}))
"""


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment with DuckDB 1.4, or a skip that says why there is none."""
    folder = tmp_path_factory.mktemp("old") / "environment"
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    venv.create(folder, with_pip=uv is None)
    python = str(folder / "bin" / "python")
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    try:
        call = [*installer, "--quiet", "duckdb==1.4.*"]
        done = subprocess.run(call, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the package index did not give DuckDB 1.4 within {SECONDS} seconds")
    if done.returncode:
        pytest.skip(f"DuckDB 1.4 cannot be installed here: {(done.stderr or done.stdout).strip()[:300]}")
    return python


def test_duckdb_1_4_opens_a_release_and_answers(old_python: str, survey: Path, home: Home) -> None:
    chosen, say = declaration.load(small_survey.ID), logging.getLogger("test").info
    direct.run(chosen, home, say)
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    direct.run(chosen, home, say)
    database = home.latest / "results.duckdb"
    call = [old_python, "-c", READER, str(database)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    own = results.read(database, "estimates", release_id="small_survey-2009-r2")
    levels = own["level"].value_counts()
    assert told["version"][0][0].startswith("v1.4.")
    assert told["national"] == [[levels["national"]]]
    assert told["regional"] == [[levels["regional"]] * 2]
    assert told["latest"] == [["small_survey-2009-r2"]]
    assert told["asof"] == [[len(own)]]
    assert told["before"] == [[0]]
    assert told["revised"] == [[len(results.read(database, "revisions"))]]
    assert told["releases"] == [["small_survey-2009-r1", "provisional"], ["small_survey-2009-r2", "provisional"]]
    assert told["dictionary"][0][0] == len(tables_in("families"))
    assert told["commented"] == [[own.shape[1]]]
    assert told["viewed"] == [[0]]
    assert told["compared"] == told["revised"]  # both hold what changed between the two
    assert told["cell"] == [["shown"]]
    assert told["capita"] == [[True]]
    total = own[(own["level"] == "group") & (own["indicator"] == "victims") & (own["method"] == "poisson")]
    total = total[(total[["exploitation", "location", "sex"]] == ["all", "both", "all"]).all(axis=1)]
    assert told["total"] == [[total["estimate"].iloc[0]]]
