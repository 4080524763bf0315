"""The submissions of a form as files, one for each day (UTC) on which some were sent: JSON lines, one per submission.

A day's mark follows from all its submissions that count, so a late edit, a late review and a deletion change it, and
nothing needs to be remembered between two nights. What a server must be asked is in `odk_central` and `kobo`.
"""

from __future__ import annotations

import hashlib
import io
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as calendar
from fnmatch import fnmatchcase
from typing import Any, ClassVar, NamedTuple

from fsspec import AbstractFileSystem

from schemas.errors import DeclarationError, FileTooLarge, SourceRefused
from sources.form_address import REVIEW
from sources.form_client import PAGE_BYTES, AnswerTooLong, FormClient

FIRST_PAGE = 100
LARGEST_PAGE = 500
"""Submissions asked for at once."""
_PAGE_AIM = PAGE_BYTES // 4
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)\.jsonl")
_BLOCK = 1 << 16
_WRAP = 1 << 256


@dataclass(frozen=True, slots=True)
class Mark:
    """What a server says of a submission besides its answers. time: UTC; seal: changes whenever the submission does."""

    id: str
    time: str
    review: str
    seal: str
    encrypted: bool = False


class Place(NamedTuple):
    """What an address names. form: host and the parts of its path; name: a day's, a pattern, or empty."""

    form: tuple[str, ...]
    name: str
    review: frozenset[str]


