"""The exchange files of the bundled survey's release, read by other programs and compared with the Parquet file."""

from __future__ import annotations

import gzip
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
from pysdmx.io import get_datasets

from flows import direct
from schemas import declaration
from warehouse.home import CHECKOUT, Home

SURVEY = "central_asia_2009"
COLUMNS = {
    "INDICATOR": "indicator", "EXPLOITATION": "exploitation", "LOCATION": "location", "SEX": "sex", "WINDOW": "period",
    "METHOD": "method", "UNIT_MEASURE": "unit", "RELIABILITY": "reliability", "OBS_STATUS": "obs_status",
    "CONF_STATUS": "conf_status",
}  # fmt: skip
NUMBERS = {
    "OBS_VALUE": "estimate", "STD_ERROR": "std_error", "CI_LOW": "ci_low", "CI_HIGH": "ci_high",
    "CONFIDENCE": "confidence", "N_RESPONDENTS": "n_respondents", "N_CASES": "n_cases", "N_PSU": "n_psu",
}  # fmt: skip
STANDARD = {"EXPLOITATION": {"_T": "all"}, "LOCATION": {"_T": "all"}, "SEX": {"F": "women", "M": "men", "_T": "all"}}
"""Codes of the SDMX cross-domain lists, by hand."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(CHECKOUT / "surveys"))
        outcome = direct.run(declaration.load(SURVEY), Home(tmp_path_factory.mktemp("home")), lambda _: None)
    assert outcome.release is not None
    return outcome.release.folder


@pytest.fixture(scope="module")
def estimates(release: Path) -> pd.DataFrame:
    return pd.read_parquet(release / "tables" / "estimates.parquet")


def test_sdmx_says_what_the_table_says(release: Path, estimates: pd.DataFrame) -> None:
    text = gzip.decompress((release / "sdmx" / "estimates.csv.gz").read_bytes()).decode()
    [dataset] = get_datasets(text, release / "sdmx" / "structure.xml")
    data = dataset.data.reset_index(drop=True)
    assert len(data) == len(estimates)
    area = estimates["region"].fillna(estimates["country"]).fillna("_T").str.replace("+", "_", regex=False)
    assert (data["REF_AREA"] == area).all()
    assert (data["TIME_PERIOD"].astype(str) == "2009").all()
    for name, column in COLUMNS.items():
        theirs = data[name].fillna("").astype(str).replace(STANDARD.get(name, {}))
        assert (theirs == estimates[column].fillna("")).all(), name  # a hidden cell has no reliability
    for name, column in NUMBERS.items():
        ours = estimates[column].to_numpy(dtype="float64", na_value=np.nan)
        theirs = pd.to_numeric(data[name], errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        np.testing.assert_array_equal(theirs, ours, err_msg=name)
    for component in [*dataset.structure.components.dimensions, *dataset.structure.components.attributes]:
        if component.local_codes is not None:
            assert set(data[component.id].dropna()) - {""} <= {code.id for code in component.local_codes}, component.id


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_data_package_is_valid(release: Path) -> None:
    report = frictionless.validate(str(release / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "message"])[:5]
    rows = {task.name: task.stats.get("rows") for task in report.tasks}
    assert rows["reproduction"] == 846  # printed numbers of the study


def test_the_workbook_says_what_the_table_says(release: Path, estimates: pd.DataFrame) -> None:
    sheet = pd.read_excel(release / "workbook.xlsx", sheet_name="Regions", header=3, engine="calamine", na_values=":")
    cells = estimates.query("level == 'regional' and method == 'design' and exploitation == 'all' and sex == 'all'")
    places = {"Inside the country": "inside", "Abroad": "abroad", "Inside and abroad": "both"}
    assert len(sheet) == 43 * 3  # the study's regions, three places each
    for indicator, prefix in (("victims", "Victims a year [persons]"), ("victims_per_1000_families", "Rate [")):
        header = next(name for name in sheet.columns if name.startswith(prefix))
        rows = cells[cells["indicator"] == indicator].set_index(["region", "location"])["estimate"]
        keys = list(zip(sheet["Code [ISO 3166-2]"], sheet["Where"].map(places), strict=True))
        np.testing.assert_array_equal(sheet[header].to_numpy(), rows.loc[keys].to_numpy())


def test_the_workbook_is_small_enough_to_send(release: Path) -> None:
    book = pd.read_excel(release / "workbook.xlsx", sheet_name=None, engine="calamine")
    assert sum(map(len, book.values())) < 3000
    assert (release / "workbook.xlsx").stat().st_size < 300_000
