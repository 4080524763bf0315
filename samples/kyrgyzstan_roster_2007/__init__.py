"""The roster of key informants in Kyrgyzstan of 2007, and the footnotes that cite them: rebuilt to their sums."""

from __future__ import annotations

from pathlib import Path

from samples.delivery_file import write_csv
from samples.kyrgyzstan_roster_2007.citations import citations
from samples.kyrgyzstan_roster_2007.informants import informants

__all__ = ["citations", "informants", "write"]

PRODUCER, DAY = "samples/kyrgyzstan_roster_2007", "2008-01-01"


def write(directory: Path) -> list[Path]:
    """Write the two raw files and their sidecars; return the paths of the raw files."""
    roster, footnotes = directory / "roster_2007.csv", directory / "citations_2007.csv"
    return [
        write_csv(roster, informants(), PRODUCER, "CSV of the roster in the appendix", DAY),
        write_csv(footnotes, citations(), PRODUCER, "CSV of the footnotes that cite interviews", DAY),
    ]
