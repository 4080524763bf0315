"""A language of the report site: its catalogue of texts, and how it writes numbers, limits and dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from schemas.errors import KinscaleError
from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

T = TypeVar("T")
LOCALE = Path(__file__).parent / "locale"
NOTHING = "–"
"""What stands where there is no number."""


@dataclass(frozen=True)
class Language:
    """One language of the site. The first of `languages()` is that of the texts themselves."""

    code: str
    own_name: str

    @property
    def is_first(self) -> bool:
        """Whether texts need no translation."""
        return self == languages()[0]

    def gettext(self, text: str) -> str:
        """Translate a text; one without a translation stays as it is, which a test finds."""
        return self._texts.get(text, (text,))[0]

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate a text about a number of things."""
        forms = self._texts.get(one)
        return forms[_plural_rule(self.code)(number)] if forms else one if number == 1 else many

    def pick(self, texts: Mapping[str, T]) -> T:
        """Choose what a catalogue holds by code of language; that of the first language where it has no other."""
        return texts.get(self.code) or texts[languages()[0].code]

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Write a number with as many decimals: 132,486 or 132 486; a dash where there is none."""
        from babel.numbers import format_decimal

        if value is None or pd.isna(value):
            return NOTHING
        return format_decimal(value, format=_pattern(decimals), locale=self._locale)

    def limits(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        """Write limits: 118,769 – 186,273; a dash if one of them is missing."""
        if low is None or high is None or pd.isna(low) or pd.isna(high):
            return NOTHING
        return f"{self.number(low, decimals)} – {self.number(high, decimals)}"

    def share(self, value: float | None, decimals: int = 1) -> str:
        """Write a share from 0 to 1 in per cent: 31.5% or 31,5 %; a dash where there is none."""
        from babel.numbers import format_percent

        if value is None or pd.isna(value):
            return NOTHING
        pattern = self._locale.percent_formats[None].pattern.replace("#,##0", _pattern(decimals))
        return format_percent(value, format=pattern, locale=self._locale)

    def date(self, value: date | datetime | None) -> str:
        """Write a day: 22 Nov 2026 or 22 нояб. 2026 г.; a dash where there is none."""
        from babel.dates import format_date

        return NOTHING if value is None or pd.isna(value) else format_date(value, "medium", locale=self._locale)

    def territory(self, code: str) -> str | None:
        """Name a country as the language does; None for a code it does not know."""
        return self._locale.territories.get(code)

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale

        return Locale.parse("en_GB" if self.code == "en" else self.code)

    @cached_property
    def _texts(self) -> Mapping[str, tuple[str, ...]]:
        """Every translated text with its forms: one, or one for each kind of number."""
        if self.is_first:
            return {}
        found = {}
        for message in catalogue(self.code):
            key = message.id if isinstance(message.id, str) else message.id[0]
            written = message.string
            forms = (written,) if isinstance(written, str) else tuple(written or ())
            if key and all(forms):
                found[key] = forms
        return found


@cache
def languages() -> tuple[Language, ...]:
    """Return the languages of the site in the order of the switch."""
    named: dict[str, str] = read_yaml(LOCALE.parent / "languages.yaml")
    return tuple(Language(code, name) for code, name in named.items())


@cache
def catalogue(code: str) -> Catalog:
    """Read a catalogue. Raises KinscaleError when a declared language has none."""
    from babel.messages.pofile import read_po

    path = LOCALE / f"{code}.po"
    if not path.exists():
        message = f"the language {code} is declared in reports/languages.yaml and has no catalogue"
        raise KinscaleError(message, file=str(path))
    with path.open("rb") as file:
        return read_po(file, locale=code)


@cache
def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


@cache
def _plural_rule(code: str) -> Callable[[int], int]:
    """Return the catalogue's rule: which of its forms goes with a number."""
    from gettext import c2py

    found: Callable[[int], int] = c2py(catalogue(code).plural_expr)
    return found
