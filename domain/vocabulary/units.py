"""Units next to numbers in files: how they are spelled, and how large each is.

A dimension has one smallest step, in which the sizes of its units are whole numbers: bits, milliseconds, tenths of a
millimetre. Data is counted in powers of 1,024, as phones and operating systems do: 1 GB is 1,024 MB, and GiB is
the same as GB. Bits, and data per second, are counted in powers of 1,000: 1 Mbit/s is 1,000 kbit/s.
A month is the twelfth of a year of 365.25 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.vocabulary.spelling import bare_words

DATA, BIT_RATE, BYTE_RATE, TIME, LENGTH = "data", "bits per second", "bytes per second", "time", "length"
PERCENT, ENERGY, FREQUENCY = "percent", "energy", "frequency"

BYTE, SECOND, MILLIMETRE = 8, 1000, 10
DAY = 86_400 * SECOND
YEAR = DAY * 1461 // 4
MONTH = YEAR // 12

UNITS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "B": (DATA, BYTE),
        "KB": (DATA, BYTE * 1024),
        "MB": (DATA, BYTE * 1024**2),
        "GB": (DATA, BYTE * 1024**3),
        "TB": (DATA, BYTE * 1024**4),
        "PB": (DATA, BYTE * 1024**5),
        "bit": (DATA, 1),
        "kbit": (DATA, 1000),
        "Mbit": (DATA, 1000**2),
        "Gbit": (DATA, 1000**3),
        "bit/s": (BIT_RATE, 1),
        "kbit/s": (BIT_RATE, 1000),
        "Mbit/s": (BIT_RATE, 1000**2),
        "Gbit/s": (BIT_RATE, 1000**3),
        "ms": (TIME, 1),
        "seconds": (TIME, SECOND),
        "minutes": (TIME, 60 * SECOND),
        "hours": (TIME, 3600 * SECOND),
        "days": (TIME, DAY),
        "weeks": (TIME, 7 * DAY),
        "months": (TIME, MONTH),
        "years": (TIME, YEAR),
        "mm": (LENGTH, MILLIMETRE),
        "cm": (LENGTH, 10 * MILLIMETRE),
        "m": (LENGTH, 1000 * MILLIMETRE),
        "km": (LENGTH, 1_000_000 * MILLIMETRE),
        "miles": (LENGTH, 16_093_440),
        "feet": (LENGTH, 3048),
        "%": (PERCENT, 1),
        "Wh": (ENERGY, 1),
        "kWh": (ENERGY, 1000),
        "MWh": (ENERGY, 1000**2),
        "Hz": (FREQUENCY, 1),
        "kHz": (FREQUENCY, 1000),
        "MHz": (FREQUENCY, 1000**2),
        "GHz": (FREQUENCY, 1000**3),
    }
)
"""Dimension, and size in the dimension's smallest step, by name."""

