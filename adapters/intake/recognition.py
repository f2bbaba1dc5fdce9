"""What kind of file this is: told from its first part, or refused in one plain sentence."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from adapters.intake.characters import BOMS, encoding_of, to_utf8, with_one_line_end
from adapters.intake.limits import USUAL, ReadingLimits, in_words
from adapters.intake.numbers import is_number
from adapters.intake.source import GZIP_MAGIC, raw_chunks, text_chunks
from adapters.intake.structure import RowIndex, cells_of, ends_inside_quotes, row_index
from application.ports.intake import FilePreview
from domain.errors import FileRefused, NoTable
from domain.file_format import FileFormat, FormatChoice

HEAD = 1024**2
"""Bytes looked at."""
PACKED_STEP = 4096
COUNTED_WHOLE = 4 * 1024**2
"""Bytes up to which rows are counted, not estimated."""
DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 20
JUDGED_ROWS = 200
MOST_WITH_NUL = 0.20
"""Share of lines with NUL bytes from which a file is no text; of fewer, the rows are set aside."""
MOST_ABOVE = 10
"""Lines above a header that are taken for titles."""

SAVE_AS_CSV = "Open it in your spreadsheet program, choose “Save as” and the type CSV, then upload that file."
UNPACK = "Unpack it and upload the CSV file inside (a single .csv.gz is fine as it is)."
EXPORT_AS_CSV = "Export the customers as a CSV file, with a header and one customer a line, and upload that."
CHOOSE_ANOTHER = "Choose a CSV file with a header and one customer a line."

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Excel workbook (.xls), not a CSV file.", SAVE_AS_CSV),
    (b"PAR1", "This is a Parquet file, not a CSV file.", EXPORT_AS_CSV),
    (b"ARROW1", "This is an Arrow file, not a CSV file.", EXPORT_AS_CSV),
    (b"%PDF", "This is a PDF, not a CSV file.", EXPORT_AS_CSV),
    (b"SQLite format 3", "This is a database, not a CSV file.", EXPORT_AS_CSV),
    (b"7z\xbc\xaf", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"BZh", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"\xfd7zXZ", "This is a compressed archive, not a CSV file.", UNPACK),
    (b"\x28\xb5\x2f\xfd", "This is a compressed archive, not a CSV file.", UNPACK),
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

_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_LINES_WITH_NUL = re.compile(rb"\0[^\n]*")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def recognise(path: Path, choice: FormatChoice | None = None, limits: ReadingLimits = USUAL) -> FilePreview:
    """Encoding, delimiter, decimal mark, header and first rows; what a person chose stands.

    Raises FileRefused for what is no usable CSV.
    """
    choice = choice or FormatChoice()
    size = path.stat().st_size
    raw = _head_of(path, compressed=False)
    compressed = raw.startswith(GZIP_MAGIC)
    head = _head_of(path, compressed=True) if compressed else raw
    whole = len(head) < HEAD
    _refuse_other_kinds(head)
    encoding = _encoding_chosen(head, choice) or encoding_of(head, whole=whole)
    data = _as_text(head, encoding)
    _refuse_binary(data)
    delimiter = choice.delimiter or separator_line(data) or _delimiter_of(data, whole=whole)
    rows = _rows_of(data, delimiter, whole=whole, limits=limits)
    header, customers, above = _split_header(rows, delimiter, limits)
    cells = [cells_of(row, delimiter) for row in customers[:JUDGED_ROWS] if "\0" not in row]
    decimal = choice.decimal or _decimal_of(cells, delimiter)
    written = FileFormat(encoding=encoding, delimiter=delimiter, decimal=decimal, gzip=compressed)
    return FilePreview(
        format=written,
        header=tuple(header),
        sample=tuple(tuple(row) for row in cells[:SAMPLE_ROWS]),
        size=size,
        rows=_count(path, written, size=size, head=len(head), customers=len(customers), whole=whole, above=above),
        above=above,
    )


def _encoding_chosen(head: bytes, choice: FormatChoice) -> str | None:
    """A person's encoding; a byte order mark speaks louder."""
    marked = any(head.startswith(mark) for mark, _ in BOMS)
    return None if marked else choice.encoding


def separator_line(data: bytes) -> str | None:
    """The delimiter that a first line such as "sep=;" names, as spreadsheet programs write it."""
    match = _SEPARATOR_LINE.fullmatch(data.split(b"\n", 1)[0][:32].decode("utf-8", "replace"))
    return match[1] if match and match[1] in DELIMITERS else None


def _head_of(path: Path, *, compressed: bool) -> bytes:
    return b"".join(islice(raw_chunks(path, compressed=compressed, size=HEAD), 1))


def _as_text(head: bytes, encoding: str) -> bytes:
    return b"".join(with_one_line_end(to_utf8([head], encoding)))


