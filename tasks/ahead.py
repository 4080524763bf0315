"""Making the next item while the last one is used: reading, validating and landing of a long file overlap so."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
_M_ARENA_MAX = -8
"""Of mallopt (glibc): how many heaps threads may have."""
_ITEMS_BETWEEN = 8
"""After so many items freed memory is given back."""


def ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Yield items in their order, while the next one is made in another thread; no more than one waits.

    What making them raises is raised here. When the caller stops early, the one that is being made is the last.
    """
    _share_one_heap()
    end = object()
    with contextlib.ExitStack() as stack:
        making = iter(items)
        if isinstance(making, Generator):
            stack.callback(making.close)
        thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="ahead"))
        coming = thread.submit(next, making, end)
        used = 0
        while (item := coming.result()) is not end:
            coming = thread.submit(next, making, end)
            yield item  # type: ignore[misc]
            del item
            used += 1
            if used % _ITEMS_BETWEEN == 0:
                _give_back()


def _give_back() -> None:
    """Give the system back what was freed and lies in gaps, several hundred megabytes after some dozens of parts.

    Rarely, as what is given back has to be asked for again.
    """
    with contextlib.suppress(AttributeError, OSError):  # another libc than glibc
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _share_one_heap() -> None:
    """Let all threads take memory from one heap: else what each has freed stays with it, a hundred megabytes in all."""
    import pyarrow

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    with contextlib.suppress(AttributeError, OSError):  # another libc than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
