"""The catalogues brought up to date with the texts of the site: `python -m reports.catalogues`.

A new text is added without a translation, one that no template has any more is taken out. Prints what is left to
translate and ends with 1 if anything is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from reports.language import LOCALE, catalogue, languages

ROOM = Path(__file__).parent
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
OPTIONS = {"**.j2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}


def texts() -> Catalog:
    """Return every text of the site with the places where it stands."""
    found = Catalog(project="kinscale", charset="utf-8")
    for file, line, message, _comments, _context in extract_from_dir(str(ROOM), METHODS, OPTIONS):
        found.add(message, locations=[(Path(file).as_posix(), line)])
    return found


def untranslated(code: str) -> Iterator[str]:
    """Yield the texts of the site that a language lacks."""
    known = catalogue(code)
    for message in texts():
        there = known.get(message.id) if message.id else message
        written = there.string if there else ""
        if message.id and not (all(written) if isinstance(written, (list, tuple)) else written):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> int:
    """Bring every catalogue up to date; 0 if every text is translated."""
    lacking = 0
    for language in languages()[1:]:
        path = LOCALE / f"{language.code}.po"
        kept = catalogue(language.code)
        kept.update(texts(), no_fuzzy_matching=True, update_header_comment=False)
        kept.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, kept, width=120, sort_output=True, no_location=True, omit_header=True, ignore_obsolete=True)
        catalogue.cache_clear()
        for text in untranslated(language.code):
            lacking += 1
            print(f"{language.code}: {text}")  # noqa: T201  a command's output
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
