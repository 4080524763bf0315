"""Fuzz readers: `python -m tests.fuzz csv xlsx --seconds 600`; the corpus grows, docs/fuzzing.csv says what came of it.

A crash inside a C or Rust library is not a finding when the confined reader turns it into a refusal; it is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DeliveryError
from sources import reader
from tests.fuzz import corpus, seeds

RECORD = Path(__file__).resolve().parent.parent.parent / "docs" / "fuzzing.csv"
FIELDS = ("reader", "seconds", "inputs_tried", "corpus", "library_crashes_contained", "findings")
SECONDS_OF_ONE_INPUT = 10
MEGABYTES = 2048
CONTAINED = "contained."
"""Begins the name of an input that crashed a library, and no more than that."""
_TRIED = re.compile(r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)", re.MULTILINE)


@dataclass
class Session:
    """What fuzzing one reader came to."""

    kind: str
    seconds: int
    tried: int = 0
    contained: int = 0
    findings: int = 0


def fuzz(kind: str, seconds: int, folder: Path) -> Session:
    """Fuzz one reader for as long, beginning again after a crash that is contained; a finding ends it."""
    session = Session(kind, seconds)
    grown, crashes = folder / "corpus", folder / "crashes"
    corpus.unpack(kind, grown, seeds.of(kind))
    crashes.mkdir()
    end = time.monotonic() + seconds
    while (left := int(end - time.monotonic())) > 0 and not session.findings:
        log = _engine(kind, folder, grown, f"-max_total_time={left}", f"-artifact_prefix={crashes}/")
        if "DONE" not in log and not any(crashes.glob("*-*[!d]")):
            raise RuntimeError(f"the fuzzer did not run:\n{log[-2000:]}")
        session.tried += max((int(a or b) for a, b in _TRIED.findall(log)), default=0)
        _judge(session, crashes, log)
    _keep(kind, folder)
    return session


def _engine(kind: str, folder: Path, *options: str | Path) -> str:
    """Run libFuzzer in a process of its own and return all it says."""
    program = folder / "engine"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fuzz.engine {kind} "$0" "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    own = [f"-timeout={SECONDS_OF_ONE_INPUT}", f"-rss_limit_mb={MEGABYTES}", "-print_final_stats=1", "-max_len=65536"]
    command = [str(program), *map(str, options), *own]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    return done.stdout


def _judge(session: Session, crashes: Path, log: str) -> None:
    """Tell findings from crashes of libraries that the confined reader contains."""
    for crash in sorted(crashes.glob("[!.]*-*")):
        if crash.name.startswith(CONTAINED):
            continue  # judged when it came up
        if "Uncaught Python exception" not in log and _is_contained(session.kind, crash):
            session.contained += 1
            crash.rename(crash.with_name(CONTAINED + crash.name))
        else:
            session.findings += 1
            sys.stderr.write(f"{session.kind}: {crash.name}\n{log[-3000:]}\n")


def _is_contained(kind: str, crash: Path) -> bool:
    """Tell whether the confined reader refuses, or reads, what made the library crash."""
    from sources import confined
    from tests.fuzz import target

    with contextlib.suppress(DeliveryError):
        target.read(kind, crash.read_bytes(), confined.read)
    return True


def _keep(kind: str, folder: Path) -> None:
    """Keep of the grown corpus what covers something of its own, and every finding."""
    kept = folder / "kept"
    kept.mkdir()
    _engine(kind, folder, kept, folder / "corpus", "-merge=1")
    inputs = [path.read_bytes() for path in (*kept.iterdir(), *(folder / "crashes").glob("*-*"))]
    corpus.save(kind, [*seeds.of(kind), *inputs])


def record(session: Session) -> None:
    """Put the line of one reader into docs/fuzzing.csv."""
    rows = {}
    if RECORD.exists():
        with RECORD.open(encoding="utf-8", newline="") as handle:
            rows = {row["reader"]: row for row in csv.DictReader(handle)}
    values = (session.kind, session.seconds, session.tried, len(corpus.load(session.kind)), session.contained)
    rows[session.kind] = dict(zip(FIELDS, map(str, (*values, session.findings)), strict=True))
    with RECORD.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[kind] for kind in sorted(rows))


def main() -> None:
    """Fuzz the readers named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", choices=[[], *reader.FORMATS], help="default: all of them")
    parser.add_argument("--seconds", type=int, default=600, help="for each reader")
    given = parser.parse_args()
    found = 0
    for kind in given.readers or list(reader.FORMATS):
        with tempfile.TemporaryDirectory() as folder:
            session = fuzz(kind, given.seconds, Path(folder))
        record(session)
        sys.stdout.write(f"{session}\n")
        found += session.findings
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
