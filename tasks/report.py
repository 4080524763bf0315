"""Step 9: render the release's pages into its folder, from its tables alone; the same for programs beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports import quality_page, quality_report, release_page
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.deliveries import lines
from schemas.expectation import Validation


def report(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    validations: Sequence[Validation] = (),
) -> Path:
    """Write the pages below `report/`, `quality_report.json` and `expectations.json`; return the first page's path."""
    page = folder / "report" / "index.html"
    page.parent.mkdir()
    texts = (declaration.title, declaration.countries, declaration.notice, declaration.publication)
    page.write_text(release_page.render(tables, deliveries(loads), *texts), encoding="utf-8")
    write_quality(folder, tables, declaration, loads, validations)
    return page


def write_quality(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    validations: Sequence[Validation],
) -> None:
    """Write the quality report and what the expectation suites found, each as a page and as JSON."""
    release_id = str(tables["quality"]["release_id"].iloc[0])
    told = quality_report.quality_report(tables, declaration, loads, validations)
    head = (declaration.title, release_id, declaration.notice)
    pages = {
        "quality": quality_page.quality_page(told, *head),
        "expectations": quality_page.expectations_page(validations, *head),
    }
    for name, text in pages.items():
        (folder / "report" / f"{name}.html").write_text(text, encoding="utf-8")
    identity = {"release_id": release_id, "survey_id": declaration.id}
    _write(folder / "quality_report.json", {**identity, "indicators": quality_report.as_records(told)})
    _write(folder / "expectations.json", {**identity, "suites": [validation.as_record() for validation in validations]})


def deliveries(loads: Sequence[Load]) -> list[dict[str, Any]]:
    """Lay out the rows of the deliveries, as the first page shows them."""
    return [vars(line) for line in lines(loads)]


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
