"""Files that are no usable CSV: refused in one clear sentence, with what to do."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest

from adapters.intake.limits import ReadingLimits
from domain.errors import FileRefused
from tests.builders.tables import OLE, zipped
from tests.contract.intake.customer_files import HEADER, good, lines, read, written

BODY = lines(*good(3)).encode()
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "blank lines": (b"\n \n\r\n", "The file is empty."),
    "byte order mark alone": (b"\xef\xbb\xbf", "The file is empty."),
    "UTF-16 mark alone": (b"\xff\xfe", "The file is empty."),
    "header alone": (HEADER.encode(), "The file has a header but no customers."),
    "header and blank lines": (HEADER.encode() + b"\n\n\n", "The file has a header but no customers."),
    "part of a zip": (b"PK\x03\x04" + bytes(50), "The zip archive is damaged or incomplete."),
    "odt": (
        zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
        "This is an OpenDocument text or drawing, not a table.",
    ),
    "numbers": (zipped({"Index/Document.iwa": b"x"}), "This is a Numbers spreadsheet (.numbers), not a CSV file."),
    "docx": (zipped({"[Content_Types].xml": b"", "word/document.xml": b"x"}), "This is a Word document (.docx)"),
    "pptx": (zipped({"[Content_Types].xml": b"", "ppt/slides/slide1.xml": b"x"}), "This is a presentation (.pptx)"),
    "doc": (OLE + "WordDocument".encode("utf-16-le"), "This is an old Word document (.doc), not a CSV file."),
    "protected workbook": (
        OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "The file is protected with a password. Open it in your spreadsheet program, remove the password",
    ),
    "feather": (b"FEA1\0\0\0\0", "This is a Feather file of the first version, which is not read."),
    "orc": (b"ORC\x08\x03\x10", "This is an ORC file, not a CSV file."),
    "encrypted parquet": (b"PARE" + bytes(20), "This is an encrypted Parquet file, which cannot be read."),
    "arrow stream": (b"\xff\xff\xff\xff\x10\0\0\0", "This is an Arrow stream, not a CSV file."),
    "delta": (zipped({"t/_delta_log/0.json": b"{}", "t/0.parquet": b"PAR1"}), "This is a folder of a Delta table"),
    "iceberg": (zipped({"t/metadata/v1.metadata.json": b"{}"}), "This is a folder of an Iceberg table"),
    "jar": (zipped({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe"}), "This is a program, not a CSV file."),
    "spss, packed": (b"$FL3@(#) IBM SPSS", "This is an SPSS file, not a CSV file."),
    "sas": (bytes(12) + b"\xc2\xea\x81\x60\xb3", "This is a SAS file, not a CSV file."),
    "sas transport": (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "This is a SAS file, not a CSV file."),
    "stata": (b"<stata_dta><header>", "This is a Stata file, not a CSV file."),
    "old stata": (b"\x72\x02\x01\0\x02\0", "This is a Stata file, not a CSV file."),
    "r": (gzip.compress(b"RDX3\nX\n\0\0\0\3"), "This is an R data file, not a CSV file."),
    "matlab": (b"MATLAB 5.0 MAT-file, Platform: PCWIN64", "This is a MATLAB file, not a CSV file."),
    "numpy": (b"\x93NUMPY\x01\0v\0{'descr'", "This is a NumPy file, not a CSV file."),
    "pickle": (b"\x80\x04\x95\x0c\0\0\0\0\0\0\0\x8c\x05hello.", "This is a pickled object, not a CSV file."),
    "access": (b"\0\1\0\0Standard ACE DB\0", "This is an Access database, not a CSV file."),
    "dbase": (b"\x03\x7c\x0b\x1e" + bytes(28) + b"TENURE", "This is a dBase file, not a CSV file."),
    "duckdb": (b"\x11" * 8 + b"DUCK\x40\0\0", "This is a database, not a CSV file."),
    "tar": (b"a.csv" + bytes(252) + b"ustar\0", "This is a tar archive, not a CSV file."),
    "tar in gzip": (gzip.compress(b"a.csv" + bytes(252) + b"ustar  "), "This is a tar archive, not a CSV file."),
    "old compress": (b"\x1f\x9d\x90abc", "This is a compressed file (.Z), not a CSV file."),
    "lz4": (b"\x04\x22\x4d\x18abc", "This is a compressed file (.lz4), not a CSV file."),
    "lzma": (b"\x5d\0\0\x80\0", "This is a compressed file (.lzma), not a CSV file."),
    "gif": (b"GIF89a\1\0", "This is a picture, not a CSV file."),
    "tiff": (b"II*\0\x08", "This is a picture, not a CSV file."),
    "bitmap": (b"BM\xc8\0\0\0\0\0\0\0\x36", "This is a picture, not a CSV file."),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "This is a picture or a recording, not a CSV file."),
    "heic": (b"\0\0\0\x18ftypheic", "This is a picture or a recording, not a CSV file."),
    "mp3": (b"ID3\x04\0", "This is a recording, not a CSV file."),
    "program": (b"MZ\x90\0\3", "This is a program, not a CSV file."),
    "postscript": (b"%!PS-Adobe-3.0\n", "This is a PostScript document, not a CSV file."),
    "any xml": (b"<customers><customer><id>A</id></customer></customers>", "This is a web page or an XML file"),
    "json in utf-16": ('[{"id": "A"}]'.encode("utf-16"), "This is a JSON file, not a CSV file."),
    "xml in utf-16": ('<?xml version="1.0"?><a/>'.encode("utf-16"), "This is an XML file, not a CSV file."),
    "one column": (b"customer\nA-1\nA-2\n", "The file has one column. Known delimiters are comma, semicolon, tab, bar"),
    "double bars with a sign": (
        b"id~|~tenure~|~charges\n1~|~12~|~20.5\n",
        "The file has one column. Its columns seem to be divided by “~|~”, which cannot be read.",
    ),
    "hashes": (b"id#tenure#charges\nA#12#20.5\n", "The file has one column. Its columns seem to be divided by “#”"),
    "aligned with spaces": (
        b"id      tenure  charges\nA-1     12      20.5\nA-20    1       120.5\n",
        "The file has one column. Its columns seem to be aligned with spaces, which cannot be read.",
    ),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF, not a CSV file."),
    "sqlite": (b"SQLite format 3\0", "This is a database, not a CSV file."),
    "7z": (b"7z\xbc\xaf\x27\x1c", "This is a compressed archive, not a CSV file."),
    "xls": (OLE + bytes(9), "The old Excel workbook is damaged or incomplete."),
    "parquet": (b"PAR1\x15\x04", "The Parquet file is damaged or incomplete."),
    "arrow": (b"ARROW1\0\0", "The Feather file is damaged or incomplete."),
    "bzip2": (bz2.compress(BODY)[:-9], "The compressed file is damaged or incomplete."),
    "xz": (b"\xfd7zXZ\0", "The compressed file is damaged or incomplete."),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "The compressed file is damaged or incomplete."),
    "json": (b'{"customers": [1]}', "The field “customers” of record 1 holds a list or a deeper record"),
    "zip in gzip": (gzip.compress(b"PK\x03\x04" + bytes(50)), "The zip archive is damaged or incomplete."),
    "empty zip": (zipped({}), "The archive is empty."),
    "zip without a table": (zipped({"a.png": b"x", "b.pdf": b"x"}), "The archive has no table."),
    "rar": (b"Rar!\x1a\x07", "This is a compressed archive, not a CSV file."),
    "png": (b"\x89PNG\r\n\x1a\n", "This is a picture, not a CSV file."),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture, not a CSV file."),
    "html": (b"\n<!DOCTYPE html><html>", "This is a web page, not a CSV file."),
    "xml": (b"<?xml version='1.0'?><a/>", "This is an XML file, not a CSV file."),
    "NUL bytes in the header": (b"a\0b" + BODY, "The file is damaged or not a text file"),
    "NUL bytes in many rows": (BODY + b"a\0b,1,2,3,4,5\n" * 9, "The file is damaged or not a text file"),
    "control characters": (bytes(range(1, 9)) * 40 + b"\n" + b"\x01,\x02\n", "This is not a text file."),
    "no header": (b"1,2,3\n4,5,6\n", "The first line contains values, not column names."),
    "no header with money": (b"$1,2.5\n4,5\n", "The first line contains values, not column names."),
    "empty header": (b",,,\n1,2,3,4\n", "The first line contains values, not column names."),
    "too many columns": (
        ",".join(f"c{i}" for i in range(5_001)).encode() + b"\n1\n",
        "The file has 5,001 columns; at most 5,000 can be read.",
    ),
    "endless line": (b"a,b\n" + b"x" * (1 << 21), "Line 2 is longer than 1 MiB, which is too long for one customer."),
    "endless first line": (b"x" * (1 << 21), "Line 1 is longer than 1 MiB, which is too long for one customer."),
    "long row in the middle": (
        b"a,b\n" + (b"c," + b"d" * 97 + b"\n") * 12_000 + b"x" * (1 << 21) + b",y\n" + b"c,d\n" * 5,
        "Line 12002 is longer than 1 MiB, which is too long for one customer.",
    ),
    "open quote": (BODY + b'x,"1,2,3\n' * 1, "A quote that is opened on line 5 is never closed."),
    "open quote in the header": (b'a,"b\n1,2\n', "A quote that is opened on line 1 is never closed."),
    "open quote in a large file": (
        b"a,b\n" + (b"c," + b"d" * 97 + b"\n") * 12_000 + b'e,"f\n' + (b"c," + b"d" * 97 + b"\n") * 24_000,
        "A quote that is opened on line 12002 is never closed.",
    ),
    "wrong rows": (lines(*good(2), *["x,y"] * 8).encode(), "8 of 10 rows could not be read"),
    "cut gzip": (gzip.compress(BODY * 2_000)[:-20], "The compressed file is damaged or incomplete."),
    "damaged gzip": (gzip.compress(BODY)[:-8] + b"12345678", "The compressed file is damaged or incomplete."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_unusable_csv_is_rejected_with_advice(name: str, tmp_path: Path) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(FileRefused) as refused:
        read(written(tmp_path, content))
    assert str(refused.value).startswith(sentence)
    assert refused.value.advice
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (ReadingLimits(rows=50), "The file has more than 50 rows."),
        (ReadingLimits(columns=5), "The file has 6 columns; at most 5 can be read."),
        (ReadingLimits(row_bytes=2_000), "Line 102 is longer than 1.953 KiB, which is too long for one customer."),
    ],
)
def test_a_file_beyond_the_limits_is_rejected_while_it_is_read(
    tmp_path: Path, limits: ReadingLimits, sentence: str
) -> None:
    path = written(tmp_path, lines(*good(100), "x,1,2," + "y" * 3_000 + ",Yes,No", *good(40)))
    with pytest.raises(FileRefused) as refused:
        read(path, limits=limits, block_bytes=1_000)
    assert str(refused.value).startswith(sentence)


def test_reading_stops_early_when_most_rows_are_rejected(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(10), *["x,1"] * 50_000))
    with pytest.raises(FileRefused, match="rows could not be read") as refused:
        read(path, block_bytes=16_384)
    assert "of 50,010 rows" not in str(refused.value)
