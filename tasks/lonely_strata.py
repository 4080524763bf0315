"""A stratum with one settlement, as an error of the survey's declaration: which stratum, and what may be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from estimators.sampling_design import LonelyPsu
from schemas.declaration import Declaration
from schemas.errors import DeclarationError


@contextmanager
def declared(declaration: Declaration) -> Iterator[None]:
    """Turn LonelyPsu into a DeclarationError that names survey.yaml."""
    try:
        yield
    except LonelyPsu as error:
        what, _, choices = str(error).partition(" Choose ")
        raise DeclarationError(
            what,
            file=str(declaration.folder / "survey.yaml"),
            expected=f"rates: {choices}",
            next_step=f"Choose a rule, then: ./kinscale run --survey {declaration.id}",
        ) from error
