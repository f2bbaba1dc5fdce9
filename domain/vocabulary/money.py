"""Currency signs, codes and words in files. `domain.formats` formats amounts for display.

`_CODES` and `_CLDR_WORDS` are printed by `python -m tests.currency_words` from CLDR's data.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CODES = (
    "ADP AED AFA AFN ALK ALL AMD ANG AOA AOK AON AOR ARA ARL ARM ARP ARS ATS AUD AWG AZM AZN BAD BAM BAN BBD BDT "
    "BEC BEF BEL BGL BGM BGN BGO BHD BIF BMD BND BOB BOL BOP BOV BRB BRC BRE BRL BRN BRR BRZ BSD BTN BUK BWP BYB "
    "BYN BYR BZD CAD CDF CHE CHF CHW CLE CLF CLP CNH CNY COP COU CRC CSD CSK CUC CUP CVE CYP CZK DDM DEM DJF DKK "
    "DOP DZD ECS ECV EEK EGP ERN ESA ESB ESP ETB EUR FIM FJD FKP FRF GBP GEK GEL GHC GHS GIP GMD GNF GNS GQE GRD "
    "GTQ GWE GWP GYD HKD HNL HRD HRK HTG HUF IDR IEP ILP ILR ILS INR IQD IRR ISJ ISK ITL JMD JOD JPY KES KGS KHR "
    "KMF KPW KRH KRO KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LTT LUC LUF LUL LVL LVR LYD MAD MAF MCF MDC MDL MGA "
    "MGF MKD MKN MLF MMK MNT MOP MRO MRU MTL MTP MUR MVP MVR MWK MXN MXP MXV MYR MZE MZM MZN NAD NGN NIC NIO NLG "
    "NOK NPR NZD OMR PAB PEI PEN PES PGK PHP PKR PLN PLZ PTE PYG QAR RHD ROL RON RSD RUB RUR RWF SAR SBD SCR SDD "
    "SDG SDP SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG SSP STD STN SUR SVC SYP SZL THB TJR TJS TMM TMT TND TOP TPE "
    "TRL TRY TTD TWD TZS UAH UAK UGS UGX USD USN USS UYI UYP UYU UYW UZS VEB VED VEF VES VND VNN VUV WST XAD XAF "
    "XAG XAU XBA XBB XBC XBD XCD XCG XDR XEU XFO XFU XOF XPD XPF XPT XRE XSU XTS XUA XXX YDD YER YUD YUM YUN YUR "
    "ZAL ZAR ZMK ZMW ZRN ZRZ ZWD ZWG ZWL ZWR"
)
_CLDR_WORDS = (
    "afl ang ar b/ br bs bs.s cf cfp cfpf cg da db den din dkr dt ecu esc fb fbu fc fcfa fcfp fdj fg ft gs ikr "
    "ils kg km kn kr ksh kz kč kčs le lekë ls mk mtn naf nfk nis nkr nu rf rm rp rs s/ soʻm sr tsh um up ush vt "
    "vẽj zig zł ös δρχ ден дин зл км крб кч лв лсл сом сўм тл тмт щ.д ל״י أ.م ج.س ج.م د.أ د.إ د.ب د.ت د.ج د.س د.ع "
    "د.ك د.ل د.م ر.إ ر.س ر.ع ر.ق ر.ي ریال فرانکcfa ل.س ل.ل नेरू රු සිෆ්එ ብር"
)
_SPOKEN = (
    "dollar dollars usdollar usdollars euro euros pound pounds sterling rupee rupees rupiah ringgit "
    "lira liras lire lirasi lirası peso pesos real reais rand rands naira shilling shillings dirham dirhams dinar "
    "dinars riyal riyals rial rials baht yuan rmb renminbi yen won dong đồng taka tk franc francs francscfa cfa "
    "krona kronor krone kroner kronur króna krónur koruna koruny korun złoty złote złotych zloty zlotych forint "
    "forinttal leu lei lev leva levs sol soles quetzal quetzales lempira lempiras córdoba córdobas colón colones "
    "bolívar bolívares guaraní guaraníes kwacha cedi cedis birr pula metical meticais ariary kuna shekel shekels "
    "dh dhs tl dm kc zl ksh tsh ush kshs tshs ushs rs. re bdt inr gbp r$ b/ к/ руб рубль рубля рублей грн гривня "
    "гривень гривні тенге тг сум сом лв лева ден денари дин динара ман манат kzt лари драм đ vnđ 元 円 圓 圆 块 "
    "人民币 美元 欧元 日元 港币 港元 日圓 원 원화 달러 บาท "
    "درهم دينار ريال جنيه ليرة روبية تومان টাকা रुपये रुपए रू ரூ රු ₨ р ر ރ ƒ"
)
"""What people write besides: spoken names, and signs that CLDR knows in another form."""
_TOUCHING = (
    "rp rm tl dh dhs rs kr ksh kshs tsh ush cfa fcfa cfpf ft lei leu nis zig zl kc tk rmb inr ugsh euro euros dm "
    "dollar dollars soles din mtn gs bs afl naf nkr dkr ikr"
)
"""Short ASCII words that people write without a blank next to the number. Others may be codes such as UP12."""
_BEFORE_WITH_BLANK = frozenset("deflpqrs")
"""Single letters that mean a currency before a number and a blank or a dot: L. 20. R also without: R20."""
_OTHER_MEANING = frozenset(("kg", "km"))
"""Abbreviations of currencies that are units in files."""

_WORDS = (frozenset(_CLDR_WORDS.split()) | frozenset(_SPOKEN.split())) - _OTHER_MEANING
_CODE_KEYS = frozenset(_CODES.casefold().split())
_CODES_AS_WRITTEN = frozenset(_CODES.split())
_TOUCHING_WORDS = frozenset(_TOUCHING.split())
_SIGN = re.compile(r"[a-z]{0,3}[$¢£¤¥฿₠-⃏֏؋৳៛][a-z]{0,3}")
_PER_MONTH = re.compile(
    r"\s*(?:/|\b(?:per|pro|por|par)\b)\s*(?:month|mo|mth|monat|mois|mes|mês|mese)\.?$", re.IGNORECASE
)


def currency_key(text: str) -> str:
    """Comparable form of a currency's name: without case, blanks, invisible marks, and dots around it."""
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    visible = "".join(character for character in wide if unicodedata.category(character) != "Cf")
    return "".join(visible.split()).casefold().strip(".")


