"""Which rows of a file's new version may be ones that were refused before, gathered while its parts land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schemas import corrections, waivers
from schemas.batch import Batch


class Succession:
    """What of a file's new version may be a row that was refused before, gathered part by part."""

    def __init__(self, earlier: Sequence[dict[str, Any]]) -> None:
        """earlier: the refused rows that may go on, as `life_cycle.earlier` returns them."""
        self.earlier = earlier
        self._numbers = {row["questionnaire_id"] for row in earlier if row.get("questionnaire_id")}
        self._places = {row["source_row"] for row in earlier}
        self._cells = {row["raw_row"] for row in earlier}
        self._met: list[Batch] = []

    def meet(self, batch: Batch) -> None:
        """Keep the rows of a part that have the number, the place or the cells of an earlier refused row."""
        if self.earlier:
            self._met.append(self.those_of(batch))

    def those_of(self, batch: Batch) -> Batch:
        """Return those rows of a part; of one that was cut down to them already, the same."""
        import numpy as np

        from schemas.failures import as_delivered  # a night without news loads no pandas

        if not self.earlier:
            return replace(batch.without_rows(), delivered=None)
        refused, accepted = batch.quarantined, batch.accepted
        again = refused["questionnaire_id"].isin(list(self._numbers)) | refused["raw_row"].isin(list(self._cells))
        decided = batch.edits["rule"].isin([waivers.RULE, corrections.RULE])
        delivered = batch.delivered
        if delivered is not None:
            delivered = delivered[delivered["source_row"].isin(accepted["source_row"])]
            cells = np.array([text in self._cells for text in as_delivered(delivered)], dtype=bool)
            alike = accepted["source_row"].isin(delivered["source_row"][cells])
        else:
            alike = np.zeros(len(accepted), dtype=bool)
        alike |= accepted["questionnaire_id"].isin(list(self._numbers)) | accepted["source_row"].isin(
            list(self._places)
        )
        chosen = accepted.loc[alike, ["source_row", "questionnaire_id"]]
        if delivered is not None:
            delivered = delivered[delivered["source_row"].isin(chosen["source_row"])]
        return replace(
            batch, accepted=chosen, quarantined=refused[again], edits=batch.edits[decided], delivered=delivered
        )

    def together(self) -> Batch:
        """Return what was kept as one batch."""
        import pandas as pd

        first = self._met[0]
        if len(self._met) == 1:
            return first
        frames = {
            name: pd.concat([getattr(batch, name) for batch in self._met], ignore_index=True)
            for name in ("accepted", "quarantined", "edits", "delivered")
            if getattr(first, name) is not None
        }
        return replace(first, **frames)
