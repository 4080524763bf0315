"""Step 9: render the release's pages into its folder, from its tables alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from reports import release_page
from schemas.batch import Load
from schemas.declaration import Declaration


def report(folder: Path, tables: Mapping[str, pd.DataFrame], declaration: Declaration, loads: Sequence[Load]) -> Path:
    """Write `report/index.html` and return its path."""
    counts = [
        {
            "country": x.country,
            "file": x.file,
            "read": x.rows_read,
            "accepted": x.rows_accepted,
            "quarantined": x.rows_quarantined,
        }
        for x in loads
    ]
    page = folder / "report" / "index.html"
    page.parent.mkdir()
    texts = (declaration.title, declaration.countries, declaration.notice, declaration.publication)
    page.write_text(release_page.render(tables, counts, *texts), encoding="utf-8")
    return page
