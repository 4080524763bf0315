"""Which numbers of a release go into the workbook, and under which headers. All are in the CSV and Parquet files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from exchange import record_tables
from exchange.edition import Edition
from exchange.worksheet import P_VALUE, PER_CENT, TENTHS, THOUSANDTHS, WHOLE, Field, Sheet
from schemas.result_tables import tables as result_tables
from schemas.vocabulary import code_list, code_lists, content

PLACES = ("inside", "abroad", "both")
RATE = "victims_per_1000_families"
BESIDE = {"estimate": "rate", "flag": "rate_flag", "ci_low": "rate_ci_low", "ci_high": "rate_ci_high"}
CELL = ["level", "country", "region", "exploitation", "location", "sex", "method"]
COUNTRY, WHERE = Field("country_name", "Country", 24), Field("location_name", "Where", 20)
TOTALS = [
    Field("estimate", "Victims a year [persons]", 13, WHOLE),
    Field("flag", "Flag of victims", 8),
    Field("ci_low", "Lower limit of victims [persons]", 13, WHOLE),
    Field("ci_high", "Upper limit of victims [persons]", 13, WHOLE),
    Field("cv", "CV of victims [%]", 9, PER_CENT),
]
RATES = [
    Field("rate", "Rate [victims a year per 1,000 families]", 14, TENTHS),
    Field("rate_flag", "Flag of rate", 8),
    Field("rate_ci_low", "Lower limit of rate [per 1,000 families]", 13, TENTHS),
    Field("rate_ci_high", "Upper limit of rate [per 1,000 families]", 13, TENTHS),
]
RESTS_ON = [
    Field("n_respondents", "n [interviews]", 11, WHOLE),
    Field("n_cases", "Cases [persons]", 9, TENTHS),
    Field("n_psu", "Settlements", 11, WHOLE),
    Field("reliability_name", "Reliability of victims", 36),
]


def flags(rows: pd.DataFrame) -> pd.Series:
    """Return the flags of estimates: hidden, missing, of low reliability or unreliable, provisional, revised.

    rows: columns estimate, conf_status, reliability, obs_status. A hidden number has no flag but that.
    """
    symbol = {name: body["symbol"] for name, body in content()["flags"].items()}
    hidden = rows["conf_status"].isin(["C", "D"])
    missing = rows["estimate"].isna()
    status = rows["obs_status"].map({"P": symbol["provisional"], "R": symbol["revised"]}).fillna("")
    quality = rows["reliability"].map({"caution": symbol["caution"], "suppress": symbol["suppress"]}).fillna("")
    shown = (quality + " " + status).str.strip()
    return shown.mask(missing, symbol["missing"]).mask(hidden, symbol["hidden"])


def headline(estimates: pd.DataFrame, about: Edition) -> pd.DataFrame:
    """Select totals and rates the workbook shows: all of nations by the leading method, headlines of the rest."""
    rows = estimates[estimates["release_id"] == about.release_id]
    rows = rows[rows["indicator"].isin(["victims", RATE])]
    whole = (rows["exploitation"] == "all") & (rows["sex"] == "all") & rows["location"].isin(PLACES)
    leading, regional = rows["method"] == about.method, rows["level"] == "regional"
    return rows[(whole & (leading | ~regional)) | (leading & ~regional)]


def victims(estimates: pd.DataFrame, regions: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Lay out totals and rates per 1,000 families side by side, one row per cell.

    estimates: rows of one release.  names: country code to name, in order.  Adds names and places of codes.
    """
    together = code_lists()["level"].label("group")
    flagged = estimates.assign(flag=flags(estimates))
    rates = flagged.loc[flagged["indicator"] == RATE, [*CELL, *BESIDE]].rename(columns=BESIDE)
    cells = flagged[flagged["indicator"] == "victims"].merge(rates, on=CELL, how="left")
    cells = cells.merge(regions[["country", "region", "name_en"]], on=["country", "region"], how="left")
    cells = cells.assign(
        country_name=cells["country"].map(names).fillna(cells["country"]).fillna(together),
        country_rank=cells["country"].map({code: place for place, code in enumerate(names)}).fillna(len(names)),
    )
    return _named(cells, "exploitation", "location", "sex", "method", "reliability")


