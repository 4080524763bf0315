"""The reading process as the night sees it: started, asked, bounded in time, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from sources import answers

_CHECKOUT = Path(__file__).resolve().parent.parent
_START = 120.0
"""Seconds in which it must be ready; a loaded machine takes several."""
_LONGEST_HEAD = 1 << 28
_BLOCK = 1 << 20
_LAST_WORDS = 4000
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")
"""Of the environment; no credential goes into a process that reads what strangers made."""
_QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Died(Exception):  # noqa: N818 - it tells a state
    """The process ended instead of answering. status: as subprocess tells it. words: the end of what it printed."""

    def __init__(self, status: int, words: str) -> None:
        """Keep both."""
        super().__init__(status, words)
        self.status, self.words = status, words


class TooLong(Exception):  # noqa: N818
    """There was no answer in time."""


class TooMuch(Exception):  # noqa: N818
    """The answer is larger than any table of the file may be."""


class ReadingProcess:
    """One reading process. After any of the exceptions above it has ended."""

    def __init__(self, formats: Sequence[str]) -> None:
        """Start it; it gets ready by itself."""
        environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sources.confinement", *formats],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_CHECKOUT,
            env=environment | _QUIET,
            bufsize=0,
        )
        self._ready = False
        self._words = b""

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def ask(self, asked: dict[str, Any], content: bytes, seconds: float, most: int) -> answers.Message:
        """Send a request and return its answer. seconds: of wall time. most: bytes of the answer."""
        try:
            if not self._ready:
                self._answer(time.monotonic() + _START, most)
                self._ready = True
            with contextlib.suppress(BrokenPipeError):  # what it died of is told by its end
                self._write(answers.pack(asked, content))
            return self._answer(time.monotonic() + seconds, most)
        except BaseException:
            self.end()
            raise

    def _write(self, pieces: Sequence[bytes]) -> None:
        assert self._process.stdin is not None
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[self._process.stdin.write(left) :]

    def _answer(self, deadline: float, most: int) -> answers.Message:
        head, body = answers.lengths(self._receive(answers.LENGTHS, deadline))
        if head > _LONGEST_HEAD or body > most:
            raise TooMuch
        return answers.unpack(self._receive(head, deadline), self._receive(body, deadline))

    def _receive(self, size: int, deadline: float) -> bytes:
        """Read so many bytes of its answer; meanwhile what it prints is read as well, so that it never waits."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        out, printed = self._process.stdout.fileno(), self._process.stderr.fileno()
        got = bytearray()
        while len(got) < size:
            ready, _, _ = select.select([out, printed], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                raise TooLong
            if out in ready:
                block = os.read(out, min(size - len(got), _BLOCK))
                if not block:
                    raise self._died()
                got += block
            elif block := os.read(printed, _BLOCK):
                self._words = (self._words + block)[-_LAST_WORDS:]
            else:
                raise self._died()
        return bytes(got)

    def _died(self) -> Died:
        assert self._process.stderr is not None
        self._process.kill()  # it has closed its answers: it has ended, or is about to
        while block := os.read(self._process.stderr.fileno(), _BLOCK):
            self._words = (self._words + block)[-_LAST_WORDS:]
        return Died(self._process.wait(), self._words.decode(errors="replace").strip())

    def end(self) -> None:
        """End it and wait until it is gone."""
        self._process.kill()
        for stream in self._streams():
            stream.close()
        self._process.wait()

    def abandon(self) -> None:
        """Let go of it in a process that was forked from the one that started it."""
        for stream in self._streams():
            stream.close()
        self._process.returncode = 0

    def _streams(self) -> list[IO[bytes]]:
        return [stream for stream in (self._process.stdin, self._process.stdout, self._process.stderr) if stream]
