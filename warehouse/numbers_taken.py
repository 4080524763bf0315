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
        candidates = run(
            "SELECT place, number FROM asked WHERE hash(number) IN (SELECT hash FROM numbers_taken)"
        ).to_arrow_table()
        if len(candidates):
            known = run("SELECT place FROM candidates SEMI JOIN numbers_taken USING (number)").fetchnumpy()
            found[known["place"]] = True
        run("INSERT INTO numbers_taken SELECT hash(number), number FROM asked")
        return found

    def close(self) -> None:
        """Forget all numbers."""
        self._connection.close()
