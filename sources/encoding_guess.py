"""Which encoding the bytes of a text file are in, when nobody says: by what decodes, and by how letters follow.

Not here: whether bytes are in the encoding that was declared (`sources.encodings`).
"""

from __future__ import annotations

import codecs
import math
import re
from itertools import pairwise

from sources import encodings
from sources.finding import Finding

LAST_RESORT = "latin-1"
"""Decodes any bytes at all, so that it can only win by its letters."""
_HEAD = 1 << 18
_NEVER = -700.0
"""Below it, the exponential of a likelihood is no number any more."""
_SURE = 12.0
"""Log-likelihood between the best reading and the next: odds of about 160,000 to 1."""
_RUSSIAN = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (
            *(10.97, 8.45, 8.01, 7.35, 6.70, 6.26, 5.47, 4.73, 4.54, 4.40, 3.49, 3.21, 2.98, 2.81, 2.62, 2.01, 1.90),
            *(1.74, 1.70, 1.65, 1.59, 1.44, 1.21, 0.97, 0.94, 0.73, 0.64, 0.48, 0.36, 0.32, 0.26, 0.04, 0.04),
        ),
        strict=True,
    )
)
"""Letters of Russian in percent of running text, as tables of letter frequencies give them, rounded."""
_CENTRAL_ASIAN = frozenset("әғқңөүұһіўҳҷӯӣ")
_NEIGHBOURS, _OTHER_CYRILLIC, _WESTERN, _PUNCTUATION, _ELSE = 0.8, 0.01, 0.4, 0.1, 0.0005
_NOT_A_START, _MIXED, _CASE = math.log(0.02), math.log(0.0005), math.log(0.01)
_WORD = re.compile(r"[^\W\d_]+|[^\w\s\x00-\x7f]")


def guess(raw: bytes) -> Finding:
    """Name the encoding of a text file; the note names others that would give another text.

    Unicode shows itself. Among one-byte code pages, those that give one and the same text count as one.
    """
    if (wide := encodings.utf16_of(raw)) is not None:
        return Finding(wide, True, "" if wide == "utf-16" else "it has no byte order mark", 1.0)
    if raw.startswith(codecs.BOM_UTF8):
        return Finding("utf-8-sig", True, "it begins with a byte order mark", 1.0)
    if raw.isascii():
        return Finding("utf-8", True, "plain ASCII", 1.0)
    if encodings.looks_like_utf8(raw):
        return Finding("utf-8", True, confidence=1.0)
    return _one_byte(raw)


def _one_byte(raw: bytes) -> Finding:
    fitting = [name for name in encodings.would_work(raw) if name not in encodings.UNICODE]
    head = raw[:_HEAD]
    words = sorted({word for word in re.findall(rb"[A-Za-z\x80-\xff]+", head) if not word.isascii()})
    texts: dict[str, list[str]] = {}
    for name in sorted([*fitting, LAST_RESORT], key=(*encodings.CANDIDATES, LAST_RESORT).index):
        texts.setdefault(b" ".join(words).decode(name), []).append(name)
    ranked = sorted(((likelihood(text), names) for text, names in texts.items()), key=lambda pair: -pair[0])
    best, names = ranked[0]
    share = 1 / sum(math.exp(max(found - best, _NEVER)) for found, _ in ranked)
    if len(ranked) == 1 or best - ranked[1][0] > _SURE:
        return Finding(names[0], True, confidence=share)
    return Finding(names[0], False, f"{ranked[1][1][0]} would give another text that is nearly as likely", share)


def likelihood(text: str) -> float:
    """Return the log-likelihood of the letters beyond ASCII, and of the words they stand in. Higher is likelier."""
    total = 0.0
    for word in _WORD.findall(text):
        beyond = [char for char in word if char > "\x7f"]
        total += sum(math.log(_percent(char) / 100) for char in beyond)
        if beyond and "а" <= beyond[0].casefold() <= "ӿ" and len(beyond) < len(word):
            total += _MIXED  # Latin and Cyrillic letters in one word
        total += _CASE * sum(a.islower() and b.isupper() for a, b in pairwise(word))
        total += _NOT_A_START * (word[0].casefold() in "ьъы")
    return total


def _percent(char: str) -> float:
    small = char.casefold()
    if small in _RUSSIAN:
        return _RUSSIAN[small]
    if small in _CENTRAL_ASIAN:
        return _NEIGHBOURS
    if "Ѐ" <= char <= "ӿ":
        return _OTHER_CYRILLIC
    if char.isalpha():
        return _WESTERN
    return _PUNCTUATION if char in "№«»—–“”„’‘…° " else _ELSE
