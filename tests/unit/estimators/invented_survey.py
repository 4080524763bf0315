"""The invented survey of tests/golden/survey_fixture as PSU rows, and R's values for it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from estimators.linearised import Linearised, quotient, summed
from estimators.sampling_design import Design, degrees_of_freedom, sampling_design, variance
from tests.unit.estimators.golden_pairs import GOLDEN

FOLDER = GOLDEN / "survey_fixture"
SUMS = ["families", "relatives", "victims", "recent", "earlier", "recent_women", "squares"]
DESIGNS = ("strata_cluster_fpc", "strata_cluster", "cluster_only", "srs_wr")


@cache
def interviews() -> pd.DataFrame:
    """One row per interview, with the sums the tests speak of."""
    frame = pd.read_csv(FOLDER / "survey_2400.csv")
    victims = [name for name in frame if name.startswith("y_")]
    recent = [name for name in victims if name.endswith("_rec")]
    return frame.assign(
        families=1.0,
        relatives=frame["family"].astype(float),
        victims=frame[victims].sum(axis=1),
        recent=frame[recent].sum(axis=1),
        earlier=frame[[name for name in victims if name not in recent]].sum(axis=1),
        recent_women=frame[[name.replace("y_", "f_") for name in recent]].sum(axis=1),
        frame_psus=frame["psu_pop"],
    ).assign(squares=lambda rows: rows["victims"] ** 2)


@cache
def expected(name: str = "expected") -> dict[str, Any]:
    """R's values."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return content


def rows_by(domain: list[str], frame: pd.DataFrame | None = None, weighted: bool = True) -> pd.DataFrame:
    """Weighted sums per PSU, or per piece of a PSU where a domain cuts it."""
    frame = interviews() if frame is None else frame
    keys = list(dict.fromkeys(["country", "region", "stratum", "psu", "frame_psus", *domain]))
    weight = frame["weight"] if weighted else 1.0
    sums = frame[SUMS].mul(weight, axis=0) if weighted else frame[SUMS]
    return pd.concat([frame[keys], sums], axis=1).groupby(keys)[SUMS].sum().reset_index()


def design_of(name: str, rows: pd.DataFrame, **options: Any) -> Design:
    """The design R was given under a name."""
    if name == "strata_cluster_fpc":
        return sampling_design(rows, options)
    rows = rows.drop(columns="frame_psus")
    if name == "strata_cluster":
        return sampling_design(rows, options)
    return sampling_design(rows.assign(country="all", stratum="all"), options)


def rows_under(name: str, domain: list[str]) -> pd.DataFrame:
    """The rows for a design: under srs_wr each interview is a PSU, without weight."""
    if name == "srs_wr":
        return rows_by(domain, interviews().assign(psu=np.arange(len(interviews()))), weighted=False)
    return rows_by(domain)


def codes(rows: pd.DataFrame, domain: list[str]) -> tuple[np.ndarray, int]:
    """Domain code of each row, in the domain's order, and how many there are."""
    if not domain:
        return np.zeros(len(rows), int), 1
    code = rows.groupby(domain).ngroup().to_numpy()
    return code, int(code.max()) + 1


def ratios(rows: pd.DataFrame, above: str, below: str, domain: list[str]) -> Linearised:
    """A ratio of two sums in each domain."""
    code, n = codes(rows, domain)
    return quotient(*(summed(rows[[name]].to_numpy(float), code, n) for name in (above, below)))


def error(design: Design, estimate: Linearised) -> np.ndarray:
    """Standard errors of a ratio's domains."""
    assert estimate.influence is not None
    return np.sqrt(variance(design, estimate.influence, estimate.domain, len(estimate.value)))[:, 0]


def df(design: Design, domain: np.ndarray, n: int) -> np.ndarray:
    """Degrees of freedom where every row holds a respondent."""
    return degrees_of_freedom(design, domain, n, np.ones((len(domain), 1), bool))[:, 0]