def _named(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Add, for coded columns, the name and the place of each code in its list."""
    out = rows
    for column in columns:
        listed = code_list(column)
        values = [] if listed is None else [code.value for code in listed.codes]
        labels = {value: listed.label(value) for value in [*values, *rows[column].dropna().unique()]} if listed else {}
        ranks = {value: place for place, value in enumerate(labels)}
        out = out.assign(**{f"{column}_name": rows[column].map(labels), f"{column}_rank": rows[column].map(ranks)})
    return out


def sheets(tables: Mapping[str, pd.DataFrame], about: Edition) -> list[Sheet]:
    """Return the sheets that hold numbers, in order. tables: those of a release, with rows of earlier ones or not."""
    if len(tables.get("indicators", ())):  # of records
        own = tables["estimates"][tables["estimates"]["release_id"] == about.release_id]
        shared = [_reproduction(tables["reproduction"], about), _quality(tables["quality"])]
        return [*record_tables.sheets(tables, own.assign(flag=flags(own)), about), *shared]
    cells = victims(headline(tables["estimates"], about), tables["regions"], about.countries)
    leading = cells[cells["method"] == about.method]
    return [
        _countries(leading, about),
        _regions(leading, about),
        _who(leading, about),
        _methods(cells),
        _comparisons(tables["comparisons"], about),
        _reproduction(tables["reproduction"], about),
        _quality(tables["quality"]),
    ]


def _countries(cells: pd.DataFrame, about: Edition) -> Sheet:
    rows = _all_victims(cells[cells["level"] != "regional"]).sort_values(["country_rank", "location_rank"])
    note = f"Women and men, all forms of exploitation, by country. Method {about.method}; flags: see Notes."
    code = Field("country", "Code [ISO 3166-1]", 10)
    fields = [COUNTRY, code, WHERE, *TOTALS, *RATES, *RESTS_ON]
    return Sheet("Countries", "Victims a year by country", note, fields, rows)


def _regions(cells: pd.DataFrame, about: Edition) -> Sheet:
    rows = _all_victims(cells[cells["level"] == "regional"])
    rows = rows.sort_values(["country_rank", "name_en", "region", "location_rank"])
    note = f"Women and men, all forms of exploitation, by region. Method {about.method}; flags: see Notes."
    place = [Field("name_en", "Region", 38), Field("region", "Code [ISO 3166-2]", 22)]
    fields = [COUNTRY, *place, WHERE, *TOTALS, *RATES, *RESTS_ON]
    return Sheet("Regions", "Victims a year by region", note, fields, rows)


def _who(cells: pd.DataFrame, about: Edition) -> Sheet:
    rows = cells[cells["level"] != "regional"]
    rows = rows.sort_values(["country_rank", "exploitation_rank", "sex_rank", "location_rank"])
    meaning = next(column.description for column in result_tables()["estimates"].columns if column.name == "sex")
    note = f"{meaning}. Method {about.method}; flags: see Notes."
    fields = [COUNTRY, Field("exploitation_name", "Form of exploitation", 22), Field("sex_name", "Sex", 12), WHERE]
    return Sheet("Who", "Victims a year by form, sex and place", note, [*fields, *TOTALS, *RATES, *RESTS_ON], rows)


def _methods(cells: pd.DataFrame) -> Sheet:
    rows = _all_victims(cells[cells["level"] != "regional"])
    rows = rows.sort_values(["country_rank", "location_rank", "method_rank"])
    note = "The same totals by every method of this release. The number to quote is that of the sheet Countries."
    method = [Field("method_name", "Method", 54), Field("method", "Name in the tables", 22)]
    return Sheet("Methods", "Victims a year by method", note, [COUNTRY, WHERE, *method, *TOTALS], rows)


def _all_victims(cells: pd.DataFrame) -> pd.DataFrame:
    """Select women and men together, all forms of exploitation, places one by one and together."""
    return cells[(cells["sex"] == "all") & (cells["exploitation"] == "all") & cells["location"].isin(PLACES)]


def _comparisons(table: pd.DataFrame, about: Edition) -> Sheet:
    between = table["contrast"].isin(["countries", "all_countries"])
    whole = (table["exploitation"] == "all") & (table["location"] == "both") & (table["sex"] == "all")
    rows = _named(table[~between | whole], "exploitation", "location", "sex", "other_location", "other_sex")
    countries = {name: rows[name].map(about.countries).fillna(rows[name]) for name in ("country", "other_country")}
    rows = rows.assign(**countries)
    note = (
        "Rates per 1,000 families of the first against the second; contrast all_countries tests that all are equal. "
        "Countries by form, place and sex are in the table comparisons."
    )
    fields = [
        Field("contrast", "Contrast", 14), Field("country", "First country", 16),
        Field("other_country", "Second country", 16), Field("exploitation_name", "Form of exploitation", 22),
        Field("location_name", "First place", 20), Field("other_location_name", "Second place", 20),
        Field("sex_name", "First sex", 12), Field("other_sex_name", "Second sex", 12),
        Field("estimate", "First rate [per 1,000 families]", 12, TENTHS),
        Field("other_estimate", "Second rate [per 1,000 families]", 12, TENTHS),
        Field("ratio", "Ratio of first to second", 10, THOUSANDTHS),
        Field("ratio_low", "Lower limit of ratio", 10, THOUSANDTHS),
        Field("ratio_high", "Upper limit of ratio", 10, THOUSANDTHS),
        Field("p_value", "p value", 9, P_VALUE),
        Field("p_value_holm", "p value, all pairs of countries (Holm)", 14, P_VALUE),
    ]  # fmt: skip
    return Sheet("Comparisons", "Rates compared", note, fields, rows)


def _reproduction(table: pd.DataFrame, about: Edition) -> Sheet:
    rows = table.assign(country_name=table["country"].map(about.countries).fillna(table["country"]))
    fields = [
        Field("source_table", "Table of the publication", 12), Field("source_cell", "Cell or sentence", 52),
        Field("country_name", "Country", 16), Field("printed", "Printed", 12, "#,##0.###"),
        Field("computed", "Computed from the raw files", 14, "#,##0.###"),
        Field("unit", "Unit", 20), Field("verdict", "Verdict", 18), Field("reason", "Why the two differ", 70),
    ]  # fmt: skip
    note = about.publication or "No earlier publication is declared for this survey."
    return Sheet("Reproduction", "Printed numbers beside ours", note, fields, rows)


def _quality(table: pd.DataFrame) -> Sheet:
    fields: Sequence[Field] = [
        Field("dimension", "Dimension", 16), Field("check_id", "Check", 34), Field("scope", "Scope", 30),
        Field("value", "Value seen", 12, "#,##0.####"), Field("threshold", "Value allowed", 12, "#,##0.####"),
        Field("verdict", "Verdict", 10), Field("detail", "What was compared", 90),
    ]  # fmt: skip
    return Sheet("Quality", "What was checked before the release", "noted: a known gap, published.", fields, table)
