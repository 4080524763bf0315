"""Files of `docs/` that are made from the metadata, and the command that makes them: python -m exchange.documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from exchange import data_package, sdmx_structure
from exchange.areas import areas
from exchange.edition import Edition
from schemas.result_tables import Column, conform, tables
from schemas.result_views import views
from schemas.vocabulary import code_lists, title

DOCS = Path(__file__).resolve().parent.parent / "docs"
NO_RELEASE = Edition(
    release_id="survey-period-r1",
    survey_id="survey",
    title="Estimates of a survey",
    notice="The structure that every survey's estimates have; a release adds its areas.",
    publication="",
    reference_period="2000",
    status="provisional",
    published_at=datetime(2000, 1, 1),
    content_sha256="",
    countries={},
    thresholds={},
    method="design",
)


def documents() -> dict[str, str]:
    """Return what each generated file of `docs/` has to hold, by name."""
    import pandas as pd

    no_regions = conform("regions", pd.DataFrame(columns=tables()["regions"].names))
    lists = {column: code_lists()[column] for column in sdmx_structure.coded_columns()}
    schemas = {name: data_package.table_schema(table) for name, table in tables().items()}
    return {
        "data-dictionary.md": "\n".join(_dictionary()) + "\n",
        "table-schemas.json": json.dumps(schemas, ensure_ascii=False, indent=1) + "\n",
        "sdmx-structure.xml": sdmx_structure.render(NO_RELEASE, areas(no_regions, {}), lists) + "\n",
    }


def _dictionary() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Made from `result_tables.yaml`, `result_views.yaml` and `vocabulary.yaml` in `schemas/`; change those and"
    yield "run `.venv/bin/python -m exchange.documents`. How to read tables: [result tables](result-tables.md)."
    for table in tables().values():
        yield from ("", f"## Table {table.name}", "", table.description, "")
        yield "| column | title | type | unit | values | meaning |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(column) for column in table.columns)
    yield from ("", "Columns marked with a star name one row together; those with a question mark can be empty.")
    yield from _views()
    yield from ("", "# Codes")
    for listed in code_lists().values():
        yield from ("", f"## Codes of {listed.name}", "", "| value | English | Russian | SDMX |", "|---|---|---|---|")
        yield from (f"| `{code.value}` | {code.en} | {code.ru or ''} | `{code.sdmx}` |" for code in listed.codes)


def _views() -> Iterator[str]:
    yield from (
        "",
        "# Views and macros",
        "",
        "In DuckDB only. Columns not listed are those of the table they are like.",
    )
    for view in views().values():
        yield from ("", f"## {view.kind.capitalize()} {view.name}", "", view.description)
        if view.example:
            yield from ("", "```sql", f"-- {view.call}", view.example + ";", "```")
        if view.like:
            yield from ("", f"Like the table `{view.like}`.")
        if view.columns:
            yield from ("", "| column | meaning |", "|---|---|")
            yield from (f"| `{name}` | {meaning} |" for name, meaning in view.columns)


def _row(column: Column) -> str:
    marks = ("*" if column.key else "") + ("?" if column.nullable else "")
    cells = [
        f"`{column.name}` {marks}".strip(),
        title(column.name),
        column.type,
        column.unit or "",
        column.values or "",
        column.description,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write the generated files of `docs/`."""
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
