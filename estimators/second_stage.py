"""What the sampling of families within PSUs adds to a variance, where it is known how many families live in each.

Arrays in, arrays out. Not here: the first stage, and who is in which stratum (`sampling_design`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Families:
    """The families behind the rows of a design.

    of_row: (n_rows,) interviewed families that a row stands for; they answered alike, so each has the row's influence
    over their number. interviewed, living: (n_psus,) families interviewed in each PSU, and living there.
    """

    of_row: np.ndarray
    interviewed: np.ndarray
    living: np.ndarray

    @property
    def sampled(self) -> np.ndarray:
        """Return the share of each PSU's families that was interviewed, (n_psus,)."""
        return np.asarray(self.interviewed / self.living)

    def factor(self) -> np.ndarray:
        """Return (1 - f_hi) m / (m - 1) per PSU, 0 where one family was interviewed: it shows no spread."""
        m = self.interviewed
        return np.where(m > 1, (1 - self.sampled) * m / np.maximum(m - 1, 1), 0.0)


def families_of(rows: pd.DataFrame, psu: np.ndarray, n_psus: int) -> Families:
    """Read the families off PSU rows: n_respondents, and families_living of the row's PSU.

    psu: (n_rows,) codes. Raises ValueError where the number living is not known, is not the same in all rows of a PSU,
    or is smaller than the number interviewed.
    """
    if "families_living" not in rows or rows["families_living"].isna().any():
        raise ValueError("second_stage: known needs the families living in every PSU, and one number is not known")
    of_row, living_row = (rows[name].to_numpy(float) for name in ("n_respondents", "families_living"))
    living = np.zeros(n_psus)
    living[psu] = living_row
    interviewed = np.bincount(psu, weights=of_row, minlength=n_psus)
    if (living[psu] != living_row).any():
        raise ValueError("second_stage: rows of one PSU name different numbers of families living there")
    if (interviewed > living).any():
        worst = rows["psu"].iloc[int(np.argmax((interviewed > living)[psu]))]
        raise ValueError(f"PSU {worst}: more families were interviewed than live there")
    return Families(of_row, interviewed, living)


def spread_within(families: Families, piece: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return (1 - f_hi) m / (m - 1) sum_j (z_hij - zbar_hi)^2 of pieces of PSUs, (n_pieces, n_cells).

    piece: (n_pieces,) the PSU of each. total, squares: (n_pieces, n_cells) sums over the piece's families of their
    influence and of its square; families of the PSU outside the piece have z = 0. The stratum's sampled share stands
    before their sum. Source: Särndal, Swensson and Wretman (1992), 4.3.
    """
    around_mean = np.maximum(squares - total**2 / families.interviewed[piece, None], 0)
    return np.asarray(families.factor()[piece, None] * around_mean)