_SPELLINGS = """
B: b byte bytes octet octets
KB: kb kib kbyte kbytes kilobyte kilobytes ko кб
MB: mb mib mbyte mbytes megabyte megabytes meg megs мб
GB: gb gib gbyte gbytes gigabyte gigabytes gig gigs go гб
TB: tb tib tbyte tbytes terabyte terabytes тб
PB: pb pib pbyte pbytes petabyte petabytes
bit: bit bits
kbit: kbit kbits kilobit kilobits
Mbit: mbit mbits megabit megabits
Gbit: gbit gbits gigabit gigabits
bit/s: bit/s bits/s bps
kbit/s: kbit/s kbits/s kbps kb/s кбит/с
Mbit/s: mbit/s mbits/s mbps mb/s мбит/с
Gbit/s: gbit/s gbits/s gbps gb/s гбит/с
ms: ms msec msecs millisecond milliseconds
seconds: s sec secs second seconds sek sekunde sekunden seconde secondes segundo segundos secondo secondi seconden
seconds: сек секунд
minutes: min mins minute minutes minuten minuto minutos minuti minuut minut minuty мин минут dakika
hours: h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren godz godzin godziny час
hours: часа часов saat
days: d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dage dagar dni dzień день
days: дня дней gün
weeks: w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane weken tydzień
weeks: tygodnie tygodni неделя недели недель hafta
months: mo mos mth mths mnth mnths month months monat monate monaten mois mes meses mês mese mesi maand maanden
months: miesiąc miesiące miesięcy мес месяц месяца месяцев ay
years: y yr yrs year years jahr jahre jahren an ans année années año años ano anos anno anni jaar jaren rok lata
years: lat год года лет yıl
mm: mm millimetre millimetres millimeter millimeters
cm: cm centimetre centimetres centimeter centimeters
m: metre metres meter meters mètre mètres metro metros metri
km: km kms kilometre kilometres kilometer kilometers kilomètre kilomètres kilómetro kilómetros quilômetro
km: quilômetros chilometri км
miles: mi mile miles
feet: ft foot feet
%: % percent pct procent prozent percentage porcento pourcent porciento percento процент процентов процента
%: yüzde prosent prosentti százalék
Wh: wh
kWh: kwh
MWh: mwh
Hz: hz
kHz: khz
MHz: mhz
GHz: ghz
"""
"""Name and spellings in lower case."""


def _names() -> dict[str, str]:
    names = {}
    for line in _SPELLINGS.strip().splitlines():
        name, words = line.split(": ")
        names.update(dict.fromkeys((*words.split(), name.casefold()), name))
    return names


NAME_OF: Mapping[str, str] = MappingProxyType({word: name for word, name in _names().items() if word != "m"})
"""The name of the unit of each spelling (lower case) that has one meaning. "m" has several."""

BYTE_RATES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {f"{letter}{end}": (f"{letter.upper()}B/s", size) for letter, size in (("k", 1000), ("K", 1000), ("M", 1000**2),
     ("G", 1000**3)) for end in ("B/s", "Bps", "Byte/s", "Bytes/s")}
)  # fmt: skip
"""Bytes per second, which differ from bits per second only by the capital B."""

ALSO: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "m": ("minutes", "months", "m"),
        "mo": ("MB",),
        "to": ("TB",),
        "bit": ("bit/s",),
        "kbit": ("kbit/s",),
        "mbit": ("Mbit/s",),
        "gbit": ("Gbit/s",),
    }
)
"""Further meanings of a spelling (lower case) next to other units of the same dimension: 18m is 18 minutes next to 2h,
months next to 2y, and metres next to 5 km; 500 Mo is French for 500 MB next to 2 Go."""

_NO_UNITS = (
    "k m mn mln mio mill million millions bn bln billion billions mrd tsd thousand lakh lakhs crore crores cr t "
    "st nd rd th er º ª am pm a.m p.m noon "
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august "
    "september october november december"
)
NO_UNITS = frozenset(_NO_UNITS.split())
"""Words (lower case) after a number that multiply it or make it an ordinal, a time of the day or a date."""

PER_WORDS = ("per", "pro", "par", "por")
"""Words besides a stroke between a unit and the time to which it refers: GB/month, MB per day."""


_SHARE_NAMES = (
    "pct percent percentage perc share ratio rate fraction proportion quota prozent anteil quote prozentsatz taux part "
    "pourcentage porcentaje proporcion tasa cuota porcentagem proporcao taxa percentuale tasso aandeel udzial procent "
    "podil oran yuzde доля процент andel prosent osuus 比例 百分比 占比 率 割合 비율 utilisation "
    "utilization discount rabatt remise descuento desconto sconto korting rabat indirim скидка 折扣 割引 할인"
)
_SHARE_WORDS = frozenset(_SHARE_NAMES.split())


def names_share(column: str) -> bool:
    """Whether the name of a column says that it holds percentages or shares."""
    return "%" in column or not _SHARE_WORDS.isdisjoint(bare_words(column))
