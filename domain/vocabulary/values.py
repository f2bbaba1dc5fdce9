"""The words for yes, no, missing, left and stayed."""

from __future__ import annotations

from domain.vocabulary.spelling import normalise, spelling_key

_MAIN_PAIRS = (
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("0", "1"),
    ("off", "on"),
    ("nein", "ja"),
    ("non", "oui"),
    ("no", "si"),
    ("no", "sí"),
    ("não", "sim"),
    ("nao", "sim"),
    ("faux", "vrai"),
    ("falsch", "wahr"),
)
_SPREADSHEET_PAIRS = (
    "falso verdadero|falso verdadeiro|falso vero|fals adevărat|fals cert|onwaar waar|fałsz prawda|falsz prawda"
    "|nepravda pravda|hamis igaz|yanlış doğru|yanliş doğru|yanlis dogru|falskt sant|falsk sand|usann sann|epätosi tosi"
    "|ложь истина|лъжа истина|невярно вярно|неверно верно|хибність істина|laž istina|netačno tačno|нетачно тачно"
    "|väär tõene|ψευδησ αληθησ|ψευδέσ αληθέσ|ψευδήσ αληθήσ|salah benar|sai đúng|خطأ صحيح|خطأ صواب|שקר אמת|假 真|偽 真"
    "|거짓 참|เท็จ จริง|असत्य सत्य"
)
"""False and true as spreadsheets and databases write them in other languages."""
_SPOKEN_PAIRS = (
    "nie tak|ne ano|nie áno|nie ano|ne da|nu da|не да|нет да|ні так|не так|nem igen|hayır evet|hayir evet|nej ja"
    "|nei ja|nei já|nee ja|ei kyllä|ei kylla|ei jah|ne taip|nē jā|όχι ναι|οχι ναι|jo po|ez bai|no sì|no sim"
    "|tidak ya|không có|hindi oo|hapana ndiyo|kwete hongu|kwete ehe|cha yebo|لا نعم|نه بله|خیر بله|نہیں ہاں|לא כן"
    "|नहीं हाँ|नहीं हां|না হ্যাঁ|இல்லை ஆம்|ไม่ใช่ ใช่|いいえ はい|否 是|不是 是|아니오 예|아니요 예|아니요 네|አይ አዎ|არა კი"
    "|ոչ այո|yox bəli|жоқ иә|үгүй тийм"
)
"""No and yes in other languages."""
_LETTER_PAIRS = "n s|n j|n o|f v|f w|n t|н д|✗ ✓|✘ ✔"
"""Letters and marks for no and yes."""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((no, yes) for no, yes in (pair.split(" ") for pair in text.split("|")))


YES_NO_PAIRS = (*_MAIN_PAIRS, *_pairs(_SPREADSHEET_PAIRS), *_pairs(_SPOKEN_PAIRS), *_pairs(_LETTER_PAIRS))
"""No and yes as they occur together in a column, in the form of `spelling_key`."""

FALSE_WORDS = frozenset(no for no, _ in YES_NO_PAIRS) | {"0.0"}
TRUE_WORDS = frozenset(yes for _, yes in YES_NO_PAIRS) | {"1.0", "1.000", "1,000"}
_UNMISTAKABLE = {word for pair in _MAIN_PAIRS for word in pair}
_NOT_BY_ITSELF = (FALSE_WORDS | TRUE_WORDS | {"none"}) - _UNMISTAKABLE | {
    "0",
    "1",
    "t",
    "f",
    "on",
    "off",
    "sim",
    "none",
}
"""Words that mean yes or no only in a column that is known as yes/no."""

NONE = "none"
MISSING_WORDS = frozenset(
    {"", "-", "--", "?", "nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"}
    | {"+nan", "-nan", "null", NONE, "n/a", "na", "n.a.", "#n/a", "#na", "nil", "\\n", "–", "—", "."}
    | {"(null)", "[null]", "<null>", "<na>", "nat", "(blank)", "1.#ind", "1.#qnan"}
)
"""Texts (trimmed, in lower case) that mean that there is no value."""

