"""Pages of further tables of records: what differs first, what is withheld never shown, ranges and grids."""

from __future__ import annotations

import pandas as pd

from reports.site import comparability, definitions, evidence, findings, scenarios
from reports.site.listing import Listing
from reports.site.page import Page
from reports.site.release_view import View
from tests.unit.reports.html_page import Page as Html
from tests.unit.reports.site import record_release, views


def seen(table: str, rows: list[dict[str, object]], language: str = "en", **more: pd.DataFrame) -> View:
    return record_release.view(record_release.tables(**{table: pd.DataFrame(rows), **more}), language)


def listings(page: Page) -> dict[str, Listing]:
    return {one.id: one for one in page.values["listings"]}


def finding(name: str, verdict: str, **more: object) -> dict[str, object]:
    found = {"finding": name, "subject": f"{name} in English", "subject_ru": f"{name} по-русски", "verdict": verdict}
    texts = {"reason": "because", "reason_ru": "потому что", "source": "Report (2004), II", "rule": "sum"}
    numbers = {"stated": 10.0, "found": 12.5, "difference": 2.5, "tolerance": None, "unit": "persons", "region": None}
    return {"survey_id": "s", **found, **texts, **numbers, **more}


FINDINGS = [
    finding("a_holds", "holds", found=10.0, difference=0.0),
    finding("b_open", "undecidable"),
    finding("c_off", "differs"),
]
AGES = {
    "survey_id": "s",
    "comparison": "c",
    "title": "Victims",
    "title_ru": "Пострадавшие",
    "verdict": "holds",
    "at_recruitment": 30.0,
    "recruitment_low": 20.0,
    "recruitment_high": 42.0,
    "at_identification": 10.0,
    "identification_low": 5.0,
    "identification_high": 19.0,
    "base": 70.0,
    "confidence": 0.95,
    "reason": "",
    "reason_ru": "",
}
STAFF = {
    "survey_id": "s",
    "comparison": "staff",
    "indicator": "experience.projects",
    "other_survey": "t",
    "other_indicator": "x",
    "same_question": "yes",
    "same_population": "no",
    "matched_panel": "unknown",
    "reused_text": "no",
    "verdict": "not_comparable",
    "reason": "other organisations",
    "reason_ru": "другие организации",
    "value": 18.0,
    "other_value": 36.0,
    "change": None,
    "source": "Report",
}


def test_what_differs_comes_first_and_verdicts_can_be_chosen() -> None:
    [page] = findings.pages(seen("findings", FINDINGS))
    listing = listings(page)["findings"]
    assert [line.cells[:6] for line in listing.lines] == [
        ["c_off in English", "Differs", "10", "12.5", "2.5", "–"],
        ["b_open in English", "Undecidable", "10", "12.5", "2.5", "–"],
        ["a_holds in English", "Holds", "10", "10", "0", "–"],
    ]
    assert [line.key for line in listing.lines] == ["differs", "undecidable", "holds"] == list(listing.choices)
    assert page.values["counts"] == [("Differs", "1"), ("Undecidable", "1"), ("Holds", "1")]


def test_findings_are_told_in_the_language_and_the_place_is_named() -> None:
    [page] = findings.pages(seen("findings", [finding("x", "differs", region="KG-N")], "ru"))
    [line] = listings(page)["findings"].lines
    assert line.cells[0] == "x по-русски (Нарын)"
    assert line.cells[1] == "Расходится" and line.cells[6] == "потому что"


def figure(name: str, **more: object) -> dict[str, object]:
    texts = dict.fromkeys(
        [
            "section",
            "page",
            "category",
            "definition_id",
            "region",
            "place",
            "counted",
            "sex",
            "age_band",
            "age_basis",
            "period_start",
            "period_end",
            "source_organisation",
            "cited_by",
            "statement",
            "base_of",
            "note",
        ]
    )
    numbers = dict.fromkeys(["low", "high", "base", "share", "ci_low", "ci_high", "confidence"])
    rest = {"document": "Report (2008)", "indicator": name, "measure_type": "flow", "unit": "persons", "country": "KG"}
    judged = {
        "comparator": "exact",
        "grade": "B",
        "status": "published",
        "citation_restriction": "none",
        "value": 4000.0,
    }
    return {"survey_id": "s", "figure": name, **texts, **numbers, **rest, **judged, **more}


