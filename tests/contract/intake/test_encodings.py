"""The encoding of a file, and accents that come late or in another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from domain.errors import EncodingUnclear
from domain.file_format import FormatChoice
from domain.header_matching import match_header
from tests.contract.intake.customer_files import HEADER, SCHEMA, read, written

PLAIN_ROWS = "".join(f"customer-{i:08d},12,20.5,One year,Yes,No\n" for i in range(30_000)).encode()
"""More than the first part that a file is recognised by."""


@pytest.mark.parametrize("block_bytes", [20_000, 8 * 1024**2])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_accents_far_down_a_file_are_read_in_their_encoding(tmp_path: Path, encoding: str, block_bytes: int) -> None:
    accented = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(300)).encode(encoding)
    path = written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + accented + PLAIN_ROWS)

    reading = read(path, block_bytes=block_bytes)

    assert (reading.report.rows, reading.report.rejected) == (60_300, 0)
    assert (reading.rows[30_299]["id"], reading.rows[30_299]["a:Contract"]) == ("Zoë-299", "Été")
    assert reading.encoding == encoding
    assert [remark[:60] for remark in reading.report.remarks] == (
        [] if encoding == "utf-8" else ["The first accented letters come after 1.3 MB and are written"]
    )


def test_rows_in_a_second_encoding_are_rejected(tmp_path: Path) -> None:
    first = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(300)).encode()
    second = "c,1,2,Été,Yes,No\n".encode("cp1252") * 3
    reading = read(written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + first + PLAIN_ROWS + second))
    assert [row["value"] for row in reading.rejected] == ["\\xc9t\\xe9"] * 3
    assert reading.rejected[0]["line"] == "60302"


def test_utf_8_in_a_windows_1252_file_is_reported(tmp_path: Path) -> None:
    first = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(30)).encode("cp1252")
    path = written(tmp_path, HEADER.encode() + b"\n" + first + "René,1,2,x,Yes,No\n".encode())
    assert [remark.split(":")[0] for remark in read(path).report.remarks] == [
        "The file is written in Windows-1252, but some of its letters look like UTF-8 (“Ã©” for “é”)"
    ]


def test_a_row_with_undefined_windows_1252_bytes_is_rejected(tmp_path: Path) -> None:
    rows = [f"c{i},1,2,Zoë,Yes,No".encode("cp1252") for i in range(9)]
    rows.append(b"x,1,2,a\x81b,Yes,No")
    reading = read(written(tmp_path, HEADER.encode() + b"\n" + b"\n".join(rows)))
    assert reading.rejected[0]["value"] == "a\\x81b"
    assert reading.rows[0]["a:Contract"] == "Zoë"


@pytest.mark.parametrize(
    ("encoding", "read_as", "words"),
    [
        ("cp1250", "cp1250", ["miesięcznie", "Łódź", "Świdnica", "dwa lata"]),
        ("iso8859-2", "iso8859-2", ["měsíčně", "Plzeň", "Děčín", "Šumperk"]),
        ("cp1251", "cp1251", ["ежемесячно", "Москва", "Казань", "два года"]),
        ("cp1253", "cp1253", ["μηνιαίο", "Αθήνα", "Πάτρα", "διετές"]),
        ("cp1254", "cp1254", ["aylık", "Şanlıurfa", "Muğla", "iki yıllık"]),
        ("cp1257", "cp1257", ["mėnesinė", "Šiauliai", "Panevėžys", "dveji metai"]),
        ("gb18030", "gb18030", ["按月", "北京", "上海", "两年"]),
        ("big5", "cp950", ["月租", "台北", "高雄", "兩年"]),
        ("shift_jis", "cp932", ["毎月", "東京", "大阪", "二年契約"]),
        ("iso2022_jp", "iso2022_jp", ["毎月", "東京", "大阪", "二年契約"]),
        ("euc_kr", "cp949", ["월별", "서울", "부산", "이년"]),
        ("koi8-r", "koi8-u", ["ежемесячно", "Москва", "Казань", "два года"]),
        ("utf-16", "utf-16-le", ["ежемесячно", "東京", "Łódź", "Αθήνα"]),
        ("utf-16-be", "utf-16-be", ["ежемесячно", "東京", "Łódź", "Αθήνα"]),
        ("utf-32", "utf-32-le", ["ежемесячно", "東京", "Łódź", "Αθήνα"]),
        ("utf-32-be", "utf-32-be", ["ежемесячно", "東京", "Łódź", "Αθήνα"]),
    ],
)
def test_a_file_in_any_usual_encoding_is_read_as_in_utf_8(
    tmp_path: Path, encoding: str, read_as: str, words: list[str]
) -> None:
    text = HEADER + "\n" + "".join(f"c{i},1,20.5,{words[i % 4]},Yes,No\n" for i in range(40))

    reading = read(written(tmp_path, text.encode(encoding)))

    assert reading.encoding == read_as
    assert [row["a:Contract"] for row in reading.rows[:4]] == words
    assert reading == read(written(tmp_path, text.encode(), "plain.csv"))


def test_letters_of_another_encoding_beyond_the_first_part_raise_a_question(tmp_path: Path) -> None:
    first = "".join(f"Zoë-{i},1,2,Köln,Yes,No\n" for i in range(300)).encode("cp1250")
    late = "c,1,2,Łódź,Yes,No\nd,1,2,Świdnica,Yes,No\n".encode("cp1250")
    path = written(tmp_path, HEADER.encode() + b"\n" + first + PLAIN_ROWS + late)

    with pytest.raises(EncodingUnclear, match="“Łódź” in Windows-1250, “£ódŸ” in Windows-1252"):
        read(path, block_bytes=100_000)

    assert read(path, choice=FormatChoice(encoding="cp1250")).rows[-1]["a:Contract"] == "Świdnica"
    assert read(path, choice=FormatChoice(encoding="cp1252")).rows[-1]["a:Contract"] == "Œwidnica"


@pytest.mark.parametrize("plain", [b"", PLAIN_ROWS], ids=["in the first part", "further down"])
def test_a_level_that_the_model_knows_says_what_the_encoding_is(tmp_path: Path, plain: bytes) -> None:
    levels = ("Month-to-month", "więcej")
    columns = (replace(SCHEMA.column("Contract"), levels=levels), SCHEMA.column("tenure"))
    schema = replace(SCHEMA, columns=columns, tenure_column=None, revenue_column=None)
    path = written(tmp_path, HEADER.encode() + b"\n" + plain + "c,1,2,więcej,Yes,No\n".encode("iso8859-2"))
    files = CsvCustomerFiles()
    preview = files.preview(path, known=schema.texts_beyond_ascii)
    match = match_header(schema, preview.header)
    reading = files.read(path, schema=schema, match=match, format=preview.format)
    assert [batch.data.column("a:Contract")[-1].as_py() for batch in reading.batches()][-1] == "więcej"


def test_an_unclear_encoding_after_a_plain_first_part_raises_a_question(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + "c,1,2,więcej,Yes,No\n".encode("cp1250"))
    with pytest.raises(EncodingUnclear, match="“więcej” in Windows-1250"):
        read(path)
    assert read(path, choice=FormatChoice(encoding="cp1250")).rows[-1]["a:Contract"] == "więcej"
