"""Drift: how a delivery differs from its declaration and from the last accepted delivery, and the line to declare it.

What becomes of a difference follows from the declaration alone. What was accepted before is only told, so that a
warehouse that is made again comes to the same verdicts.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas import content_kind
from schemas.declaration import Source
from schemas.declaration_faults import CHOOSE
from schemas.drift_policy import EVOLVE, FREEZE, QUARANTINE
from schemas.instrument import Instrument
from schemas.region_names import RegionNames, fold
from schemas.shape import FORM_VERSION, MOST_UNKNOWN, REGION, Accepted, Shape, Texts
from schemas.transliteration import skeleton

ADDED, RENAMED, ABSENT, REORDERED = "column_added", "column_renamed", "column_absent", "columns_reordered"
RETYPED, CODE, SPELLING, VERSION = "column_retyped", "code_new", "region_new", "form_version_new"
ASPECTS = {
    **dict.fromkeys((ADDED, RENAMED, ABSENT), "columns"),
    RETYPED: "types",
    CODE: "codes",
    SPELLING: "regions",
    VERSION: "form_version",
}
"""The key of `drift` that decides about a kind of difference; an order of columns needs no decision."""
TAKEN, REFUSED = "taken in", "file refused"
UNREAD = "rows that cannot be read are in quarantine"
SIMILAR = 0.5


@dataclass(frozen=True)
class Difference:
    """One difference. column: header, or the instrument's column of codes and regions.

    was, now: as declared or as the last accepted delivery had it, and as it is.  outcome: what becomes of it.
    line: what to write into the source in survey.yaml, as YAML, or into regions.csv; "" when nothing would declare it.
    """

    kind: str
    column: str
    was: str
    now: str
    outcome: str
    line: str = ""

    @property
    def told(self) -> str:
        """Say the difference in a few words."""
        place = f'column "{self.column}"' if self.column else "columns"
        return f"{self.kind}: {place}: was {self.was or 'not there'}, is {self.now or 'not there'}"


@dataclass(frozen=True)
class Seen:
    """The same difference in files of a country: how many they are, and the first of them by name.

    since: the delivery with which the first was compared, if any.
    """

    country: str
    difference: Difference
    files: int
    file: str
    since: str = ""

    @property
    def told(self) -> str:
        """Say it in one line."""
        more = f" and {self.files - 1:,} more" if self.files > 1 else ""
        since = f" (since {self.since})" if self.since else ""
        return f"{self.country}  {self.file}{more}: {self.difference.told}{since}; {self.difference.outcome}"


@dataclass(frozen=True)
class Form:
    """What is kept of an accepted file's form.

    source: path of its source, as declared.  shape: see `to_keep`.  since: the delivery it was compared with, if any.
    """

    source: str
    shape: Shape
    differences: tuple[Difference, ...] = ()
    since: str = ""


def of_columns(shape: Shape, source: Source, dispensable: Sequence[str], last: Accepted | None) -> list[Difference]:
    """Compare headers. shape: its columns, and kinds of those that are not declared.

    Headers that are gone come first, each with the undeclared one that looks like it, if any.
    """
    there = set(shape.columns)
    added = [header for header in shape.columns if header not in source.declared]
    gone = [(name, header) for name, header in source.headers.items() if header not in there]
    out, taken = [], set()
    for name, header in gone:
        was = f"there ({name}{_place(header, last.shape) if last else ''})"
        free = [other for other in added if other not in taken]
        near = looks_like(header, free, shape, last.shape if last else None)
        can = name in dispensable
        outcome = "missing in every row" if can and source.drift.columns == EVOLVE else REFUSED
        if near is not None:
            taken.add(near)
            now = f'"{near}"{_place(near, shape)}, which looks like it'
            out.append(Difference(RENAMED, header, was, now, outcome, f"columns: {{{name}: {_quoted(near)}}}"))
            continue
        out.append(Difference(ABSENT, header, was, "", outcome, f"columns: {{{name}: null}}" if can else ""))
    others = [header for header in added if header not in taken]
    line = list_line("ignore", source.ignore, others)
    outcomes = {
        FREEZE: REFUSED,
        EVOLVE: "kept in the raw store, not used",
        QUARANTINE: "rows that fill it are in quarantine",
    }
    for header in others:
        now = f"there{_place(header, shape)}"
        out.append(Difference(ADDED, header, "", now, outcomes[source.drift.columns], line))
    return out + list(_order(shape, last))


def _order(shape: Shape, last: Accepted | None) -> Iterator[Difference]:
    """Tell columns that came in another order than before; those that came or went do not count."""
    if last is None:
        return
    if last.shape.columns == shape.columns:
        return
    then = [header for header in last.shape.columns if header in shape.columns]
    now = [header for header in shape.columns if header in last.shape.columns]
    if then != now:
        first = next(place for place, (one, other) in enumerate(zip(then, now, strict=True)) if one != other)
        yield Difference(REORDERED, "", f'"{then[first]}" before "{now[first]}"', "the other way round", TAKEN)


def looks_like(header: str, added: Sequence[str], shape: Shape, before: Shape | None) -> str | None:
    """Return the undeclared header that a missing one may have become: by its name, or by place and content together.

    A suggestion, and nothing else. Of two that look like it equally the first in the file.
    """
    best: tuple[float, str] | None = None
    for other in added:
        name = max(_alike(fold(header), fold(other)), _alike(skeleton(fold(header)), skeleton(fold(other))))
        same_place = same_kind = False
        if before is not None and header in before.columns:
            same_place = before.columns.index(header) == shape.columns.index(other)
            same_kind = before.main(header) is not None and before.main(header) == shape.main(other)
        score = name + 0.25 * same_place + 0.25 * same_kind
        if (name >= SIMILAR or (same_place and same_kind)) and (best is None or score > best[0]):
            best = (score, other)
    return best[1] if best else None


def of_content(
    shape: Shape, source: Source, kind: Instrument, names: RegionNames, last: Accepted | None
) -> list[Difference]:
    """Compare what stands in the columns: kinds of content, codes, region spellings, form versions."""
    return [
        *_types(shape, source, kind, last),
        *_codes(shape, source, kind),
        *_spellings(shape, source, names),
        *_versions(shape, source, last),
    ]


def _types(shape: Shape, source: Source, kind: Instrument, last: Accepted | None) -> Iterator[Difference]:
    """Tell columns most of whose cells are of another kind than declared or, of texts, than any cell was before."""
    told = {*kind.CODES, *source.values, "country", REGION}
    outcome = {FREEZE: REFUSED}.get(source.drift.types, UNREAD)
    for name, header in source.headers.items():
        main = shape.main(header)
        if main is None or name in told:
            continue
        before = last.shape.kinds.get(header, {}) if last else {}
        was = last.shape.main(header) if last else None
        if name in (*kind.WHOLE_NUMBERS, *kind.DATES):
            wanted = _readable(name, source, kind)
            if not wanted or main in wanted:
                continue
            text = content_kind.words(was if was in wanted else wanted[0])
            yield Difference(
                RETYPED, header, text, content_kind.words(main), outcome, _type_line(name, main, source, kind)
            )
        elif was is not None and main not in before:
            yield Difference(RETYPED, header, content_kind.words(was), content_kind.words(main), TAKEN)


def _readable(name: str, source: Source, kind: Instrument) -> tuple[str, ...]:
    """Return the kinds that a number or a day can be read from; none when the date format is like no kind."""
    if name in kind.WHOLE_NUMBERS:
        return ("whole", {".": "decimal_point", ",": "decimal_comma"}[str(source.reader.get("decimal", "."))])
    return tuple(one.name for one in content_kind.kinds() if source.date_format in one.formats)


def _type_line(name: str, main: str, source: Source, kind: Instrument) -> str:
    """Return the line that declares the new kind, if there is one."""
    formats = content_kind.by_name()[main].formats
    if name in kind.DATES and formats:
        return f"date_format: {_quoted(formats[0])}" + "".join(f"  # or {_quoted(one)}" for one in formats[1:])
    mark = {"decimal_comma": ",", "decimal_point": "."}.get(main)
    return f"reader: {{decimal: {_quoted(mark)}}}" if name in kind.WHOLE_NUMBERS and mark else ""


def codes_of(source: Source, kind: Instrument) -> dict[str, Mapping[str, str]]:
    """Return text to code of every column whose answers are codes, as declared or as the instrument has them."""
    own = {name: {code: code for code in codes} for name, codes in kind.CODES.items()}
    return {**own, **source.values}


def same_but_for_case(text: str, codes: Mapping[str, str]) -> str | None:
    """Return the declared text that differs in nothing but case, dashes and spaces, if its code is clear."""
    like = [known for known in codes if fold(known) == fold(text)]
    return like[0] if len({codes[known] for known in like}) == 1 else None


def _codes(shape: Shape, source: Source, kind: Instrument) -> Iterator[Difference]:
    for name, codes in codes_of(source, kind).items():
        texts = shape.texts.get(name)
        if texts is None:
            continue
        was = ", ".join(_quoted(text) for text in codes)
        unknown = [text for text in texts.kept if text not in codes]
        if len(unknown) > MOST_UNKNOWN:
            now = f"{len(unknown)} unknown texts or more: is it the right column?"
            yield Difference(CODE, name, was, now, _rows_or_file(source, "codes"))
            continue
        for text in unknown:
            like = same_but_for_case(text, codes)
            outcome = _rows_or_file(source, "codes")
            if like and source.drift.codes == EVOLVE:
                outcome = f"{TAKEN} for {_quoted(like)}"
            yield Difference(CODE, name, was, _quoted(text), outcome, code_line(name, text, codes))


def code_line(name: str, text: str, codes: Mapping[str, str]) -> str:
    """Return the line that declares a text of a coded column; CHOOSE stands in it where the code is not clear."""
    like = same_but_for_case(text, codes)
    every = " or ".join(_quoted(code) for code in dict.fromkeys(codes.values()))
    choice = _quoted(codes[like]) if like else CHOOSE
    return f"values: {{{name}: {{{_quoted(text)}: {choice}}}}}" + ("" if like else f"  # {every}")


def list_line(key: str, known: Sequence[str], new: Sequence[str]) -> str:
    """Return the line that adds texts to a list of a source."""
    return f"{key}: {json.dumps([*known, *(text for text in new if text not in known)], ensure_ascii=False)}"


def _spellings(shape: Shape, source: Source, names: RegionNames) -> Iterator[Difference]:
    texts = shape.texts.get(REGION)
    unknown = [text for text in texts.kept if names.find(text) is None] if texts else []
    outcome = _rows_or_file(source, "regions")
    if len(unknown) > MOST_UNKNOWN:
        now = f"{len(unknown)} unknown spellings or more: is it the right column?"
        yield Difference(SPELLING, REGION, "spellings of regions.csv", now, outcome)
        return
    for text, line in names.lines(unknown, source.country).items():
        yield Difference(SPELLING, REGION, "spellings of regions.csv", _quoted(text), outcome, line)


def _versions(shape: Shape, source: Source, last: Accepted | None) -> Iterator[Difference]:
    """Tell versions that are not declared; where none are, those that the last accepted delivery did not have."""
    header = source.form_version
    if header is None:
        return
    outcomes = {EVOLVE: TAKEN, FREEZE: REFUSED, QUARANTINE: "its rows are in quarantine"}
    outcome = outcomes[source.drift.form_version]
    if header not in shape.columns:
        yield Difference(VERSION, header, "there", "", outcome)
        return
    texts = shape.texts.get(FORM_VERSION, Texts())
    before = last.shape.texts[FORM_VERSION].kept if last and FORM_VERSION in last.shape.texts else None
    strict = source.drift.form_version != EVOLVE
    known = source.form_versions or (() if strict else before)
    if known is None:
        return  # the first delivery, and nobody asked for anything
    new = [text for text in texts.kept if text not in known]
    said = source.form_versions or before or ()
    if new:
        was = ", ".join(map(_quoted, said)) or "no version declared"
        now = ", ".join(map(_quoted, new[:MOST_UNKNOWN]))
        yield Difference(VERSION, header, was, now, outcome, list_line("form_versions", said, new))


def _rows_or_file(source: Source, aspect: str) -> str:
    return REFUSED if source.drift.of(aspect) == FREEZE else "its rows are in quarantine"


def to_keep(shape: Shape, source: Source, kind: Instrument, names: RegionNames) -> Shape:
    """Return a shape as it may be kept: without texts of columns that hold something else than codes and regions."""
    codes = codes_of(source, kind)

    def kept(name: str, texts: Texts) -> Texts:
        if name == REGION:
            return texts.to_keep(lambda text: names.find(text) is not None)
        return texts.to_keep(lambda text: text in codes.get(name, source.form_versions))

    return replace(shape, texts={name: kept(name, texts) for name, texts in shape.texts.items()})


def refusing(differences: Sequence[Difference], source: Source) -> list[Difference]:
    """Return the differences for which the declaration refuses a whole file."""
    return [one for one in differences if one.outcome == REFUSED and source.drift.of(ASPECTS[one.kind]) == FREEZE]


def _place(header: str, shape: Shape) -> str:
    """Say where a column stands and what it holds, as far as it is known."""
    if header not in shape.columns:
        return ""
    main = shape.main(header)
    holds = f", {content_kind.words(main)}" if main else ""
    return f", column {shape.columns.index(header) + 1}{holds}"


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON text is YAML text