def derivation(name: str, verdict: str, **more: object) -> dict[str, object]:
    empty = dict.fromkeys(
        ["measure_type", "region", "dates", "low", "high", "refusal", "unit", "comparator", "estimate"]
    )
    texts = {"title": name, "title_ru": f"{name} по-русски", "reason": "said", "reason_ru": "сказано", "figures": "a;b"}
    return {"survey_id": "s", "derivation": name, "operation": "sum", **empty, **texts, "verdict": verdict, **more}


def rival(name: str, value: float, **more: object) -> dict[str, object]:
    told = {
        "title": "Girls",
        "title_ru": "Девочки",
        "source_organisation": name,
        "measure_type": "flow",
        "unit": "persons",
    }
    judged = {
        "citation_restriction": "none",
        "ratio": 2.0,
        "same_definition": "no",
        "comparator": "about",
        "dates": "2004",
    }
    return {
        "survey_id": "s",
        "rival": "girls",
        "figure": name,
        **told,
        **judged,
        "value": value,
        "low": None,
        "high": None,
        **more,
    }


def test_a_figure_that_may_not_be_cited_is_withheld_and_others_keep_their_wording() -> None:
    rows = [
        figure("about", comparator="approx"),
        figure("secret", citation_restriction="do_not_cite", value=777.0, share=77.7, ci_low=70.0, ci_high=80.0),
        figure("between", value=None, low=200.0, high=500.0, comparator="range"),
    ]
    [page] = evidence.pages(seen("evidence", rows))
    lines = listings(page)["every"].lines
    assert [line.cells[1] for line in lines] == ["about 4,000", "withheld", "200 – 500"]
    text = views.html(seen("evidence", rows), "evidence")
    assert "777" not in text and "77.7" not in text
    assert Html(text).open == []


def test_refused_sums_come_first_with_the_reason() -> None:
    made = [derivation("good", "computed", estimate=7.0, unit="persons"), derivation("bad", "refused", refusal="unit")]
    [page] = evidence.pages(seen("evidence", [figure("x")], evidence_derived=pd.DataFrame(made)))
    lines = listings(page)["derived"].lines
    assert [(line.cells[0], line.cells[1], line.cells[2], line.cells[4]) for line in lines] == [
        ("bad", "Refused", "–", "unlike units"),
        ("good", "Computed", "7", ""),
    ]
    assert ("Sums and other operations refused", "1") in page.values["counts"]


def test_rivals_stand_side_by_side_with_how_far_they_are_apart_said_once() -> None:
    both = pd.DataFrame([rival("Ministry", 50.0), rival("Organisation", 100.0)])
    [page] = evidence.pages(seen("evidence", [figure("x")], evidence_rivals=both))
    lines = listings(page)["rivals"].lines
    assert [(line.cells[4], line.cells[1], line.cells[6]) for line in lines] == [
        ("Ministry", "50", "2.0"),
        ("Organisation", "100", ""),
    ]


def test_minors_are_drawn_at_both_moments() -> None:
    [page] = evidence.pages(seen("evidence", [figure("x")], evidence_age_bases=pd.DataFrame([AGES])))
    listing = listings(page)["ages"]
    assert listing.lines[0].cells[1:7] == ["Holds", "30.0", "20.0 – 42.0", "10.0", "5.0 – 19.0", "70"]
    [chart] = listing.figures
    assert [(row["series"], row["value"]) for row in chart.rows] == [
        ("At recruitment", 30.0),
        ("At identification", 10.0),
    ]


