"""Interviews as Parquet in an object store: the release is that of a night that holds them in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import declaration
from tests import small_survey
from tests.integration.stores.servers import Server
from tests.integration.test_interview_parts import hash_of, in_force, night, rows_in_table, settings
from warehouse import build, upkeep
from warehouse.home import Home


def test_an_object_store_holds_interviews(
    survey: Path, home: Home, tmp_path: Path, s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Home(tmp_path / "plain")
    assert night(plain).is_new_release
    for key, value in s3_server.credentials.items():
        monkeypatch.setenv(f"KINSCALE_CREDENTIALS_LAKE_{key}", value)
    settings(home, microdata=f"{s3_server.address}/lake", microdata_credentials="lake")
    assert night(home).is_new_release
    assert hash_of(home) == hash_of(plain)
    assert in_force(home) == [("KG", 30), ("KZ", 30)]
    assert rows_in_table(home) == 0
    file = declaration.load(small_survey.ID).folder / "raw" / "KZ.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("KZ-007,", "KZ-107,"), encoding="utf-8")
    assert [night(one).exit_code for one in (plain, home)] == [0, 0]
    assert hash_of(home) == hash_of(plain)
    assert len(upkeep.sweep(home)) == 1
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert len(list(warehouse.microdata.listed())) == 2
