"""Which encoding a file's words are written in, and when a person is asked."""

from __future__ import annotations

import pytest

from adapters.intake.encodings import LateLetters, encoding_by_letters
from domain.errors import EncodingUnclear
from domain.file_format import ENCODINGS, encoding_named


@pytest.mark.parametrize(
    ("words", "written", "read"),
    [
        ("Warszawa;Łódź;Kraków;Gdańsk;Białystok", "cp1250", "cp1250"),
        ("Warszawa;Łódź;Kraków;Gdańsk;Świdnica", "iso8859-2", "iso8859-2"),
        ("měsíční;dvouletá;kreditní karta;Ústí", "cp1250", "cp1250"),
        ("kétéves;havonta;Győr;Szegedi út;hűség", "cp1250", "cp1250"),
        ("lunar;doi ani;Iaşi;Constanţa;Bistriţa", "cp1250", "cp1250"),
        ("ежемесячно;два года;Москва;да;нет", "cp1251", "cp1251"),
        ("ежемесячно;два года;Москва;да;нет", "koi8-r", "koi8-u"),
        ("ежемесячно;два года;Москва;да;нет", "cp866", "cp866"),
        ("щомісяця;два роки;Київ;Харків;так", "cp1251", "cp1251"),
        ("месечно;две години;София;Пловдив", "iso8859-5", "iso8859-5"),
        ("μηνιαίο;διετές;Αθήνα;ναι;όχι;Πάτρα", "cp1253", "cp1253"),
        ("Αύξηση;Άρτα;Άνδρος;μηνιαίο", "iso8859-7", "iso8859-7"),
        ("aylık;iki yıllık;hayır;İzmir;Şanlıurfa;Muğla", "cp1254", "cp1254"),
        ("aylık;iki yıllık;hayır;İzmir;Şanlıurfa;Muğla", "iso8859-9", "cp1254"),
        ("İstanbul;İzmir;İznik;Muğla", "cp1254", "cp1254"),
        ("mėnesinė;dveji metai;Šiauliai;Panevėžys;Klaipėda", "cp1257", "cp1257"),
        ("mēneša;divi gadi;Rīga;Liepāja;Jūrmala", "cp1257", "cp1257"),
        ("חודשי;שנתיים;תל אביב;חיפה;ירושלים", "cp1255", "cp1255"),
        ("شهري;سنتان;الرياض;جدة;القاهرة", "cp1256", "cp1256"),
        ("รายเดือน;สองปี;กรุงเทพ;เชียงใหม่", "cp874", "cp874"),
        ("按月;两年;北京;上海;光纤", "gb18030", "gb18030"),
        ("按月;两年;北京;上海;光纤", "gb2312", "gb18030"),
        ("月租;兩年;台北;高雄;光纖", "big5", "cp950"),
        ("毎月;二年契約;東京;大阪;カード", "shift_jis", "cp932"),
        ("毎月;二年契約;東京;大阪;カード", "euc_jp", "euc_jp"),
        ("월별;이년;서울;부산;광케이블", "euc_kr", "cp949"),
        ("sans engagement;deux années;Orléans;chèque;fidélité", "cp1252", "cp1252"),
        ("zweijährig;Überweisung;München;Köln;größer", "cp1252", "cp1252"),
        ("dos años;tarjeta de crédito;Málaga;teléfono", "iso8859-1", "cp1252"),
        ("cartão;não;São Paulo;dois anos;João", "cp1252", "cp1252"),
        ("måned;København;Århus;toårig;Sønderjylland", "cp1252", "cp1252"),
        ("zweijährig;Überweisung;München;Köln;größer", "cp850", "cp850"),
        ("zweijährig;Überweisung;München;Köln;größer", "mac_roman", "mac_roman"),
        ("20 €;15 €;30 €", "cp1252", "cp1252"),
        ("cœur;20 €;sœur;15 €", "iso8859-15", "iso8859-15"),
        ("£20;£15.50;30 °C", "cp1252", "cp1252"),
    ],
)
def test_words_are_read_in_the_encoding_that_they_make_sense_in(words: str, written: str, read: str) -> None:
    assert encoding_by_letters(words.encode(written)) == read


