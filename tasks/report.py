"""Step 9: render the release's site into its folder, from its tables alone; the same for programs beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports import quality_report
from reports.site import data_docs_files, explorer_files, site
from reports.site.release_view import Published
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.expectation import Validation
from warehouse import data_docs, result_views


def report(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    validations: Sequence[Validation] = (),
) -> Path:
    """Write `quality_report.json` and `expectations.json`, then the site below `report/`; return the first page's path.

    folder: holds every other file of the release already, which the site lists.
    """
    indicators = quality_report.quality_report(tables, declaration, loads, validations)
    identity = {"release_id": str(tables["quality"]["release_id"].iloc[0]), "survey_id": declaration.id}
    _write(folder / "quality_report.json", {**identity, "indicators": quality_report.as_records(indicators)})
    _write(folder / "expectations.json", {**identity, "suites": [validation.as_record() for validation in validations]})
    below = folder / "report"
    below.mkdir()
    published = Published(tables, declaration, loads, validations, indicators, _sizes(folder))
    page = site.write(below, published)
    if declaration.report.explorer:
        explorer_files.write(below, folder / "tables", result_views.script())
    if published.has_data_docs:
        run = data_docs.Run(published.release["release_id"], published.release["published_at"])
        docs = data_docs.pages(validations, run, data_docs_files.TEMPLATES)
        data_docs_files.write(below, docs, validations, run.name)
    return page


def _sizes(folder: Path) -> dict[str, int]:
    """Return the size of every file below a folder, by its path in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
