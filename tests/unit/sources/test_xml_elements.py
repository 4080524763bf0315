"""Elements of XML: what is in the text, and no more of them within each other than any program writes."""

from __future__ import annotations

import pytest

from schemas.errors import FormatDamaged
from sources.xml_elements import DEEPEST, elements

LIST = b'<book xmlns="urn:a" xmlns:r="urn:b"><sheets><sheet name="S" r:id="r1"/><sheet name="T"/></sheets></book>'


def test_names_have_their_namespace_and_attributes_their_values() -> None:
    assert elements(LIST, "book.xml", "KZ.xlsx") == [
        ("urn:a book", {}),
        ("urn:a sheets", {}),
        ("urn:a sheet", {"name": "S", "urn:b id": "r1"}),
        ("urn:a sheet", {"name": "T"}),
    ]


def test_elements_beside_each_other_are_not_within_each_other() -> None:
    assert len(elements(b"<a>" + b"<b/>" * (3 * DEEPEST) + b"</a>", "book.xml", "KZ.xlsx")) == 3 * DEEPEST + 1


def test_too_many_within_each_other_are_refused_before_the_text_ends() -> None:
    assert len(elements(b"<x>" * DEEPEST + b"</x>" * DEEPEST, "book.xml", "KZ.xlsx")) == DEEPEST
    with pytest.raises(FormatDamaged, match=r'^KZ\.xlsx: "book\.xml" in the workbook has more than 100 elements'):
        elements(b"<x>" * (DEEPEST + 1), "book.xml", "KZ.xlsx")
