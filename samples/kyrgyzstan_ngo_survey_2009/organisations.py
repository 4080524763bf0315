"""Questionnaires of 29 organisations whose sums are the printed ones: 617 cases by sector and by period.

Sums by sector and period, the number of organisations and that all seven oblasts are among them are printed, and that
at least two thirds have worked for three years. How the cases spread over organisations is invented: as evenly as whole
numbers allow, each sector beginning at another organisation, so that not all have the same.
"""

from __future__ import annotations

OBLASTS = ("Баткен", "Джалал-Абад", "Иссык-Куль", "Нарын", "Ош", "Талас", "Чуй")
ORGANISATIONS = 29
SECTORS = {"сельское хозяйство": 333, "строительство": 185, "домохозяйства": 80, "сексуальные услуги": 19}
LAST_3_YEARS, EARLIER = 392, 225
EXPERIENCED = 20
"""At least two thirds of 29: the smallest whole number that is."""
NAME, TELEPHONE = "имя и должность", "телефон"
BLANKED = "закрыто"


def organisations() -> list[dict[str, str]]:
    """Return one row per organisation, headers in Russian."""
    cases = {
        sector: spread(total, first) for first, (sector, total) in zip((0, 9, 17, 5), SECTORS.items(), strict=True)
    }
    of_each = [sum(column[number] for column in cases.values()) for number in range(ORGANISATIONS)]
    recent = in_proportion(of_each, LAST_3_YEARS)
    return [
        {
            "анкета": f"НПО-{number + 1:02}",
            "область": OBLASTS[number % len(OBLASTS)],
            "лет работы": "3" if number < EXPERIENCED else "2",
            "районы": "",
            "население": "",
            "ТЭ за рубежом, всего": "",
            "ТЭ за рубежом, жен": "",
            "ТЭ за рубежом, муж": "",
            "СЭ за рубежом": "",
            **{name: str(column[number]) for name, column in cases.items()},
            "за последние 3 года": str(recent[number]),
            "ранее": str(of_each[number] - recent[number]),
            NAME: BLANKED,
            TELEPHONE: BLANKED,
        }
        for number in range(ORGANISATIONS)
    ]


def spread(total: int, first: int) -> list[int]:
    """Share a total out to the organisations, those from `first` on having one more where it does not divide."""
    each, more = divmod(total, ORGANISATIONS)
    return [each + ((number - first) % ORGANISATIONS < more) for number in range(ORGANISATIONS)]


def in_proportion(sizes: list[int], total: int) -> list[int]:
    """Share a total out by size in whole numbers, none above its size; the largest remainders get the rest."""
    exact = [size * total / sum(sizes) for size in sizes]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(sizes)), key=lambda number: (parts[number] - exact[number], number))
    for number in by_remainder[: total - sum(parts)]:
        parts[number] += 1
    return parts
