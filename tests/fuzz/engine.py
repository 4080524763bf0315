"""The process that libFuzzer drives through atheris: `python -m tests.fuzz.engine READER PROGRAM [options]`."""

from __future__ import annotations

import io
import random
import sys
import zipfile
import zlib
from collections.abc import Callable

from tests.fuzz import seeds


def main() -> None:
    """Fuzz one reader until libFuzzer's own options end it; the coverage of our reading code guides it.

    PROGRAM is what libFuzzer calls to start itself again, as when it merges corpora.
    """
    import atheris

    with atheris.instrument_imports(include=["sources"]):
        from tests.fuzz import target
    kind = sys.argv[1]
    options = sys.argv[2:]

    def mutate(data: bytes, largest: int) -> bytes:
        return bytes(atheris.Mutate(data, largest))  # looked up late: Fuzz() puts another function there

    change = mutator(mutate)
    atheris.Setup(options, lambda data: target.read(kind, data) and None, custom_mutator=change)
    atheris.Fuzz()


def mutator(mutate: Callable[[bytes, int], bytes]) -> Callable[[bytes, int, int], bytes]:
    """Return a mutation that keeps archives whole: it changes one member and packs it again, so that it is looked at.

    mutate: libFuzzer's own change of bytes. Every fourth change is one of the archive's own bytes all the same.
    """

    def change(data: bytes, largest: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if data[1:3] == b"PK" and dice.random() < 0.75:
            return data[:1] + (_member_changed(data[1:], dice, mutate) or mutate(data[1:], largest - 1))
        return mutate(data, largest)

    return change


def _member_changed(data: bytes, dice: random.Random, mutate: Callable[[bytes, int], bytes]) -> bytes | None:
    """Change one member of an archive; None when it cannot be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        return None
    if not members:
        return None
    name = dice.choice(sorted(members))
    members[name] = mutate(members[name], len(members[name]) + 256)
    return seeds.zipped(members)


if __name__ == "__main__":
    main()
