"""One sheet per interviewer and settlement, counted from the questionnaires of `samples.central_asia_2009`.

Settlements, interviewers, days and numbers are those of the family survey's own raw files. What the study never printed
and no file holds - quotas, refusals, absences, relatives left out, back-checks - is left empty.
"""

from __future__ import annotations

from samples.central_asia_2009.interviews import interviews, reasons

PLACE = ["country", "region", "district", "settlement"]
UNRECORDED = (
    "planned", "start_house", "step", "town_parts", "houses_approached", "refusals", "absent", "relatives_skipped",
    "back_checked", "back_check_agreed", "minutes",
)  # fmt: skip


def sheets() -> list[dict[str, str]]:
    """Return the sheets in the order of the questionnaires, every cell as text; the same on every call."""
    frame = interviews()
    frame["usable"] = frame["questionnaire_id"].map(reasons()) == ""
    groups = frame.groupby([*PLACE, "settlement_type", "ngo", "interviewer"], sort=False, observed=True)
    units: dict[str, dict[tuple[str, ...], str]] = {}
    rows: list[dict[str, str]] = []
    for (country, region, district, settlement, kind, ngo, interviewer), group in groups:
        known = units.setdefault(country, {})
        psu = known.setdefault((region, district, settlement), f"{country}-P{len(known) + 1:03d}")
        rows.append(
            {
                "sheet": f"{country}-S{sum(row['country'] == country for row in rows) + 1:03d}",
                "country": country, "region": region, "district": district, "settlement": settlement, "psu": psu,
                "settlement_type": kind, "ngo": ngo, "interviewer": interviewer,
                "first_day": f"{group['interview_date'].min():%Y-%m-%d}",
                "last_day": f"{group['interview_date'].max():%Y-%m-%d}",
                "achieved": str(len(group)), "usable": str(int(group["usable"].sum())),
                **dict.fromkeys(UNRECORDED, ""),
            }
        )  # fmt: skip
    return rows