def _refuse_other_kinds(head: bytes) -> None:
    if not head:
        raise FileRefused("The file is empty.", advice=CHOOSE_ANOTHER)
    if head.startswith(ZIP_MAGIC):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            raise NoTable("This is an Excel workbook (.xlsx), not a CSV file.", advice=SAVE_AS_CSV)
        raise NoTable("This is a zip archive, not a CSV file.", advice=UNPACK)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64]
    for signature, sentence, advice in SIGNATURES:
        if start.lower().startswith(signature.lower()):
            raise NoTable(sentence, advice=advice)
    if _MARKUP.match(start):
        raise NoTable("This is a web page or an XML file, not a CSV file.", advice=EXPORT_AS_CSV)
    if _JSON_LIST.match(start):
        raise NoTable("This is a JSON file, not a CSV file.", advice=EXPORT_AS_CSV)


def _refuse_binary(data: bytes) -> None:
    if not data.strip():
        raise FileRefused("The file is empty.", advice=CHOOSE_ANOTHER)
    lines, damaged = data.count(b"\n") + 1, len(_LINES_WITH_NUL.findall(data))
    if b"\0" in data.split(b"\n", 1)[0] or damaged > lines * MOST_WITH_NUL:
        raise holds_nuls()
    sample = data[:65_536]
    if len(_CONTROLS.findall(sample)) > len(sample) * 0.01:
        raise FileRefused("This is not a text file.", advice=CHOOSE_ANOTHER)


def holds_nuls() -> FileRefused:
    return FileRefused("The file holds NUL bytes: it is damaged, or not a text file at all.", advice=CHOOSE_ANOTHER)


def _delimiter_of(data: bytes, *, whole: bool) -> str:
    """The one that cuts the rows most evenly; of several, the one that gives more columns."""
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        rows = _texts(data, row_index(_closed(data, whole=whole), delimiter), JUDGED_ROWS)
        counts = [len(cells_of(row, delimiter)) for row in rows[_lines_above(rows, delimiter) :]]
        if counts and counts[0] > 1:
            even = sum(count == counts[0] for count in counts[1:]) / max(len(counts) - 1, 1)
            best, found = max((best, found), ((round(even, 1), counts[0]), delimiter), key=lambda pair: pair[0])
    return found


def _closed(data: bytes, *, whole: bool) -> bytes:
    return data + b"\n" if whole and not data.endswith(b"\n") else data


def _rows_of(data: bytes, delimiter: str, *, whole: bool, limits: ReadingLimits) -> list[str]:
    """The complete rows of the first part, as text. Raises FileRefused where not even one row ends."""
    data = _closed(data, whole=whole)
    index = row_index(data, delimiter)
    named = separator_line(data) is not None
    if whole or len(index) <= 1 + named:  # what comes next is too long for the first part
        line = 1 + data.count(b"\n", 0, index.end_of_last)
        if ends_inside_quotes(data, delimiter):
            raise unclosed_quote(line)
        if not whole:
            raise row_too_long(line, limits)
    texts = _texts(data, index, len(index))
    return texts[1:] if named else texts


def _texts(data: bytes, index: RowIndex, most: int) -> list[str]:
    spans = zip(index.start[:most].tolist(), index.end[:most].tolist(), strict=True)
    return [data[start:end].decode("utf-8", "backslashreplace") for start, end in spans]


def unclosed_quote(line: int) -> FileRefused:
    return FileRefused(
        f"A quote that is opened on line {line} is never closed.",
        advice="Close it, or remove the quotation mark, and upload the file again.",
    )


def row_too_long(line: int, limits: ReadingLimits = USUAL) -> FileRefused:
    return FileRefused(
        f"Line {line} is longer than {in_words(limits.row_bytes)}, which no customer is.",
        advice="Check that each customer stands on a line of its own.",
    )


def no_customers() -> FileRefused:
    return FileRefused(
        "The file has a header but no customers.", advice="Add one line for each customer below the header."
    )


def _split_header(rows: list[str], delimiter: str, limits: ReadingLimits) -> tuple[list[str], list[str], int]:
    """Names, customers, and how many lines of titles stand above the names."""
    if not rows:
        raise no_customers()
    above = _lines_above(rows, delimiter)
    written, customers = rows[above], rows[above + 1 :]
    if "\0" in written:
        raise holds_nuls()
    header = [name.strip() for name in cells_of(written, delimiter)]
    if len(header) > limits.columns:
        raise FileRefused(
            f"The file has {len(header):,} columns; at most {limits.columns:,} can be read.",
            advice="Keep the columns that describe the customers.",
        )
    _refuse_no_header(header, written)
    if not customers:
        raise no_customers()
    return _as_wide_as(customers, header, delimiter), customers, above


