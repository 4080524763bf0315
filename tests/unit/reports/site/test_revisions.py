"""The page about revisions: an invented second release, whose changes are written down below."""

from __future__ import annotations

import pandas as pd
import pytest

from reports import diff_page
from reports.site import revisions
from reports.site.release_view import View
from schemas.result_tables import conform
from schemas.result_tables import tables as result_tables
from tests.unit.reports import small_release
from tests.unit.reports.site import views
from tests.unit.reports.small_release import RELEASE

pytestmark = pytest.mark.usefixtures("survey")
BEFORE = "s-2009-r1"
CELL = {"survey_id": "s", "wave": "2009", "exploitation": "all", "sex": "all", "period": "annual"}
FIRST = {"survey_id": "s", "reference_period": "2009", "status": "provisional", "content_sha256": "c0ffee" * 10}


def change(place: str, before: float, after: float | None, kind: str = "revised", **more: object) -> dict[str, object]:
    """Return one changed rate of the region; the limits of the release before are 10 % away."""
    row: dict[str, object] = {**CELL, "level": "regional", "country": "KZ", "region": "KZ-15", "location": place}
    row |= {"method": "pennington"}
    row |= {"indicator": "victims_per_1000_families", "release_id": RELEASE, "previous_release_id": BEFORE}
    row |= {"change": kind, "reason_code": "new_data", "reason": "twelve <more> interviews"}
    if after is not None:
        row |= {"previous_estimate": before, "previous_ci_low": before * 0.9, "previous_ci_high": before * 1.1}
        row |= {"estimate": after, "ci_low": after * 0.9, "ci_high": after * 1.1, "relative_change": after / before - 1}
    return {**row, **more}


CHANGED = [
    change("both", 14.0, 15.0),  # within its limits, 12.6 to 15.4
    change("inside", 8.0, 10.0),  # beyond them: 7.2 to 8.8
    change("abroad", 5.0, None, "hidden"),
    change("inside", 8.0, 10.0, method="poisson"),
]


def seen(changed: list[dict[str, object]], language: str = "en", withdrawn: bool = False) -> View:
    rows = pd.DataFrame(changed).reindex(columns=result_tables()["revisions"].names)
    given = small_release.tables()
    if withdrawn:
        told = {"withdrawn_at": "2026-02-20", "withdrawal_reason": "a <wrong> file", "replaced_by": RELEASE}
        given["releases"] = given["releases"].assign(
            **{name: given["releases"][name].astype(object) for name in told}, status=["withdrawn", "provisional"]
        )
        given["releases"].loc[0, list(told)] = [pd.Timestamp("2026-02-20"), *list(told.values())[1:]]
    return views.view(views.tables(**given, revisions=conform("revisions", rows)), language)


def test_the_first_release_revises_nothing_and_says_so() -> None:
    given = small_release.tables()
    alone = given["releases"].iloc[1:].assign(supersedes=None)
    text = views.html(views.view(views.tables(**{**given, "releases": alone})), "revisions")
    assert "This is the first release of the survey" in text
    assert "<figure" not in text


def test_a_release_without_changes_says_so() -> None:
    assert "No number differs from the release before." in views.html(seen([]), "revisions")


def test_what_moved_beyond_its_limits_comes_first_with_both_numbers_and_their_limits() -> None:
    cells = views.page(seen(CHANGED), "revisions").values["cells"]
    told = [(c["place"], c["subject"], c["before"], c["before_limits"], c["after"], c["beyond"]) for c in cells]
    assert told == [
        ("Aktobe", "Inside the country", "8.0", "7.2 – 8.8", "10.0", True),
        ("Aktobe", "Inside and abroad", "14.0", "12.6 – 15.4", "15.0", False),
    ]


def test_changes_are_counted_for_the_leading_method_and_for_all() -> None:
    values = views.page(seen(CHANGED), "revisions").values
    kinds = ("revised", "hidden", "beyond_their_limits")
    assert [values["leading"][kind] for kind in kinds] == [2, 1, 1]
    assert [values["counts"][kind] for kind in kinds] == [3, 1, 2]


def test_a_cell_that_is_hidden_now_is_named_without_any_number() -> None:
    values = views.page(seen(CHANGED), "revisions").values
    [cell] = values["turned"]
    assert (cell["subject"], cell["before"], cell["after"]) == ("Abroad", "–", "–")
    assert "hidden now" in views.html(seen(CHANGED), "revisions")


def test_a_page_that_names_a_cell_finds_it() -> None:
    one = seen(CHANGED)
    text = views.html(one, "revisions")
    anchors = revisions.anchors(one)
    assert "cell-KZ-KZ_15-victims_per_1000_families-all-inside-all-annual-pennington" in anchors
    assert len(anchors) == 3  # those of the leading method
    assert all(text.count(f'id="{anchor}"') == 1 for anchor in anchors)
    cells = one.published.lead[one.published.lead["level"] == "regional"].to_dict("records")
    assert sum(revisions.anchor(cell) in anchors for cell in cells) == 3


def test_every_cell_has_an_anchor_of_its_own() -> None:
    cells = small_release.with_design().to_dict("records")
    assert len({revisions.anchor(cell) for cell in cells}) == len(cells)


def test_what_there_is_no_room_for_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_page, "MOST_ROWS", 1)
    values = views.page(seen(CHANGED), "revisions").values
    assert [cell["subject"] for cell in values["cells"]] == ["Inside the country"]
    assert values["left_out"] == 1
    assert len(revisions.anchors(seen(CHANGED))) == 2  # one that moved, one that is hidden


def test_the_chart_shows_both_releases_the_largest_change_first() -> None:
    [chart] = views.page(seen(CHANGED), "revisions").values["figures"]
    told = [(row["label"], row["series"], row["value"], row["n"]) for row in chart.rows]
    assert told == [
        ("Aktobe: Inside the country", BEFORE, 8.0, 60),
        ("Aktobe: Inside the country", RELEASE, 10.0, 60),
        ("Aktobe: Inside and abroad", BEFORE, 14.0, 60),
        ("Aktobe: Inside and abroad", RELEASE, 15.0, 60),
    ]


def test_why_and_which_release_was_withdrawn_is_said_in_both_languages() -> None:
    for language, words in (("en", ("New data", "withdrawn")), ("ru", ("Новые данные", "отозван"))):
        text = views.html(seen(CHANGED, language, withdrawn=True), "revisions")
        assert all(word in text for word in words)
        assert "twelve &lt;more&gt; interviews" in text
        assert "a &lt;wrong&gt; file" in text
