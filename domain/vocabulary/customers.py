"""Words in the names of columns that identify customers, groups of customers, or people, in several languages.

All words are in lower case and without accents (see `spelling.bare_words`). Names only help; what a column holds
decides.
"""

from __future__ import annotations

from functools import lru_cache

from domain.vocabulary.spelling import bare_words, split_word, without_accents


def _words(text: str) -> frozenset[str]:
    return frozenset(without_accents(text).split())


_OWNERS = _words(
    "customer client subscriber cliente clientes kunde kunden klant klanten klient klienta klientow "
    "zakaznik zakaznika abonne abonnes abonado abonnent abonent abonenta abonnee assinante suscriptor "
    "usuario utente kund asiakas musteri клиент клиента абонент абонента 客户 顾客 用户 会员 顧客 お客様 고객 회원 "
    "عميل العميل مشترك المشترك "
    "زبون الزبون πελατης pelanggan khach hang uye abone 客戶 用戶 會員 ugyfel ugyfelek "
    "клієнт клієнта абонента مشتری مشترک πελάτη mteja wateja mutengi vatengi umthengi ikhasimende"
)
"""Words for the customer. One of them alone names a column of customers."""
_NUMBERED_OWNERS = _words(
    "account acct user member subscription contract line sim cuenta conto compte conta konto rekening "
    "contrato contrat vertrag vertrags contratto umowa umowy linea ligne linha 账户 账号 счет счета "
    "договор договора 契約"
)
"""Words that name a column of customers only together with a word for a number."""
_NUMBERS = _words(
    "id ids nr no num number numero nummer numer code codigo codice cod kod identifiant identificador "
    "identifikator identificativo kennung key ref رقم شناسه شماره ma szam azonosito namba nhamba inombolo κωδικός "
    "αριθμός 編號 號 號碼 номер код ид 号 编号 号码 番号 번호"
)
_JOINTS = _words("de del du do da di d of the dos des la el le l s n ya wa yo lwe")

_NAMES = _words(
    "name names nom nombre nome nombres naam navn namn imie nazwa jmeno ime ad adi isim nama ten имя 名 氏名 名字 이름"
)
_KINDS_OF_NAMES = _words("last first full middle given family sur fore maiden nick")
_PARTS_OF_NAMES = _words(
    "姓名 氏名 фио 성명 surname lastname firstname forename fullname nachname vorname familienname apellido "
    "apellidos prenom cognome sobrenome apelido nazwisko prijmeni fornavn etternavn efternavn "
    "efternamn fornamn voornaam achternaam prezime soyad soyadi фамилия отчество 姓"
)
_PERSONS = _words("contact person holder owner titular inhaber titulaire intestatario")
_PHONES = _words(
    "phone telephone mobile cell cellphone tel telefon telefono telefone telefoon handy handynummer "
    "mobilnummer rufnummer telefonnummer movil celular gsm puhelin tlf whatsapp fax msisdn 电话 手机 手机号 "
    "携帯 전화 телефон"
)
_SIDES = _words("home work contact primary alternate private office business second main")
_MAILS = _words("email mail correo courriel 邮箱 почта")
_OF_MAILS = _words("e address addresses indirizzo endereco")

_PLACES = _words(
    "city town village region state province county country district area zone zip zipcode postcode "
    "postal plz ort stadt bezirk bundesland ville departement commune ciudad provincia municipio "
    "cidade bairro estado citta comune regione woonplaats gemeente miasto wojewodztwo mesto kraj by "
    "kommune kaupunki sehir il город область район 城市 省 地区 cp latitude longitude lat lon lng "
    "population suburb neighborhood neighbourhood location address street"
)
_GROUPS = _words(
    "plan tariff tarif tarifa tariffa product produit producto produto prodotto produkt package "
    "bundle offer segment cluster group cell tower site antenna shop store branch dealer agent seller "
    "channel model device handset brand vendor manufacturer campaign plankod cellid lac postcode"
)

_KNOWN = (
    _OWNERS
    | _NUMBERED_OWNERS
    | _NUMBERS
    | _JOINTS
    | _NAMES
    | _KINDS_OF_NAMES
    | _PARTS_OF_NAMES
    | _PERSONS
    | _PHONES
    | _SIDES
    | _MAILS
    | _PLACES
    | _GROUPS
)
_IN_ONE_WORD = frozenset(word for word in _KNOWN if len(word) > 1 or not word.isascii())


@lru_cache(maxsize=8192)
def _split(name: str) -> frozenset[str]:
    parts: list[str] = []
    for word in bare_words(name):
        if not word.isdigit():
            parts += [word] if word in _KNOWN else split_word(word, _IN_ONE_WORD) or [word]
    return frozenset(parts)


def names_customer(name: str) -> bool:
    """Whether a column of this name identifies customers: "id_cliente", "Kundennummer", "n° abonné", "客户号"."""
    words = _split(name)
    if not words <= _OWNERS | _NUMBERED_OWNERS | _NUMBERS | _JOINTS:
        return False
    return bool(words & _OWNERS) or bool(words & _NUMBERED_OWNERS and words & _NUMBERS)


def names_group(name: str) -> bool:
    """Whether the column holds places, tariffs, shops or other groups that many customers share."""
    return bool(_split(name) & (_PLACES | _GROUPS))


def names_place(name: str) -> bool:
    return bool(_split(name) & _PLACES)


def names_person(name: str) -> bool:
    """Whether the column holds names of people for certain: "Surname", "customer name", "Nachname"."""
    words = _split(name)
    known = words <= _NAMES | _KINDS_OF_NAMES | _PARTS_OF_NAMES | _PERSONS | _OWNERS | _NUMBERED_OWNERS | _JOINTS
    whose = bool(words & _NAMES and words & (_PERSONS | _OWNERS | _KINDS_OF_NAMES))
    return known and (whose or bool(words & _PARTS_OF_NAMES))


def may_name_person(name: str) -> bool:
    """Whether the column may hold names of people, if its content looks like it: "Name", "nom"."""
    words = _split(name)
    return bool(words & _NAMES) and words <= _NAMES | _JOINTS


def names_phone(name: str) -> bool:
    words = _split(name)
    return bool(words & _PHONES) and words <= _PHONES | _SIDES | _NUMBERS | _OWNERS | _JOINTS


def names_mail(name: str) -> bool:
    return bool(_split(name) & _MAILS)


def names_personal(name: str) -> bool:
    """Whether a column of this name identifies a customer or a person, as far as the name alone can tell.

    It holds ids, names of people, phone numbers or email addresses.
    """
    words = _split(name)
    mail = bool(words & _MAILS) and words <= _MAILS | _OF_MAILS | _SIDES | _NUMBERS | _OWNERS | _JOINTS
    return mail or names_customer(name) or names_person(name) or may_name_person(name) or names_phone(name)