def scenario(victims: float, overlap: float, estimate: float, **more: object) -> dict[str, object]:
    rest = {
        "scenario": "under_registration",
        "assumptions": f"victims_per_crime={victims};overlap={overlap}",
        "country": "KG",
    }
    limits = {
        "ci_low": estimate - 0.1,
        "ci_high": estimate + 0.1,
        "confidence": 0.95,
        "unit": "share",
        "std_error": 0.05,
    }
    judged = {"feasible": "yes", "claim_holds": "yes", "claim_sure": "no", "reason": None, "reason_ru": None}
    return {
        "survey_id": "s",
        **rest,
        "victims_per_crime": victims,
        "overlap": overlap,
        "estimate": estimate,
        **limits,
        **judged,
        **more,
    }


GRID = [
    scenario(1.0, 0.0, 0.8),
    scenario(1.0, 0.5, 0.6),
    scenario(4.0, 0.0, 0.3, claim_holds="no"),
    scenario(4.0, 0.5, -0.2, feasible="no", claim_holds=None, claim_sure=None, reason="too many victims"),
]


def test_scenarios_are_a_grid_in_which_the_impossible_has_no_number() -> None:
    one = {
        **scenario(1.0, 0.0, 3.2),
        "scenario": "claim_break_even",
        "assumptions": "overlap=0",
        "victims_per_crime": None,
    }
    [page] = scenarios.pages(seen("scenarios", [*GRID, {**one, "unit": "victims_per_crime", "overlap": 0.0}]))
    grid, even = listings(page)["under_registration"], listings(page)["claim_break_even"]
    assert [title for title, _form in grid.headings] == ["Victims per crime", "counted twice: 0%", "counted twice: 50%"]
    assert [line.cells for line in grid.lines] == [
        ["1", "80.0% (70.0% – 90.0%)", "60.0% (50.0% – 70.0%)"],
        ["4", "30.0% (20.0% – 40.0%)", "impossible"],
    ]
    assert "The survey's claim holds in 2 of 3 scenarios" in " ".join(grid.about)
    assert len(grid.figures[0].rows) == 3
    assert even.lines[0].cells[:3] == ["share counted twice: 0", "3.20", "3.10 – 3.30"]


def definition(name: str, low: float | None, high: float | None, n: int | None, **more: object) -> dict[str, object]:
    counts = {"certain": 2, "possible": 3, "excluded": 5} if n else dict.fromkeys(["certain", "possible", "excluded"])
    rest = {"practice": "include", "border": "all", "counted_by": "cases", "source": "Palermo Protocol (2000)"}
    return {
        "survey_id": "s",
        "definition": name,
        "title": name,
        "title_ru": name,
        "share_low": low,
        "share_high": high,
        "n": n,
        **counts,
        **rest,
        **more,
    }


def test_definitions_are_ranges_from_certain_to_possible_and_no_confidence_limits() -> None:
    rows = [definition("adult", 0.2, 0.5, 10), definition("child", None, None, None)]
    [page] = definitions.pages(seen("definitions", rows))
    listing = listings(page)["definitions"]
    assert [line.cells[:6] for line in listing.lines] == [
        ["adult", "20% – 50%", "2", "3", "5", "10"],
        ["child", "hidden", "–", "–", "–", "–"],
    ]
    [chart] = listing.figures
    assert [(row["low"], row["high"]) for row in chart.rows] == [(0.2, 0.5)]
    assert chart.confidence is None and chart.interval == "Certain to possible"


def test_numbers_that_may_not_be_compared_have_no_change() -> None:
    [page] = comparability.pages(seen("comparability", [STAFF]))
    [line] = listings(page)["pairs"].lines
    assert line.cells[:9] == [
        "Experience: projects",
        "Not comparable",
        "1,800.0%",
        "3,600.0%",
        "–",
        "yes",
        "no",
        "unknown",
        "no",
    ]


def test_pages_of_tables_are_well_formed_in_both_languages() -> None:
    for table, rows in (("findings", FINDINGS), ("scenarios", GRID), ("definitions", [definition("a", 0.2, 0.5, 10)])):
        for language in ("en", "ru"):
            assert Html(views.html(seen(table, rows, language), table)).open == []
