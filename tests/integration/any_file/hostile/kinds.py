"""Something else altogether: other formats, texts that are no tables."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator

from tests.builders.tables import zipped
from tests.integration.any_file.hostile.cases import DAMAGED, ONE_COLUMN, UNKNOWN, Case, Refused, Rows, Scored
from tests.integration.any_file.scoring import as_csv

ARCHIVE = Refused("This is a compressed archive")
NO_SHEET = Refused("The workbook has no sheet with cells.")
NO_ODS = Refused("This is an OpenDocument text or drawing")


def other_formats(table: Rows) -> Iterator[Case]:
    plain = as_csv(table).encode()
    yield "a zip", zipped({"customers.csv": plain}), Scored(60, alike=True)
    yield "a workbook without sheets", zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), NO_SHEET
    yield "an opendocument text", zipped({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}), NO_ODS
    yield "a jar", zipped({"META-INF/MANIFEST.MF": b"x"}), Refused("This is a program")
    yield "an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Refused("The old Excel workbook is")
    yield "a parquet file", b"PAR1\x15\x04" + plain[:200] + b"PAR1", Refused("The Parquet file is damaged")
    yield "an arrow file", b"ARROW1\0\0" + plain[:200], Refused("The Feather file is damaged")
    yield "a pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Refused("This is a PDF")
    yield "a database", _database(), Refused("This is a database")
    yield "bzip2", bz2.compress(plain), Scored(60, alike=True)
    yield "xz", lzma.compress(plain), Scored(60, alike=True)
    yield "zstd", b"\x28\xb5\x2f\xfd\x04\x00" + plain[:99], DAMAGED
    yield "rar", b"Rar!\x1a\x07\x01\x00" + plain[:99], ARCHIVE
    yield "7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + plain[:99], ARCHIVE
    yield "a tar", _tarred(plain), Refused("This is a tar archive")
    yield "a png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), Refused("This is a picture")
    yield "a jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), Refused("This is a picture")
    yield "a gif", b"GIF89a\x01\0\x01\0" + bytes(range(99)), Refused("This is a picture")
    yield "a web page", b"\r\n <!DOCTYPE html><html><table><tr><td>1</table>", Refused("This is a web page")
    yield "xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", Refused("This is an XML")
    yield "json", b'{"customers": [{"customerID": 1}]}', Refused("The field “customers” of record 1 holds a list")
    yield "json rows", b'[{"customerID": 1}]', Refused("The table has one column")
    yield "json lines", b'{"customerID": 1}\n{"customerID": 2}\n', Refused("The table has one column")
    yield "rich text", b"{\\rtf1\\ansi Dear Sir}", Refused("This is a")
    yield "a program", b"\x7fELF\x02\x01\x01" + bytes(300), Refused("This is a program")
    yield "a letter", b"Dear Sir or Madam\n\nplease find our list enclosed.\n\nYours\n", ONE_COLUMN
    yield "python", b"import csv, sys\nfor row in csv.reader(sys.stdin):\n    print(row, 1)\n", UNKNOWN
    yield "sql", b"INSERT INTO customers VALUES (1, 'a', 2);\nDROP TABLE customers;\n", UNKNOWN
    yield "an email", b"From: a@b.example\nTo: c@d.example\nSubject: list\n\nhello, there\n", ONE_COLUMN


def renamed(table: Rows) -> Iterator[Case]:
    plain = as_csv(table).encode()
    page = "This is a web page"
    for name, content, begins in (
        ("an empty zip", b"PK\x05\x06" + bytes(18), "The archive is empty"),
        ("a part of a zip", b"PK\x07\x08" + plain[:200], "The zip archive is damaged"),
        ("a log-in page", b"<!DOCTYPE html>\n<html><form action=/login></form></html>", page),
        ("a saved page", b"<!-- saved -->\n<html>x</html>", page),
        ("a table as a web page", b"<table><tr><td>a</td></tr>\n<tr><td>b</td></tr></table>", page),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", page),
        ("a list in JSON", b'[\n  {"a": 1},\n  {"a": 2}\n]\n', "The table has one column"),
        ("lists in JSON", b'[["customerID", "tenure"], ["a", 1]]', "This is a JSON file"),
        ("a text document", b"{\\rtf1 Dear Sir}\nx\n", "This is a text document"),
        ("YAML", b"- customerID: 1\n  tenure: 3\n- customerID: 2\n", "The file has one column"),
        ("settings", b"[customers]\ntenure=3\n", "The file has one column"),
        ("a certificate", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "The file has one column"),
        ("a log", b"2026-11-01 12:00:00 INFO start\n2026-11-01 12:00:01 INFO end\n", "None of the columns"),
        ("a pickle", b"\x80\x04\x95" + bytes(30), "This is a pickled object"),
        ("zlib without gzip", zlib.compress(plain), "The file is damaged or not a text file"),
    ):
        yield name, content, Refused(begins)
    packed = gzip.compress(plain)
    yield "gzip with zeros after it", packed + bytes(512), Scored(60, alike=True)
    yield "gzip in sixty parts", b"".join(map(gzip.compress, plain.splitlines(keepends=True))), Scored(60, alike=True)
    yield "gzip with a broken second part", packed + packed[:60], DAMAGED


def _tarred(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("customers.csv")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table customers (id)")
    content: bytes = connection.serialize()
    connection.close()
    return content
