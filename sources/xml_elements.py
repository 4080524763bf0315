"""The elements of XML without a tree; what is nested without end is refused before it fills the memory."""

from __future__ import annotations

from xml.parsers import expat

from schemas.errors import FormatDamaged

DEEPEST = 100
"""Elements within each other; sheets and lists of sheets, as programs write them, have some ten."""


class Depth:
    """How many elements are open."""

    def __init__(self, part: str, file: str) -> None:
        """Begin before the root. part: name of the member, for messages."""
        self._part, self._file = part, file
        self._open = 0

    def begin(self) -> None:
        """Take in the beginning of an element. Raises FormatDamaged if too many are open."""
        self._open += 1
        if self._open > DEEPEST:
            raise FormatDamaged(
                f'"{self._part}" in the workbook has more than {DEEPEST} elements within each other.',
                file=self._file,
                expected="XML as office programs write it",
                next_step="Ask who made the file, and how; do not open it.",
            )

    def end(self) -> None:
        """Take in the end of an element."""
        self._open -= 1


def elements(xml: bytes, part: str, file: str) -> list[tuple[str, dict[str, str]]]:
    """Return tag and attributes of every element, in the order of the text.

    A name with a namespace is the namespace, a blank, and the name.
    part: name of the member, for messages. Raises FormatDamaged if they are nested too deeply, and what expat raises.
    """
    found: list[tuple[str, dict[str, str]]] = []
    depth = Depth(part, file)

    def begin(tag: str, given: dict[str, str]) -> None:
        depth.begin()
        found.append((tag, given))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: depth.end()
    parser.Parse(xml, True)
    return found
