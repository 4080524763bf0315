"""Time one large CSV file on its way from an HTTP server through validation into the warehouse.

`python -m benchmarks.intake --rows 20000000`. The file is invented (`samples/synthetic/one_file.py`; 100 bytes an
interview) and served on the loopback address. The night is a process of its own with all it starts; beside it, in the
same run, DuckDB reads the same file into a table of text, and checks nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process_tree import TreeCost, watched
from samples.synthetic import one_file
from schemas.errors import KinscaleError

CHECKOUT = Path(__file__).resolve().parent.parent
LANDED = "reducing interviews to PSU totals"
"""What a night says when every file is in."""
PEER = """
import duckdb, sys
with duckdb.connect(sys.argv[2], config={"threads": 2, "memory_limit": "512MB"}) as connection:
    connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar = true, delim = ';')", [sys.argv[1]])
"""


@dataclass(frozen=True)
class Night:
    """What a night cost until the file was landed and to its end, and what the warehouse holds of the file."""

    landed: TreeCost
    whole: TreeCost
    read: int
    accepted: int
    quarantined: dict[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 if every interview is accounted for, and within --most-seconds and --most-mb, else 1."""
    options = _parser().parse_args(arguments)
    written = _file(options)
    size = written.path.stat().st_size
    say(f"{written.rows:,} interviews, {size:,} bytes")
    with served(written.path.parent) as port:
        night = _night(options, written, f"http://127.0.0.1:{port}/{written.path.name}")
    peer = _peer(options, written)
    say(f"{'':<44}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'rows/s':>11}{'x peer':>8}")
    for name, cost in (
        ("DuckDB reads it as text, unchecked", peer),
        ("kinscale, from HTTP to landed", night.landed),
        *([("kinscale, to the release", night.whole)] if options.release else []),
    ):
        ratio = cost.wall / peer.wall
        say(
            f"{name:<44}{cost.wall:>9.1f}{cost.cpu:>9.1f}{cost.peak_mb:>9.0f}"
            f"{written.rows / cost.wall:>11,.0f}{ratio:>8.1f}"
        )
    slips = night.quarantined.get("relatives_integer", 0)
    say(f"{night.read:,} read, {night.accepted:,} accepted, {night.read - night.accepted:,} in quarantine")
    sound = night.read == written.rows == night.accepted + sum(night.quarantined.values()) and slips == written.slips
    return 0 if sound and night.landed.wall <= options.most_seconds and night.landed.peak_mb <= options.most_mb else 1


def _file(options: argparse.Namespace) -> one_file.Written:
    """Write the file, or take the one that was written before."""
    place = options.data / f"one_file_{options.rows}"
    place.mkdir(parents=True, exist_ok=True)
    note = place / "written.json"
    path = place / "served" / one_file.NAME
    if not note.exists():
        path.parent.mkdir(exist_ok=True)
        written = one_file.write(path, options.rows, options.seed)
        note.write_text(json.dumps({"rows": written.rows, "slips": written.slips}), encoding="utf-8")
    return one_file.Written(path, **json.loads(note.read_bytes()))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve a folder over HTTP on the loopback address; yields the port."""
    command = [sys.executable, str(CHECKOUT / "benchmarks" / "file_server.py"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def _night(options: argparse.Namespace, written: one_file.Written, address: str) -> Night:
    place = written.path.parent.parent
    home, surveys, log = place / "home", place / "surveys", place / "night.log"
    shutil.rmtree(home, ignore_errors=True)
    one_file.declare(surveys, address, options.rows, options.seed)
    command = [sys.executable, "-m", "flows.cli", "run", "--direct", "--survey", one_file.ID, "--home", str(home)]
    environment = {"PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(surveys), "KINSCALE_THREADS": "2"}
    try:
        landed, whole = watched(command, log, options.limit, environment, LANDED, options.release)
    except RuntimeError as error:
        raise KinscaleError(f"the night failed: {error}", file=str(log)) from error
    return Night(landed, whole, *_held(home))


def _held(home: Path) -> tuple[int, int, dict[str, int]]:
    """Return the rows that the load says it read, those accepted, and those refused by rule."""
    import duckdb

    with duckdb.connect(str(home / "build" / "warehouse.duckdb")) as connection:  # whose process may have been killed
        ((read,),) = connection.execute("SELECT rows_read FROM loads").fetchall()
        ((accepted,),) = connection.execute("SELECT count(*) FROM interviews").fetchall()
        refused = connection.execute("SELECT rule, count(*) FROM quarantine GROUP BY rule").fetchall()
    return read, accepted, dict(refused)


def _peer(options: argparse.Namespace, written: one_file.Written) -> TreeCost:
    place = written.path.parent.parent
    table = place / "peer.duckdb"
    table.unlink(missing_ok=True)
    command = [sys.executable, "-c", PEER, str(written.path), str(table)]
    try:
        return watched(command, place / "peer.log", options.limit, {}, "")[1]
    finally:
        table.unlink(missing_ok=True)


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.intake", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="interviews of the file; default 1,000,000")
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data" / "benchmarks", help="folder for the files")
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which it is given up; default 1200")
    parser.add_argument("--most-seconds", type=float, default=240, help="until it is landed; default 240")
    parser.add_argument("--most-mb", type=float, default=2000, help="of all its processes, until landed; default 2000")
    parser.add_argument("--release", action="store_true", help="go on to the release; without it, end when landed")
    parser.add_argument("--seed", type=int, default=2009, help="of the invented survey; default 2009")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
