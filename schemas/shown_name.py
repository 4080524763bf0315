"""How text from deliveries is shown: nothing in it moves the cursor, turns the reading direction or hides a letter.

Trojan names and escape sequences: Unicode Technical Report 36, section 2; Unicode Standard, chapter 23.
"""

from __future__ import annotations

import re
import unicodedata

_BYTE = range(0xDC80, 0xDD00)
"""Where Python keeps the bytes of a name that is no UTF-8."""
_ESCAPE = re.compile(r"\\(?=\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_TURNING}\ud800-\udfff]")
"""What no message may hold; line ends and tabs it may."""
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def shown_name(name: str) -> str:
    """Return the name of a file as one line of visible letters; two names never become one.

    A control, an invisible or a turning sign becomes an escape as Python writes it, a byte that is no UTF-8 \\xff.
    Names without such signs stay as they are.
    """
    hidden = _hidden(name)
    if not hidden and not _ESCAPE.search(name):
        return name
    return "".join(_escaped(sign) if sign in hidden or sign == "\\" else sign for sign in name)


def shown_once(name: str) -> str:
    """Return a name as `shown_name` does, or as it is when nothing in it has to be hidden: it may be shown already."""
    return shown_name(name) if _hidden(name) else name


def shown_text(text: str) -> str:
    """Return a message, or a cell, as it may be printed: signs that act on a terminal or on its reader as escapes."""
    return _IN_TEXT.sub(lambda found: _escaped(found.group()), text)


def _hidden(name: str) -> set[str]:
    return {sign for sign in name if unicodedata.category(sign) in _HIDDEN}


def _escaped(sign: str) -> str:
    code = ord(sign)
    if sign == "\\":
        return "\\\\"
    if code in _BYTE:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
