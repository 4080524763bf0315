"""Reading in a process of its own: what it returns, what it may not do, and what becomes of a file that ends it."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow
import pytest

from samples.hostile import workbook_parts
from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged, SheetMissing
from sources import answers, confined, detect, reader
from sources.reading_process import ReadingProcess
from sources.table import DamagedRow, RawTable
from warehouse.home import CHECKOUT

SPEC = {"format": "xlsx", "sheet": "S", "header_rows": [1]}


@pytest.fixture(autouse=True)
def one_process() -> Iterator[None]:
    """Begin and end without a reading process."""
    confined.end()
    yield
    confined.end()


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "S"
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SMALL = workbook(("region", "relatives"), ("Актюбинская", 6), (None, 7), ("stray", 8, "note"))


def pid() -> int:
    process = confined._Current.process
    assert process is not None
    return process.pid


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_a_table_arrives_as_it_was_read(tmp_path: Path) -> None:
    here = reader.read(SMALL, "KZ.xlsx", SPEC)
    file = tmp_path / "stored"
    file.write_bytes(SMALL)
    for data in (SMALL, file):
        there = confined.read(data, "KZ.xlsx", SPEC)
        pd.testing.assert_frame_equal(there.frame, here.frame)
        assert (there.columns, there.damaged, there.labels, there.file) == (
            here.columns,
            here.damaged,
            here.labels,
            here.file,
        )
    assert [row.source_row for row in there.damaged] == [4]


def test_errors_arrive_as_they_were_raised() -> None:
    with pytest.raises(SheetMissing) as caught:
        confined.read(SMALL, "KZ.xlsx", {**SPEC, "sheet": "T"})
    assert caught.value.facts["sheets"] == ["S"]
    with pytest.raises(DeclarationError, match="header_rows"):
        confined.read(SMALL, "KZ.xlsx", {**SPEC, "header_rows": [0]})
    with pytest.raises(DeclarationError, match="is not known"):
        confined.read(SMALL, "KZ.xlsx", {**SPEC, "limits": {"colums": 1}})


def test_a_guess_arrives_with_its_confidence() -> None:
    assert confined.settings(SMALL, "KZ.xlsx") == detect.settings(SMALL, "KZ.xlsx")
    assert detect.detect(SMALL, "KZ.xlsx").spec == SPEC


def test_text_is_read_here() -> None:
    table = confined.read(b"a;b\n1;2\n", "KZ.csv", {"format": "csv", "delimiter": ";"})
    assert table.columns == ("a", "b")
    assert confined._Current.process is None


def test_many_files_share_a_process_that_ends_with_the_reading() -> None:
    with confined.reading():
        confined.begin(["csv", "xlsx"])
        first = pid()
        for _ in range(20):
            confined.read(SMALL, "KZ.xlsx", SPEC)
        assert pid() == first
    assert not is_there(first)


def test_nothing_is_started_for_text() -> None:
    confined.begin(["csv", "tsv", "jsonl", None])
    assert confined._Current.process is None


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_refuses_one_file_and_not_the_next(how: signal.Signals) -> None:
    confined.read(SMALL, "KZ.xlsx", SPEC)
    process = confined._Current.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)  # it dies while it is asked
    os.kill(process.pid, how)
    os.kill(process.pid, signal.SIGCONT)
    with pytest.raises(FormatDamaged, match=how.name):
        confined.read(SMALL, "KZ.xlsx", SPEC)
    assert len(confined.read(SMALL, "KZ.xlsx", SPEC).frame) == 2


def test_memory_and_time_are_bounded_for_each_file() -> None:
    many = workbook(*[tuple(f"c{column}-{row}" for column in range(40)) for row in range(400)])
    with pytest.raises(FileTooLarge) as memory:
        confined.read(many, "KZ.xlsx", {**SPEC, "limits": {"memory_bytes": 1 << 20}})
    assert memory.value.facts["limit"] == "memory_bytes"
    cells = "".join('<c t="inlineStr"><is><t>12</t></is></c>' for _ in range(200))
    names = "".join(f'<c t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(200))
    rows = "".join(f'<row r="{row}">{cells}</row>' for row in range(2, 8000))
    sheet = workbook_parts.sheet(f'<row r="1">{names}</row>{rows}')
    wide = workbook_parts.packed(workbook_parts.parts([{"a": ""}], sheet=sheet), 1)
    with pytest.raises(FileTooLarge) as seconds:
        confined.read(wide, "KZ.xlsx", {**SPEC, "limits": {"seconds": 1, "base_memory_bytes": 1 << 30}})
    assert seconds.value.facts["limit"] == "seconds"
    assert len(confined.read(many, "KZ.xlsx", SPEC).frame) == 399


@pytest.mark.parametrize(
    ("limits", "limit"),
    [({"whole_bytes": 1000}, "whole_bytes"), ({"columns": 1}, "columns"), ({"cell_bytes": 10}, "cell_bytes")],
)
def test_limits_hold_for_every_format(limits: dict[str, int], limit: str) -> None:
    with pytest.raises(FileTooLarge) as caught:
        confined.read(SMALL, "KZ.xlsx", {**SPEC, "limits": limits})
    assert caught.value.facts["limit"] == limit
    assert caught.value.where.file == "KZ.xlsx"


def test_the_process_has_no_credentials_and_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINSCALE_CREDENTIALS_NGO_PASSWORD", "secret")
    confined.read(SMALL, "KZ.xlsx", SPEC)
    proc = Path(f"/proc/{pid()}")
    assert b"secret" not in (proc / "environ").read_bytes()
    bounds = (proc / "limits").read_text(encoding="ascii")
    (written,) = (line for line in bounds.splitlines() if line.startswith("Max file size"))
    assert written.split()[3] == "0"
    files = [str(entry.readlink()) for entry in (proc / "fd").iterdir()]
    assert not any(file.startswith("/") and not file.startswith("/dev/") for file in files)


def test_the_process_has_no_network() -> None:
    if not Path("/proc/self/ns/net").exists():
        pytest.skip("the kernel has no network namespaces")
    confined.read(SMALL, "KZ.xlsx", SPEC)
    mine, its = (Path(f"/proc/{process}/ns/net").readlink() for process in ("self", pid()))
    if mine == its:
        pytest.skip("an ordinary account may not leave the network here")
    with socket.create_server(("127.0.0.1", 0)):
        tables = Path(f"/proc/{pid()}/net/tcp").read_text(encoding="ascii").splitlines()
    assert len(tables) == 1  # the heading: what listens here cannot be seen from there


def test_it_ends_when_the_night_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal; from sources import confined; confined.begin(['xlsx']); "
        "print(confined._Current.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=False)
    orphan = int(done.stdout)
    until = time.monotonic() + 60
    while _runs(orphan) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(orphan)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_fork_leaves_the_process_to_whom_it_belongs() -> None:
    confined.read(SMALL, "KZ.xlsx", SPEC)
    child = os.fork()
    if child == 0:
        os._exit(0 if confined._Current.process is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(confined.read(SMALL, "KZ.xlsx", SPEC).frame) == 2


def table() -> RawTable:
    frame = pd.DataFrame({"a": pd.array(["x", None], dtype="str"), "source_row": pd.array([2, 3], dtype="int64")})
    return RawTable(frame, ("a",), "KZ.sav", (DamagedRow(4, "raw", "why"),), {"a": "label"})


@pytest.mark.parametrize(
    "body",
    [
        pyarrow.table({"a": ["x"], "b": ["y"], "source_row": [1]}),
        pyarrow.table({"a": [1], "source_row": [1]}),
        pyarrow.table({"a": ["x"], "source_row": ["1"]}),
        pyarrow.table({"a": ["x"], "source_row": pyarrow.array([None], pyarrow.int64())}),
    ],
)
def test_a_table_that_no_reader_returns_is_not_believed(body: pyarrow.Table) -> None:
    out = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(out, body.schema) as stream:
        stream.write_table(body)
    with pytest.raises(ValueError, match="no reader returns"):
        answers.to_table((answers.of_table(table())[0], out.getvalue().to_pybytes()))


def test_only_errors_of_reading_are_believed() -> None:
    record = {"error": {"code": "gate_refused", "what": "x"}}
    with pytest.raises(ValueError, match="raises no error"):
        answers.to_error((record, b""))


@pytest.mark.parametrize(
    "head", [{}, {"table": {}}, {"table": {"columns": 3}}, {"error": {}}, {"error": {"code": "format_damaged"}}]
)
def test_an_answer_without_sense_damns_the_file(head: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadingProcess, "ask", lambda *_: (head, b"no stream"))
    with pytest.raises(FormatDamaged, match="makes no sense"):
        confined.read(SMALL, "KZ.xlsx", SPEC)