class FormDays(AbstractFileSystem):
    """A server of forms. Subclasses say what to ask it; `scheme` is http only for a server on this machine."""

    scheme: ClassVar[str] = "https"
    depth: ClassVar[int]
    """Parts of a form's path, the host included."""
    shape: ClassVar[str]
    states: ClassVar[tuple[str, ...]]
    """Of a review, as addresses name them."""
    refused: ClassVar[str]
    """The state that does not count when an address says nothing."""
    records: ClassVar[str]
    """Name of the list of submissions in an answer."""

    def __init__(
        self,
        host: str,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        timeout: float = 60.0,
        **options: Any,
    ) -> None:
        """Connect to nothing yet. timeout: seconds without a byte. Raises ValueError for an address that is unsafe."""
        super().__init__(**options)
        self._user, self._password, self._token = user, password, token
        self.client = FormClient(self.scheme, host, self.headers, timeout)

    def __repr__(self) -> str:
        """Name the kind alone: no credentials."""
        return f"<{type(self).__name__}>"

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        return {"host": path.partition("://")[2].partition("/")[0]}

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """Return what a request is authorised by."""

    @abstractmethod
    def marks(self, form: Sequence[str], day: str | None) -> Iterator[Mark]:
        """Yield what the server says of all submissions of a form, or of those of a day."""

    @abstractmethod
    def key(self, mark: Mark) -> Any:
        """Return what submissions are ordered and pages are cut by."""

    @abstractmethod
    def page(self, form: Sequence[str], chunk: Sequence[Mark]) -> Iterator[tuple[str, str]]:
        """Yield id and text of the submissions from the first to the last mark, in any order; others may be there."""

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """List the days of a form, or the one that is named."""
        found = self._days(self._parse(path))
        return [*found.values()] if detail else [*found]

    def glob(self, path: str, maxdepth: int | None = None, **options: Any) -> Any:
        """List the days whose names fit, as {name: info} with `detail`. Raises DeclarationError for other wildcards."""
        place = self._parse(path)
        if any(sign in part for part in place.form for sign in "*?["):
            raise self._wrong(path)
        found = self._days(place)
        return found if options.get("detail") else sorted(found)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Describe a day, or a form. Raises FileNotFoundError."""
        place = self._parse(path)
        if not place.name:
            return {"name": "/".join(place.form), "type": "directory", "size": 0}
        for info in self._days(place).values():
            return dict(info)
        raise FileNotFoundError(path)

    def isfile(self, path: str) -> bool:
        """Tell whether a day has submissions that count; what is no day costs no request."""
        return bool(_DAY.fullmatch(self._parse(path).name)) and bool(self._days(self._parse(path)))

    def isdir(self, path: str) -> bool:
        """Tell whether a path is a form's, by its parts."""
        return len(self._strip_protocol(path).split("/")) == self.depth

    def _open(self, path: str, mode: str = "rb", *_: Any, **__: Any) -> io.BufferedReader:
        place = self._parse(path)
        day = _DAY.fullmatch(place.name)
        if mode != "rb" or not day:
            raise FileNotFoundError(path)
        return io.BufferedReader(_Lines(self._lines(place, day[1])), _BLOCK)

    def _parse(self, path: str) -> Place:
        plain, _, told = self._strip_protocol(path).partition(REVIEW)
        parts = plain.split("/")
        if not self.depth <= len(parts) <= self.depth + 1 or not all(parts):
            raise self._wrong(path)
        review = frozenset(told.split(",") if told else self.states) - (frozenset() if told else {self.refused})
        if unknown := sorted(review - {*self.states}):
            raise DeclarationError(
                f'the review state "{unknown[0]}" is not known.',
                file=path,
                expected="one or more of: " + ", ".join(self.states),
                next_step="Correct `path` of this source.",
            )
        return Place(tuple(parts[: self.depth]), "".join(parts[self.depth :]), review)

    def _wrong(self, path: str) -> DeclarationError:
        return DeclarationError(
            "the address does not name a form.",
            file=path,
            expected=f"{self.protocol}://{self.shape}/*.jsonl",
            next_step="Correct `path` of this source.",
        )

    def _days(self, place: Place) -> dict[str, dict[str, Any]]:
        """Return the days that a name fits, in order, with a mark made of all submissions that count."""
        counts: Counter[str] = Counter()
        seals: Counter[str] = Counter()
        day = _DAY.fullmatch(place.name)
        with _understood():
            for mark in self.marks(place.form, day[1] if day else None):
                date = str(calendar.fromisoformat(mark.time[:10]))
                if mark.review in place.review:
                    counts[date] += 1
                    # a sum, because it is the same in any order and needs no list of a whole form's submissions
                    seals[date] = (seals[date] + _number(mark)) % _WRAP
        option = "" if place.review == {*self.states} - {self.refused} else REVIEW + ",".join(sorted(place.review))
        found = {}
        for date in sorted(counts):
            if not place.name or fnmatchcase(f"{date}.jsonl", place.name):
                path = "/".join([*place.form, f"{date}.jsonl"]) + option
                seal = f"{counts[date]}-{seals[date]:064x}"
                found[path] = {"name": path, "type": "file", "size": None, "ETag": seal}
        return found

    def _lines(self, place: Place, day: str) -> Iterator[bytes]:
        """Yield the submissions of a day that count, in the order in which they were sent.

        Raises SourceRefused when one is encrypted, and OSError when they change while they are read.
        """
        with _understood():
            mine = (mark for mark in self.marks(place.form, day) if mark.time[:10] == day)
            marks = sorted(mine, key=lambda mark: (self.key(mark), mark.id))
        counting = {mark.id for mark in marks if mark.review in place.review}
        hidden = sum(mark.encrypted for mark in marks if mark.id in counting)
        if hidden:
            raise encrypted(hidden, len(counting), f"{day}.jsonl")
        if not counting:
            raise FileNotFoundError(f"{day}.jsonl")
        for chunk, texts in self._pages(place.form, marks):
            for mark in chunk:
                if mark.id in counting and mark.id not in texts:
                    raise OSError(f"submission {mark.id} went away while the day was read")
                if mark.id in counting:
                    yield texts[mark.id].encode() + b"\n"

    def _pages(self, form: Sequence[str], marks: Sequence[Mark]) -> Iterator[tuple[Sequence[Mark], dict[str, str]]]:
        """Yield marks, and the texts of their submissions by id, as many together as an answer may hold."""
        start, size = 0, FIRST_PAGE
        while start < len(marks):
            end = min(start + size, len(marks))
            while end < len(marks) and self.key(marks[end]) == self.key(marks[end - 1]):
                end += 1
            chunk = marks[start:end]
            try:
                with _understood():
                    texts = dict(self.page(form, chunk))
            except AnswerTooLong:
                if len(chunk) == 1 or size == 1:
                    raise _too_large(chunk[0]) from None
                size = max(1, min(size, len(chunk)) // 4)
                continue
            yield chunk, texts
            start = end
            average = sum(map(len, texts.values())) // max(1, len(texts))
            size = max(1, min(LARGEST_PAGE, _PAGE_AIM // max(1, average)))


class _Lines(io.RawIOBase):
    """What a generator of bytes yields, as a file to read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


@contextmanager
def _understood() -> Iterator[None]:
    """Take an answer that has not the documented form for a fault of the server: its administrators may be at work."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise OSError(
            f"an answer has not the form that the server documents: {type(error).__name__} {error}"
        ) from error


def encrypted(hidden: int, of: int, name: str) -> SourceRefused:
    """Return the error for submissions that only the holder of a key can read: none of their day is taken in."""
    return SourceRefused(
        f"{hidden:,} of {of:,} submissions are encrypted; without their answers they would count as empty.",
        file=name,
        expected="submissions that the server can read",
        next_step="Export them with the private key and deliver them as a file, or send the form without encryption.",
        facts={"encrypted": hidden, "submissions": of},
    )


def _number(mark: Mark) -> int:
    text = "\0".join((mark.id, mark.time, mark.seal))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _too_large(mark: Mark) -> FileTooLarge:
    return FileTooLarge(
        f"submission {mark.id} alone is longer than {PAGE_BYTES:,} bytes.",
        expected="a questionnaire, not a document",
        next_step="Look at the submission on the server; review it as rejected to leave it out.",
        facts={"limit": "page_bytes", "allowed": PAGE_BYTES},
    )
