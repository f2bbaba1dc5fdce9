"""Recognises files that hold no table that can be read, and says what they are and how to make a CSV file of them."""

from __future__ import annotations

import re

from domain.errors import FileRefused, NoTable

SAVE_AS_CSV = "Open it in your spreadsheet program, choose “Save as” and the type CSV, then upload that file."
UNPACK = "Unpack it and upload the CSV file inside (a single .csv.gz is fine as it is)."
EXPORT_AS_CSV = "Export the customers as a CSV file, with a header and one customer per line, and upload that file."
CHOOSE_ANOTHER = "Choose a CSV file with a header and one customer per line."

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
ZIPPED_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b".iwa", "This is a Numbers spreadsheet (.numbers), not a CSV file.", SAVE_AS_CSV),
    (b"word/", "This is a Word document (.docx), not a CSV file.", EXPORT_AS_CSV),
    (b"ppt/", "This is a presentation (.pptx), not a CSV file.", EXPORT_AS_CSV),
)
"""Zip archives that are documents, by the names within; the first that occurs decides."""
NO_TABLES = {
    "WordDocument": "This is an old Word document (.doc), not a CSV file.",
    "PowerPoint Document": "This is an old presentation (.ppt), not a CSV file.",
    "__properties_version1.0": "This is an e-mail, not a CSV file.",
}
"""OLE files without a workbook, by the name of a stream within."""
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"FEA1", "This is a Feather file of the first version, which is not read.", EXPORT_AS_CSV),
    (b"ORC", "This is an ORC file, not a CSV file.", EXPORT_AS_CSV),
    (b"Obj\x01", "This is an Avro file, not a CSV file.", EXPORT_AS_CSV),
    (b"\x89HDF", "This is an HDF5 file, not a CSV file.", EXPORT_AS_CSV),
    (b"$FL2", "This is an SPSS file, not a CSV file.", EXPORT_AS_CSV),
    (b"%PDF", "This is a PDF, not a CSV file.", EXPORT_AS_CSV),
    (b"SQLite format 3", "This is a database, not a CSV file.", EXPORT_AS_CSV),
    (b"7z\xbc\xaf", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"Rar!", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"\x89PNG", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"\xff\xd8\xff", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"<?xml", "This is an XML file, not a CSV file.", EXPORT_AS_CSV),
    (b"<!doctype", "This is a web page, not a CSV file.", EXPORT_AS_CSV),
    (b"<html", "This is a web page, not a CSV file.", EXPORT_AS_CSV),
    (b"{\\rtf", "This is a text document, not a CSV file.", EXPORT_AS_CSV),
    (b"{", "This is a JSON file, not a CSV file.", EXPORT_AS_CSV),
)
_MARKUP = re.compile(
    rb"<(?:!--|(?:table|svg|head|body|div|span|p|meta|style|script|link|form|title|stata_dta)[\s>/])", re.IGNORECASE
)
_JSON_LIST = re.compile(rb"\[\s*[\[{\"]")


def refuse_other_kinds(head: bytes) -> None:
    """Raises FileRefused for an empty file, and NoTable for a file of another kind."""
    if not head:
        raise FileRefused("The file is empty.", advice=CHOOSE_ANOTHER)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64]
    for signature, sentence, advice in SIGNATURES:
        if start.lower().startswith(signature.lower()) and not _is_a_name(signature, start):
            raise NoTable(sentence, advice=advice)
    if _MARKUP.match(start):
        raise NoTable("This is a web page or an XML file, not a CSV file.", advice=EXPORT_AS_CSV)
    if _JSON_LIST.match(start):
        raise NoTable("This is a JSON file, not a CSV file.", advice=EXPORT_AS_CSV)


def _is_a_name(signature: bytes, start: bytes) -> bool:
    """Whether a signature of letters only is the beginning of a header, such as "orcid,tenure"."""
    first_line = start.split(b"\n")[0]
    is_text = first_line.isascii() and first_line.decode("ascii").replace("\t", ",").strip().isprintable()
    return signature.isalnum() and is_text and any(mark in first_line for mark in (b",", b";", b"\t", b"|"))