@pytest.mark.parametrize(
    ("words", "written", "offered"),
    [
        ("żaden", "cp1250", {"cp1250", "cp1257"}),
        ("hayır", "cp1254", {"cp1254", "cp1252"}),
        ("Genève", "cp1252", {"cp1252", "cp1250"}),
        ("więcej", "cp1250", {"cp1250", "cp1252"}),
        ("è", "cp1252", {"cp1252", "cp1250"}),
    ],
)
def test_a_person_is_asked_if_a_word_makes_sense_in_several_encodings(
    words: str, written: str, offered: set[str]
) -> None:
    with pytest.raises(EncodingUnclear) as question:
        encoding_by_letters(words.encode(written))

    assert offered <= {encoding for encoding, _, _ in question.value.readings}
    assert f"“{words}”" in str(question.value)
    assert "Choose the file's encoding" in str(question.value)


@pytest.mark.parametrize(
    ("words", "written", "known", "encoding"),
    [
        ("żaden", "cp1250", ("żaden", "roczny"), "cp1250"),
        ("hayır|evet", "cp1254", ("hayır",), "cp1254"),
        ("Genève", "cp1252", ("Genève", "Zürich"), "cp1252"),
        ("Genève", "mac_roman", ("Genève",), "mac_roman"),
        ("Muğla;İstanbul", "cp1254", ("Muğla",), "cp1254"),
        ("“Klaipėda”", "iso8859-13", ("Klaipėda",), "iso8859-13"),
        ("München\u00a0", "cp850", ("München",), "cp850"),
        ("Ürün müşterisi", "cp857", ("müşterisi",), "cp857"),
    ],
)
def test_words_that_the_model_knows_decide_between_encodings(
    words: str, written: str, known: tuple[str, ...], encoding: str
) -> None:
    assert encoding_by_letters(words.encode(written), known=known) == encoding


def test_texts_of_a_model_that_the_file_does_not_contain_decide_nothing() -> None:
    with pytest.raises(EncodingUnclear):
        encoding_by_letters("Genève".encode("cp1252"), known=("Zürich", "è"))


def test_letters_that_are_the_same_in_both_encodings_raise_no_question() -> None:
    assert encoding_by_letters("Köln;größer;Mönchengladbach".encode("cp1250")) == "cp1252"


@pytest.mark.parametrize(
    ("first", "late", "encoding"),
    [
        ("Köln;Tübingen", "Łódź;Wrocław;Świdnica", "cp1250"),
        ("José;Zoë", "Plzeň;Děčín;Třebíč", "cp1250"),
        ("Zürich;Köln", "Şanlıurfa;Muğla;hayır", "cp1254"),
        ("Tartu;Võru;Pärnu", "Šiauliai;Panevėžys;Liepāja", "cp1257"),
        ("José", "Москва;Казань;Нижний", "cp1251"),
    ],
)
def test_letters_further_down_that_speak_against_the_encoding_raise_the_question(
    first: str, late: str, encoding: str
) -> None:
    chunks = [first.encode(encoding, "ignore"), b"plain;words", late.encode(encoding)]

    with pytest.raises(EncodingUnclear) as question:
        list(LateLetters("cp1252").checked(chunks))

    assert question.value.readings[0][0] == encoding
    assert "cp1252" in {offered for offered, _, _ in question.value.readings}


def test_letters_further_down_that_fit_the_encoding_are_passed_on() -> None:
    chunks = ["Köln".encode("cp1252"), b"plain", "année;élève;hôtel".encode("cp1252")]
    assert list(LateLetters("cp1252").checked(chunks)) == chunks


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("windows-1250", "cp1250"),
        ("Windows 1251", "cp1251"),
        ("ISO-8859-2", "iso8859-2"),
        ("latin2", "iso8859-2"),
        ("ISO 8859-9", "cp1254"),
        ("Shift-JIS", "cp932"),
        ("GBK", "gb18030"),
        ("Big5", "cp950"),
        ("KOI8-R", "koi8-u"),
        ("utf8", "utf-8"),
        ("macroman", "mac_roman"),
        ("base64", None),
        ("nonsense", None),
    ],
)
def test_encodings_are_known_by_their_usual_names(name: str, encoding: str | None) -> None:
    assert encoding_named(name) == encoding


def test_every_offered_encoding_is_known_by_its_own_name() -> None:
    assert {name: encoding_named(name) for name in ENCODINGS} == {name: name for name in ENCODINGS}
