"""Which questionnaire numbers earlier parts of a long file hold: exactly, and in memory that does not grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

MEMORY = "256MB"
"""Of numbers that have a database to themselves; more of them go to a temporary file."""


class NumbersTaken:
    """The questionnaire numbers of a file so far. A hash finds candidates, the text decides: none is told in error."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Begin with none. connection: one of the warehouse's that nobody else uses; None for a database in memory."""
        import duckdb

        self._connection = connection or duckdb.connect(config={"memory_limit": MEMORY, "threads": 1})
        self._connection.execute("CREATE OR REPLACE TEMP TABLE numbers_taken (hash UBIGINT, number VARCHAR)")

    def take(self, numbers: pd.Series) -> np.ndarray:
        """Return which of some numbers were taken before, (n_rows,) bool, and take them all."""
        import numpy as np
        import pyarrow

        texts = pyarrow.Array.from_pandas(numbers.astype("str"))
        asked = pyarrow.table({"place": np.arange(len(numbers)), "number": texts})  # noqa: F841 - a query names it
        found = np.zeros(len(numbers), dtype=bool)
        run = self._connection.execute
        # what is looked up is the small side: all numbers before are gone through, and never held in a hash table
        hashes = run("SELECT hash FROM numbers_taken WHERE hash IN (SELECT hash(number) FROM asked)").to_arrow_table()
        if len(hashes):
            known = run(  # noqa: F841
                "SELECT number FROM numbers_taken WHERE hash IN (SELECT hash FROM hashes)"
            ).to_arrow_table()
            twice = run("SELECT place FROM asked WHERE number IN (SELECT number FROM known)").fetchnumpy()
            found[twice["place"]] = True
        run("INSERT INTO numbers_taken SELECT hash(number), number FROM asked")
        return found

    def close(self) -> None:
        """Forget all numbers."""
        self._connection.close()
