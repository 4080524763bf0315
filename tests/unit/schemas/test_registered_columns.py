"""Instruments whose columns are coded by the registry of places and organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import declaration, instrument, registry
from schemas.declared_instrument import DeclaredInstrument, read
from schemas.errors import DeclarationError

FILE = instrument.FOLDER / "contacts.yaml"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "contacts.yaml"
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_which_instruments_use_the_registry() -> None:
    assert [name for name in ("contacts", "grantee_outputs", "grants") if not instrument.uses_registry(name)] == []
    assert not instrument.uses_registry("ngo_capacity")
    assert not instrument.uses_registry("family_survey")
    assert not instrument.uses_registry("no_such_instrument")


def test_a_survey_depends_on_the_registry_where_its_columns_do() -> None:
    shared = {f"registry/{path.name}" for path in registry.files()}
    assert shared == {"registry/places.csv", "registry/organisations.csv"}
    assert shared <= set(declaration.load("kyrgyzstan_contacts_2005").files)
    assert not shared & set(declaration.load("kyrgyzstan_ngo_capacity_2003").files)


def test_a_survey_depends_on_what_it_is_compared_with() -> None:
    files = declaration.load("kyrgyzstan_grantee_outputs_2005").files
    assert "kyrgyzstan_ngo_capacity_2003/published.csv" in files
    assert files["published.csv"].parent.name == "kyrgyzstan_grantee_outputs_2005"


def test_codes_of_organisations_are_called_as_the_registry_calls_them() -> None:
    contacts = instrument.find("contacts")
    assert isinstance(contacts, DeclaredInstrument)
    assert contacts.REGISTERED == {"operator": "organisation"}
    assert contacts.names_code("operator", "omur_bulagy")
    assert not contacts.names_code("operator", "nobody")
    assert contacts.code_name("operator", "omur_bulagy", "ru") == "Omur Bulagy"
    assert contacts.code_name("channel", "hotline", "ru") == "Телефон доверия"


@pytest.mark.parametrize("column", ["no_such_column", "quantity"])
def test_what_keeps_counts_apart_is_a_column_of_codes(tmp_path: Path, column: str) -> None:
    with pytest.raises(DeclarationError, match=f"apart: {column} is no column of type code"):
        read(changed(tmp_path, "apart: count_basis", f"apart: {column}"))
