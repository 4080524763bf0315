"""Step 7b: the tables beside the estimates: what the answer depends on, how cases spread, what models borrowed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimators import small_area
from estimators.domain_totals import KEY, survey_totals
from estimators.overdispersion_rows import overdispersion
from estimators.sensitivity import DEFAULTS, sensitivity
from schemas import instrument
from schemas.declaration import Declaration
from schemas.result_tables import conform, tables
from tasks.lonely_strata import declared
from warehouse import family_counts, psu_sensitivity
from warehouse.build import Warehouse
from warehouse.canonical import rounded

LEADING = "design"
NUMBERS = ["estimate", "ci_low", "ci_high"]
TOLERANCE = 1e-9


def explain(
    cells: pd.DataFrame, psu_totals: pd.DataFrame, declaration: Declaration, warehouse: Warehouse, release_id: str
) -> dict[str, pd.DataFrame]:
    """Return the tables `sensitivity`, `overdispersion` and `small_area_models` of a release.

    cells: the estimates, against which the leading variant is checked.
    """
    mark = {"release_id": release_id, "survey_id": declaration.id}
    limit = int(declaration.sensitivity.get("limit", DEFAULTS["limit"]))
    form = instrument.form(declaration.instrument)
    by_family = "family" in psu_totals
    sums = psu_sensitivity.compute(warehouse, declaration.id, form, limit, by_family)
    families, products = family_counts.compute(warehouse, declaration.id, form, by_family)
    with declared(declaration):
        variants = sensitivity(psu_totals, sums, declaration.population, declaration.settings)
        spread = overdispersion(families, _with_design(products, psu_totals), declaration.settings)
        models = area_models(psu_totals, declaration)
    check_output(variants, cells)
    return {
        "sensitivity": conform("sensitivity", rounded(variants.assign(**mark))),
        "overdispersion": conform("overdispersion", rounded(spread.assign(**mark))),
        "small_area_models": conform("small_area_models", rounded(models.assign(**mark))),
    }


def _with_design(products: pd.DataFrame, psu_totals: pd.DataFrame) -> pd.DataFrame:
    """Bring over what the settlements' list says of them, where the survey has it, and the families behind a row."""
    known = [name for name in ("list_position", "families_living") if name in psu_totals]
    if not known:
        return products
    key = [name for name in (*KEY, "family") if name in psu_totals]
    return products.merge(psu_totals[[*key, *known, "n_respondents"]], on=key, how="left", validate="one_to_one")


def area_models(psu_totals: pd.DataFrame, declaration: Declaration) -> pd.DataFrame:
    """Return the models behind each small-area method the survey declares; no row if it declares none."""
    totals = survey_totals(psu_totals, declaration.population)
    frames = [
        small_area.models(totals, {**declaration.settings["rates"], **(own or {})}, method)
        for method, own in declaration.methods.items()
        if method in ("small_area", "small_area_fay_herriot")
    ]
    if not frames:
        return pd.DataFrame(columns=tables()["small_area_models"].names)
    return pd.concat(frames, ignore_index=True).replace({"model_spread": {np.inf: np.nan}})


def check_output(variants: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Assert that the leading variant is the leading method's national total, limits included."""
    headline = cells[
        (cells["level"] == "national")
        & (cells["indicator"] == "victims")
        & (cells["method"] == LEADING)
        & (cells[["exploitation", "location", "sex"]] == ["all", "both", "all"]).all(axis=1)
    ].set_index("country")[NUMBERS]
    leading = variants[variants["variant"] == "leading"].set_index("country")[NUMBERS]
    gap = ((leading - headline).abs() / headline.clip(lower=1)).max(axis=1).dropna()
    if (gap > TOLERANCE).any():
        raise AssertionError(f"the leading variant is not the method {LEADING}: gaps {gap.to_dict()}")
