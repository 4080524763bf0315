"""Copying one listed file into the raw store: whole, of one version, and what its notes say; else not at all."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from schemas.batch import Listed
from schemas.errors import SourceChanged, SourceUnreachable, SourceUnsettled
from schemas.source_address import is_remote
from sources import arrival
from sources.credentials import Credentials
from sources.listing import RemoteFile, look_again, md5_of, read_blocks
from sources.storage import CannotResume
from warehouse import incoming, raw_store
from warehouse.home import Home

TAKEN_UP_FROM = 8 << 20
"""Bytes of a remote file that is worth taking up again where a copy of it broke off."""
SECONDS_BETWEEN_LINES = 5.0


@dataclass
class Copying:
    """One file to copy; each call is a try. reader: as its source declares it, for what it may cost.

    Raises FileTooLarge, SourceChanged, SourceUnsettled, and what reading it raises.
    """

    listed: Listed
    credentials: Credentials | None
    home: Home
    progress: Callable[[int], None]
    reader: Mapping[str, object]
    tries: int = 0

    def __call__(self) -> raw_store.Received:
        """Copy it, and look at it before and after: both times it must be the same."""
        self.tries += 1
        first = self.listed.exact and self.tries == 1
        before = None if first else look_again(self.listed.address, self.credentials)
        size, version = (before.bytes, before.version) if before else (self.listed.bytes, self.listed.version)
        received = self._receive(size, version)
        try:
            after = look_again(self.listed.address, self.credentials)
            self._check(received, size, version, after)
        except BaseException:
            raw_store.discard([received])
            raise
        return received

    def _receive(self, size: int, version: str) -> raw_store.Received:
        arrival.check_size(size, self.listed.name, self.reader)

        def blocks(start: int = 0) -> Iterator[bytes]:
            come = read_blocks(self.listed.address, self.credentials, start=start)
            return arrival.watched(come, self.listed.name, self.reader, start)

        progress = _Told(self.listed.name, size, self.progress)
        if not is_remote(self.listed.address) or size < TAKEN_UP_FROM:
            return raw_store.receive(self.home, blocks(), progress)
        try:
            return incoming.receive(self.home, self.listed.uri, version, blocks, progress)
        except CannotResume:
            incoming.forget(self.home, self.listed.uri, version)
            return incoming.receive(self.home, self.listed.uri, version, blocks, progress)

    def _check(self, received: raw_store.Received, size: int, version: str, after: RemoteFile) -> None:
        """Hold a copy to the file's size, version and MD5, as far as the storage tells them."""
        name = self.listed.name
        if after.version != version:
            if after.bytes > size:
                raise SourceUnsettled(
                    f"it grew from {size:,} to {after.bytes:,} bytes while it was copied: it is still being delivered.",
                    file=name,
                    next_step="Nothing is to be done: the next run takes it.",
                )
            raise SourceChanged(
                "it was replaced while it was copied.", file=name, next_step="Try again; nothing of it was taken in."
            )
        if after.bytes and after.bytes != received.bytes:
            raise SourceUnreachable(
                f"{received.bytes:,} bytes came of {after.bytes:,}.", file=name, next_step="Try again."
            )
        expected = md5_of(self.listed.address, self.credentials) if is_remote(self.listed.address) else None
        if expected is not None:
            with received.path.open("rb") as copy:
                if hashlib.file_digest(copy, "md5").hexdigest() != expected:
                    raise SourceUnreachable(
                        "what came has another MD5 than the storage says.", file=name, next_step="Try again."
                    )


class _Told:
    """Progress of one file: a line every few seconds, for those that take as long."""

    def __init__(self, name: str, size: int, also: Callable[[int], None]) -> None:
        self._name, self._size, self._also = name, size, also
        self._done, self._last = 0, time.monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        self._also(count)
        if time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            of = f" of {self._size:,}" if self._size else ""
            logging.getLogger("kinscale").info(f"copying {self._name}: {self._done:,}{of} bytes")
