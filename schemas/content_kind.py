"""Kinds of content: whole numbers, decimals, days by their pattern, text, nothing. By the look of a cell, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import numpy as np

EMPTY, TEXT = "empty", "text"


@dataclass(frozen=True)
class ContentKind:
    """One kind. pattern: of the whole cell. formats: date formats that read it. words: how messages say it."""

    name: str
    words: str
    pattern: str = ""
    formats: tuple[str, ...] = ()


@cache
def kinds() -> tuple[ContentKind, ...]:
    """Return every kind, `empty` first, then as `content_kinds.yaml` lists them, `text` last."""
    listed = read_yaml(Path(__file__).with_name("content_kinds.yaml"))
    told = tuple(ContentKind(**{**entry, "formats": tuple(entry.get("formats", ()))}) for entry in listed)
    return (ContentKind(EMPTY, "nothing"), *told, ContentKind(TEXT, "text"))


@cache
def by_name() -> dict[str, ContentKind]:
    """Return every kind by its name."""
    return {kind.name: kind for kind in kinds()}


def words(name: str) -> str:
    """Say a kind; one that is not listed any more says its name."""
    found = by_name().get(name)
    return found.words if found else name


def numbers_of(texts: Sequence[str] | np.ndarray, missing: Sequence[str]) -> np.ndarray:
    """Return the place in `kinds()` of the kind of each text, (n_texts,) int8.

    missing: stripped texts that mean "no answer"; they, and blanks, are `empty`.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(pa.array(texts, type=pa.large_string()))
    found = np.full(len(cells), len(kinds()) - 1, dtype=np.int8)
    blank = pc.is_in(cells, value_set=pa.array(["", *missing], type=pa.large_string()))
    found[blank.to_numpy(zero_copy_only=False)] = 0
    for number in range(len(kinds()) - 2, 0, -1):  # from the last, so that the first that fits has the last word
        fits = pc.match_substring_regex(cells, f"^(?:{kinds()[number].pattern})$")
        found[fits.to_numpy(zero_copy_only=False) & (found != 0)] = number
    return found
