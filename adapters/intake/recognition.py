"""Recognises a file's format from its first part. Rejects other kinds of file with one sentence."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from adapters.formatting.figures import number
from adapters.intake.characters import Decoding
from adapters.intake.first_part import HEAD, FirstPart, as_text, first_part, holds_nuls
from adapters.intake.limits import USUAL, ReadingLimits, in_words
from adapters.intake.numbers import is_number
from adapters.intake.quantities import unit_of_cell
from adapters.intake.source import start_of, text_chunks
from adapters.intake.structure import RowIndex, cells_of, ends_inside_quotes, row_index
from application.ports.intake import FilePreview
from domain.errors import FileRefused
from domain.file_format import DELIMITERS, FileFormat, FormatChoice
from domain.units import Unit

PACKED_STEP = 4096
COUNTED_WHOLE = 4 * 1024**2
"""Bytes up to which rows are counted. In larger files their number is estimated."""
GZIP = "gzip"
USUAL_DELIMITERS = (",", ";", "\t", "|")
UNUSUAL_SIGNS = ("^", "~")
"""Delimiters that hardly occur in names and values. Commas next to them are decimal marks."""
RARE_DELIMITERS = (*UNUSUAL_SIGNS, ":", " ")
SIGNS_IN_TEXT, MIN_COLUMNS_IN_TEXT = (":", " "), 3
"""Delimiters that also occur in a single column of text, and the columns from which they are taken."""
MIN_EVEN, MIN_EVEN_RARE = 0.5, 0.9
"""Shares of rows with as many cells as the header from which a delimiter is taken."""
FIRST_LINES_BYTES = 65_536
"""Bytes in which an unusual sign must occur to be tried as a delimiter."""
SAMPLE_ROWS = 20
JUDGED_ROWS = 200
MAX_ABOVE = 10
"""Lines above a header that can be titles."""

_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_SEVERAL_MARKS = re.compile(r"[^\w\s\"'()\[\].%-]{2,}|[§¦¬#$&*!@/\\=+<>\x1c-\x1f\x01]")


def recognise(
    path: Path, choice: FormatChoice | None = None, limits: ReadingLimits = USUAL, *, known: Collection[str] = ()
) -> FilePreview:
    """Detect encoding, delimiter, decimal mark, header and first rows. A person's `choice` takes precedence.

    `known` are texts that the file probably contains.

    Raises FileRefused if the file is not usable as CSV.
    """
    choice = choice or FormatChoice()
    size = path.stat().st_size
    head = first_part(path, choice, known=known, limits=limits)
    data, whole = head.data, head.whole
    delimiter = _delimiter_in(head, choice)
    rows = rows_of(data, delimiter, whole=whole, limits=limits)
    header, customers, above = split_header(rows, delimiter, limits)
    if head.is_table and len(header) == 1:
        raise _one_column(head.sheets)
    if choice.delimiter is None and not head.is_table:
        _refuse_several_marks(rows[above], delimiter)
        if len(header) == 1:
            _refuse_one_column(rows[above], customers[0])
    cells = [cells_of(row, delimiter) for row in customers[:JUDGED_ROWS] if "\0" not in row]
    decimal = choice.decimal or _decimal_of(cells, delimiter)
    file_format = FileFormat(
        encoding=head.encoding,
        delimiter=delimiter,
        decimal=decimal,
        gzip=head.packing == GZIP,
        encoding_chosen=head.encoding_chosen,
        date_order=choice.date_order,
        decimal_chosen=choice.decimal is not None,
        packing="" if head.packing == GZIP else head.packing,
        is_table=head.is_table,
        sheet=head.sheet or "",
        sheets=head.sheets,
    )
    return FilePreview(
        format=file_format,
        header=tuple(header),
        sample=tuple(tuple(row) for row in cells[:SAMPLE_ROWS]),
        size=size,
        rows=len(customers) if whole else _count(path, file_format, head.size, len(customers), above, known),
        above=above,
    )


def _delimiter_in(head: FirstPart, choice: FormatChoice) -> str:
    if head.is_table:
        return ","
    return choice.delimiter or separator_line(head.data) or _delimiter_of(head.data, whole=head.whole)


def separator_line(data: bytes) -> str | None:
    """The delimiter in a first line such as "sep=;", which spreadsheet programs write."""
    match = _SEPARATOR_LINE.fullmatch(data.split(b"\n", 1)[0][:32].decode("utf-8", "replace"))
    return match[1] if match and match[1] in USUAL_DELIMITERS else None


def _delimiter_of(data: bytes, *, whole: bool) -> str:
    """The delimiter that splits the rows most evenly; of several, the one with more columns.

    Signs that also occur within names and values count only where no usual delimiter splits the rows. A sign that does
    not counts if it gives more columns than a usual delimiter.
    """
    usual, delimiter = most_even(data, USUAL_DELIMITERS, whole=whole)
    signs = tuple(sign for sign in UNUSUAL_SIGNS if sign.encode() in data[:FIRST_LINES_BYTES])
    if signs:
        unusual, sign = most_even(data, signs, whole=whole)
        if unusual[0] >= MIN_EVEN_RARE and unusual[1] > usual[1]:
            return sign
    if usual[0] >= MIN_EVEN:
        return delimiter
    rare, rare_delimiter = most_even(data, RARE_DELIMITERS, whole=whole)
    least = MIN_COLUMNS_IN_TEXT if rare_delimiter in SIGNS_IN_TEXT else 2
    return rare_delimiter if rare[0] >= MIN_EVEN_RARE and rare[1] >= least else delimiter


def most_even(data: bytes, delimiters: tuple[str, ...], *, whole: bool) -> tuple[tuple[float, int], str]:
    return max((_evenness(data, sign, whole=whole) for sign in delimiters), key=lambda candidate: candidate[0])


def _evenness(data: bytes, delimiter: str, *, whole: bool) -> tuple[tuple[float, int], str]:
    """The share of rows with as many cells as the header, and that number."""
    rows = _texts(data, row_index(_closed(data, whole=whole), delimiter), JUDGED_ROWS)
    counts = [len(cells_of(row, delimiter)) for row in rows[_lines_above(rows, delimiter) :]]
    if not counts or counts[0] == 1:
        return (0.0, 0), delimiter
    even = sum(count == counts[0] for count in counts[1:]) / max(len(counts) - 1, 1)
    return (round(even, 1), counts[0]), delimiter


def _refuse_several_marks(header_line: str, delimiter: str) -> None:
    """Refuse a file whose columns are divided by several different signs, such as “~|~”."""
    marks = set(_SEVERAL_MARKS.findall(header_line))
    mark = marks.pop() if len(marks) == 1 else ""
    if set(mark) > {delimiter} and header_line.count(mark) * mark.count(delimiter) == header_line.count(delimiter):
        raise _not_divided(f" Its columns seem to be divided by “{mark}”, which cannot be read.")


def _refuse_one_column(header_line: str, first: str) -> None:
    """Name what divides the columns, if it is recognisable. No model has a single column."""
    marks = [mark for mark in dict.fromkeys(_SEVERAL_MARKS.findall(header_line)) if mark in first]
    if marks:
        raise _not_divided(f" Its columns seem to be divided by “{marks[0]}”, which cannot be read.")
    if len(header_line.split()) > 1 and len(header_line.split()) == len(first.split()):
        raise _not_divided(" Its columns seem to be aligned with spaces, which cannot be read.")
    raise _not_divided("")


def _one_column(sheets: Sequence[str]) -> FileRefused:
    other = f" Its sheets are {', '.join(sheets[:10])}: choose another one, or" if len(sheets) > 1 else ""
    return FileRefused("The table has one column.", advice=f"{other} add the columns of the customers.".strip())


def _not_divided(how: str) -> FileRefused:
    return FileRefused(
        f"The file has one column.{how} Known delimiters are {', '.join(DELIMITERS.values())}.",
        advice="Choose the delimiter of this file, or export it again with one of them.",
    )


def _closed(data: bytes, *, whole: bool) -> bytes:
    return data + b"\n" if whole and not data.endswith(b"\n") else data


def rows_of(data: bytes, delimiter: str, *, whole: bool, limits: ReadingLimits) -> list[str]:
    """The complete rows of the first part, as text. Raises FileRefused if no row is complete."""
    data = _closed(data, whole=whole)
    index = row_index(data, delimiter)
    named = separator_line(data) is not None
    if whole or len(index) <= 1 + named:  # the next row is longer than the first part
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


def quote_too_long(line: int, limits: ReadingLimits = USUAL) -> FileRefused:
    return FileRefused(
        f"A quote that is opened on line {line} is not closed within {in_words(limits.row_bytes)}.",
        advice="Close it, or remove the quotation mark, and upload the file again.",
    )


def row_too_long(line: int, limits: ReadingLimits = USUAL) -> FileRefused:
    return FileRefused(
        f"Line {line} is longer than {in_words(limits.row_bytes)}, which is too long for one customer.",
        advice="Check that each customer is on a separate line.",
    )


def no_customers() -> FileRefused:
    return FileRefused(
        "The file has a header but no customers.", advice="Add one line for each customer below the header."
    )


def split_header(rows: list[str], delimiter: str, limits: ReadingLimits) -> tuple[list[str], list[str], int]:
    """Column names, customers, and the number of title lines above the names."""
    if not rows:
        raise no_customers()
    above = _lines_above(rows, delimiter)
    header_line, customers = rows[above], rows[above + 1 :]
    if "\0" in header_line:
        raise holds_nuls()
    header = [name.strip() for name in cells_of(header_line, delimiter)]
    if len(header) > limits.columns:
        raise FileRefused(
            f"The file has {number(len(header))} columns; at most {number(limits.columns)} can be read.",
            advice="Keep the columns that describe the customers.",
        )
    _refuse_no_header(header, header_line)
    if not customers:
        raise no_customers()
    return _as_wide_as(customers, header, delimiter), customers, above


def _lines_above(rows: list[str], delimiter: str) -> int:
    """The number of title lines. Titles have few filled cells compared to the rows below, and names follow directly."""
    rows_of_cells = [cells_of(row, delimiter) for row in rows[: 3 * MAX_ABOVE]]
    width = (
        max(Counter(map(len, rows_of_cells)).items(), key=lambda pair: (pair[1], pair[0]))[0] if rows_of_cells else 0
    )
    for place, cells in enumerate(rows_of_cells[: MAX_ABOVE + 1]):
        nonblank = [cell.strip() for cell in cells if cell.strip()]
        if not (4 * len(nonblank) <= width or (len(cells) < width and 2 * len(nonblank) <= width)):
            names = 4 * len(set(nonblank)) >= 3 * len(nonblank) and not any(map(_is_value, nonblank))
            return place if names and len(cells) >= width else 0
    return 0


def _is_value(text: str) -> bool:
    """Whether a text is a number, with or without a known unit, and so hardly the name of a column."""
    unit = unit_of_cell(text)
    return is_number(text) or (isinstance(unit, Unit) and unit.is_known)


def _refuse_no_header(header: list[str], header_line: str) -> None:
    names = [name for name in header if name]
    numbers = [name for name in names if is_number(name)]
    if len(numbers) == len(names) or (len(numbers) > 1 and any(map(_AMOUNT.fullmatch, numbers))):
        raise FileRefused(
            "The first line contains values, not column names.", advice="Add a header line with the columns' names."
        )
    if len(header) == 1 and header_line.startswith('"') and any(mark in header[0] for mark in USUAL_DELIMITERS):
        raise FileRefused(
            "Each line is completely enclosed in quotation marks, so it has no columns.",
            advice="Remove the quotation marks around the lines, or export the file again.",
        )


_AMOUNT = re.compile(r"\d+[.,]\d{1,2}")


def _as_wide_as(customers: list[str], header: list[str], delimiter: str) -> list[str]:
    """The header as wide as the rows, if a trailing delimiter ends only the header or only the rows."""
    cells = [cells_of(row, delimiter) for row in customers[:JUDGED_ROWS]]
    width = Counter(map(len, cells)).most_common(1)[0][0]
    if width == len(header) + 1 and all(not row[-1].strip() for row in cells if len(row) == width):
        return [*header, ""]
    return header[:-1] if width == len(header) - 1 and not header[-1] else header


_COMMA_MARK = re.compile(r"[-+]?\d+,\d+")
_POINT_MARK = re.compile(r"[-+]?\d+\.\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:[.,]\d{3})+")


def _decimal_of(rows: list[list[str]], delimiter: str) -> str:
    """The decimal mark. Only columns in which all numbers have the same mark count."""
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
    """Column names, number of rows before the customers, and how many of these are titles above the names."""

    names: tuple[str, ...]
    skipped: int
    above: int


def header_of(path: Path, format: FileFormat, limits: ReadingLimits = USUAL) -> Header:
    """The header of a file with a known format."""
    start = start_of(path, size=HEAD, sheet=format.sheet or None, limits=limits)
    data = start.data if start.is_table else as_text(start.data, format.encoding)
    rows = rows_of(data, format.delimiter, whole=start.whole, limits=limits)
    names, _, above = split_header(rows, format.delimiter, limits)
    return Header(tuple(names), above + (2 if separator_line(data) else 1), above)


def _count(path: Path, format: FileFormat, head: int, customers: int, above: int, known: Collection[str]) -> int | None:
    """The number of rows of a file of which the first part, of `head` bytes, holds some `customers`.

    None where the size says nothing about it.
    """
    if format.packing:
        return None
    size = path.stat().st_size
    if format.gzip or size > COUNTED_WHOLE:
        return round(customers * size / (_packed_size_of_head(path) if format.gzip else head))
    return _counted(path, format, known) - above


def _packed_size_of_head(path: Path) -> int:
    """Compressed size of the first part, without the bytes that a file object reads ahead."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    packed_size = unpacked_size = 0
    with path.open("rb") as file:
        while unpacked_size < HEAD and not unpacker.eof and (packed := file.read(PACKED_STEP)):
            unpacked_size += len(unpacker.decompress(packed))
            packed_size += len(packed)
    return max(1, packed_size)


def _counted(path: Path, format: FileFormat, known: Collection[str]) -> int:
    """Number of rows in a small file: line ends outside quotes, without blank lines and the header."""
    decoding = Decoding(format.encoding, chosen=format.encoding_chosen, known=known)
    data = b"".join(text_chunks(path, format, size=HEAD, decoding=decoding))
    data = _closed(data, whole=True)
    return len(row_index(data, format.delimiter)) - 1 - (separator_line(data) is not None)
