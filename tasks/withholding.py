"""Before files are read: is the key that of before, and do rows refused earlier still hold what is personal now?"""

from __future__ import annotations

from schemas.declaration import Declaration
from schemas.errors import PseudonymKeyUnusable
from schemas.pseudonyms import PseudonymKey
from tasks import personal, pseudonym_key
from warehouse import pseudonym_keys, withheld
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.withheld import Column, Place


def prepare(declaration: Declaration, home: Home, warehouse: Warehouse) -> None:
    """Refuse a key that is not the one of before, and take from earlier rows what the declaration withholds now.

    Raises PseudonymKeyChanged. That there is no key is for the files to say that need it.
    """
    key = None
    if pseudonym_key.wanted(declaration):
        try:
            key = pseudonym_key.find(home)
        except PseudonymKeyUnusable:
            pass  # what is personal is removed all the same
        else:
            pseudonym_keys.check(warehouse, declaration.id, key.fingerprint)
    withheld.renew(warehouse, declaration.id, columns(declaration, key))


def columns(declaration: Declaration, key: PseudonymKey | None) -> dict[Place, Column]:
    """Return what becomes of each header of a survey that is not kept as it was delivered."""
    mapped = {(s.country, header): name for s in declaration.sources for name, header in s.columns.items()}
    found = {
        (source.country, header): Column("ignore")
        for source in declaration.sources
        for header in source.ignore
        if (source.country, header) not in mapped
    }
    for source in declaration.sources:  # last: what one source of a country declares personal, is
        for header, column in source.personal.items():
            replaced = None
            if key is not None and column.action == "pseudonym":
                replaced = personal.replacing(header, source, declaration.id, key)
            place = (source.country, header)
            found[place] = Column(column.action, mapped.get(place), replaced)
    return found
