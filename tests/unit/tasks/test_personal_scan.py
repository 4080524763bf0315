"""What looks personal: by its name in the languages of the region, by its cells, and what must not."""

from __future__ import annotations

import pytest

from schemas import declaration
from schemas.declaration import Source
from sources import reader
from sources.table import RawTable, text_frame
from tasks import personal_scan

HEADERS = {
    "name": [
        "ФИО респондента",
        "Ф.И.О.",
        "Фамилия",
        "Имя",
        "отчество",
        "respondent_name",
        "fullName",
        "Surname",
        "аты-жөнү",
        "Аты-жөні",
        "Ному насаб",
        "исм-шариф",
        "Ism-sharifi",
        "familiýasy",
        "FIO",
        "имя ребёнка",
    ],
    "phone": [
        "Телефон",
        "тел.",
        "моб. номер",
        "Phone number",
        "phonenumber",
        "telefon raqami",
        "Телефону",
        "WhatsApp",
        "Instagram",
        "телеграм",
    ],
    "address": ["Адрес проживания", "Улица, дом", "manzil", "Суроға", "дареги", "мекенжайы", "Home address"],
    "e-mail": ["e-mail", "Email", "эл. почта"],
    "personal number": ["Паспорт", "ИНН", "ИИН", "ПИН", "ПИНФЛ", "JSHSHIR", "passport_no", "№ удостоверения"],
    "place": ["gps", "_gps_latitude", "location/longitude", "Широта", "долгота", "Координаты", "geopoint"],
    "birth date": [
        "Дата рождения",
        "birth_date",
        "tug'ilgan sana",
        "туулган күнү",
        "Туған күні",
        "Таваллуд",
        "doglan güni",
    ],
    "free text": [
        "Примечание",
        "прим.",
        "Комментарий интервьюера",
        "comments",
        "izoh",
        "изоҳ",
        "эскертүү",
        "эзоҳ",
        "bellik",
    ],
    "device": ["deviceid", "IMEI"],
}  # fmt: skip
"""By what they hold. Russian, English, Kyrgyz, Kazakh, Uzbek, Tajik and Turkmen."""
HARMLESS = [
    "Область", "Район", "Населённый пункт", "село", "region", "district", "settlement_name", "Организация", "НПО",
    "Дата интервью", "interview_date", "today", "start", "end", "_id", "_uuid", "_index", "__version__", "_status",
    "Длительность, мин", "duration", "DAVOMI", "1. Число близких родственников", "семья", "family/q1_relatives",
    "Пол", "Возраст", "age", "sex", "Образование", "viloyat", "tuman", "velayat", "etrap", "Страна", "country",
    "2а. Выезжали на работу внутри страны", "Трудовая эксплуатация / женщины", "wave", "weight", "version", "номер",
    "Дом хозяйства", "тип", "код",
]  # fmt: skip
CELLS = {
    "telephone numbers": ["+996 555 123456", "0555 12-34-56", "+998 (90) 123-45-67", "8 701 555 12 34", "+99365123456"],
    "e-mail addresses": ["a.b@mail.kg", "ngo@example.org", "x@y.uz", "info@site.tj", "z@z.ru"],
    "places on a map": ["42.874621 74.569762", "41.299496, 69.240073 0 0", "38.559772", "66.975021", "43,238949"],
    "names of persons": [
        "Иванова Мария Петровна", "Асанов Бакыт", "Айгуль Токтобек кызы", "Rahimov Karim", "Дилшод Каримович Усмонов",
    ],
    "personal numbers": ["22011199012345", "850112300123", "31205880012345", "11503197500017", "990101400012"],
}  # fmt: skip
ORDINARY = {
    "codes of interviews": ["KG-00001", "KG-00002", "KG-00003", "KG-00004", "KG-00005"],
    "numbers of interviews": ["510003", "510006", "510009", "510012", "510015"],
    "counts": ["3", "12", "7", "0", "15"],
    "days": ["01.10.2009", "02.10.2009", "2009-10-03", "04/10/2009", "2009-10-05"],
    "moments": ["2009-09-01T08:37:00.000+05:00", "20090901083700", "2009-09-01 08:37:00", "20090902101500", "12:30"],
    "durations": ["21.5", "23", "26,0", "19.500", "12"],
    "villages": ["село Кара-Суу", "Ак-Булак", "Новая Жизнь", "Жаңа аулы", "город 3"],
    "regions": ["Чуйская область", "Ошская обл.", "Иссык-Куль", "Нарын", "Южно-Казахстанская"],
    "identifiers": ["uuid:0a3b272c-ad47-5a21-869a-523d3ed8823b", "collect:8963ffdde949", "x1", "x2", "x3"],
    "answers": ["да", "нет", "не знаю", "нет ответа", "да"],
    "organisations": ["Общественный фонд", "Центр помощи", "NGO-1", "NGO-2", "NGO-3"],
    "weights": ["1.00321", "0.98231", "1.10002", "0.75001", "2.03120"],
}


