"""Whole nights on Spark: the release is that of a night on DuckDB, and what follows a night works as it does there."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import yaml

from flows import direct, rebuild, warehouse_rebuild
from flows.night import Outcome
from schemas import declaration
from schemas.settings import Spark
from tests import small_survey
from tests.integration.backfill_world import DROPPED, call, declare, told
from warehouse import build, interview_parts, reduction
from warehouse import release as folders
from warehouse.home import Home

pytestmark = [pytest.mark.slow, pytest.mark.scale]
SAY = logging.getLogger("test").info


def on_spark(home: Home, spark: Spark) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    chosen = {"engine": "spark", "spark": {"master": spark.master, "config": dict(spark.config)}}
    (home.root / "settings.yaml").write_text(yaml.safe_dump(chosen), encoding="utf-8")
    return home


def night(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, SAY)


def content(home: Home) -> str:
    return str(folders.published(home, small_survey.ID)[-1].manifest["content_sha256"])


def test_a_survey_moves_between_engines_and_works_on_as_before(
    spark: Spark, survey: Path, tmp_path: Path, home: Home
) -> None:
    on_spark(home, spark)
    assert night(home).is_new_release
    (first,) = folders.published(home, small_survey.ID)
    (proof,) = rebuild.rebuild(first, home, SAY, threads=(1,))  # verify
    assert proof.equal
    declare(survey)
    undisturbed = Home(tmp_path / "undisturbed")
    assert night(undisturbed).is_new_release
    (built,) = told(home, "run")
    assert (built["read"], built["errors"]) == (2, [])
    assert call(home, "approve", "--by", "head of unit", "--reason", "checked against the forms").exit_code == 0
    assert content(home) == content(undisturbed)
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert reduction.by_spark(warehouse, small_survey.ID)
        parts = interview_parts.of_survey(warehouse, small_survey.ID)
        assert [part.rows for part in parts] == [30 - DROPPED] * 2
        refused = warehouse.rows("SELECT count(*) AS n FROM quarantine")
        assert refused == [{"n": 2 * DROPPED}]
    assert not night(home).news
    (home.root / "settings.yaml").unlink()
    warehouse_rebuild.rebuild(home, SAY)
    again = night(home)
    assert (again.exit_code, again.is_new_release) == (0, False)
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert not reduction.by_spark(warehouse, small_survey.ID)
        assert warehouse.rows("SELECT count(*) AS n FROM interviews") == [{"n": 2 * (30 - DROPPED)}]
