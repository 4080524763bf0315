"""The survey as one delivery of any size: a single CSV file of one country, written as fast as the disk takes it.

Lives here: the file, what is wrong with some of its rows on purpose, and the declaration that reads it. Not here: what
is true of the families (`plan`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from samples.synthetic import files
from samples.synthetic.deliveries import COLUMNS, MIGRANTS, SLIPS, declaration, write_lists
from samples.synthetic.plan import COUNTS, Plan, plan_of

ID = "one_file"
COUNTRY = "KZ"
NAME = "interviews.csv"
BYTES_OF_ROW = 100
"""About; 20 million interviews are 2 GB."""
TWICE = 1000
"""One interview in so many has the number of the one before it."""
UNLIKE = 4
"""In one of so many families with cases abroad, the total is not that of women and men: kept with a warning."""


@dataclass(frozen=True)
class Written:
    """A file: its rows, those with an answer that is no number, and those that must be refused as a number's second."""

    path: Path
    rows: int
    slips: int


def write(path: Path, rows: int, seed: int = 2009) -> Written:
    """Write the file; the memory it takes does not grow with it. rows: at least 1,200."""
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    unfinished = path.with_name(path.name + ".part")
    slips = 0
    with unfinished.open("wb") as handle:
        handle.write((";".join(COLUMNS) + "\n").encode())
        for table, slipped in _tables(plan_of(rows, seed=seed), seed):
            csv.write_csv(table, handle, options)
            slips += slipped
    return Written(unfinished.replace(path), rows, slips)


def declare(folder: Path, address: str, rows: int, seed: int = 2009) -> None:
    """Write the survey's folder `one_file` below `folder`. address: path or URL from which the file is pulled."""
    survey = folder / ID
    survey.mkdir(parents=True, exist_ok=True)
    about = declaration()
    source = {**about["sources"][0], "country": COUNTRY, "path": address}
    about |= {"id": ID, "title": "An invented survey in one file", "sources": [source]}
    about["countries"] = {COUNTRY: about["countries"][COUNTRY]}
    (survey / "survey.yaml").write_text(yaml.safe_dump(about, sort_keys=False), encoding="utf-8")
    plan = plan_of(rows, seed=seed)
    write_lists(survey, [(COUNTRY, _code(region)) for region in sorted(set(plan.region.tolist()))])


def _code(region: int) -> str:
    return f"{COUNTRY}-{region:02d}"


def _tables(plan: Plan, seed: int) -> Iterator[tuple[Any, int]]:
    """Yield a part of the file as a table of text, and how many of its answers are no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = 0
    for number, part in enumerate(files.parts(plan)):
        size = len(part["psu"])
        generator = np.random.default_rng([seed, 3, number])
        place = np.arange(first, first + size)
        first += size
        slip = generator.random(size) < SLIPS
        columns = {
            "questionnaire_id": _numbered(f"{COUNTRY}-", pc.utf8_lpad(_text(place - (place % TWICE == 1)), 8, "0")),
            "country": pa.repeat(COUNTRY, size),
            "region": _coded(part["region"], _code),
            "district": _coded(part["stratum"], "district {}".format),
            "settlement": _coded(part["psu"], "s{}".format),
            "settlement_type": pc.if_else(pa.array(part["stratum"] % 2 == 1), "rural", "urban"),
            "ngo": _coded(part["region"], "NGO-{}".format),
            "interviewer": _coded(part["psu"] % 40, "KZ-{:02d}".format),
            "interview_date": _coded(place % 28, lambda day: f"2009-10-{day + 1:02d}"),
            "relatives": pc.if_else(pa.array(slip), "some", _text(part["relatives"])),
            **_answers(part, place, generator),
        }
        yield pa.table({name: columns[name] for name in COLUMNS}), int(slip.sum())


def _answers(part: dict[str, np.ndarray], place: np.ndarray, generator: np.random.Generator) -> dict[str, Any]:
    """Write the questions about both places; where nobody migrated they stay empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    unlike = place % UNLIKE == 0
    counts = {**part, **{name: np.where(unlike, 0, part[name]) for name in COUNTS if "_abroad_total_" in name}}
    out: dict[str, Any] = {}
    for there in ("inside", "abroad"):
        mine = [name for name in COUNTS if f"_{there}_" in name]
        moved = (generator.random(len(place)) < MIGRANTS) | (np.sum([part[name] for name in mine], axis=0) > 0)
        out[f"migrant_{there}"] = pc.if_else(pa.array(moved), "yes", "no")
        out |= {name: pc.if_else(pa.array(moved), _text(counts[name]), "") for name in mine}
    return out


def _text(numbers: np.ndarray) -> Any:
    import pyarrow as pa

    return pa.array(numbers).cast(pa.string())


def _numbered(prefix: str, texts: Any) -> Any:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(prefix, texts, "")


def _coded(codes: np.ndarray, named: Any) -> Any:
    """Write codes as text, each different one once."""
    import pyarrow as pa

    different, back = np.unique(codes, return_inverse=True)
    return pa.array([named(code) for code in different.tolist()]).take(pa.array(back))
