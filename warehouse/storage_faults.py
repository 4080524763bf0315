"""What a machine can do to the data folder, told as our own errors: disk full, read-only, damage, too little memory."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import DataFolderReadOnly, DiskFull, KinscaleError, MemorySpent, WarehouseDamaged, WarehouseLocked
from warehouse.home import Home

MEMORY = "KINSCALE_MEMORY"
"""The variable that bounds what DuckDB takes."""
FULL = (errno.ENOSPC, errno.EDQUOT)
NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
"""Numbers of the operating system's errors; DuckDB gives them as text, in its words."""
RERUN = "What is published was not touched, and what was begun is undone or gone on with by the next run"


@contextlib.contextmanager
def told(home: Home) -> Iterator[None]:
    """Turn what the machine did during the block into our errors, DiskFull, MemorySpent and so on.

    Other errors pass as they are.
    """
    try:
        yield
    except KinscaleError:
        raise
    except Exception as error:
        ours = _ours(error, home)
        if ours is None:
            raise
        raise ours from error


def _ours(error: BaseException, home: Home) -> KinscaleError | None:
    """Name the fault behind an error: the error itself, or one that it came from or hid."""
    seen = list(_behind(error))
    place = next((_place(one) for one in seen if _place(one)), None)
    inside = place is None or Path(place).is_relative_to(home.root)
    if any(_is(one, FULL) for one in seen):
        return _full(home, place)
    if inside and any(_is(one, NOT_WRITABLE) for one in seen):
        return DataFolderReadOnly(
            f"it cannot be written: {_line(seen[-1])}",
            file=str(home.root),
            expected="a data folder that the account of the night may write",
            next_step="Mount it for writing, or give the folder to that account, and run again; nothing was changed. "
            "Releases can be read as before.",
        )
    conflict = next((one for one in seen if "Could not set lock on file" in str(one)), None)
    if conflict is not None:
        return WarehouseLocked(
            f"another program has the build warehouse open: {_line(conflict)}",
            file=str(home.warehouse),
            next_step="Close it there. To look at results, open a release: ./kinscale where",
        )
    if any(_is_duckdb(one) and type(one).__name__ == "OutOfMemoryException" for one in seen):
        return MemorySpent(
            f"a query needs more memory than DuckDB may take ({os.environ.get(MEMORY, 'the default')}).",
            file=str(home.warehouse),
            expected="memory for a row of counts of each settlement; a survey of hundreds of thousands of them needs "
            "gigabytes",
            next_step=f"Give it more, as {MEMORY}=4GB, and run again. {RERUN}.",
        )
    if any(_is_duckdb(one) for one in seen) and (reason := _damage(home.warehouse)):
        return WarehouseDamaged(
            f"the build warehouse cannot be read: {reason}",
            file=str(home.warehouse),
            expected="the file as the last run left it",
            next_step="Make it again from the raw store: ./kinscale rebuild    The releases are not touched, and the "
            "damaged file is kept beside it.",
        )
    return None


def _behind(error: BaseException) -> Iterator[BaseException]:
    known: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in known:
        known.append(current)
        yield current
        current = current.__cause__ or current.__context__


def _is(error: BaseException, numbers: tuple[int, ...]) -> bool:
    if isinstance(error, OSError):
        return error.errno in numbers
    return _is_duckdb(error) and any(os.strerror(number) in str(error) for number in numbers)


def _is_duckdb(error: BaseException) -> bool:
    """Tell DuckDB's errors apart without loading it: it may not have been needed yet."""
    return any(kind.__name__ == "Error" and "duckdb" in kind.__module__ for kind in type(error).__mro__)


def _place(error: BaseException) -> str | None:
    return str(error.filename) if isinstance(error, OSError) and error.filename else None


def _line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]


def _full(home: Home, place: str | None) -> DiskFull:
    folder = Path(place).parent if place and Path(place).parent.exists() else home.root
    space = shutil.disk_usage(folder if folder.exists() else home.root.parent)
    needed = _size(home.warehouse.parent) + max((_size(f) for f in home.releases.glob("*-r*") if f.is_dir()), default=0)
    as_last = f"; the build warehouse and a release as large as the largest take {needed:,}" if needed else ""
    return DiskFull(
        f"no space is left: {space.free:,} of {space.total:,} bytes are free{as_last}.",
        file=place or str(home.root),
        expected="space for the copies of new deliveries, the build warehouse and one more release",
        next_step=f"Make space on that disk and run again. {RERUN}.",
        facts={"free": space.free, "total": space.total, "needed": needed},
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _damage(file: Path) -> str | None:
    """Read every row of every table of a closed warehouse; return DuckDB's complaint, or None when it is sound."""
    import duckdb

    if not file.exists():
        return None
    try:
        connection = duckdb.connect(str(file), read_only=True)
        try:
            tables = "SELECT schema_name, table_name FROM duckdb_tables()"
            for schema, table in connection.execute(tables).fetchall():
                connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" t').fetchall()
        finally:
            connection.close()
    except duckdb.Error as error:
        return _line(error)
    return None
