"""Every format and trap: the expected tables were written by hand beside the files, see tests/golden/formats."""

from __future__ import annotations

import pytest

from sources import detect
from sources.reader import read
from tests.unit.sources import golden_formats


@pytest.mark.parametrize("name", golden_formats.names())
@pytest.mark.parametrize("as_path", [True, False], ids=["path", "bytes"])
def test_a_delivery_arrives_as_a_person_reads_it(name: str, as_path: bool) -> None:
    case = golden_formats.case(name)
    table = read(case.file if as_path else case.file.read_bytes(), case.file.name, case.reader)
    assert golden_formats.shown(table) == case.expected
    assert [row.source_row for row in table.damaged] == [row["row"] for row in case.damaged]
    for row, expected in zip(table.damaged, case.damaged, strict=True):
        assert expected["reason"] in row.reason
    assert [str(kind) for kind in table.frame.dtypes] == ["str"] * len(table.columns) + ["int64"]
    assert table.file == case.file.name


@pytest.mark.parametrize("name", [name for name in golden_formats.names() if golden_formats.case(name).guessed])
def test_a_reader_is_found_without_a_declaration(name: str) -> None:
    case = golden_formats.case(name)
    found = detect.settings(case.file.read_bytes(), case.file.name)
    assert {key: finding.value for key, finding in found.items()} == case.guessed
    assert all(finding.confidence is not None and 0 <= finding.confidence <= 1 for finding in found.values())
