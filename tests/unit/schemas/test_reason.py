"""The reason codes of the command line are those of the table."""

from __future__ import annotations

from schemas.reason import ReasonCode
from schemas.result_tables import tables


def test_the_codes_agree_with_the_table_of_revisions() -> None:
    (column,) = (column for column in tables()["revisions"].columns if column.name == "reason_code")
    assert column.isin == tuple(ReasonCode)
