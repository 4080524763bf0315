"""What would become of one delivery: how it was read, which rows would be refused and why. Nothing is landed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from schemas import instrument
from schemas.batch import Batch, LongBatch, Lot, PulledFile
from schemas.declaration import Acceptance, Declaration, Source
from schemas.errors import DeliveryError, KinscaleError, TooManyBadRows
from schemas.shape import LastAccepted
from sources import detect, signature, text_blocks
from sources.finding import Finding
from sources.table import LongTable, RawTable
from tasks import drift as drifting
from tasks import duplicates
from tasks import read as reading
from tasks import validate as validating
from tasks.duplicates import Holders
from tasks.scaffold import answers, places
from tasks.scaffold.draft import lists_of
from warehouse import raw_store
from warehouse.home import Home

if TYPE_CHECKING:
    pass

EXAMPLES = 3
PLACES = ["region", "district", "settlement"]


@dataclass(frozen=True)
class DeliveryCheck:
    """One file. read_as: reader keys, declared and found. refused: rows by rule. unknown: codes and spellings.

    drift: how its form differs from what is declared and from the last accepted delivery, which is `compared_with`.
    `unknown` and `drift` hold texts of coded columns and regions only, and none of a column that has too many of them.
    """

    file: str
    country: str
    bytes: int
    read_as: list[dict[str, Any]] = field(default_factory=list)
    columns_missing: list[str] = field(default_factory=list)
    columns_unknown: list[str] = field(default_factory=list)
    columns_found: int = 0
    rows: int = 0
    accepted: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)
    drift: list[dict[str, str]] = field(default_factory=list)
    compared_with: str = ""
    looks_personal: list[dict[str, str]] = field(default_factory=list)
    error: KinscaleError | None = None
    batch: Batch | None = None


def check(
    file: PulledFile,
    declaration: Declaration,
    home: Home,
    known_elsewhere: frozenset[str],
    rows: bool = True,
    before: LastAccepted = drifting.NOTHING,
) -> DeliveryCheck:
    """Read and validate one pulled file as a night would, and say what it would come to.

    known_elsewhere: questionnaires that other files of the country bring. rows: False stops before the rows are
    validated, which needs regions.csv.  before: what was accepted last.
    """
    about: dict[str, Any] = {"file": file.name, "country": file.country, "bytes": file.bytes}
    about["read_as"] = read_as(file, declaration, home)
    about["compared_with"] = last.told if (last := before.of(file.uri)) else ""
    (table,) = reading.read(Lot((file,), (0,)), declaration, home)
    if isinstance(table, KinscaleError):
        return DeliveryCheck(**about, error=table)
    about |= columns(table, declaration.sources[file.source])
    about["looks_personal"] = [{"column": s.header, "why": s.why, "add": s.advice} for s in table.looks_personal]
    if isinstance(table, RawTable):
        about["rows"] = len(table.frame) + len(table.damaged)
    if not rows:
        return DeliveryCheck(**about)
    if isinstance(table, LongTable):
        batch, refusal = _validate_long(table, file, declaration, known_elsewhere, before)
        about["rows"] = batch.rows_read if batch else 0
    else:
        batch, refusal = _validate(table, file, declaration, known_elsewhere, before)
    if batch is None:
        return DeliveryCheck(**about, error=refusal, drift=list(refusal.facts.get("drift", ())) if refusal else [])
    about["drift"] = [vars(one) for one in batch.form.differences] if batch.form else []
    about |= {"accepted": 0 if refusal else batch.rows_read - len(batch.quarantined), "refused": refused(batch)}
    return DeliveryCheck(**about, unknown=unknown(batch, declaration), error=refusal, batch=batch)


def read_as(file: PulledFile, declaration: Declaration, home: Home) -> list[dict[str, Any]]:
    """Return each reader key as declared beside what the bytes look like; one without `found` was not guessed."""
    declared = dict(declaration.sources[file.source].reader)
    try:
        found = detect.settings(_seen_of(file, home), file.name)
    except DeliveryError:
        found = {}  # the reader says it better
    if declared.get("format") == "tsv":
        declared.setdefault("delimiter", "\t")
    elif declared.get("format") == "csv":
        declared.setdefault("delimiter", ",")
    return [
        {"key": key, "declared": value} | (_found(found[key]) if key in found else {})
        for key, value in declared.items()
    ]


def _found(finding: Finding) -> dict[str, Any]:
    about = {"found": finding.value, "sure": finding.sure, "note": finding.note}
    return about if finding.confidence is None else about | {"confidence": round(finding.confidence, 4)}


def _seen_of(file: PulledFile, home: Home) -> bytes:
    """Return the bytes to guess by: of a long text its first lines, of other formats all."""
    path = raw_store.place(home, file.sha256)
    head = text_blocks.beginning(path)
    return head if signature.recognise(head[:512])[0] == "text" else path.read_bytes()


def columns(table: RawTable | LongTable, source: Source) -> dict[str, Any]:
    """Return how many declared columns are there, which are missing, and which headers nobody declared."""
    missing = [header for header in source.headers.values() if header not in table.columns]
    return {
        "columns_found": len(source.headers) - len(missing),
        "columns_missing": missing,
        "columns_unknown": [header for header in table.columns if header not in source.declared],
    }


def _validate(
    table: RawTable,
    file: PulledFile,
    declaration: Declaration,
    known_elsewhere: frozenset[str],
    before: LastAccepted,
) -> tuple[Batch | None, KinscaleError | None]:
    """Validate; a file with too many bad rows is validated once more, to say which rows they are."""
    outcome = _verdict(table, file, declaration, known_elsewhere, before)
    if isinstance(outcome, Batch):
        return outcome, None
    if not isinstance(outcome, TooManyBadRows) or not len(table.frame) + len(table.damaged):
        return None, outcome
    lenient = declaration.model_copy(update={"acceptance": Acceptance(largest_invalid_share=1)})
    shown = _verdict(table, file, lenient, known_elsewhere, before)
    return (shown if isinstance(shown, Batch) else None), outcome


def _validate_long(
    table: LongTable,
    file: PulledFile,
    declaration: Declaration,
    known_elsewhere: frozenset[str],
    before: LastAccepted,
) -> tuple[Batch | None, KinscaleError | None]:
    """Validate part by part. Of what is accepted one interview of each settlement is kept, of the rest the reasons."""
    (outcome,) = validating.validate(Lot((file,), (1,)), [table], declaration, _held(known_elsewhere), before)
    if not isinstance(outcome, LongBatch):
        return None, outcome if isinstance(outcome, KinscaleError) else None
    parts: list[Batch] = []
    try:
        for part in outcome.parts:
            parts.append(_without_cells(part))
    except DeliveryError as error:
        told = duplicates.named(error, _nobody_knows)
        return (_joined(parts), told) if isinstance(error, TooManyBadRows) and parts else (None, told)
    return _joined(parts), None


def _without_cells(part: Batch) -> Batch:
    """Keep of a part what a check tells: how many rows there are, of which places, and why others are refused."""
    return replace(
        part,
        accepted=part.accepted.drop_duplicates(PLACES),
        quarantined=part.quarantined[["rule", "column_name", "source_row", "value"]],
        edits=part.edits.iloc[:0],
        delivered=None,
    )


def _joined(parts: list[Batch]) -> Batch:
    import pandas as pd

    return replace(
        parts[0],
        form=parts[-1].form,
        rows_read=sum(part.rows_read for part in parts),
        accepted=pd.concat([part.accepted for part in parts]).drop_duplicates(PLACES),
        quarantined=pd.concat([part.quarantined for part in parts]),
    )


def _verdict(
    table: RawTable,
    file: PulledFile,
    declaration: Declaration,
    known_elsewhere: frozenset[str],
    before: LastAccepted,
) -> Batch | KinscaleError:
    (outcome,) = validating.validate(Lot((file,), (1,)), [table], declaration, _held(known_elsewhere), before)
    if isinstance(outcome, LongBatch):
        raise AssertionError(f"{file.name} was read as one table")
    return duplicates.named(outcome, _nobody_knows) if isinstance(outcome, KinscaleError) else outcome


def _nobody_knows(_: str, __: int) -> None:
    return None


def _held(known_elsewhere: frozenset[str]) -> Holders:
    """Return who holds the numbers of other files: they stand before this one."""
    return lambda numbers: dict.fromkeys(set(numbers) & known_elsewhere, 0)


def refused(batch: Batch) -> list[dict[str, Any]]:
    """Count the refused rows by rule and column, with the first row numbers of the file; no value is shown."""
    groups = batch.quarantined.groupby(["rule", "column_name"], sort=True)["source_row"]
    return [
        {"rule": rule, "column": column, "rows": len(rows), "examples": sorted(map(int, rows))[:EXAMPLES]}
        for (rule, column), rows in groups
    ]


def unknown(batch: Batch, declaration: Declaration) -> list[dict[str, Any]]:
    """List the codes and region spellings that the declaration does not know, with the nearest region."""
    names = declaration.region_names
    coded = ("country", *lists_of(instrument.find(declaration.instrument)))
    limits = {"region": places.MOST_REGIONS} | dict.fromkeys(coded, answers.LONGEST_LIST)
    out: list[dict[str, Any]] = []
    for column, limit in limits.items():
        rule = "region_unknown" if column == "region" else f"{column}_code"
        counts = batch.quarantined.loc[batch.quarantined["rule"] == rule, "value"].value_counts().sort_index()
        if len(counts) > limit:
            hint = f"{len(counts)} different texts: is {column} the right column?"
            out.append({"column": column, "text": None, "rows": int(counts.sum()), "hint": hint})
            continue
        for text, rows in counts.items():
            near = names.suggestion(str(text), batch.file.country) if column == "region" else "not under `values`"
            out.append({"column": column, "text": text, "rows": int(rows), "hint": near})
    return out
