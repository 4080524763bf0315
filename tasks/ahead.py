"""Making the next item while the last one is used: reading, validating and landing of a long file overlap so."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Yield items in their order, while the next one is made in another thread; no more than one waits.

    What making them raises is raised here. When the caller stops early, the one that is being made is the last.
    """
    end = object()
    with contextlib.ExitStack() as stack:
        making = iter(items)
        if isinstance(making, Generator):
            stack.callback(making.close)
        thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="ahead"))
        coming = thread.submit(next, making, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, making, end)
            yield item  # type: ignore[misc]
            del item