@pytest.mark.parametrize(
    ("kind", "header"), [(kind, header) for kind, headers in HEADERS.items() for header in headers]
)
def test_a_column_is_told_by_its_name(kind: str, header: str) -> None:
    assert personal_scan.by_name(header) == kind


@pytest.mark.parametrize("header", HARMLESS)
def test_names_of_other_columns_say_nothing(header: str) -> None:
    assert personal_scan.by_name(header) == ""


@pytest.mark.parametrize("kind", CELLS)
def test_a_column_is_told_by_its_cells_and_none_is_shown(kind: str) -> None:
    why = personal_scan.looks_like("столбец", CELLS[kind])
    assert why.endswith(f"look like {kind}")
    assert not [cell for cell in CELLS[kind] if cell in why]


def test_long_texts_of_their_own_are_told() -> None:
    texts = [f"рассказала {n}, как уехала работать и где она живёт теперь" for n in range(6)]
    assert personal_scan.looks_like("q17", texts) == "many cells are long texts"
    assert personal_scan.looks_like("q17", ["другое"] * 6) == ""


@pytest.mark.parametrize("what", ORDINARY)
def test_ordinary_cells_are_not_taken_for_personal_ones(what: str) -> None:
    assert personal_scan.looks_like("столбец", ORDINARY[what]) == ""


def test_the_bundled_deliveries_are_declared_so_that_nothing_is_warned_of() -> None:
    survey = declaration.load("central_asia_2009")
    for source in survey.sources:
        table = reader.read(survey.folder / source.path, source.path, source.reader)
        assert personal_scan.scan(table, source) == ()


def source(**keys: object) -> Source:
    columns = {"questionnaire_id": "анкета", "interviewer": "кто", "region": "область"}
    given = {"country": "KG", "path": "x", "reader": {"format": "csv"}, "columns": columns}
    return Source.model_validate({**given, **keys})


def table(**columns: list[str]) -> RawTable:
    names = tuple(columns)
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return RawTable(text_frame(names, rows, range(2, len(rows) + 2)), names, "KG.csv")


def found(read: RawTable, declared: Source) -> dict[str, str]:
    return {suspect.header: suspect.why for suspect in personal_scan.scan(read, declared)}


def test_mapped_columns_are_told_by_their_cells_and_coded_ones_not_at_all() -> None:
    names = CELLS["names of persons"]
    read = table(анкета=CELLS["telephone numbers"], кто=names, область=names, Телефон=["", " ", "", "", ""], прим=names)
    declared = source(ignore=["Телефон"])
    # an empty column holds nobody; `прим` is neither mapped nor ignored nor declared, as a policy may allow
    assert set(found(read, declared)) == {"анкета", "кто", "прим"}
    assert set(found(read, source(personal={"кто": "pseudonym", "прим": "drop"}))) == {"анкета"}


def test_a_file_whose_header_is_not_that_of_its_source_is_not_quoted() -> None:
    read = table(Айгуль=["1"] * 5, Телефон=["+996555123456"] * 5)
    assert found(read, source()) == {}


def test_only_the_first_rows_are_looked_at() -> None:
    rows = ["1"] * personal_scan.FIRST_ROWS + CELLS["telephone numbers"] * 1000
    read = table(анкета=rows, кто=rows, область=rows, q9=rows)
    assert found(read, source()) == {}


def test_the_line_to_add_is_yaml_whatever_the_header_is() -> None:
    import yaml

    header = 'Имя "как в паспорте" \\ 1'
    (suspect,) = personal_scan.scan(table(**{"анкета": ["a"], "кто": ["b"], "область": ["c"], header: ["d"]}), source())
    assert yaml.safe_load(suspect.advice) == {"personal": {header: "drop"}}
