"""Modules whose loading waits until something of them is used, although a library imports them at its top."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands for a module; the first use of anything in it loads the real one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith(
            "__"
        ):  # the import system looks for these; a module that was never used answers with nothing
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let what is imported in the block believe that these modules are loaded; modules that are loaded stay."""
    stand_ins = {name: _Deferred(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
