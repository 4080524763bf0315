"""Which row of a file's next version an earlier refused row has become.

It is told by its questionnaire number, by equal cells, or by its place and most of its cells. No row is found twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.batch import Batch

if TYPE_CHECKING:
    import pandas as pd

SHARE_OF_EQUAL_CELLS = 0.75
"""Of two rows at one place of a file without a common number: from so many equal cells on they are one interview."""


class Accepted:
    """The accepted rows of a version whose number the version before had not accepted."""

    def __init__(self, batch: Batch, known: frozenset[str]) -> None:
        """Index the accepted rows whose number is not in `known` by number, place and cells."""
        from schemas.failures import as_delivered  # a night without news loads no pandas

        rows = batch.accepted[~batch.accepted["questionnaire_id"].isin(list(known))]
        self._number = dict(zip(map(int, rows["source_row"]), rows["questionnaire_id"], strict=True))
        self._row = {number: row for row, number in self._number.items()}
        self.cells: dict[int, str] = {}
        if batch.delivered is not None and self._number:
            delivered = batch.delivered[batch.delivered["source_row"].isin(list(self._number))]
            self.cells = dict(zip(map(int, delivered["source_row"]), as_delivered(delivered), strict=True))
        self._row_of_cells = {text: row for row, text in self.cells.items()}

    def find(self, old: Mapping[str, Any]) -> int | None:
        """Return the source_row that an earlier refused row has become, or None."""
        at = old["source_row"]
        found = self._row.get(old.get("questionnaire_id") or "", self._row_of_cells.get(old["raw_row"]))
        if found is None and at in self._number and _alike(old["raw_row"], self.cells.get(at, "")):
            found = at
        if found is not None:
            self._row.pop(self._number.pop(found), None)
            self._row_of_cells.pop(self.cells.get(found, ""), None)
        return found


class Refused:
    """The refused rows of a version; several of them can have one number."""

    def __init__(self, quarantined: pd.DataFrame) -> None:
        """Index the rows by number and by cells."""
        self._left = dict(enumerate(int(row) for row in quarantined["source_row"]))
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._by_cells: dict[str, list[int]] = defaultdict(list)
        texts = zip(quarantined["questionnaire_id"], quarantined["raw_row"], strict=True)
        for position, (number, cells) in enumerate(texts):
            self._by_cells[cells].append(position)
            if number:
                self._by_number[number].append(position)

    def find(self, old: Mapping[str, Any]) -> int | None:
        """Return the position of the row that an earlier one has become, or None; the nearest of several."""
        for candidates in (self._by_cells[old["raw_row"]], self._by_number[old.get("questionnaire_id") or ""]):
            left = [position for position in candidates if position in self._left]
            if left:
                found = min(left, key=lambda position: abs(self._left[position] - old["source_row"]))
                del self._left[found]
                return found
        return None


def _alike(old: str, new: str) -> bool:
    """Tell whether two rows of one place are one interview; one that had no cells can only be told by its place."""
    try:
        before, after = json.loads(old), json.loads(new)
    except ValueError:
        return True
    equal = sum(after.get(name) == cell for name, cell in before.items())
    return equal >= SHARE_OF_EQUAL_CELLS * max(len(before), 1)
