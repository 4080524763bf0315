"""A stream of bytes that can be begun anywhere: what the streams of remote storages have in common."""

from __future__ import annotations

import io


class PlacedStream(io.RawIOBase):
    """Bytes from a place on. Its kinds read in `readinto`, move `_at`, and give up in `_end` what they asked for."""

    def __init__(self) -> None:
        """Begin at the first byte."""
        super().__init__()
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be begun anywhere."""
        return True

    def tell(self) -> int:
        """Return the next byte's place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the beginning; what was asked for is given up if it was somewhere else."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only places from the beginning are known")
        if offset != self._at:
            self._end()
            self._at = offset
        return self._at

    def _end(self) -> None:
        """Give up what was asked for."""
