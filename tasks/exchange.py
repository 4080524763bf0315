"""Step 10: write the release's tables in the formats of other programs: SDMX, a workbook, a data package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from schemas.declaration import Declaration


def exchange(folder: Path, tables: Mapping[str, pd.DataFrame], release_id: str, declaration: Declaration) -> None:
    """Write `sdmx/`, `workbook.xlsx` and `datapackage.json` into a release folder that holds its tables already."""
    from exchange import data_package, release_codes, sdmx_csv, sdmx_structure, workbook
    from exchange.areas import areas
    from exchange.edition import edition

    about = edition(tables["releases"], release_id, declaration)
    estimates = tables["estimates"]
    estimates = estimates[estimates["release_id"] == release_id]
    lists = release_codes.lists(estimates, tables.get("indicators"))
    sdmx = folder / "sdmx"
    sdmx.mkdir()
    structure = sdmx_structure.render(about, areas(tables["regions"], declaration.countries), lists)
    (sdmx / "structure.xml").write_text(structure, encoding="utf-8")
    sdmx_csv.write(sdmx / "estimates.csv.gz", sdmx_csv.observations(estimates, about, lists))
    workbook.write(folder / "workbook.xlsx", tables, about)
    data_package.write(folder, about)
