"""What can be done about a refused row: the entry of corrections.yaml to fill in, the call that waives its rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from schemas import corrections, drift, instrument
from schemas.declaration import Declaration
from schemas.waivers import waivable
from tasks import drift as rules_of_drift
from warehouse import quarantined


def cells(row: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the cells of a row as delivered, by header, or None when it could not be cut into cells."""
    try:
        found = json.loads(row["raw_row"])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def rules(row: Mapping[str, Any]) -> list[str]:
    """Name every rule that a row broke, its reason first."""
    return [row["rule"], *filter(None, str(row["also"]).split(", "))]


def remedies(row: dict[str, Any], declaration: Declaration) -> Iterator[str]:
    """Say line by line what can be done about a row that is refused."""
    name, delivered = quarantined.name(row), cells(row)
    if row["rule"] == corrections.DROPPED:
        yield f"An entry of {corrections.NAME} leaves it out. Remove the entry to take the row in again."
        return
    yield "Ask for the file again with the row put right"
    if delivered is None:
        yield "(nothing else: a row without cells cannot be corrected here)"
        return
    if blocking := [rule for rule in rules(row) if rule not in waivable()]:
        yield f"(a waiver is not possible: {', '.join(blocking)} cannot be waived)"
    else:
        yield f"or let it pass: ./kinscale quarantine waive {name} --by WHO --reason WHY --until DATE"
    for line in declaring(row, declaration):
        yield f"or declare it for every row, in the source in survey.yaml:  {line}"
    yield f"or correct it; add to {declaration.folder / corrections.NAME}, then ./kinscale quarantine replay {name}"
    yield ""
    yield from correction(row, delivered, declaration)


def declaring(row: Mapping[str, Any], declaration: Declaration) -> Iterator[str]:
    """Return the line of survey.yaml that would take a row in, where its rule is about what is declared."""
    kind, column = instrument.find(declaration.instrument), str(row["column_name"])
    for source in (s for s in declaration.sources if s.country == row["country"]):
        codes = drift.codes_of(source, kind).get(column)
        if row["rule"] == f"{column}_code" and codes:
            yield drift.code_line(column, str(row["value"]), codes)
        elif row["rule"] == rules_of_drift.ADDED:
            yield drift.list_line("ignore", source.ignore, [column])
        elif row["rule"] == rules_of_drift.VERSION and row["value"]:
            yield drift.list_line("form_versions", source.form_versions, [str(row["value"])])
        else:
            continue
        return  # of several sources of a country the first: the row does not say which


def correction(row: Mapping[str, Any], delivered: Mapping[str, str], declaration: Declaration) -> Iterator[str]:
    """Write the entry of corrections.yaml that would change the cell a row was refused for."""
    headers = [
        s.headers for s in declaration.sources if s.country == row["country"] and row["column_name"] in s.headers
    ]
    found = [delivered.get(columns[row["column_name"]], "") for columns in headers]
    number = next((delivered[h["questionnaire_id"]] for h in headers if h.get("questionnaire_id") in delivered), "")
    yield f"- country: {row['country']}"
    yield f"  file: {_text(row['file'])}"
    if number.strip():
        yield f"  questionnaire: {_text(number.strip())}"
    if not number.strip() or "duplicate_questionnaire" in rules(row):
        yield f"  source_row: {row['source_row']}"
    yield f"  column: {row['column_name']}"
    yield f"  expect: {_text(next(iter(found), str(row['value'])))}"
    yield '  set: "..."            # or, to leave the row out:  drop: true'
    yield '  reason: "..."'
    yield '  source: "..."         # the document that shows it'
    yield f"  date: {declaration.day}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON text is YAML text