MISSING_TEXTS = MISSING_WORDS - {NONE}
"""The same in a column of texts: "None" is a level where files use it for customers without the thing."""

MAY_BE_LEVELS = frozenset({"na", "n/a", "n.a.", NONE, "null", "nil", "-", "--"})
"""Of them, those that are a level in a column of texts that says nothing else for missing: NA for North America."""

MISSING_NUMBERS = MISSING_WORDS | {"unknown", "missing", "not available", "not applicable"}
"""The same where a number is expected; in a column of texts the further ones may be levels."""

NULLS_AS_WRITTEN = ("", " ", "-", "NaN", "nan", "NULL", "null", "N/A", "n/a", "NA", "None", "none", "#N/A")
"""The most frequent of them, which the CSV parser reads as missing."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BY_WORD_LEFT = _words(
    "churn churned churner left leaver exited exit attrited attritedcustomer attrition cancelled canceled gone "
    "lost closed terminated deactivated disconnected unsubscribed inactive portedout notretained notrenewed "
    "notactive gekündigt gekuendigt abgewandert inaktiv baja cancelado cancelada inactivo abandonó résilié "
    "résiliée resilie parti inactif désabonné desabonne inativo evadiu cancelou disdetto cessato abbandonato "
    "inattivo opgezegd zrezygnował zrezygnowal odszedł odszedl nieaktywny ayrıldı ayrildi ушел ушёл ушла неактивен "
    "流失 已流失 离网 解約 expired lapsed surrendered reziliat felmondott wypowiedziana wypowiedziany rozwiązana "
    "iptal berhenti keluar رحل ألغى 解約済 解約済み 退会 離脱 이탈 해지 탈퇴"
)
"""Values of the target for customers who left, whatever the column is called."""
BY_WORD_STAYED = _words(
    "stayed stay stayer active retained retain existing existingcustomer current loyal nochurn notchurned notchurn "
    "nonchurn nonchurner notcanceled notcancelled notleft notexited notterminated open remained kept subscribed "
    "inforce renewed aktiv geblieben ungekündigt activo activa alta vigente actif abonné ativo ativa attivo attiva "
    "actief aktywny aktywna pozostał aktywni aktif активен активный остался действует 未流失 在网 留存 継続 継続中 "
    "契約中 유지 활동"
)
"""Values of the target for customers who stayed, whatever the column is called."""

MINUS_ONE = "-1"
BARE_YES, BARE_NO = TRUE_WORDS, FALSE_WORDS | {MINUS_ONE}
"""Values that say who left only together with the name of their column."""
LEFT_WORDS = BY_WORD_LEFT | BARE_YES
"""Values of the target for customers who left, where yes means left."""
STAYED_WORDS = BY_WORD_STAYED | BARE_NO
"""Values of the target for customers who stayed, where yes means left."""


def yes_or_no(text: str, *, boolean: bool) -> bool | None:
    """Whether a text means yes; None where it means neither. `boolean`: the column is known to hold yes and no.

    "None" in such a column means no.
    """
    key = spelling_key(text)
    if not boolean and key in _NOT_BY_ITSELF:
        return None
    return True if key in TRUE_WORDS else False if key in FALSE_WORDS or key == NONE else None


def as_no_and_yes(first: str, second: str) -> tuple[str, str] | None:
    """Two values in the order no, yes; None where they are not such a pair.

    Next to 0.000, 1.000 is one and not one thousand.
    """
    if {first, second} in ({"0.000", "1.000"}, {"0,000", "1,000"}):
        return min(first, second), max(first, second)
    for comparable in (spelling_key, normalise):
        keys = comparable(first), comparable(second)
        if keys in YES_NO_PAIRS:
            return first, second
        if keys[::-1] in YES_NO_PAIRS:
            return second, first
    return None