def _lines_above(rows: list[str], delimiter: str) -> int:
    """Titles are mostly empty beside the rows that follow, and a line of names comes right below them."""
    seen = [cells_of(row, delimiter) for row in rows[: 3 * MOST_ABOVE]]
    width = max(Counter(map(len, seen)).items(), key=lambda pair: (pair[1], pair[0]))[0] if seen else 0
    for place, cells in enumerate(seen[: MOST_ABOVE + 1]):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not (4 * len(filled) <= width or (len(cells) < width and 2 * len(filled) <= width)):
            names = 4 * len(set(filled)) >= 3 * len(filled) and not any(map(is_number, filled))
            return place if names and len(cells) >= width else 0
    return 0


def _refuse_no_header(header: list[str], written: str) -> None:
    filled = [name for name in header if name]
    numbers = [name for name in filled if is_number(name)]
    if len(numbers) == len(filled) or (len(numbers) > 1 and any(map(_AMOUNT.fullmatch, numbers))):
        raise FileRefused(
            "The first line holds values, not column names.", advice="Add a header line with the columns' names."
        )
    if len(header) == 1 and written.startswith('"') and any(mark in header[0] for mark in DELIMITERS):
        raise FileRefused(
            "Each line stands in quotation marks as a whole, so that it has no columns.",
            advice="Take away the marks around the lines, or export the file again.",
        )


_AMOUNT = re.compile(r"\d+[.,]\d{1,2}")


def _as_wide_as(customers: list[str], header: list[str], delimiter: str) -> list[str]:
    """The header with or without a last column that has no name, where a delimiter ends only it or only the rows."""
    cells = [cells_of(row, delimiter) for row in customers[:JUDGED_ROWS]]
    width = Counter(map(len, cells)).most_common(1)[0][0]
    if width == len(header) + 1 and all(not row[-1].strip() for row in cells if len(row) == width):
        return [*header, ""]
    return header[:-1] if width == len(header) - 1 and not header[-1] else header


_COMMA_MARK = re.compile(r"[-+]?\d+,\d+")
_POINT_MARK = re.compile(r"[-+]?\d+\.\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:[.,]\d{3})+")


def _decimal_of(rows: list[list[str]], delimiter: str) -> str:
    """Judged on whole columns: a column speaks when all its numbers are written with the same mark."""
    comma = point = unclear = 0
    for column in zip(*(row for row in rows if len(row) == len(rows[0])), strict=True):
        cells = [cell.strip() for cell in column if cell.strip()]
        with_comma = [cell for cell in cells if _COMMA_MARK.fullmatch(cell)]
        with_point = [cell for cell in cells if _POINT_MARK.fullmatch(cell)]
        if with_comma and not with_point:
            clear = any(not _THOUSANDS.fullmatch(cell) for cell in with_comma)
            comma, unclear = comma + clear, unclear + (not clear)
        elif with_point and not with_comma:
            point += any(not _THOUSANDS.fullmatch(cell) for cell in with_point)
    if comma == point == 0:
        return "," if unclear and delimiter == ";" else "."
    return "," if comma > point else "."


class Header(NamedTuple):
    """The names, how many rows come before the customers, and how many of those are titles above the names."""

    names: tuple[str, ...]
    skipped: int
    above: int


def header_of(path: Path, format: FileFormat, limits: ReadingLimits = USUAL) -> Header:
    """The header of a file whose format is known."""
    head = _head_of(path, compressed=format.gzip)
    data = _as_text(head, format.encoding)
    rows = _rows_of(data, format.delimiter, whole=len(head) < HEAD, limits=limits)
    names, _, above = _split_header(rows, format.delimiter, limits)
    return Header(tuple(names), above + (2 if separator_line(data) else 1), above)


def _count(
    path: Path, format: FileFormat, *, size: int, head: int, customers: int, whole: bool, above: int
) -> int | None:
    if whole:
        return customers
    read = _packed_size_of_head(path) if format.gzip else head
    if format.gzip or size > COUNTED_WHOLE:
        return round(customers * size / read)
    return _counted(path, format) - above


def _packed_size_of_head(path: Path) -> int:
    """Compressed bytes that it takes to unpack the first part, whatever a file object would read ahead."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    taken = given = 0
    with path.open("rb") as file:
        while given < HEAD and not unpacker.eof and (packed := file.read(PACKED_STEP)):
            given += len(unpacker.decompress(packed))
            taken += len(packed)
    return max(1, taken)


def _counted(path: Path, format: FileFormat) -> int:
    """Rows of a small file by its line ends outside quotes, blank lines left out, the header not counted."""
    data = b"".join(text_chunks(path, format, size=HEAD))
    data = _closed(data, whole=True)
    return len(row_index(data, format.delimiter)) - 1 - (separator_line(data) is not None)
