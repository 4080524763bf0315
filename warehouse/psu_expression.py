"""PSU totals as one expression, which Ibis compiles for any engine: interviews in, one row per PSU out.

Lives here: what is added up. Not here: who runs it (`psu_totals` on DuckDB, `spark_engine` on Spark). Imports Ibis,
which is an extra: a default installation runs the SQL that was compiled from here (`compiled_queries`).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import ibis

from warehouse.record_columns import record_columns
from warehouse.told_apart import answers

KEY = ("survey_id", "country", "region", "stratum", "psu")
_TYPES = {"VARCHAR": "string", "BIGINT": "int64", "DOUBLE": "float64", "DATE": "date"}


def interviews(instrument: ModuleType) -> Any:
    """Return the table of interviews as the build warehouse has it, by name and type."""
    return ibis.table({name: _TYPES[kind] for name, kind in record_columns(instrument).items()}, name="interviews")


def totals(records: Any, survey_id: Any, instrument: ModuleType, by_family: bool) -> Any:
    """Return one row per PSU of a survey, or per PSU and kind of family, in key order.

    Integer sums only, so no total depends on threads or row order. Where families are told apart, a row is a PSU's
    families with the same answers, and their number stands in n_respondents. A family reports labour in a place when
    women and men, or the separate total, name anyone; sexual when its total does.
    """
    key = [*KEY, *["family"] * by_family]
    told = _told(records.filter(records.survey_id == survey_id), instrument, by_family)
    return told.group_by(key).aggregate(**_sums(told, instrument)).order_by(key)


def _told(records: Any, instrument: ModuleType, by_family: bool) -> Any:
    """Name what an interview tells; a missing answer about cases is zero."""
    columns = {
        "stratum": records.region,
        "psu": records.region + "/" + records.district + "/" + records.settlement,
        # no answer is no yes: Spark would otherwise give no number where nobody answered
        "urban": (records.settlement_type == "urban").fill_null(False),
        "inside": (records.migrant_inside == "yes").fill_null(False),
        "abroad": (records.migrant_abroad == "yes").fill_null(False),
    }
    for place in instrument.PLACES:
        columns |= _answers(records, place)
    if by_family:
        columns["family"] = ibis.literal("/").join(
            [records[name].cast("string").fill_null("") for name in answers(instrument)]
        )
    same = ("survey_id", "country", "region", "relatives", "relatives_raw")
    return records.select(*same, **columns)


def _answers(records: Any, place: str) -> dict[str, Any]:
    """Return the answers about one place: of the last three years, and of both windows together."""
    told: dict[str, Any] = {}
    for short, asked in (("women", "labour_{}_women"), ("men", "labour_{}_men"), ("total", "labour_{}_total")):
        told |= _windows(records, f"{short}_{place}", f"{short}_recent_{place}", asked.format(place))
    told |= _windows(records, f"sexual_{place}", f"sexual_recent_{place}", f"sexual_{place}")
    return told


def _windows(records: Any, both: str, recent: str, asked: str) -> dict[str, Any]:
    last, earlier = (records[f"{asked}_{window}"].fill_null(0) for window in ("last_3_years", "earlier"))
    return {recent: last, both: last + earlier}


def _sums(told: Any, instrument: ModuleType) -> dict[str, Any]:
    places, inside, abroad = instrument.PLACES, told.inside, told.abroad
    sexual = {place: told[f"sexual_{place}"] for place in places}
    labour = {place: told[f"women_{place}"] + told[f"men_{place}"] + told[f"total_{place}"] for place in places}
    sums = {
        "n_respondents": told.count(),
        "n_urban": told.count(where=told.urban),
        "relatives": _whole(told.relatives.sum()),
        "relatives_raw": _whole(told.relatives_raw.sum()),
        "relatives_squared": _whole((told.relatives * told.relatives).sum()),
        "migrant_inside": told.count(where=inside),
        "migrant_abroad": told.count(where=abroad),
        "migrant_both": told.count(where=inside & abroad),
        "migrant_any": told.count(where=inside | abroad),
    }
    for place in places:
        sums |= _sums_of_place(told, place, labour[place])
    for kind, cases in (("labour", labour), ("sexual", sexual)):
        there = [cases[place] > 0 for place in ("inside", "abroad")]
        sums[f"{kind}_both_families"] = told.count(where=there[0] & there[1])
        sums[f"{kind}_any_families"] = told.count(where=there[0] | there[1])
    every = labour["inside"] + labour["abroad"] + sexual["inside"] + sexual["abroad"]
    return {**sums, "any_families": told.count(where=every > 0)}


def _sums_of_place(told: Any, place: str, labour: Any) -> dict[str, Any]:
    women, men, total, sexual = (told[f"{who}_{place}"] for who in ("women", "men", "total", "sexual"))
    recent = {who: told[f"{who}_recent_{place}"] for who in ("women", "men", "total", "sexual")}
    by_sex, by_total = recent["women"] + recent["men"], recent["total"]
    sums = {
        "labour_{}_women": _whole(women.sum()),
        "labour_{}_women_last_3_years": _whole(recent["women"].sum()),
        "labour_{}_men": _whole(men.sum()),
        "labour_{}_men_last_3_years": _whole(recent["men"].sum()),
        "labour_{}_total": _whole(total.sum()),
        "labour_{}_total_last_3_years": _whole(recent["total"].sum()),
        "labour_{}_any_last_3_years": _whole(ibis.greatest(by_sex, by_total).sum()),
        "labour_{}_any_earlier": _whole(ibis.greatest(women + men - by_sex, total - by_total).sum()),
        "labour_{}_families": told.count(where=labour > 0),
        "sexual_{}": _whole(sexual.sum()),
        "sexual_{}_last_3_years": _whole(recent["sexual"].sum()),
        "sexual_{}_families": told.count(where=sexual > 0),
        "any_{}_families": told.count(where=labour + sexual > 0),
    }
    return {name.format(place): value for name, value in sums.items()}


def _whole(total: Any) -> Any:
    """Have a sum as BIGINT: DuckDB's is wider, which Ibis does not know and so would not narrow without the detour."""
    return total.cast("decimal(38, 0)").cast("int64")
