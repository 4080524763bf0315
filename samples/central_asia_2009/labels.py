"""Words the five deliveries use: places, yes and no, and every spelling of a region that appears in them."""

from __future__ import annotations

COUNTRY = {"KZ": "Казахстан", "KG": "Кыргызстан", "TJ": "Tajikistan", "TM": "Turkmenistan", "UZ": "O'zbekiston"}
DISTRICT = {"KZ": "район", "KG": "район", "TJ": "nohiya", "TM": "etrap", "UZ": "tuman"}
URBAN = {"KZ": "город", "KG": "город", "TJ": "shahr", "TM": "shaher", "UZ": "shahar"}
RURAL = {"KZ": "село", "KG": "село", "TJ": "deha", "TM": "oba", "UZ": "qishloq"}

# The Tajik joint stratum has two parts that the study also prints apart; the city is a district of its own.
PART = {"Dushanbe city": "Dushanbe, ", "districts": ""}

# Every spelling is an alias in surveys/central_asia_2009/regions.csv; a settlement is written in one of them.
SPELLINGS = {
    "KZ-11+KZ-71": ["Акмолинская", "Акмола", "г. Астана"],
    "KZ-15": ["Актюбинская", "Актобе"],
    "KZ-19+KZ-33+KZ-75": ["Алматинская", "Алматы", "г. Алматы"],
    "KZ-23": ["Атырауская", "Атырау"],
    "KZ-63+KZ-10": ["Восточно-Казахстанская", "ВКО"],
    "KZ-31": ["Жамбылская", "Джамбулская"],
    "KZ-35+KZ-62": ["Карагандинская", "Караганда"],
    "KZ-39": ["Костанайская", "Кустанайская"],
    "KZ-43": ["Кызылординская", "Кзыл-Ординская"],
    "KZ-47": ["Мангистауская", "Мангыстау"],
    "KZ-59": ["Северо-Казахстанская", "СКО"],
    "KZ-55": ["Павлодарская"],
    "KZ-61+KZ-79": ["Южно-Казахстанская", "ЮКО"],
    "KZ-27": ["Западно-Казахстанская", "ЗКО"],
    "KG-GB": ["г. Бишкек", "Бишкек"],
    "KG-O+KG-GO": ["Ошская", "г. Ош", "Ош"],
    "KG-J": ["Джалал-Абадская", "Джалалабадская", "Жалал-Абад"],
    "KG-B": ["Баткенская"],
    "KG-C": ["Чуйская"],
    "KG-T": ["Таласская", "Талас облусу"],
    "KG-Y": ["Иссык-Кульская"],
    "KG-N": ["Нарынская"],
    "TJ-SU": ["Sughd", "Sogd", "Sugd"],
    "TJ-KT": ["Khatlon", "Hatlon"],
    "TJ-DU+TJ-RA": ["RRS", "DRS"],
    "TJ-GB": ["GBAO", "Badakhshan"],
    "TM-A+TM-S": ["Ahal", "Ashgabat"],
    "TM-B": ["Balkan"],
    "TM-D": ["Dashoguz"],
    "TM-L": ["Lebap"],
    "TM-M": ["Mary"],
    "UZ-TK+UZ-TO": ["Toshkent shahri", "Toshkent viloyati"],
    "UZ-SI": ["Sirdaryo viloyati"],
    "UZ-JI": ["Jizzax viloyati"],
    "UZ-BU": ["Buxoro viloyati"],
    "UZ-XO": ["Xorazm viloyati"],
    "UZ-QR": ["Karakalpakstan"],
    "UZ-SA": ["Samarqand viloyati"],
    "UZ-FA": ["Fargona", "Farghona"],
    "UZ-QA": ["Qashqadaryo viloyati"],
    "UZ-AN": ["Andijon viloyati"],
    "UZ-NG": ["Namangan viloyati"],
    "UZ-SU": ["Surxondaryo viloyati"],
}
# Spellings that only a town of the region can have.
TOWNS = {"г. Астана", "г. Алматы", "г. Ош", "Ashgabat", "Toshkent shahri"}


def spelling(region: str, district: str, settlement: str, urban: bool) -> str:
    """The spelling of a region on the questionnaires of one settlement, without drawing a random number."""
    if district.startswith("Dushanbe"):
        return "Dushanbe"
    options = [name for name in SPELLINGS[region] if urban or name not in TOWNS]
    return options[int(settlement.rsplit(maxsplit=1)[-1]) % len(options)]
