"""Which parts of a survey are worked through again: countries and methods. What is not taken stays as it was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """Countries and methods that are estimated again; None takes all of them."""

    countries: frozenset[str] | None = None
    methods: frozenset[str] | None = None

    def takes(self, country: str | None, method: str) -> bool:
        """Tell whether a part is taken. country: None for all countries together, which any of them moves."""
        of_country = self.countries is None or country is None or country in self.countries
        return of_country and (self.methods is None or method in self.methods)