def is_currency_before(text: str) -> bool:
    """Whether the text before a number, up to its first digit, is a currency: "R$ ", "Rp", "USD "."""
    key = currency_key(text)
    apart = text[-1:].isspace() or text.endswith(".")
    if len(key) == 1 and key.isascii() and key.isalpha():
        return key == "r" or (apart and key in _BEFORE_WITH_BLANK)
    return _is_currency(key, text.strip(), apart=apart)


def is_currency_after(text: str) -> bool:
    """Whether the text after a number, from its last digit, is a currency: " €", "TL", " руб.", " EUR per month"."""
    name = _PER_MONTH.sub("", text)
    key = currency_key(name)
    if not key:
        return name != text  # only "per month"
    if len(key) == 1 and key.isascii() and key.isalpha():
        return False
    return _is_currency(key, name.strip(), apart=name[:1].isspace())


def _is_currency(key: str, written: str, *, apart: bool) -> bool:
    """`apart`: a blank or a dot stands between the currency and the number."""
    if _SIGN.fullmatch(key):
        return True
    if key in _CODE_KEYS:
        return apart or written in _CODES_AS_WRITTEN
    return key in _WORDS and (apart or not (key.isascii() and key.isalpha()) or key in _TOUCHING_WORDS)


_DOLLARS = (
    "usd aud cad nzd sgd hkd twd jmd ttd bbd bsd bzd fjd gyd lrd nad sbd srd xcd brl mxn ars clp cop uyu zwd zwl zwg"
)
_CURRENCIES: dict[str, tuple[str, str]] = {
    **{code: ("$", code.upper()) for code in _DOLLARS.split()},
    **{code: ("£", code.upper()) for code in ("gbp", "egp", "lbp", "syp", "sdg", "gip", "fkp")},
    **{code: ("¥", code.upper()) for code in ("jpy", "cny")},
    **dict.fromkeys(("€", "eur", "euro", "euros"), ("€", "EUR")),
    **dict.fromkeys(("₹", "inr"), ("₹", "INR")),
    **dict.fromkeys(("₽", "rub", "руб", "рубль", "рубля", "рублей"), ("₽", "RUB")),
    **dict.fromkeys(("₺", "try", "tl"), ("₺", "TRY")),
    **dict.fromkeys(("₩", "krw", "원"), ("₩", "KRW")),
    **dict.fromkeys(("₪", "ils", "nis"), ("₪", "ILS")),
    **dict.fromkeys(("₦", "ngn", "naira"), ("₦", "NGN")),
    **dict.fromkeys(("₫", "đ", "vnd", "vnđ"), ("₫", "VND")),
    **dict.fromkeys(("฿", "thb", "baht"), ("฿", "THB")),
    **dict.fromkeys(("₴", "uah", "грн"), ("₴", "UAH")),
    **dict.fromkeys(("zł", "zl", "pln"), ("zł", "PLN")),
    **dict.fromkeys(("r", "zar", "rand", "rands"), ("R", "ZAR")),
    **dict.fromkeys(("us$", "usdollar", "usdollars"), ("$", "USD")),
    **dict.fromkeys(("$", "dollar", "dollars"), ("$", "")),
    **dict.fromkeys(("£", "pound", "pounds"), ("£", "")),
    **dict.fromkeys(("¥", "元", "円"), ("¥", "")),
}
"""The sign that a currency shares with others, and its code; "" where the sign alone does not say which it is."""
MAX_REMEMBERED = 8
"""Characters of a text next to a number that is remembered. Longer ones can be words of a person's file."""
_AROUND = re.compile(r"[^\d]*(?=\d)|(?<=\d)[^\d]*$")


def currency_of(cell: str) -> tuple[str, str] | None:
    """The sign and code of the currency next to a number; None without a currency, or with one that is not known."""
    for match in _AROUND.finditer(cell):
        text = match[0]
        currency = _remembered(text) if len(text) <= MAX_REMEMBERED else _currency_named(text)
        if currency is not None:
            return currency
    return None


def _currency_named(text: str) -> tuple[str, str] | None:
    key = currency_key(_PER_MONTH.sub("", text).strip("+-().,' "))
    known = _CURRENCIES.get(key) or _CURRENCIES.get(key.removesuffix("$"))
    if known is not None:
        return known
    if key in _CODE_KEYS:
        return key, key.upper()
    return ("$", key) if key.endswith("$") else None


_remembered = lru_cache(maxsize=1_000)(_currency_named)
"""Most cells of a column have the same text next to the number, and most have none."""
