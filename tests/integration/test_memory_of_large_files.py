"""Reading a large text table takes memory for its blocks, not for the file. Nothing here is timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BYTES = 300 << 20
MOST_MB = 450
"""The file alone is 300 MB, and as a table of Python text it would be several times that."""
READ = """
import sys
from pathlib import Path
from sources import delimited

spec = {"format": "csv", "delimiter": ";", "encoding": sys.argv[2]}
rows = last = 0
for part in delimited.parts(Path(sys.argv[1]), "large.csv", spec):
    rows += len(part.frame) + len(part.damaged)
    last = int(part.frame["source_row"].iloc[-1])
status = Path("/proc/self/status").read_text()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
print(rows, last, int(peak) // 1024)
"""


def test_reading_three_hundred_megabytes_takes_a_fixed_amount_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    lines = "".join(f"{n:07d};село {n % 97};{n % 13};да;нет;;;;0;0;0\r\n" for n in range(20_000)).encode("cp1251")
    times = BYTES // len(lines)
    with path.open("wb") as handle:
        handle.write("a;b;c;d;e;f;g;h;i;j;k\r\n".encode("cp1251"))
        for _ in range(times):
            handle.write(lines)
    answer = subprocess.run(
        [sys.executable, "-c", READ, str(path), "cp1251"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    rows, last, peak = map(int, answer.stdout.split())
    assert rows == times * 20_000
    assert last == rows + 1  # behind the header
    assert peak < MOST_MB
