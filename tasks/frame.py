"""What `frame.csv` says of the settlements that were drawn: their place in the list, and the families living there."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from schemas.declaration import Declaration
from schemas.errors import DeclarationError

SETTLEMENT = ["region", "district", "settlement"]


def with_frame(totals: pd.DataFrame, declaration: Declaration) -> pd.DataFrame:
    """Add `list_position` where the list's order matters, and `families_living` where the second stage is known.

    totals: PSU rows. Raises DeclarationError where the list lacks a settlement of the sample or names one twice, and
    where the families living in one are not given, or are fewer than were interviewed there.
    """
    rates, path = declaration.rates, declaration.folder / "frame.csv"
    if rates.psu_selection == "systematic":
        totals = totals.assign(list_position=_rows(totals, _listed(declaration.frame, path, []), path))
    if rates.second_stage == "known":
        _first_stage_known(declaration)
        listed = _listed(declaration.frame, path, ["families"])
        living = _living(listed["families"], path)
        found = _rows(totals, listed, path)
        totals = _enough(totals.assign(families_living=living.to_numpy()[found]), found, path)
    return totals


def _first_stage_known(declaration: Declaration) -> None:
    """Refuse a second stage under a first one drawn with replacement, whose variance has the second in it."""
    rates = declaration.rates
    frames = [rates.frame_psus, *(own.get("frame_psus") for own in declaration.methods.values() if own)]
    if not any(frames) and rates.lonely_psu != "certainty":
        raise DeclarationError(
            "second_stage: known has nothing to add, because no stratum has its frame_psus.",
            file=str(declaration.folder / "survey.yaml"),
            expected="rates: frame_psus, for the strata where the number of settlements in the frame is known",
            next_step="Without it the error takes both stages in, and second_stage: unknown is right.",
        )


def _listed(listed: pd.DataFrame, path: Path, more: list[str]) -> pd.DataFrame:
    """Return the list with each settlement's name as PSU rows have it."""
    columns = ["country", *SETTLEMENT, *more]
    missing = [name for name in columns if name not in listed]
    if missing:
        raise DeclarationError("the column is missing.", file=str(path), column=missing[0], expected=", ".join(columns))
    psu = listed["country"] + "\0" + listed[SETTLEMENT].fillna("").agg("/".join, axis=1)
    if psu.duplicated().any():
        at = int(psu.duplicated().to_numpy().argmax())
        raise DeclarationError("the settlement is in the list twice.", file=str(path), row=at + 2)
    return listed.assign(psu=psu)


def _rows(totals: pd.DataFrame, listed: pd.DataFrame, path: Path) -> pd.Series:
    """Return the row of the list, from 0, of each PSU row."""
    position = dict(zip(listed["psu"], range(len(listed)), strict=True))
    found = (totals["country"] + "\0" + totals["psu"]).map(position)
    if found.isna().any():
        raise DeclarationError(
            f"{totals.loc[found.isna(), 'psu'].nunique()} settlements of the sample are not in the list, "
            f"the first: {totals.loc[found.isna(), 'psu'].iloc[0]}.",
            file=str(path),
            expected="every settlement that was drawn, in the order of the list it was drawn from",
            next_step="Add them, or say that the list is not known: psu_selection: random, second_stage: unknown",
        )
    return found.astype("int64")


def _living(cells: pd.Series, path: Path) -> pd.Series:
    """Read the families living in each settlement of the list; those that were not drawn may have none given."""
    for row, cell in enumerate(cells, start=2):
        if pd.notna(cell) and not re.fullmatch(r"[1-9][0-9]*", cell):
            raise DeclarationError(
                f'"{cell}" is not a number of families.',
                file=str(path),
                row=row,
                column="families",
                expected="families living in the settlement, a whole number like 412",
            )
    return cells.astype("Float64").astype("float64")


def _enough(totals: pd.DataFrame, found: pd.Series, path: Path) -> pd.DataFrame:
    """Refuse a settlement whose families nobody counted, or of which more were interviewed than live there."""
    interviewed = totals.groupby(["country", "psu"])["n_respondents"].transform("sum")
    for what, wrong in (
        ("it is not given how many families live in", totals["families_living"].isna()),
        ("more families were interviewed than live in", interviewed > totals["families_living"]),
    ):
        if wrong.any():
            first = int(wrong.to_numpy().argmax())
            raise DeclarationError(
                f"{what} {totals['psu'].iloc[first]}, where {int(interviewed.iloc[first])} were interviewed.",
                file=str(path),
                row=int(found.iloc[first]) + 2,
                column="families",
                expected="families living in the settlement when it was drawn, for every settlement of the sample",
                next_step="Correct the number, or say that it is not known: second_stage: unknown",
            )
    return totals
