"""Words in the names of columns that say who left, or who stayed.

A name is read word by word: "not_churned" and "is_customer" are about staying, "no_longer_active" is about leaving. A
name with an unknown word, such as "churn_xyz", is unclear, and a person is asked. All words are in lower case and
without accents (see `spelling.bare_words`).
"""

from __future__ import annotations

from enum import Enum

from domain.vocabulary.spelling import bare_words, split_word, without_accents


class YesMeans(Enum):
    """What yes, or 1, in a column of a certain name says about the customer."""

    LEFT = "left"
    STAYED = "stayed"
    PROBABLY_LEFT = "probably left"
    """Such as "inactive": the column may be about something else, so a person confirms that it is the target."""
    PROBABLY_STAYED = "probably stayed"
    UNCLEAR = "unclear"
    """The name mentions leaving, and more than is known here."""

    @property
    def is_sure(self) -> bool:
        return self in (YesMeans.LEFT, YesMeans.STAYED)

    @property
    def left(self) -> bool | None:
        """Whether yes means that the customer left; None if the name does not say it."""
        if self is YesMeans.UNCLEAR:
            return None
        return self in (YesMeans.LEFT, YesMeans.PROBABLY_LEFT)


def _words(text: str) -> frozenset[str]:
    return frozenset(without_accents(text).split())


_CHURN = _words(
    "churn churned churner churners churning churns attrition attrit attrited abwanderung abgewandert "
    "abwanderer отток 流失 离网 流失客户 解約 解约 退会 離脱 離反 이탈 해지 탈퇴"
)
"""Words that mean leaving and hardly ever anything else. A longer name with one of them is asked about."""
_LEFT = _CHURN | _words(
    "exited leaver leavers left leave leaves leaving departed defected gone quit cancelled canceled unsubscribed "
    "deactivated terminated disconnected target label gekundigt ausgetreten baja abandono abandona abandonado fuga "
    "fugado cancelado cancelo cancelou evasao desistencia desligado resilie resiliation parti departe disdetta "
    "disdetto abbandono cessato opgezegd vertrokken odejscie odszedl odeszla zrezygnowal zrezygnowala rezygnacja "
    "odesel odchod uppsagd frafall opsagt poistunut ayrildi ayrilma terk iptal berhenti keluar roibo ушел ушла "
    "ушедший ушли расторжение kundigung kuendigung kundigt kuendigt gekuendigt storniert desabonnement desabonne "
    "resiliation quitte depart desercion abandonou cancelamento cancelacion saiu desistiu abbandonato cancellation "
    "cancellations resigned resignation termd dropout portedout portout 离职 退订 销户 reziliat reziliere plecat "
    "lemorzsolodott lemorzsolodas felmondott kilepett відтік пішов пішла ریزش αποχώρησε αποχώρηση ameondoka "
    "ameacha amejiondoa akabva abva uhambile usehambile"
)
_PROBABLY_LEFT = _words(
    "inactive dormant lapsed lapse lost closed exit cancel turnover inaktiv inactivo inactif inattivo inativo "
    "nieaktywny pasif nonaktif неактивен"
)
_STAYED = _words(
    "retained stayed stays stayer stayers staying remained remains remaining kept retenu retenido "
    "retido geblieben verblieben permanece permanecio permaneceu rimasto gebleven zostal"
)
_PROBABLY_STAYED = _words(
    "active alive loyal subscribed subscribing subscription renewed renewal renews renewing current "
    "existing live engaged survived survival retention aktiv activo activa actif ativo ativa attivo "
    "actief aktywny aktivni aktif bestandskunde fidele renovado renovo renouvele rinnovato "
    "verlangert активен активный 在网 継続 유지 잔존"
)
_NOT = _words(
    "not no non un never without free nicht kein keine ohne pas sin sem senza niet geen nie inte ikke tidak bukan не "
    "未 非 没有 不"
)
_CUSTOMER = _words(
    "customer client subscriber kunde cliente klient abonne abonnent 客户 客戶 用户 用戶 клиент клієнт mteja "
    "mutengi umthengi ikhasimende ugyfel مشتری πελάτης"
)
_STILL = _words("is still noch encore todavia ainda ancora 是否")
_FILLERS = (
    _CUSTOMER
    | _STILL
    | _words(
        "customers clients subscribers account accounts user users member contract line subscription "
        "service the a has have was were did does will been who of to by at and flag flags status yn ind "
        "indicator bin binary bool boolean dummy class outcome event observed actual true value label "
        "target longer any more anymore hat war est company us network provider es esta se el la le "
        "die der das do fue foi kennzeichen kunden клиента клиентов абонента ли 标签 状态 标志 标识 标记 顾客 employee "
        "employees employment booking reservation policy agreement membership abonelik abone musteri uye mi mu "
        "pelanggan berlangganan langganan klienta klientow abonenta フラグ 有無 区分 会員 顧客 여부 유무 고객 회원 "
        "가입자 계약 契約 合同 contrato contrat vertrag umowy договора da khach hang"
    )
)
_PERIOD = _words("month months day days week weeks quarter quarters year years period")
_SURELY_AHEAD = _words("next within following coming")
_AHEAD = _SURELY_AHEAD | _words("in this after over")
_SINGLE = _words("n y d m w q t h")
_STATUS = _words(
    "status state estado estatus statut etat stato stan stav zustand situacao situacion durum durumu статус 状态 状態 "
    "상태"
)
_PHRASES = {("roi", "bo"): "roibo", ("ported", "out"): "portedout", ("port", "out"): "portout"}
"""Words that mean leaving only together."""
_ALTERNATIVES = frozenset({("or", "not"), ("oder", "nicht"), ("ou", "non"), ("ou", "nao"), ("o", "no"), ("lub", "nie")})
"""The end of a name that asks a question, such as "Left or not": it does not turn the meaning around."""
_OTHER_SUBJECT = _words(
    "predict predicted prediction predictions score scores scored prob probability proba risk risks "
    "likelihood propensity previous previously prior last past ever before earlier history historic "
    "former reason reasons category why cause type date time segment rate ratio count counts number "
    "num nr prevented prevention prevent saved save avoided averted offer offers offered survey "
    "surveys alert alerts warning competitor competitors competition campaign campaigns contact "
    "contacted call calls model forecast expected estimate estimated potential intent intention "
    "threat level group band decile rank index note notes comment comments feedback channel cost "
    "costs loss revenue sms email letter letters winback back repurchase cluster percent pct share "
    "since"
)
"""A name with one of these is about leaving, but does not say who left."""

