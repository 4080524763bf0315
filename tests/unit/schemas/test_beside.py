"""A survey that stands beside another promises no sum of its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.beside import Beside, refuse_sums
from schemas.errors import DeclarationError

BESIDE = Beside(survey="central_asia_2009", reason="the same people can be in both", reason_ru="те же люди")


def test_an_indicator_that_is_promised_to_add_up_is_refused() -> None:
    # schemas/additivity.yaml promises it of `victims`, the family survey's number of persons.
    with pytest.raises(DeclarationError, match=r"never added to central_asia_2009: the same people can be in both"):
        refuse_sums(BESIDE, ["questionnaires", "victims"], Path("survey.yaml"))


def test_indicators_of_other_names_are_not() -> None:
    refuse_sums(BESIDE, ["questionnaires", "cases"], Path("survey.yaml"))
