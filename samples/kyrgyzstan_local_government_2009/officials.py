"""Questionnaires of 86 officials whose sums are the printed ones: 52 know of cases, 692 cases, 564 of them men.

How the cases spread over the 52 is invented: as evenly as whole numbers allow. Everything that has no printed number
is left empty.
"""

from __future__ import annotations

OFFICIALS, KNOWING, CASES, MEN = 86, 52, 692, 564
EMPTY = ("пункт", "должность", "лет в должности", "население пункта", "за последние 3 года", "ранее", "замечания")


def officials() -> list[dict[str, str]]:
    """Return one row per official, headers in Russian. Who knows of no cases has no answer after the first question."""
    women = spread(CASES - MEN)
    men = list(reversed(spread(MEN)))
    return [
        {
            "анкета": f"МСУ-{number + 1:02}",
            "1. знает о случаях": "a" if number < KNOWING else "b",
            "2. всего": str(women[number] + men[number]) if number < KNOWING else "",
            "2. женщины": str(women[number]) if number < KNOWING else "",
            "2. мужчины": str(men[number]) if number < KNOWING else "",
            **dict.fromkeys(EMPTY, ""),
            "имя": "закрыто",
        }
        for number in range(OFFICIALS)
    ]


def spread(total: int) -> list[int]:
    """Share a total out to the officials who know of cases, the first having one more where it does not divide."""
    each, more = divmod(total, KNOWING)
    return [each + (number < more) for number in range(KNOWING)]
