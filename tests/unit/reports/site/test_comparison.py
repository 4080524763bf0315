"""The comparison: which pairs differ, which ranks that leaves, and what a page says where nothing can be compared.

Expected values are by hand. Rates of 20, 10 and 9.5 with a CV of 5 %: log(2) is 9.8 standard errors of a log ratio,
sqrt(2) 0.05, and log(10 / 9.5) is 0.73 of them, so that the last two cannot be told apart.
"""

from __future__ import annotations

from typing import Any

import pytest

from reports.site import comparison, country_pairs, region_contrasts
from reports.site.rates import PER_FAMILIES, PER_POPULATION
from tests.unit.reports.site.three_countries import HEADLINE, SAME, cell, hidden, text, view

RATES = [cell(code, PER_POPULATION, rate) for code, rate in (("KZ", 20.0), ("KG", 10.0), ("TJ", 9.5))]


def pair(first: str, other: str, estimate: float, other_estimate: float, p_value: float, **more: Any) -> dict[str, Any]:
    ratio = estimate / other_estimate
    return {
        **SAME, "contrast": "countries", "level": "national", "country": first, "other_country": other,
        "indicator": PER_FAMILIES, **HEADLINE, "period": "annual", "method": "design", "estimate": estimate,
        "other_estimate": other_estimate, "difference": estimate - other_estimate, "difference_std_error": 1.0,
        "ratio": ratio, "ratio_low": ratio * 0.8, "ratio_high": ratio * 1.25, "log_ratio_std_error": 0.1,
        "confidence": 0.95, "statistic": 1.0, "df": 100.0, "p_value": p_value / 3, "p_value_holm": p_value, **more,
    }  # fmt: skip


def test_ranks_are_those_that_the_tests_leave() -> None:
    found = country_pairs.of_rates(view(estimates=RATES))
    assert [(one.first, one.other, one.verdict) for one in found] == [
        ("KZ", "KG", "higher"), ("KZ", "TJ", "higher"), ("KG", "TJ", "alike"),
    ]  # fmt: skip
    assert country_pairs.ranks(["KZ", "KG", "TJ"], found) == {"KZ": (1, 1), "KG": (2, 3), "TJ": (2, 3)}


def test_the_page_opens_with_what_may_be_concluded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = text(view(estimates=RATES), comparison.pages, monkeypatch)
    assert "Per 1,000 population. Highest, with 95% confidence: Kazakhstan." in seen
    assert "The lowest may be any of these: Kyrgyzstan, Tajikistan. 2 of 3 pairs of countries differ" in seen
    assert "Not to be told apart: Kyrgyzstan – Tajikistan." in seen
    assert "Per 1,000 families. No pair of countries can be compared." in seen


def test_a_hidden_rate_may_have_any_rank_and_is_said_to_be_hidden() -> None:
    seen = view(estimates=[*RATES[:2], hidden(RATES[2])])
    found = country_pairs.of_rates(seen)
    assert [one.verdict for one in found] == ["higher", "hidden", "hidden"]
    assert country_pairs.ranks(["KZ", "KG", "TJ"], found) == {"KZ": (1, 2), "KG": (2, 3), "TJ": (1, 3)}
    row = next(row for row in comparison.ranking(seen) if row["code"] == "TJ")
    assert (row["value"], row["ranks"], row["status"], row["reliable"]) == (None, None, "hidden", "")


def test_a_number_that_may_not_be_quoted_is_not_compared() -> None:
    doubtful = {**RATES[0], "reliability": "suppress"}
    assert [one.verdict for one in country_pairs.of_rates(view(estimates=[doubtful, *RATES[1:]]))] == [
        "unreliable", "unreliable", "alike",
    ]  # fmt: skip


def test_pairs_of_families_are_those_of_the_table_in_the_order_of_the_countries() -> None:
    # the table has them by code, KG first; its p values are taken as they are
    rows = [
        pair("KG", "KZ", 50.0, 100.0, 0.04),
        pair("KG", "TJ", 50.0, 60.0, 0.06),
        pair("KZ", "TJ", 100.0, 60.0, 0.05),
    ]
    found = country_pairs.of_families(view(comparisons=rows))
    assert [(one.first, one.other, one.ratio, one.verdict) for one in found] == [
        ("KZ", "KG", 2.0, "higher"),
        ("KZ", "TJ", pytest.approx(5 / 3), "higher"),
        ("KG", "TJ", pytest.approx(5 / 6), "alike"),
    ]  # fmt: skip
    assert (found[0].low, found[0].high) == (pytest.approx(1.6), pytest.approx(2.5))
    square = country_pairs.matrix(view(comparisons=rows), found)
    assert [[one and one["words"] for one in row["cells"]] for row in square] == [
        [None, "higher", "higher"], ["lower", None, "cannot be told apart"], ["lower", "cannot be told apart", None],
    ]  # fmt: skip


