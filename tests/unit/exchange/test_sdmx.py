"""SDMX as another program reads it: pysdmx checks the structure by the standard's schema and reads the data with it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Codelist, DataStructureDefinition

from exchange import sdmx_csv
from exchange.areas import area_id
from tests.unit.exchange import small_edition

BY_HAND = """\
STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,INDICATOR,EXPLOITATION,LOCATION,SEX,WINDOW,METHOD,TIME_PERIOD,OBS_VALUE,STD_ERROR,\
CI_LOW,CI_HIGH,CONFIDENCE,N_RESPONDENTS,N_CASES,N_PSU,UNIT_MEASURE,RELIABILITY,OBS_STATUS,CONF_STATUS,RELEASE,WAVE
dataflow,KINSCALE:S(1.0),I,_T,victims,_T,both,_T,annual,design,2009,1000.5,50,\
900.25,,0.95,60,,6,persons,publish,A,F,s-2009-r2,2009
dataflow,KINSCALE:S(1.0),I,_T,victims_per_1000_families,_T,both,_T,annual,design,2009,100.05,50,\
900.25,,0.95,60,,6,per_1000_families,publish,A,F,s-2009-r2,2009
"""
"""The first two observations: the rows of all countries together stand first."""
HIDDEN = (
    "dataflow,KINSCALE:S(1.0),I,KZ-11_KZ-71,victims,_T,inside,_T,annual,design,2009,NaN,,,,0.95,60,,6,persons,publish,A,C,"
    "s-2009-r2,2009"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_edition.write(tmp_path_factory.mktemp("release"))


def lines(folder: Path) -> list[str]:
    return gzip.decompress((folder / "sdmx" / "estimates.csv.gz").read_bytes()).decode().splitlines()


def test_the_structure_is_valid_and_says_what_the_keys_of_estimates_are(folder: Path) -> None:
    message = read_sdmx(folder / "sdmx" / "structure.xml", validate=True)
    [structure] = [s for s in message.structures or () if isinstance(s, DataStructureDefinition)]
    assert (structure.agency, structure.id, structure.version) == ("KINSCALE", "S", "1.0")
    keys = "REF_AREA INDICATOR EXPLOITATION LOCATION SEX WINDOW METHOD TIME_PERIOD"
    assert [c.id for c in structure.components.dimensions] == keys.split()
    assert [c.id for c in structure.components.measures] == ["OBS_VALUE"]
    assert {"UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "RELIABILITY", "N_RESPONDENTS"} <= {
        c.id for c in structure.components.attributes
    }


def test_code_lists_hold_names_in_two_languages_and_regions_below_their_country(folder: Path) -> None:
    message = read_sdmx(folder / "sdmx" / "structure.xml", validate=True)
    lists = {s.id: s for s in message.structures or () if isinstance(s, Codelist)}
    assert [code.id for code in lists["CL_AREA_S"]] == ["_T", "KZ", "KZ-11_KZ-71"]
    assert [code.id for code in lists["CL_SEX"]] == ["F", "M", "_T"]  # as the cross-domain list has them
    assert {code.id: code.name for code in lists["CL_CONF_STATUS"]}["C"].startswith("Confidential")
    text = (folder / "sdmx" / "structure.xml").read_text(encoding="utf-8")
    assert '<com:Name xml:lang="ru">Акмолинская</com:Name><str:Parent>KZ</str:Parent>' in text.replace("> <", "><")
    assert "A survey &amp; its &lt;numbers&gt;" in text


def test_the_data_are_the_rows_of_this_release_and_no_other(folder: Path) -> None:
    got = lines(folder)
    assert len(got) == 1 + 14  # seven cells, each a total and a rate; the earlier release is left out
    assert "\n".join(got[:3]) + "\n" == BY_HAND


def test_a_hidden_number_is_said_to_be_missing_and_why(folder: Path) -> None:
    assert HIDDEN in lines(folder)
    hidden = [line for line in lines(folder) if ",C,s-" in line or ",D,s-" in line]
    assert len(hidden) == 4
    assert all(line.split(",")[11] == "NaN" for line in hidden)


def test_an_estimate_of_nobody_is_a_number(folder: Path) -> None:
    [row] = [line for line in lines(folder) if ",KZ,victims,_T,abroad," in line]
    assert row.split(",")[11] == "0"


def test_data_and_structure_agree_for_a_program_that_reads_both(folder: Path) -> None:
    text = gzip.decompress((folder / "sdmx" / "estimates.csv.gz").read_bytes()).decode()
    [dataset] = get_datasets(text, folder / "sdmx" / "structure.xml")
    assert dataset.attributes == {"RELEASE": "s-2009-r2", "WAVE": "2009"}
    for component in [*dataset.structure.components.dimensions, *dataset.structure.components.attributes]:
        if component.local_codes is not None and component.id in dataset.data.columns:
            known = {code.id for code in component.local_codes}
            assert set(dataset.data[component.id]) <= known, component.id


def test_equal_rows_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    rows = sdmx_csv.observations(
        small_edition.current(small_edition.estimates()), small_edition.ABOUT, small_edition.lists()
    )
    sdmx_csv.write(tmp_path / "again.csv.gz", rows)
    assert (tmp_path / "again.csv.gz").read_bytes() == (folder / "sdmx" / "estimates.csv.gz").read_bytes()


def test_merged_regions_are_joined_as_the_standard_allows() -> None:
    assert area_id("KZ-19+KZ-33+KZ-75") == "KZ-19_KZ-33_KZ-75"
