"""Spark and Dask as `./kinscale install spark dask` lays them: the locked versions, which load beside each other."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flows.checkup import extras, machine
from tasks import environment
from warehouse.home import CHECKOUT, Home

pytestmark = [pytest.mark.slow, pytest.mark.scale]

LOAD = """
import dask, distributed, ibis, prefect_dask, pyspark
import pyspark.sql.connect.session
import ibis.backends.pyspark, ibis.backends.duckdb
print(pyspark.__version__.split(".")[0], ibis.__version__.split(".")[0])
"""


@pytest.fixture
def asking(home: Home, survey: object) -> Home:
    home.root.mkdir(parents=True)
    (home.root / "settings.yaml").write_text("{engine: spark, runner: dask}\n", encoding="utf-8")
    return home


def test_a_night_and_the_doctor_find_what_the_settings_ask_for(asking: Home) -> None:
    environment.check_extras(asking, "small")
    there = machine.installed()
    assert extras.packages(asking, there).state == "ok"
    assert extras.java(asking, there).state == "ok"


def test_they_load_in_one_process() -> None:
    """Spark 4 and Ibis 12, with the Connect client, of which a second protobuf or grpcio would be in the way."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["4", "12"]), done.stderr
