"""The cases told in the study of child trafficking in Kyrgyzstan of 2007, and which mentions are of one case."""

from __future__ import annotations

import csv
from pathlib import Path

from samples.delivery_file import write_csv

__all__ = ["mentions", "write"]

TABLE = Path(__file__).with_name("mentions.csv")


def mentions() -> list[dict[str, str]]:
    """Return the 27 mentions of 24 cases in the order of their numbers, as text."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the paths of the raw files."""
    form = "CSV of the cases told, each fact coded yes, no or unknown"
    path = directory / "case_mentions_2007.csv"
    return [write_csv(path, mentions(), "samples/kyrgyzstan_case_mentions_2007", form, "2008-01-01")]
