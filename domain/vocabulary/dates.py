"""Names of months, and the words in names of date columns: that it is a date, and of what."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from domain.vocabulary.columns import words_of
from domain.vocabulary.measures import is_measure

_MONTHS = (
    "january januar januari janvier enero janeiro gennaio styczen stycznia jaenner janner",
    "february februar februari fevrier febrero fevereiro febbraio luty lutego fvrier",
    "march marz maerz maart mars marzo marco marzec marca mrz mrt",
    "april avril abril aprile kwiecien kwietnia",
    "may mai mayo maio maggio mei maj maja",
    "june juni juin junio junho giugno czerwiec czerwca",
    "july juli juillet julio julho luglio lipiec lipca",
    "august augustus aout agosto sierpien sierpnia",
    "september septembre septiembre setembro settembre wrzesien wrzesnia",
    "october oktober octobre octubre outubro ottobre pazdziernik pazdziernika",
    "november novembre noviembre novembro listopad listopada",
    "december dezember decembre diciembre dezembro dicembre grudzien grudnia",
)
"""The months in English, German, Dutch, French, Spanish, Portuguese, Italian and Polish, without accents."""


def _beginnings() -> dict[str, int]:
    """Every beginning of at least three letters that belongs to one month only."""
    months: dict[str, set[int]] = {}
    for number, names in enumerate(_MONTHS, start=1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                months.setdefault(name[:length], set()).add(number)
    return {text: numbers.pop() for text, numbers in months.items() if len(numbers) == 1}


MONTHS = MappingProxyType(_beginnings())

_DATE_WORD = (
    r"dates?|datetime|timestamp|time|ts|dt|day|epoch|unix|fecha|datum|datums|data|dato|tarih|tarihi|dia|jour|tag|giorno"
    r"|dag|dzien|on|at|since|seit|depuis|desde|от|дата|日期|am|vom|le|il|el"
)
_STRONG = re.compile(
    r"\b(\w*(?<!up)date|dates|datetime|timestamp|ts|dt|epoch|unix|fecha\w*|\w*datum|dato|tarih|tarihi|дата)\b"
    r"|日期|日付|날짜"
)
_DATA = re.compile(r"^data\b|\bdata$")
_JOINED = (
    r"sign(?:ed)? ?up|join(?:ed|ing)?|regist\w*|activ\w*|start(?:ed)?|since|open(?:ed|ing)?|creat\w*|onboard\w*"
    r"|enroll?\w*|alta|beitritt|eintritt|inscri\w*|cadastro|begin|beginn|begun|adhesion|iscrizione|init|acquisition"
)
_EVENT = re.compile(
    rf"\b(?:{_JOINED}|last|latest|first|birth|dob|born|end\w*|expir\w*|due|renew\w*|install\w*|purchas\w*|upgrad\w*"
    r"|contact\w*|visit\w*|login|seen|valid|churn\w*|cancel\w*|terminat\w*|deactiv\w*|exit|left|closed|ende|ablauf"
    r"|fin|vencimiento|ultim\w*|letzt\w*|dernier\w*|nascimento|geburt\w*|nacimiento|naissance|kuendigung|kündigung|baja)\b"
)
_FUTURE = re.compile(
    r"\b(end|ends|ending|enddate|expir\w*|due|renew\w*|next|until|till|valid to|valid thru|ende|bis|ablauf\w*"
    r"|(?:vertrags|laufzeit)\w*end\w*|\w*end(?:e)?datum|(?:contract|expiry|renewal|due)date"
    r"|faellig\w*|fällig\w*|fin|fim|fine|termino|término|vencimiento|vencimento|scadenza|echeance|échéance|einde|vervaldatum|koniec"
    r"|konca|końca|naechst\w*|nächst\w*|prochain\w*|proxim\w*|próxim\w*|prossim\w*|volgend\w*|nastepn\w*)\b"
)
_LEAVING = re.compile(
    r"\b(churn\w*|attrit\w*|cancel\w*|deactiv\w*|disconnect\w*|unsubscri\w*|exit\w*|terminat\w*|left|leav\w*|quit"
    r"|port(?:ed)? ?out|closed|closing|closure|kuendigung\w*|kündigung\w*|baja|resili\w*|résili\w*|disdetta|rezygn\w*"
    r"|opzegg\w*|cancelamento|desligamento|cessazione|lost|gone|withdraw\w*|departure)\b"
)
_END = re.compile(r"\b(end|ends|ended|enddate|ende|fin|fim|fine|einde|koniec|stop|stopped)\b")
_TERM = re.compile(
    r"\b(contract|commit\w*|promo\w*|trial|term|offer|discount|warranty|binding|plan|vertrag\w*|contrato|contrat"
    r"|contratto|umowy|guarantee|lock ?in|policy)\b"
)
_OWNERS = re.compile(r"\b(customer|client|account|member(?:ship)?|subscri\w*|service|user|line|kunde\w*|cliente)\b")
_NOT_DAYS = re.compile(r"\b(days?|months?|years?|weeks?|hours?|number|count|num|nr)\b.*\b(since|until|to|of|in)\b")
_WORDS_OF_DATES = re.compile(rf"\b(?:{_DATE_WORD})\b")
_JOINED_ONLY = re.compile(rf"(?:{_JOINED})")


def month_number(word: str) -> int | None:
    """The month, 1 to 12, that a word names in full or by its beginning: "Sept." → 9, "mars" → 3, "Mrz" → 3."""
    return MONTHS.get(_plain(word))


def _plain(word: str) -> str:
    """A word in lower case, without accents and points."""
    if word.isascii():
        return word.casefold().strip(".")
    spread = unicodedata.normalize("NFKD", word.replace("ł", "l")).casefold()
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).strip(".")


def names_date(name: str) -> bool:
    """Whether numbers in a column of this name may be dates: "signup_date", "registration_init_time", "since"."""
    words = words_of(name)
    if _STRONG.search(words):
        return _NOT_DAYS.search(words) is None
    if is_measure(name) and not (_DATA.search(words) and not is_measure(_DATA.sub("", words))):
        return False
    return (_EVENT.search(words) or _DATA.search(words)) is not None and _NOT_DAYS.search(words) is None


def names_future(name: str) -> bool:
    """Whether the name is that of a date to come, such as the end of a contract."""
    return _FUTURE.search(words_of(name)) is not None


def names_leaving_date(name: str) -> bool:
    """Whether the name is that of the day on which a customer left."""
    return _LEAVING.search(words_of(name)) is not None and _TERM.search(words_of(name)) is None


def names_end(name: str) -> bool:
    """Whether the name is that of an end that is not known to be a contract's: "end_date", "service_end"."""
    words = words_of(name)
    return _END.search(words) is not None and _TERM.search(words) is None


def event_of(label: str) -> str:
    """What happened on a date, by the column's label: "Signup date" → "Joined", "Last call date" → "Last call"."""
    words = label.casefold()
    rest = _cleaned(_WORDS_OF_DATES.sub(" ", words)) or words
    joined = _cleaned(_OWNERS.sub(" ", rest))
    if (_JOINED_ONLY.sub(" ", joined).strip() == "" and joined) or (words.endswith("since") and not joined):
        return "Joined"
    return rest[:1].upper() + rest[1:]


def ending_of(label: str) -> str | None:
    """What ends on a date: "Contract end date" → "Contract", "Expiry" → "Contract"; None for other dates."""
    rest = _cleaned(_WORDS_OF_DATES.sub(" ", label.casefold()))
    without = _cleaned(re.sub(r"\b(end|ends|ending|enddate|expir\w*|ende|ablauf)\b", " ", rest))
    if without == rest:
        return None
    return (without[:1].upper() + without[1:]) if without else "Contract"


def _cleaned(text: str) -> str:
    return " ".join(text.split())
