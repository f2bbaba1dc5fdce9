"""A table of customers with typed values, and the ways in which programs and people write such a table."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

Value = Decimal | int | bool | date | str | None

HEADER = (
    *(
        "customer_id",
        "tenure",
        "monthly_charges",
        "total_charges",
        "data_mb",
        "balance",
        "ratio",
        "paperless",
        "autopay",
    ),
    *("city", "segment", "signup_date", "last_contact", "churned"),
)

MONEY = frozenset(("monthly_charges", "total_charges", "balance"))
CITIES = {
    "western": ("München", "Genève", "Málaga"),
    "central": ("Łódź", "Kraków", "České Budějovice"),
    "turkish": ("İstanbul", "Eskişehir", "Muğla"),
    "baltic": ("Šiauliai", "Panevėžys", "Klaipėda"),
    "cyrillic": ("Москва", "Новосибирск", "Казань"),
    "greek": ("Αθήνα", "Θεσσαλονίκη", "Πάτρα"),
    "hebrew": ("ירושלים", "חיפה", "אשדוד"),
    "arabic": ("القاهرة", "الإسكندرية", "أسوان"),
    "japanese": ("東京", "大阪", "名古屋"),
    "chinese": ("北京", "上海", "广州"),
    "traditional": ("臺北", "高雄", "臺中"),
    "korean": ("서울", "부산", "대구"),
    "thai": ("กรุงเทพ", "เชียงใหม่", "ภูเก็ต"),
    "vietnamese": ("Hà Nội", "Đà Nẵng", "Cần Thơ"),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
ENCODINGS = {
    "western": ("cp1252", "iso8859-15", "cp850", "mac_roman"),
    "central": ("cp1250", "iso8859-2", "cp852", "mac_latin2"),
    "turkish": ("cp1254", "cp857", "mac_turkish"),
    "baltic": ("cp1257", "iso8859-13"),
    "cyrillic": ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac_cyrillic"),
    "greek": ("cp1253", "iso8859-7", "cp737", "mac_greek"),
    "hebrew": ("cp1255",),
    "arabic": ("cp1256", "iso8859-6"),
    "japanese": ("shift_jis", "euc_jp", "iso2022_jp"),
    "chinese": ("gb18030", "gb2312"),
    "traditional": ("big5",),
    "korean": ("cp949",),
    "thai": ("cp874",),
    "vietnamese": ("cp1258",),
}

YES_NO = (
    ("Yes", "No"),
    ("yes", "no"),
    ("Y", "N"),
    ("1", "0"),
    ("1.0", "0.0"),
    ("1,0", "0,0"),
    ("1,00", "0,00"),
    ("1.000", "0.000"),
    ("1,000", "0,000"),
    ("TRUE", "FALSE"),
    ("true", "false"),
    ("True", "False"),
    ("T", "F"),
    ("on", "off"),
    ("oui", "non"),
    ("ja", "nein"),
    ("sí", "no"),
    ("Sim", "Não"),
    ("VRAI", "FAUX"),
    ("WAHR", "FALSCH"),
    ("VERDADERO", "FALSO"),
    ("tak", "nie"),
    ("ano", "ne"),
    ("igen", "nem"),
    ("evet", "hayır"),
    ("да", "нет"),
    ("ИСТИНА", "ЛОЖЬ"),
    ("ναι", "όχι"),
    ("はい", "いいえ"),
    ("是", "否"),
    ("예", "아니요"),
    ("نعم", "لا"),
    ("כן", "לא"),
    ("có", "không"),
    ("ใช่", "ไม่ใช่"),
    ("O", "N"),
    ("J", "N"),
    ("S", "N"),
    ("✓", "✗"),
)
MISSING = ("", "NA", "N/A", "null", "NULL", "-", "#N/A", "nan", "NaN", "?", ".", "--", "None", " ", "n.a.", "(null)")
DATE_FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m/%d/%Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%Y%m%d",
    "%Y-%m-%d 00:00:00",
    "%Y-%m-%dT00:00:00Z",
    "%d/%m/%Y 0:00",
    "%m/%d/%Y 12:00:00 AM",
    "%d %b %Y",
    "%b %d, %Y",
    "%Y年%m月%d日",
    "seconds",
    "milliseconds",
    "serial",
    "serial with time",
)
MONTH_FIRST = frozenset(form for form in DATE_FORMS if form.startswith("%m/"))
DAY_FIRST = frozenset(form for form in DATE_FORMS if form.startswith(("%d/", "%d.", "%d-")))
THOUSANDS = ("", ",", ".", " ", "\u00a0", "\u202f", "'", "’")
NEGATIVES = ("-{}", "−{}", "{}-", "({})", "- {}")
AROUND = ("{}", "{} €", "€{}", "$ {}", "{} zł", "{} kr", "CHF {}", "{} EUR", "+{}")
DIGITS = {"arabic": "٠١٢٣٤٥٦٧٨٩", "devanagari": "०१२३४५६७८९", "full-width": "０１２３４５６７８９"}
ID_NAMES = (
    "customer_id",
    "CustomerID",
    "Customer ID",
    "Kundennummer",
    "id_cliente",
    "n° abonné",
    "номер клиента",
    "客户号",
    "顧客番号",
    "account no",
    "Klient",
    "x17",
)
MARKS = ("{}", '="{}"', "'{}", "\u200e{}", " {} ", "{}\u00a0")
ID_MARKS = MARKS[:3]
HEADERS = ("as it is", "upper", "words", "table")
_EXCEL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Way:
    """How a table is written. The defaults are the plain way."""

    script: str = "western"
    encoding: str = "utf-8"
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    line_end: str = "\n"
    packed: bool = False
    decimal: str = "."
    thousands: str = ""
    negative: str = "-{}"
    around: str = "{}"
    digits: str = ""
    yes_no: tuple[str, str] = ("Yes", "No")
    date_form: str = "%Y-%m-%d"
    missing: str = ""
    no_date: str = ""
    id_name: str = "customer_id"
    id_mark: str = "{}"
    mark: str = "{}"
    """Around every attribute."""
    header: str = "as it is"
    order: int = 0
    """Seed of the order of columns; 0 for the usual one."""

    def __str__(self) -> str:
        """Only what differs from the plain way."""
        own = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
        return ", ".join(f"{name}={value!r}" for name, value, usual in own if value != usual) or "plain"


PLAIN = Way()


@cache
def customers(rows: int = 700, seed: int = 11) -> tuple[tuple[Value, ...], ...]:
    """Customers of all scripts, whose bill, contract and dates decide who leaves; the last value is the target."""
    draw = random.Random(seed)
    cities = [city for group in CITIES.values() for city in group]
    return tuple(_customer(number, draw, cities) for number in range(rows))


def _customer(number: int, draw: random.Random, cities: Sequence[str]) -> tuple[Value, ...]:
    tenure, bill = draw.randrange(0, 73), draw.randrange(1850, 11_900)
    paperless, autopay = draw.random() < 0.6, draw.random() < 0.4
    city, segment = draw.choice(cities), draw.choice(("A", "B", "NA"))
    signup = date(2019, 1, 1).toordinal() + draw.randrange(0, 2400)
    contact = date(2025, 1, 1).toordinal() + draw.randrange(0, 500)
    balance = draw.randrange(-500_000, 200_000)
    risk = 1.2 - tenure / 30 + bill / 9000 - 0.8 * autopay + 0.6 * (segment == "NA") - (signup - 737_000) / 3000
    return (
        f"{100 + 7 * number:07d}",
        tenure,
        Decimal(bill) / 100,
        None if draw.random() < 0.1 else Decimal(tenure * bill) / 100,
        draw.randrange(1000, 90_000),
        Decimal(balance) / 100,
        Decimal(draw.randrange(125, 2900)) / 1000,
        paperless,
        None if draw.random() < 0.05 else autopay,
        None if draw.random() < 0.05 else city,
        segment,
        date.fromordinal(signup),
        None if draw.random() < 0.1 else date.fromordinal(contact),
        draw.gauss(risk, 1.0) > 0.9,
    )


def of_script(script: str) -> tuple[tuple[Value, ...], ...]:
    """The customers whose city is written in this script, or missing."""
    place = HEADER.index("city")
    return tuple(row for row in customers() if row[place] is None or row[place] in CITIES[script])


def bytes_of(rows: Iterable[Sequence[Value]], way: Way = PLAIN, *, labelled: bool = False) -> bytes:
    """The file. What the encoding cannot hold is written in UTF-8."""
    names = HEADER if labelled else HEADER[:-1]
    order = list(range(len(names)))
    if way.order:
        random.Random(way.order).shuffle(order)
    table = [[header_of(name, way) for name in names], *([_cell(v, p, way) for p, v in enumerate(row)] for row in rows)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=way.delimiter, quoting=way.quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([[row[place] for place in order] for row in table])
    text = out.getvalue().replace("\n", way.line_end)
    try:
        content = text.encode(way.encoding)
    except UnicodeEncodeError:
        content = text.encode("utf-8")
    return gzip.compress(content, 1, mtime=0) if way.packed else content


def header_of(name: str, way: Way) -> str:
    """The name of a column in the file."""
    if name == "customer_id":
        return f"customers.{way.id_name}" if way.header == "table" else way.id_name
    words = name.replace("_", " ").capitalize()
    return {"upper": name.upper(), "words": words, "table": f"customers.{name}"}.get(way.header, name)


def _cell(value: Value, place: int, way: Way) -> str:
    name = HEADER[place]
    if name == "customer_id":
        return way.id_mark.format(value)
    return way.mark.format(_attribute(value, name, way))


def _attribute(value: Value, name: str, way: Way) -> str:
    if value is None:
        return way.no_date if name == "last_contact" and way.no_date else way.missing
    if isinstance(value, bool):
        return way.yes_no[0] if value else way.yes_no[1]
    if isinstance(value, date):
        return in_digits(date_text(value, way.date_form).replace(".5", f"{way.decimal}5"), way.digits)
    if isinstance(value, str):
        return value
    return number_text(value, way if name in MONEY else replace(way, around="{}"))


def date_text(day: date, form: str) -> str:
    if form in ("seconds", "milliseconds"):
        seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        return str(seconds if form == "seconds" else 1000 * seconds)
    if form.startswith("serial"):
        return f"{(day - _EXCEL_ZERO).days}{'.5' if form == 'serial with time' else ''}"
    return day.strftime(form)


def in_digits(text: str, script: str) -> str:
    """The text with the digits of another script; full-width ones, Arabic ones."""
    return text.translate({ord("0") + place: digit for place, digit in enumerate(DIGITS[script])}) if script else text


def number_text(number: Decimal | int, way: Way) -> str:
    text = f"{abs(number):,}" if way.thousands else f"{abs(number)}"
    text = in_digits(text.translate({ord(","): way.thousands, ord("."): way.decimal}), way.digits)
    if number >= 0:
        return way.around.format(text)
    if way.negative == "{}-":  # accounting programs write no currency then
        return f"{text}-"
    return way.negative.format(way.around.replace("+", "").format(text))


def plain_of(way: Way) -> Way:
    """The plain way for the customers of the same script."""
    return replace(PLAIN, script=way.script)