_SCORED = _words("predict predicted prediction score scored prob probability proba risk likelihood propensity forecast")
"""Words of a model's score, in the name of a column that may hold what happened instead."""
_EVENTS = _words(
    "event outcome flag indicator result response y dependent happened evento resultado indicador bandera ereignis "
    "ergebnis kennzeichen zielvariable evenement resultat indicateur esito risultato gebeurtenis uitkomst zdarzenie "
    "wynik olay sonuc событие результат признак 事件 结果 标志 イベント 結果 이벤트 결과"
)
"""Words for something that happened."""

_KNOWN = (
    _STATUS | _LEFT | _PROBABLY_LEFT | _STAYED | _PROBABLY_STAYED | _NOT | _FILLERS | _PERIOD | _AHEAD | _OTHER_SUBJECT
)
_IN_ONE_WORD = frozenset(word for word in _KNOWN | {"or"} if len(word) > 1 or not word.isascii())


def yes_means(name: str) -> YesMeans | None:
    """What yes in a column of this name means; None if the name does not mention leaving or staying."""
    words = _split(name)
    mentions = [word for word in words if word in _MENTIONS]
    if "target" in mentions or "label" in mentions:
        mentions = [word for word in mentions if word not in ("target", "label")] or mentions[:1]
    if not mentions and set(words) & _CUSTOMER and set(words) & _STILL and set(words) <= _FILLERS | _NOT:
        return YesMeans.PROBABLY_LEFT if _is_negated(words) else YesMeans.PROBABLY_STAYED
    if not mentions or set(words) & _OTHER_SUBJECT:
        return None
    if len(mentions) > 1 or not _all_known(words):
        return YesMeans.UNCLEAR if set(mentions) & _CHURN else None
    left = (mentions[0] in _LEFT | _PROBABLY_LEFT) is not _is_negated(words)
    if mentions[0] in _LEFT | _STAYED:
        return YesMeans.LEFT if left else YesMeans.STAYED
    return YesMeans.PROBABLY_LEFT if left else YesMeans.PROBABLY_STAYED


def may_say_who_left(name: str) -> bool:
    """Whether a column of this name says who left if it holds 0 and 1, and nothing else in a file does.

    It mentions leaving and a probability, such as "churn_probability", or something that happened, such as "event".
    """
    words = set(_split(name))
    scored = words & _MENTIONS and words & _SCORED and words <= _MENTIONS | _SCORED | _FILLERS | _NOT | _SINGLE
    return bool(scored) or (bool(words & _EVENTS) and words <= _EVENTS | _FILLERS | _PERIOD | _AHEAD)


def is_status(name: str) -> bool:
    """Whether the column holds the state of the customer or the account, such as "account_status"."""
    words = set(_split(name))
    return bool(words & _STATUS) and words <= _STATUS | _FILLERS


_MENTIONS = _LEFT | _PROBABLY_LEFT | _STAYED | _PROBABLY_STAYED


def _split(name: str) -> tuple[str, ...]:
    """The words of a name, also of one that is written in one word."""
    parts: list[str] = []
    for word in bare_words(name):
        parts += [word] if word in _KNOWN else split_word(word, _IN_ONE_WORD) or [word]
    if len(parts) > 2 and tuple(parts[-2:]) in _ALTERNATIVES:
        parts = parts[:-2]
    for place in range(len(parts) - 1):
        if (phrase := _PHRASES.get((parts[place], parts[place + 1]))) is not None:
            return (*parts[:place], phrase, *parts[place + 2 :])
    return tuple(parts)


def _is_negated(words: tuple[str, ...]) -> bool:
    return sum(word in _NOT for word in words) % 2 == 1


def _all_known(words: tuple[str, ...]) -> bool:
    churn = any(word in _CHURN for word in words)
    ahead = any(word in _AHEAD if churn else word in _SURELY_AHEAD for word in words) or any(map(str.isdigit, words))
    fitting = _MENTIONS | _NOT | _FILLERS | _SINGLE | _AHEAD | (_PERIOD if ahead else frozenset())
    fitting |= _STATUS if churn else frozenset()
    return all(word in fitting or word.isdigit() for word in words)
