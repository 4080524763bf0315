"""Too little memory for a query is told with what gives it more; other errors pass as they are."""

from __future__ import annotations

import pytest

from schemas import family_survey
from schemas.errors import MemorySpent
from warehouse import build
from warehouse.home import Home

TOO_MUCH = "SELECT max(len(all_of)) FROM (SELECT list(i) AS all_of FROM range(20000000) t(i) GROUP BY i % 3)"


def test_a_query_that_needs_too_much_memory_names_the_variable(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINSCALE_MEMORY", "24MB")
    with pytest.raises(MemorySpent, match="24MB") as seen, build.write(home, family_survey) as warehouse:
        warehouse.execute("SET temp_directory = ''")
        warehouse.rows(TOO_MUCH)
    assert "KINSCALE_MEMORY=4GB" in str(seen.value.next_step)


def test_an_error_of_another_kind_passes(home: Home) -> None:
    with pytest.raises(Exception, match="no_such_table") as seen, build.write(home, family_survey) as warehouse:
        warehouse.rows("SELECT * FROM no_such_table")
    assert not isinstance(seen.value, MemorySpent)
