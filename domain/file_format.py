"""The format of a customer file, and a user's corrections if it is recognised wrongly."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.question import Question, Subject

TABLE_ENDINGS = (
    *(".csv", ".txt", ".tsv", ".tab", ".dat", ".psv", ".json", ".jsonl", ".ndjson"),
    *(".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    *(".zip", ".gz", ".bz2", ".xz", ".zst"),
)
"""Usual endings of files that may hold a table. What a file is, its content says."""
DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "^": "caret",
    "~": "tilde",
    ":": "colon",
    " ": "space",
}
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
    "gb18030": "GB18030 (Simplified Chinese)",
    "cp950": "Big5 (Traditional Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "iso2022_jp": "ISO-2022-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "iso8859-2": "ISO 8859-2 (Central European)",
    "iso8859-5": "ISO 8859-5 (Cyrillic)",
    "iso8859-6": "ISO 8859-6 (Arabic)",
    "iso8859-7": "ISO 8859-7 (Greek)",
    "iso8859-13": "ISO 8859-13 (Baltic)",
    "iso8859-15": "ISO 8859-15 (Western European)",
    "koi8-u": "KOI8-R, KOI8-U (Cyrillic)",
    "cp850": "DOS 850 (Western European)",
    "cp852": "DOS 852 (Central European)",
    "cp857": "DOS 857 (Turkish)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp737": "DOS 737 (Greek)",
    "mac_roman": "Mac Roman (Western European)",
    "mac_latin2": "Mac Latin 2 (Central European)",
    "mac_cyrillic": "Mac Cyrillic",
    "mac_greek": "Mac Greek",
    "mac_turkish": "Mac Turkish",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
}
"""What a person may choose, as Python codecs: the usual ones of each script first."""
_SAME_ENCODING = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "iso8859-9": "cp1254",
    "iso8859-8": "cp1255",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "koi8-r": "koi8-u",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
    "mac-latin2": "mac_latin2",
    "mac-roman": "mac_roman",
    "mac-cyrillic": "mac_cyrillic",
    "mac-greek": "mac_greek",
    "mac-turkish": "mac_turkish",
}
"""Encodings that are read as another one, which has the same letters in the same places and some more."""
DECIMALS = {".": "point (12.5)", ",": "comma (12,5)"}
DATE_ORDERS = {"day-first": "day first (31/12/2026)", "month-first": "month first (12/31/2026)"}
"""The orders of dates that nothing in a file decides about."""

_SHOWN = {
    **ENCODINGS,
    "ascii": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-8-sig": "UTF-8 with byte order mark",
}


def encoding_words(encoding: str) -> str:
    return _SHOWN.get(encoding, encoding.upper())


def encoding_named(name: str) -> str | None:
    """The key in ENCODINGS for a name as people write it ("Windows-1250", "latin2", "Shift-JIS"); None if unknown."""
    written = name.strip().lower().replace(" ", "-")
    for spelling in (written, written.replace("windows-", "cp"), written.replace("dos-", "cp")):
        try:
            codec = codecs.lookup(spelling).name
        except LookupError:
            continue
        codec = _SAME_ENCODING.get(codec, codec)
        return codec if codec in ENCODINGS else None
    return None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written. `encoding` is a Python codec name; `decimal` is "." or ",".

    `marks` holds position and decimal mark of each column in which marks were seen.
    The encoding "ascii" means that the first part is plain ASCII: the rest of the file decides.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    gzip: bool = False
    encoding_chosen: bool = False
    """Whether a person chose the encoding, so that letters further down raise no question about it."""
    date_order: str | None = None
    """"day-first" or "month-first", if a person said so."""
    marks: tuple[tuple[int, str], ...] = ()
    decimal_chosen: bool = False
    """Whether a person chose the decimal mark. Then it applies to all columns."""
    units: tuple[tuple[int, str, str], ...] = ()
    """Position of a column, the unit to which its numbers are converted, and that of its numbers without a unit; both
    are AS_WRITTEN if a person said so."""
    packing: str = ""
    """What the table was unpacked or converted from, in words, if it is not gzip: "Excel workbook, sheet “March”"."""
    is_table: bool = False
    """Whether it is a table of typed cells, such as a workbook, and no text with delimiters."""
    sheet: str = ""
    """The sheet of a workbook that is read."""
    sheets: tuple[str, ...] = ()
    """All sheets of the workbook."""

    @property
    def is_plain(self) -> bool:
        """Whether the file is the text itself, so that its size is that of the text."""
        return not (self.gzip or self.packing)

    def units_of(self, position: int) -> tuple[str, str] | None:
        """The units that are decided for a column: of its values, and of plain numbers."""
        return next(((unit, bare) for place, unit, bare in self.units if place == position), None)

    def decimal_of(self, position: int) -> str:
        """The decimal mark of a column."""
        return dict(self.marks).get(position, self.decimal)

    def with_marks(self, decimal: str, marks: Mapping[int, str]) -> FileFormat:
        """The format with another decimal mark, and with the marks of columns by position."""
        return replace(self, decimal=decimal, marks=tuple(sorted(marks.items())))

    @property
    def words(self) -> str:
        """ "semicolon, Windows-1252, decimal comma, gzip"."""
        parts = [
            "" if self.is_table else DELIMITERS.get(self.delimiter, self.delimiter),
            "" if self.is_table else encoding_words(self.encoding),
            "decimal comma" if self.decimal == "," else "",
            "gzip" if self.gzip else "",
            self.packing,
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """A person's choices for a file's format; None means that the value is detected."""

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    date_order: str | None = None
    units: tuple[tuple[str, str], ...] = ()
    """Column of the file, and the unit of its numbers without a unit: GB, "%", "share" or AS_WRITTEN."""
    sheet: str | None = None
    """The sheet of a workbook."""

    def __post_init__(self) -> None:
        for chosen, known in (
            (self.encoding, ENCODINGS),
            (self.delimiter, DELIMITERS),
            (self.decimal, DECIMALS),
            (self.date_order, DATE_ORDERS),
        ):
            if chosen is not None and chosen not in known:
                raise ValueError(f"{chosen!r} is none of {', '.join(map(repr, known))}")

    def with_answer(self, question: Question, value: str) -> FormatChoice:
        """The choices with the answer to a question about the format."""
        if question.about is Subject.UNIT:
            return replace(self, units=tuple((dict(self.units) | {str(question.column): value}).items()))
        given = {"encoding": self.encoding, "decimal": self.decimal, "date_order": self.date_order, "sheet": self.sheet}
        return FormatChoice(delimiter=self.delimiter, units=self.units, **(given | {question.about.value: value}))

    def with_units(self, units: Mapping[str, str]) -> FormatChoice:
        """The choices with further units, by column of the file."""
        return replace(self, units=tuple((dict(self.units) | dict(units)).items()))

    def unit_of(self, column: str) -> str | None:
        """What a person said about the numbers of a file's column."""
        return dict(self.units).get(column)

    @property
    def open(self) -> bool:
        """Whether no choice was made."""
        return self == FormatChoice()
