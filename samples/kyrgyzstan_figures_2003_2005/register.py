"""The register's rows: each fact of figures.csv as the instrument has it, then the rows of statements.csv.

figures.csv says what the two documents print, in their own units and places; measures.csv says which kind of measure a
figure is (the first line that fits); statements.csv holds what the documents say in words, in dates, or a second time.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from samples.delivery_file import write_csv
from samples.register_of_figures import COLUMNS, SIDECAR_NOTE

HERE = Path(__file__).parent
FILE = "KG_figures_2003_2005.csv"
DOCUMENTS = {
    "000_baseline_2004": "Winrock International (2004), baseline assessment, Kyrgyzstan",
    "002_evaluation_2005": "Winrock International (2005), evaluation, Kyrgyzstan",
}
REGIONS = {
    "Bishkek", "Chuy", "Talas", "Naryn", "Issyk-Kul", "Jalal-Abad", "Osh", "Batken", "South", "Bishkek+Chuy",
    "Bishkek+Chuy+Issyk-Kul", "Jalal-Abad+Batken+Issyk-Kul+Bishkek", "Osh+Jalal-Abad+Batken",
}  # fmt: skip
LOCALITIES = {"Tokmak": "Chuy", "Tokmak area": "Chuy", "Osh city": "Osh", "Osh/South": "South"}
"""Places of the facts that lie in a region without naming it."""
COMPARATORS = {"min": "at_least", "max": "at_most", "range_low": "at_least", "range_high": "at_most"}
"""Each end of a range is a row of its own: at least the low end, at most the high one."""
UNITS = {"buses/day": "buses_per_day", "USD": "usd", "KZT": "kzt"}
UNITS_OF_SUMS = {
    "articles": "items", "radio_items": "items", "tv_items": "items", "print_copies": "copies",
    "consultations": "consultations", "hotline_consultations": "consultations", "public_meetings": "events",
    "roundtables": "events", "training_events": "events", "legal_outcomes": "cases",
}  # fmt: skip
"""Unit of a sum over grantees, by type; persons where none is named."""
PERIODS = {
    "annual": ("", ""), "spring": ("", ""), "to 2003": ("", "2003"), "2003 autumn": ("2003-09", "2003-11"),
    "season 2003": ("2003", "2003"), "2002-2003": ("2002", "2003"),
}  # fmt: skip
_PAIR = re.compile(r"(kind|qual|fit|type|implied_n)=\S*")
PLACEHOLDER = "2004/2005"
"""The evaluation gives grantees no period; the facts put this in its place."""


def figures() -> list[dict[str, str]]:
    """Return the register's rows, each a mapping of COLUMNS. Raises ValueError for a fact that no measure fits."""
    measures = _rows("measures.csv")
    facts = [_figure(line, fact, measures) for line, fact in enumerate(_rows("figures.csv"), start=2)]
    return facts + [_statement(row) for row in _rows("statements.csv")]


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; returns the path of the file."""
    path = directory / FILE
    form = "CSV, UTF-8, one printed figure or statement a row"
    write_csv(path, figures(), "samples/kyrgyzstan_figures_2003_2005", form, "2005-12-31", SIDECAR_NOTE)
    return [path]


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _figure(line: int, fact: dict[str, str], measures: list[dict[str, str]]) -> dict[str, str]:
    keys, note = _note(fact["note"])
    region, place = _place(fact["region"])
    start, end = _period(fact["period"])
    measure = _measure(fact, measures)
    category, definition = _defined(fact["indicator"], keys.get("type", ""))
    qualifier = "nearly" if "nearly" in note and keys["qual"] == "approx" else keys["qual"]
    kind = keys["kind"]
    share_of_survey = measure["measure_type"] == "survey_share"
    return dict.fromkeys(COLUMNS, "") | {
        "questionnaire_id": f"F{line:03d}",
        "document": DOCUMENTS[fact["source"]],
        "section": fact["section"],
        "indicator": fact["indicator"],
        "category": category,
        "definition_id": definition,
        "measure_type": measure["measure_type"],
        "unit": _unit(fact),
        "region": region,
        "place": place,
        "counted": fact["group"],
        "period_start": start,
        "period_end": end,
        "period_inferred": "yes" if fact["period"] in (PLACEHOLDER, "2003 autumn", "season 2003") else "no",
        "value": fact["value"],
        "comparator": COMPARATORS.get(qualifier, qualifier),
        "denominator": fact["denominator"],
        "base_assumed": ("yes" if share_of_survey else "no") if fact["denominator"] else "",
        "implied_count": keys.get("implied_n", ""),
        "fit": keys.get("fit", ""),
        "source_organisation": measure["organisation"].format(group=fact["group"]),
        "grade": {"counted": "A", "derived": "D"}.get(kind, measure["grade"]),
        "citation_restriction": "none",
        "status": kind,
        "note": note,
    }


def _statement(row: dict[str, str]) -> dict[str, str]:
    return {name: row.get(name, "") for name in COLUMNS} | {
        "document": DOCUMENTS[row["source"]],
        "definition_id": _definition(row["indicator"]),
        "period_inferred": "no",
        "grade": {"counted": "A", "derived": "D"}.get(row["status"], "B"),
        "citation_restriction": "none",
    }


def _note(text: str) -> tuple[dict[str, str], str]:
    """Take a note apart into its `key=value` pairs and the rest."""
    parts = [part.strip() for part in text.split(";")]
    keys = dict(part.split("=", 1) for part in parts if _PAIR.fullmatch(part))
    return keys, "; ".join(part for part in parts if part and part.partition("=")[0] not in keys)


def _place(region: str) -> tuple[str, str]:
    """Return the region, where there is one, and what the fact calls the place within it or abroad."""
    if region in REGIONS:
        return region, ""
    if region in LOCALITIES:
        return LOCALITIES[region], "" if region == "Osh/South" else region
    if region == "National":
        return "", ""
    name = region.partition(" (")[0]
    if name in REGIONS:
        return name, region.removeprefix(f"{name} (").removesuffix(")")
    return "", f"abroad:{'Eastern Europe and Central Asia' if region == 'EE+CA' else region}"


def _period(period: str) -> tuple[str, str]:
    if period in PERIODS:
        return PERIODS[period]
    start, _, end = period.partition("/")
    return start, end or start


def _unit(fact: dict[str, str]) -> str:
    if fact["unit"] == "see type":
        return UNITS_OF_SUMS.get(fact["indicator"].removeprefix("sum: "), "persons")
    return UNITS.get(fact["unit"], fact["unit"])


def _measure(fact: dict[str, str], measures: list[dict[str, str]]) -> dict[str, str]:
    for measure in measures:
        if all(re.search(measure[name], fact[name]) for name in ("section", "indicator", "unit")):
            return measure
    raise ValueError(f"measures.csv: no line fits {fact['section']}, {fact['indicator']} ({fact['unit']})")


def _defined(indicator: str, kind: str) -> tuple[str, str]:
    """Return category and definition: of an output its name and type, else what stands after and before the colon."""
    name, _, answer = indicator.partition(": ")
    if kind:
        return indicator, kind
    return ("", _definition(indicator)) if name == "sum" else (answer, _definition(name))


def _definition(indicator: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", indicator.lower()).strip("_")
