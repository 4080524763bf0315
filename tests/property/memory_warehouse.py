"""A build warehouse in memory, for properties that begin with an empty one many times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from schemas import family_survey, instrument
from warehouse import build
from warehouse.build import Warehouse


@contextmanager
def empty_warehouse() -> Iterator[Warehouse]:
    """Open one for the family survey, and close it with the block."""
    connection = duckdb.connect()
    try:
        connection.execute(build.statement("build"))
        connection.execute(build.interviews_table(family_survey))
        yield Warehouse(connection, kind=instrument.find(family_survey.NAME))
    finally:
        connection.close()
