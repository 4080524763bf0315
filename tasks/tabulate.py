"""Steps 6 and 7 of records: compute what the instrument declares, and build the tidy result tables from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimators import attrition, evidence
from estimators.indicators import compute
from estimators.indicators.cell import POISSON_RATIO, WILSON, Cell
from estimators.record_reproduction import reproduce
from schemas import instrument
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.indicator import Indicator, Name, Range, Rank, Total
from schemas.result_tables import Table, conform, dictionary, tables, tables_in
from tasks import comparability, scenarios
from tasks.assemble import regions
from tasks.definition_counts import definition_counts
from tasks.published_figures import published_figures
from tasks.reconcile import reconcile
from warehouse.canonical import rounded

Part = Callable[[pd.DataFrame, pd.DataFrame, DeclaredInstrument, Declaration], dict[str, pd.DataFrame]]
"""Makes further tables from records and estimates; tables of their own, by name, in the form of their descriptions."""
PARTS: tuple[Part, ...] = (
    comparability.comparability,
    definition_counts,
    published_figures,
    reconcile,
    scenarios.scenarios,
)
PERSONS = "persons"
LANGUAGES = ("en", "ru")
SPREAD = {
    "min": Name(en="Smallest", ru="Наименьшее"),
    "median": Name(en="Median", ru="Медиана"),
    "max": Name(en="Largest", ru="Наибольшее"),
}
"""What the codes of a range are called."""


@dataclass(frozen=True)
class Tabulated:
    """The tables of a release with nothing hidden, and the cells that its estimates were laid out from."""

    tables: dict[str, pd.DataFrame]
    cells: Sequence[Cell]


def tabulate(records: pd.DataFrame, declaration: Declaration, loads: Sequence[Load], release_id: str) -> Tabulated:
    """Return the tables of a release but `quality` and its history, each as its description demands.

    records: as `gather` returns them.  loads: the files in force.
    """
    kind = declared(declaration)
    surveyed = declaration.regions[declaration.regions["surveyed"] == "yes"]
    places = list(zip(surveyed["country"], surveyed["region"], strict=True))
    confidence = declaration.rates.confidence
    cells = compute.compute(records, kind, list(declaration.countries), places, confidence)
    mark = {"release_id": release_id, "survey_id": declaration.id, "wave": declaration.wave}
    estimates = compute.table(cells, confidence).assign(**mark)
    out = {
        "estimates": conform("estimates", rounded(estimates)),
        "indicators": indicators(cells, kind, declaration),
        "regions": conform("regions", regions(declaration)),
        "dictionary": dictionary(kind.ANALYSIS),
    }
    for further in PARTS:
        out |= further(records, estimates, kind, declaration)
    more = [attrition.as_cells(out[scenarios.TABLE])] if scenarios.TABLE in out else []
    more += [evidence.as_cells(out)] if len(out["evidence"]) else []
    out["reproduction"] = reproduction(pd.concat([estimates, *more], ignore_index=True), declaration)
    return Tabulated({table.name: out.get(table.name, nothing(table)) for table in tables_in(kind.ANALYSIS)}, cells)


def nothing(table: Table) -> pd.DataFrame:
    """Return a table without a row: of parts that the survey does not declare, and of what later steps fill."""
    return conform(table.name, pd.DataFrame(columns=table.names))


def declared(declaration: Declaration) -> DeclaredInstrument:
    """Return the instrument of a survey of records."""
    kind = instrument.find(declaration.instrument)
    if not isinstance(kind, DeclaredInstrument):
        raise AssertionError(f"{declaration.instrument} is no instrument of records")
    return kind


def indicators(cells: Sequence[Cell], kind: DeclaredInstrument, declaration: Declaration) -> pd.DataFrame:
    """Say of each indicator and code what it counts and what it rests on, where the widest place has it."""
    by_id = {one.id: one for one in kind.indicators}
    widest = "group" if len(declaration.countries) > 1 else "national"
    rows: dict[str, dict[str, object]] = {}
    for cell in cells:
        if cell.domain.level != widest or cell.name in rows:
            continue
        one = by_id[cell.indicator]
        note = refusal(cell, kind) if cell.refused else one.note
        rows[cell.name] = {
            "survey_id": declaration.id,
            "position": len(rows) + 1,
            "indicator": cell.name,
            "topic": cell.indicator,
            "code": cell.code or None,
            "title": one.title.en,
            "title_ru": one.title.ru,
            "code_name": answer(kind, one, cell.code, "en"),
            "code_name_ru": answer(kind, one, cell.code, "ru"),
            "question": one.question or None,
            "kind": one.kind,
            "unit": cell.unit,
            "base_rule": getattr(one, "base", None),
            "numerator": cell.count,
            "base": cell.base,
            "missing": cell.missing,
            "count_basis": getattr(one, "count_basis", "") or None,
            "measure_type": one.measure_type or None,
            "additive": "yes" if cell.additive else "no",
            "limits": cell.method if cell.method in (WILSON, POISSON_RATIO) else "none",
            "note": note.en if note else None,
            "note_ru": note.ru if note else None,
            **_beside(cell, declaration),
        }
    frame = pd.DataFrame(list(rows.values())).reindex(columns=tables()["indicators"].names)
    return conform("indicators", rounded(frame.astype({"numerator": "float64"})))


def _beside(cell: Cell, declaration: Declaration) -> dict[str, object]:
    """Say of a number of persons which survey can have counted the same ones."""
    if declaration.beside is None or cell.unit != PERSONS:
        return {}
    other = declaration.beside
    return {"beside": other.survey, "beside_reason": other.reason, "beside_reason_ru": other.reason_ru}


def refusal(cell: Cell, kind: DeclaredInstrument) -> Name:
    """Say why numbers were not added: what was counted, in English and Russian."""
    en, ru = (
        ", ".join(kind.code_name(str(kind.apart), code, language) for code in cell.refused) for language in LANGUAGES
    )
    return Name(
        en=f"Not added, because these are not counts of one thing: {en}",
        ru=f"Не сложено, потому что считается не одно и то же: {ru}",
    )


def answer(kind: DeclaredInstrument, one: Indicator, code: str, language: str) -> str | None:
    """Name what a code of an indicator stands for: an answer, an item that is ranked, or the place in a range."""
    if not code:
        return None
    if isinstance(one, Range):
        return getattr(SPREAD[code], language)
    if isinstance(one, Rank):
        title = str(getattr(kind.columns[one.columns[code]].title, language))
        return title.partition(": ")[2] or title
    column = str((one.within if isinstance(one, Total) else getattr(one, "of", None)) or "")
    named = column in kind.columns and kind.names_code(column, code)
    return kind.code_name(column, code, language) if named else code


def reproduction(estimates: pd.DataFrame, declaration: Declaration) -> pd.DataFrame:
    """Put printed numbers beside those computed; an empty table where nothing was printed."""
    if declaration.published is None:
        return nothing(tables()["reproduction"])
    frame = reproduce(declaration.published, estimates).assign(survey_id=declaration.id)
    frame["source"] = frame["source"].where(frame["source"].notna(), declaration.publication)
    return conform("reproduction", rounded(frame.astype({"printed": np.float64})))
