"""A stratum of one settlement stops the run as an error of survey.yaml, until a rule is chosen there."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import pytest
import yaml

from flows import direct
from schemas import declaration
from schemas.errors import DeclarationError
from tests import small_survey
from warehouse.home import Home


def test_one_settlement_in_a_stratum_names_it_and_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = small_survey.write(tmp_path / "surveys")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    delivery = survey / "raw" / "KZ.csv"
    with delivery.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    for row in rows:
        if row["region"] == small_survey.NAMES["KZ-15"]:
            row["settlement"] = "село 1"
    small_survey.write_rows(delivery, rows)
    written = small_survey.declaration()

    def run(name: str, rule: str) -> tuple[object, ...]:
        rates = {"years": 3, "confidence": 0.95, "lonely_psu": rule}
        content = yaml.safe_dump({**written, "rates": rates, "methods": {"design": {}}}, allow_unicode=True)
        (survey / "survey.yaml").write_text(content, encoding="utf-8")
        home = Home(tmp_path / name)
        return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info).errors

    with pytest.raises(DeclarationError) as refused:
        run("failing", "fail")
    assert refused.value.where.file == str(survey / "survey.yaml")
    assert "KZ-15 (KZ) has one PSU" in refused.value.what
    assert refused.value.expected is not None
    for rule in ("remove", "adjust", "average", "collapse", "certainty"):
        assert rule in refused.value.expected
    assert not [error for error in run("chosen", "average") if isinstance(error, DeclarationError)]