def test_ratios_are_drawn_with_the_lower_country_first() -> None:
    chart = comparison.ratio_chart(view(comparisons=[pair("KG", "KZ", 100.0, 50.0, 0.01)]))
    assert chart is not None
    (row,) = chart.rows
    assert (row["label"], row["value"], row["verdict"]) == ("Kazakhstan : Kyrgyzstan", 0.5, "lower")


def test_women_and_men_are_tested_over_all_rows_of_the_table() -> None:
    # Holm: the smaller p value twice, the larger once but not less
    sexes = {"contrast": "sexes", "exploitation": "labour", "sex": "women", "other_sex": "men", "other_country": None}
    rows = [
        {**pair("KZ", "", 20.0, 40.0, 0.0), **sexes, "p_value": 0.03, "p_value_holm": None},
        {**pair("KG", "", 20.0, 30.0, 0.0), **sexes, "p_value": 0.02, "p_value_holm": None},
    ]
    found = comparison.within(view(comparisons=rows), "sexes")
    assert [(row["name"], row["p"], row["verdict"]) for row in found] == [
        ("Kazakhstan", "0.0400", "lower"), ("Kyrgyzstan", "0.0400", "lower"),
    ]  # fmt: skip
    gone = dict.fromkeys(("estimate", "other_estimate", "ratio", "p_value", "difference"))
    assert [row["verdict"] for row in comparison.within(view(comparisons=[{**rows[0], **gone}, rows[1]]), "sexes")] == [
        "hidden", "lower",
    ]  # fmt: skip


REGIONS = [
    {"survey_id": "s", "country": "KZ", "region": f"KZ-{number}", "name_en": f"Region {number}", "name_ru": "",
     "surveyed": surveyed, "population_thousands": people, "grade": "A"}
    for number, people, surveyed in ((1, 500.0, "yes"), (2, 250.0, "yes"), (3, 250.0, "yes"), (4, 9000.0, "no"))
]  # fmt: skip


def region(number: int, **more: Any) -> dict[str, Any]:
    return cell("KZ", PER_POPULATION, 16.0, level="regional", region=f"KZ-{number}", **more)


def test_a_region_is_held_against_the_nation_that_it_is_part_of() -> None:
    # half of the people surveyed: correlation 0.5 * 1.6 / 1 = 0.8; the difference of 6 is
    # 6 - sqrt(3^2 + 2^2 - 2 * 0.8 * 3 * 2) = 6 - sqrt(3.4) to 6 + sqrt(4^2 + 2^2 - 2 * 0.8 * 4 * 2) = 6 + sqrt(7.2)
    nation = cell("KZ", PER_POPULATION, 10.0, std_error=1.0, ci_low=8.0, ci_high=12.0)
    limits = {"std_error": 1.6, "ci_low": 13.0, "ci_high": 20.0}
    rows = [nation, region(1, **limits), hidden(region(2)), region(3, **limits, reliability="suppress")]
    found = region_contrasts.contrasts(view(estimates=rows, regions=REGIONS))
    by_name = {row["label"]: row for row in found}
    first = by_name["Region 1"]
    assert (first["value"], first["verdict"]) == (6.0, "higher")
    assert (first["low"], first["high"]) == (pytest.approx(6 - 3.4**0.5), pytest.approx(6 + 7.2**0.5))
    assert by_name["Region 2"]["verdict"] == "hidden" and by_name["Region 2"]["value"] is None
    assert by_name["Region 3"]["verdict"] == "unreliable"
    assert comparison.region_counts(found) == {
        "higher": 1, "lower": 0, "alike": 0, "unreliable": 1, "untested": 0, "hidden": 1,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_one_country_is_compared_with_none(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    seen = text(view(language, {"KZ": "Kazakhstan"}, estimates=RATES[:1]), comparison.pages, monkeypatch)
    said = {"en": "The survey has one country", "ru": "В обследовании одна страна"}
    assert said[language] in seen
    assert "matrix" not in seen and "Possible ranks" not in seen and "Возможные места" not in seen


def test_a_release_without_a_number_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = text(view(), comparison.pages, monkeypatch)
    assert seen.count("No pair of countries can be compared.") == 2
