"""A release's CSV tables described as a Frictionless data package: `datapackage.json` at the top of the folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from exchange.edition import Edition
from schemas.result_tables import Column, Table, tables
from schemas.vocabulary import code_list, reference, title

_TYPES = {"text": "string", "integer": "integer", "number": "number", "timestamp": "datetime"}


def table_schema(table: Table) -> dict[str, Any]:
    """Describe a result table's columns as Table Schema.

    A key with a column that can be empty is no primary key there (the standard follows SQL); it is named under
    `uniqueKeys`, which the standard has since its second version.
    """
    optional = any(column.nullable for column in table.columns if column.key)
    keys: dict[str, Any] = {"uniqueKeys": [table.key]} if optional else {"primaryKey": table.key}
    references = [(column.name, reference(table.name, column.name)) for column in table.columns]
    foreign = [
        {"fields": [name], "reference": {"resource": target[0], "fields": [target[1]]}}
        for name, target in references
        if target
    ]
    fields = [_field(column) for column in table.columns]
    return {"fields": fields, "missingValues": [""], **keys, **({"foreignKeys": foreign} if foreign else {})}


def _field(column: Column) -> dict[str, Any]:
    rules = {
        "required": None if column.nullable else True,
        "enum": list(column.isin) if column.isin else None,
        "minimum": column.ge,
        "maximum": column.le,
    }
    listed = code_list(column.name)
    names = {code.value: code.en for code in listed.codes} if listed else {}
    if column.isin:
        names = {value: names[value] for value in column.isin if value in names}
    field = {
        "name": column.name,
        "type": _TYPES[column.type],
        "format": "any" if column.type == "timestamp" else None,
        "title": title(column.name),
        "description": column.description,
        "unit": column.unit,
        "codeList": column.code_list,
        "categories": [{"value": value, "label": label} for value, label in names.items()],
        "constraints": {name: rule for name, rule in rules.items() if rule is not None},
    }
    return {name: value for name, value in field.items() if value not in (None, [], {})}


def describe(folder: Path, about: Edition) -> dict[str, Any]:
    """Return the descriptor of a release folder: each of its CSV tables with its schema, its size and its hash."""
    return {
        "profile": "data-package",
        "name": about.release_id.lower(),
        "id": f"sha256:{about.content_sha256}",
        "title": about.title,
        "description": about.notice,
        "created": about.moment,
        "resources": [_resource(folder, table) for table in tables().values() if _files(folder, table)],
    }


def _files(folder: Path, table: Table) -> list[Path]:
    return sorted((folder / "tables").glob(f"{table.name}.csv*"))


def _resource(folder: Path, table: Table) -> dict[str, Any]:
    file = _files(folder, table)[0]
    content = file.read_bytes()
    return {
        "name": table.name,
        "title": title(table.name),
        "description": table.description,
        "profile": "tabular-data-resource",
        "path": file.relative_to(folder).as_posix(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **({"compression": "gz"} if file.suffix == ".gz" else {}),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": table_schema(table),
    }


def write(folder: Path, about: Edition) -> Path:
    """Write `datapackage.json` and return its path."""
    path = folder / "datapackage.json"
    path.write_text(json.dumps(describe(folder, about), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
