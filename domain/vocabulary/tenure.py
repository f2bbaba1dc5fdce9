"""Units of tenure: how long somebody has been a customer."""

from __future__ import annotations

from enum import StrEnum

from domain.vocabulary.spelling import bare_words, split_word


class TenureUnit(StrEnum):
    """The unit in which a file counts tenure. UNKNOWN: neither the name nor the values of the column give one."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    UNKNOWN = "unknown"

    @property
    def months_each(self) -> float:
        """Months in one unit; NaN where the unit is unknown."""
        return _MONTHS_EACH.get(self, float("nan"))

    @property
    def singular(self) -> str:
        """ "month"; blank where the unit is unknown."""
        return "" if self is TenureUnit.UNKNOWN else self.value.removesuffix("s")


KNOWN_UNITS = tuple(unit for unit in TenureUnit if unit is not TenureUnit.UNKNOWN)
"""The units that a person can choose."""
_MONTHS_EACH = {
    TenureUnit.DAYS: 12 / 365.25,
    TenureUnit.WEEKS: 12 * 7 / 365.25,
    TenureUnit.MONTHS: 1.0,
    TenureUnit.YEARS: 12.0,
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNIT_WORDS = {
    TenureUnit.MONTHS: _words(
        "month months mnth mnths mth mths monat monate monaten mois mes meses mesi maand maanden miesiac miesiace "
        "miesiecy maneder manader kuukausi mesic mesice ay bulan thang мес месяц месяцы месяцев 月 月数 个月 個月 "
        "개월 경과월"
    ),
    TenureUnit.YEARS: _words(
        "year years yr yrs jahr jahre jahren annee annees anni ano anos jaar jaren lata lat rok rokov vuosi yil "
        "tahun год лет 年 年数 년"
    ),
    TenureUnit.WEEKS: _words(
        "week weeks woche wochen semaine semaines semana semanas settimana settimane weken tydzien tygodni tygodnie "
        "hafta minggu неделя недель 周 週"
    ),
    TenureUnit.DAYS: _words(
        "day days tag tage tagen jour jours dia dias giorno giorni dag dagen dni dzien gun hari ngay дни дней 天 "
        "日数 일"
    ),
}
"""Words in names of tenure columns that say the unit, in lower case and without accents."""
_ALL_UNITS = frozenset().union(*_UNIT_WORDS.values())
_BESIDE_UNITS = _words(
    "tenure customer client account subscription membership contract network service company book length age time "
    "duration lifetime since with of on in as a the active antiguedad antiguidade anciennete kundendauer "
    "vertragsdauer anzianita staz stage 契約 契约 在网 入网 利用 加入 継続 가입 이용 기간 期間 时长"
)
"""Words that stand next to a unit in names that are written in one word."""
_IN_ONE_WORD = _BESIDE_UNITS | _ALL_UNITS

MIN_AGREEING = 0.8
"""Share of customers whose values must agree with a unit."""
TOLERANCE = 0.25
"""Relative difference up to which a customer's values agree with a unit: prices change over the years."""


def unit_in_name(name: str) -> TenureUnit:
    """The unit that the name of a tenure column says: "Tenure in Months" → months, "Account Length" → unknown."""
    words = _words_of(name)
    return next((unit for unit, known in _UNIT_WORDS.items() if words & known), TenureUnit.UNKNOWN)


def without_unit(name: str) -> str:
    """A name in one word without the unit and what joins it: "Staż (miesiące)" → "staz"."""
    return "".join(word for word in bare_words(name) if word not in _ALL_UNITS | {"in", "en", "em", "w", "v", "num"})


def _words_of(name: str) -> frozenset[str]:
    """The words of a name, also of one that is written in one word: "accountage" is an age, and not in "Tage"."""
    parts = (split_word(word, _IN_ONE_WORD) or (word,) for word in bare_words(name))
    return frozenset(part for own in parts for part in own)


def unit_of_ratio(ratio: float) -> TenureUnit:
    """The unit of tenure if `ratio` is the number of months in one unit of it, as far as the values show.

    The ratio is, for example, the total paid divided by the monthly bill times the tenure.
    """
    fitting = (unit for unit, months in _MONTHS_EACH.items() if agrees(ratio, months))
    return next(fitting, TenureUnit.UNKNOWN)


def agrees(ratio: float, months: float) -> bool:
    """Whether a ratio is close enough to the number of months in a unit."""
    return (1 - TOLERANCE) * months <= ratio <= (1 + TOLERANCE) * months
