"""Which questionnaire numbers earlier parts of a long file hold: exactly, at eight bytes of memory a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

MEMORY = "256MB"
"""Of numbers that have a database to themselves; more of them go to a temporary file."""
LONGEST_RUN = 1 << 22
"""Hashes that are kept in one sorted run: merging two takes as much memory again."""


class NumbersTaken:
    """The questionnaire numbers of a file so far. A hash finds candidates, the text decides: none is told in error.

    Hashes lie in memory in sorted runs, of which two are merged when they are about as long; so a part is looked up in
    a few of them, whatever came before it. Texts lie in a table, which is gone through only when a hash is found.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Begin with none. connection: one of the warehouse's that nobody else uses; None for a database in memory."""
        import duckdb

        self._runs: list[np.ndarray] = []
        self._connection = connection or duckdb.connect(config={"memory_limit": MEMORY, "threads": 1})
        self._connection.execute("CREATE OR REPLACE TEMP TABLE numbers_taken (hash UBIGINT, number VARCHAR)")

    def take(self, numbers: pd.Series) -> np.ndarray:
        """Return which of some numbers were taken before, (n_rows,) bool, and take them all."""
        import numpy as np
        import pyarrow

        texts = pyarrow.Array.from_pandas(numbers.astype("str"))
        asked = pyarrow.table({"place": np.arange(len(numbers)), "number": texts})  # noqa: F841 - a query names it
        run = self._connection.execute
        hashed = run("SELECT place, hash(number) AS hash, number FROM asked").to_arrow_table()
        hashes = np.sort(hashed["hash"].to_numpy())
        found = np.zeros(len(numbers), dtype=bool)
        known = hashes[self._are_known(hashes)]
        if len(known):
            candidates = pyarrow.table({"hash": known})  # noqa: F841
            twice = run(
                """SELECT place FROM hashed WHERE number IN (
                       SELECT number FROM numbers_taken WHERE hash IN (SELECT hash FROM candidates))"""
            ).fetchnumpy()
            found[twice["place"]] = True
        run("INSERT INTO numbers_taken SELECT hash, number FROM hashed")
        self._keep(hashes)
        return found

    def _are_known(self, hashes: np.ndarray) -> np.ndarray:
        """Tell which of some sorted hashes lie in a run, (n_hashes,) bool."""
        import numpy as np

        known = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            known |= run[np.minimum(np.searchsorted(run, hashes), len(run) - 1)] == hashes
        return known

    def _keep(self, hashes: np.ndarray) -> None:
        """Add a sorted run, and merge it with those before it that are not longer, up to the longest that is kept."""
        import numpy as np

        while self._runs and len(self._runs[-1]) <= len(hashes) <= LONGEST_RUN // 2:
            hashes = np.sort(np.concatenate([self._runs.pop(), hashes]), kind="stable")  # goes through both once
        if len(hashes):
            self._runs.append(hashes)

    def close(self) -> None:
        """Forget all numbers."""
        self._runs = []
        self._connection.close()
