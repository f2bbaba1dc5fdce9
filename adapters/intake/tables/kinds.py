"""Recognises the kind of a file from its content, never from its name."""

from __future__ import annotations

import re
import zipfile
import zlib
from enum import StrEnum
from typing import BinaryIO

from adapters.intake.other_kinds import EXPORT_AS_CSV, NO_TABLES, ZIP_MAGIC, ZIPPED_KINDS
from domain.errors import FileRefused, NoTable

HEAD = 4096
"""Bytes from which the kind is recognised."""
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 10_000
"""Entries of an archive or a workbook. Real workbooks have fewer than a thousand."""
MAX_SMALL_ENTRY = 64 * 1024
UTF16 = "utf-16-le"


class TableKind(StrEnum):
    """What a file is. TEXT is everything that may be CSV."""

    TEXT = "text"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    FEATHER = "feather"
    JSON = "json"
    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTANDARD = "zstandard"

    @property
    def words(self) -> str:
        return WORDS[self]

    @property
    def is_packed(self) -> bool:
        """Whether it is a compressed file or an archive with another kind of file within."""
        return self in PACKED

    @property
    def is_workbook(self) -> bool:
        return self in WORKBOOKS


WORDS = {
    TableKind.TEXT: "text",
    TableKind.XLSX: "Excel workbook",
    TableKind.XLSB: "binary Excel workbook",
    TableKind.XLS: "old Excel workbook",
    TableKind.ODS: "OpenDocument spreadsheet",
    TableKind.PARQUET: "Parquet",
    TableKind.FEATHER: "Feather",
    TableKind.JSON: "JSON",
    TableKind.ZIP: "zip",
    TableKind.GZIP: "gzip",
    TableKind.BZIP2: "bzip2",
    TableKind.XZ: "xz",
    TableKind.ZSTANDARD: "zstandard",
}
PACKED = frozenset({TableKind.ZIP, TableKind.GZIP, TableKind.BZIP2, TableKind.XZ, TableKind.ZSTANDARD})
WORKBOOKS = frozenset({TableKind.XLSX, TableKind.XLSB, TableKind.XLS, TableKind.ODS})
MAGIC: tuple[tuple[bytes, TableKind], ...] = (
    (b"\x1f\x8b", TableKind.GZIP),
    (b"BZh", TableKind.BZIP2),
    (b"\xfd7zXZ\x00", TableKind.XZ),
    (b"\x28\xb5\x2f\xfd", TableKind.ZSTANDARD),
    (b"PAR1", TableKind.PARQUET),
    (b"ARROW1\x00\x00", TableKind.FEATHER),
)
SKIPPED_ZSTANDARD = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""A frame without data, with which programs that compress in parallel begin."""
BZIP2_BLOCK = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")
RECORDS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*(?:\{|\]\s*\Z))")
"""The beginning of JSON records: an object, or a list of objects."""


def kind_of(head: bytes) -> TableKind:
    """The kind by the first bytes. A zip archive may be a workbook: see `zipped_kind`."""
    for magic, kind in MAGIC:
        if head.startswith(magic) and (kind is not TableKind.BZIP2 or BZIP2_BLOCK.match(head)):
            return kind
    if SKIPPED_ZSTANDARD.match(head):
        return TableKind.ZSTANDARD
    if head.startswith(ZIP_MAGIC):
        return TableKind.ZIP
    if head.startswith(OLE_MAGIC):
        return TableKind.XLS
    return TableKind.JSON if RECORDS.match(head) else TableKind.TEXT


def zipped_kind(archive: zipfile.ZipFile) -> TableKind:
    """What a zip archive is by the names within: a workbook, or an archive of files.

    Raises NoTable for a document of another kind.
    """
    names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    if "xl/workbook.bin" in names:
        return TableKind.XLSB
    if any(name.startswith("xl/") for name in names) and names & {"[content_types].xml", "xl/workbook.xml"}:
        return TableKind.XLSX
    if "content.xml" in names and "mimetype" in names:
        kind = _small_entry(archive, "mimetype")
        if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            if b"encryption-data" in _small_entry(archive, "META-INF/manifest.xml"):
                raise protected()
            return TableKind.ODS
        raise NoTable("This is an OpenDocument text or drawing, not a table.", advice=EXPORT_AS_CSV)
    joined = "\n".join(sorted(names)).encode()
    for mark, sentence, advice in ZIPPED_KINDS:
        if mark in joined:
            raise NoTable(sentence, advice=advice)
    return TableKind.ZIP


def _small_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of an entry; nothing if the archive has none of this name, or it is damaged."""
    try:
        with archive.open(name) as entry:
            return entry.read(MAX_SMALL_ENTRY)
    except (KeyError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return b""


def refuse_documents_in_ole(file: BinaryIO) -> None:
    """An OLE file may be an old workbook, a protected new one, or another document.

    The names of its streams are searched for in its whole directory, which may be anywhere in the file. Raises NoTable
    or FileRefused for what is no workbook.
    """
    file.seek(0)
    found: set[str] = set()
    names = ("EncryptedPackage", "WordDocument", "PowerPoint Document", "__properties_version1.0", "Workbook", "Book")
    rest = b""
    while chunk := file.read(1024**2):
        part = rest + chunk
        found |= {name for name in names if name.encode(UTF16) in part}
        rest = chunk[-64:]
    if "EncryptedPackage" in found:
        raise protected()
    for name, sentence in NO_TABLES.items():
        if name in found and not found & {"Workbook", "Book"}:
            raise NoTable(sentence, advice=EXPORT_AS_CSV)


def protected() -> FileRefused:
    return FileRefused(
        "The file is protected with a password.",
        advice="Open it in your spreadsheet program, remove the password, save it, and upload it again.",
    )


def damaged(what: str) -> FileRefused:
    return FileRefused(
        f"The {what} is damaged or incomplete.", advice="Save or export it again, and upload the new file."
    )
