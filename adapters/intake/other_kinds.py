"""Recognises files that hold no table that can be read, and says what they are and how to make a CSV file of them."""

from __future__ import annotations

import codecs
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
    (b"_delta_log/", "This is a folder of a Delta table, not one file.", EXPORT_AS_CSV),
    (b".metadata.json", "This is a folder of an Iceberg table, not one file.", EXPORT_AS_CSV),
    (b"meta-inf/manifest.mf", "This is a program, not a CSV file.", CHOOSE_ANOTHER),
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
    (b"PARE", "This is an encrypted Parquet file, which cannot be read.", EXPORT_AS_CSV),
    (b"\xff\xff\xff\xff", "This is an Arrow stream, not a CSV file.", "Write it as a Feather, Parquet or CSV file."),
    (b"$FL2", "This is an SPSS file, not a CSV file.", EXPORT_AS_CSV),
    (b"$FL3", "This is an SPSS file, not a CSV file.", EXPORT_AS_CSV),
    (b"HEADER RECORD*******", "This is a SAS file, not a CSV file.", EXPORT_AS_CSV),
    (bytes(12) + b"\xc2\xea\x81\x60", "This is a SAS file, not a CSV file.", EXPORT_AS_CSV),
    (b"<stata_dta>", "This is a Stata file, not a CSV file.", EXPORT_AS_CSV),
    (b"X\n\0\0\0", "This is an R data file, not a CSV file.", EXPORT_AS_CSV),
    (b"RDX2\n", "This is an R data file, not a CSV file.", EXPORT_AS_CSV),
    (b"RDX3\n", "This is an R data file, not a CSV file.", EXPORT_AS_CSV),
    (b"MATLAB 5.0 MAT-file", "This is a MATLAB file, not a CSV file.", EXPORT_AS_CSV),
    (b"\x93NUMPY", "This is a NumPy file, not a CSV file.", EXPORT_AS_CSV),
    (b"\0\x01\0\0Standard ", "This is an Access database, not a CSV file.", EXPORT_AS_CSV),
    (b"%!PS", "This is a PostScript document, not a CSV file.", EXPORT_AS_CSV),
    (b"%PDF", "This is a PDF, not a CSV file.", EXPORT_AS_CSV),
    (b"SQLite format 3", "This is a database, not a CSV file.", EXPORT_AS_CSV),
    (b"7z\xbc\xaf", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"Rar!", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"\x1f\x9d", "This is a compressed file (.Z), not a CSV file.", UNPACK),
    (b"\x04\x22\x4d\x18", "This is a compressed file (.lz4), not a CSV file.", UNPACK),
    (b"\x5d\0\0", "This is a compressed file (.lzma), not a CSV file.", UNPACK),
    (b"\x89PNG", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"\xff\xd8\xff", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"GIF89a", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"GIF87a", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"II*\0", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"MM\0*", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
    (b"MZ\x90\0", "This is a program, not a CSV file.", CHOOSE_ANOTHER),
    (b"\x7fELF", "This is a program, not a CSV file.", CHOOSE_ANOTHER),
    (b"<?xml", "This is an XML file, not a CSV file.", EXPORT_AS_CSV),
    (b"<!doctype", "This is a web page, not a CSV file.", EXPORT_AS_CSV),
    (b"<html", "This is a web page, not a CSV file.", EXPORT_AS_CSV),
    (b"{\\rtf", "This is a text document, not a CSV file.", EXPORT_AS_CSV),
    (b"{", "This is a JSON file, not a CSV file.", EXPORT_AS_CSV),
)
PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), sentence, advice)
    for pattern, sentence, advice in (
        (rb".{257}ustar", "This is a tar archive, not a CSV file.", UNPACK),
        (rb"\x03.[\x01-\x0c][\x01-\x1f].{24}\0", "This is a dBase file, not a CSV file.", EXPORT_AS_CSV),
        (rb"[\x71-\x73][\x01\x02]\x01\0", "This is a Stata file, not a CSV file.", EXPORT_AS_CSV),
        (
            rb"\x80[\x02-\x05][^,;\t\n]{0,3}[\0-\x08\x80-\xff]",
            "This is a pickled object, not a CSV file.",
            EXPORT_AS_CSV,
        ),
        (rb".{8}DUCK.\0", "This is a database, not a CSV file.", EXPORT_AS_CSV),
        (rb"BM.{4}\0\0\0\0", "This is a picture, not a CSV file.", CHOOSE_ANOTHER),
        (rb"RIFF.{4}(?:WEBP|WAVE|AVI )", "This is a picture or a recording, not a CSV file.", CHOOSE_ANOTHER),
        (rb"\0\0\0.ftyp", "This is a picture or a recording, not a CSV file.", CHOOSE_ANOTHER),
        (rb"ID3[\x02-\x04]", "This is a recording, not a CSV file.", CHOOSE_ANOTHER),
    )
)
"""Files that are known by more than their first bytes."""
_ELEMENTS = re.compile(rb"<[a-z_][\w.:-]*(?:\s[^<>]*)?>\s*<", re.IGNORECASE)
"""Two elements with nothing between. A header may be "<date>,<price>"."""
_MARKUP = re.compile(
    rb"<(?:!--|(?:table|svg|head|body|div|span|p|meta|style|script|link|form|title)[\s>/])", re.IGNORECASE
)
_JSON_LIST = re.compile(rb"\[\s*[\[{\"]")


def refuse_other_kinds(head: bytes) -> None:
    """Raises FileRefused for an empty file, and NoTable for a file of another kind."""
    if not head:
        raise FileRefused("The file is empty.", advice=CHOOSE_ANOTHER)
    start = _in_utf8(head).lstrip()[:64]
    for signature, sentence, advice in SIGNATURES:
        if start.lower().startswith(signature.lower()) and not _is_a_name(signature, start):
            raise NoTable(sentence, advice=advice)
    for pattern, sentence, advice in PATTERNS:
        if pattern.match(head):
            raise NoTable(sentence, advice=advice)
    if _MARKUP.match(start) or _ELEMENTS.match(start):
        raise NoTable("This is a web page or an XML file, not a CSV file.", advice=EXPORT_AS_CSV)
    if _JSON_LIST.match(start):
        raise NoTable("This is a JSON file, not a CSV file.", advice=EXPORT_AS_CSV)


def _in_utf8(head: bytes) -> bytes:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[:256].decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def _is_a_name(signature: bytes, start: bytes) -> bool:
    """Whether a signature of letters only is the beginning of a header, such as "orcid,tenure"."""
    first_line = start.split(b"\n")[0]
    is_text = first_line.isascii() and first_line.decode("ascii").replace("\t", ",").strip().isprintable()
    return signature.isalnum() and is_text and any(mark in first_line for mark in (b",", b";", b"\t", b"|"))
