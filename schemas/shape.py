"""The shape of a delivery: its columns in order, their kinds of content, codes, region spellings, form versions.

Shapes of the parts of a file add up to that of the file. No cell is kept but those of columns of codes and regions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from schemas import content_kind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_TEXTS = 500
"""Different texts of a column that are kept: those that come first in sorted order, so that parts can be added."""
MOST_UNKNOWN = 20
"""A column with more undeclared texts than this holds something else than codes or regions; they are not kept."""
LONGEST_TEXT = 80
"""A longer text is no code and no name of a region."""
FORM_VERSION, REGION = "form_version", "region"


@dataclass(frozen=True)
class Texts:
    """Different texts of a column, sorted; `more` when there were others that are not kept."""

    kept: tuple[str, ...] = ()
    more: bool = False

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Keep the first `MOST_TEXTS` that are not too long."""
        found = set(texts)
        short = sorted(text for text in found if len(text) <= LONGEST_TEXT)
        return cls(tuple(short[:MOST_TEXTS]), len(short) < len(found) or len(short) > MOST_TEXTS)

    def __add__(self, other: Texts) -> Texts:
        """Return the texts of both: what is left out of one part cannot be among the first of the whole."""
        together = Texts.of((*self.kept, *other.kept))
        return Texts(together.kept, together.more or self.more or other.more)

    def to_keep(self, is_declared: Callable[[str], bool]) -> Texts:
        """Leave out what is not declared where there is too much of it: such a column may hold anything."""
        declared = tuple(text for text in self.kept if is_declared(text))
        return Texts(declared, True) if self.more or len(self.kept) - len(declared) > MOST_UNKNOWN else self


@dataclass(frozen=True)
class Shape:
    """What a delivery, or a part of it, looks like.

    columns: headers in the order of the file.  kinds: header to cells by kind of content, for columns that are used or
    not declared.  texts: instrument's column (or `form_version`) to its different texts as delivered, stripped.
    """

    columns: tuple[str, ...] = ()
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def __add__(self, other: Shape) -> Shape:
        """Return the shape of two parts together; the empty shape changes nothing."""
        columns = tuple(dict.fromkeys((*self.columns, *other.columns)))
        both = (self, other)
        headers = sorted({header for shape in both for header in shape.kinds})
        kinds = {h: dict(Counter(self.kinds.get(h, {})) + Counter(other.kinds.get(h, {}))) for h in headers}
        names = sorted({name for shape in both for name in shape.texts})
        texts = {n: self.texts.get(n, Texts()) + other.texts.get(n, Texts()) for n in names}
        return Shape(columns, kinds, texts)

    def main(self, header: str) -> str | None:
        """Return the kind that most filled cells of a column have, None if it has none. Of two the first by name."""
        filled = {name: cells for name, cells in self.kinds.get(header, {}).items() if name != content_kind.EMPTY}
        return min(filled, key=lambda name: (-filled[name], name)) if filled else None

    def as_json(self) -> str:
        """Write the shape as JSON, equal for equal shapes."""
        texts = {name: [list(found.kept), found.more] for name, found in self.texts.items()}
        content = {"columns": list(self.columns), "kinds": self.kinds, "texts": texts}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def of_json(cls, text: str) -> Self:
        """Read what `as_json` wrote."""
        content: dict[str, Any] = json.loads(text)
        texts = {name: Texts(tuple(kept), more) for name, (kept, more) in content["texts"].items()}
        return cls(tuple(content["columns"]), content["kinds"], texts)


@dataclass(frozen=True)
class Accepted:
    """A delivery that was accepted: its file, when it landed (UTC), its shape."""

    file: str
    landed_at: datetime
    shape: Shape

    @property
    def told(self) -> str:
        """Name it in messages."""
        return f"{self.file} of {self.landed_at:%Y-%m-%d}"


@dataclass(frozen=True)
class LastAccepted:
    """What was accepted last: by the address of a file that came before, else the newest of its source, if any."""

    by_uri: Mapping[str, Accepted] = field(default_factory=dict)
    newest: Accepted | None = None

    def of(self, uri: str) -> Accepted | None:
        """Return what a file is compared with."""
        return self.by_uri.get(uri, self.newest)


Factors = Mapping[str, tuple["np.ndarray", Any]]
"""Column to (place in the distinct texts of each row, -1 where missing; distinct texts)."""


def factors(frame: pd.DataFrame, columns: Iterable[str]) -> Factors:
    """Reduce columns of text to their distinct texts, as `pandas.factorize` does."""
    import pandas as pd

    return {column: pd.factorize(frame[column]) for column in columns}


def shapes(
    cells: Factors,
    of: np.ndarray,
    files: int,
    columns: Sequence[str],
    texts: Mapping[str, str],
    missing: Sequence[str],
) -> list[Shape]:
    """Return the shape of each file of a table that holds the rows of several, one after another.

    cells: by header, of the columns that are used or not declared.  of: (n_rows,) number of each row's file.
    columns: headers of every file.  texts: instrument's column to header, of those whose texts are kept.
    missing: texts that mean "no answer".
    """
    import numpy as np

    sizes = [len(distinct) for _, distinct in cells.values()]
    every = np.concatenate(
        [np.array([], dtype=object), *(np.asarray(distinct, dtype=object) for _, distinct in cells.values())]
    )
    of_text = content_kind.numbers_of(every, missing)
    ends = np.cumsum([0, *sizes])
    names = [kind.name for kind in content_kind.kinds()]
    kinds: list[dict[str, dict[str, int]]] = [{} for _ in range(files)]
    for place, (header, (codes, _)) in enumerate(cells.items()):
        of_cell = np.append(of_text[ends[place] : ends[place + 1]], 0)[codes]  # the last is for a missing cell
        counts = np.bincount(of * len(names) + of_cell, minlength=files * len(names)).reshape(files, -1)
        for number, kind in zip(*(part.tolist() for part in np.nonzero(counts)), strict=True):
            kinds[number].setdefault(header, {})[names[kind]] = int(counts[number, kind])
    kept = {name: _texts(*cells[header], of, files, missing) for name, header in texts.items() if header in cells}
    return [Shape(tuple(columns), kinds[n], {name: found[n] for name, found in kept.items()}) for n in range(files)]


def _texts(codes: np.ndarray, distinct: Any, of: np.ndarray, files: int, missing: Sequence[str]) -> list[Texts]:
    """Return the different texts of one column, by file."""
    import numpy as np

    stripped = [str(text).strip() for text in distinct]
    blank = {"", *missing}
    there = codes >= 0
    pairs = np.unique(of[there] * np.int64(max(len(stripped), 1)) + codes[there])
    numbers, places = np.divmod(pairs, max(len(stripped), 1))
    bounds = np.searchsorted(numbers, np.arange(files + 1))
    out = []
    for n in range(files):
        mine = (stripped[place] for place in places[bounds[n] : bounds[n + 1]].tolist())
        out.append(Texts.of(text for text in mine if text not in blank))
    return out
