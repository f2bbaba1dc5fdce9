"""Collects what the numbers of a file say about their decimal mark, in one pass with bounded memory.

A column that proves its mark is not looked at again unless the other mark occurs, which one search in the block's bytes
decides. So the pass costs little more than the separation of the cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from adapters.intake.blocks import Block, row_blocks, without_first_rows
from adapters.intake.characters import Decoding
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.numbers import is_percentage, number_of, spelled, texts_around_numbers
from adapters.intake.parsing import PARSED_AT_ONCE
from adapters.intake.quantities import duration_of, quantity_of
from adapters.intake.recognition import header_of
from adapters.intake.rows import BlockRows
from adapters.intake.source import text_chunks
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.number_marks import POINT, MarkEvidence, Spelling

BLOCK_BYTES = 8 * 1024**2
FIRST_BYTES = 1024**2
"""Bytes of the first part. What comes later is watched while it is read, see `mark_watch`."""
LONGEST = 30
"""Digits of a number that is an example of a column's sizes."""
FIRST_TEXTS = 200
"""Texts that are examined for a proof before all of a block are."""


def evidence_of_file(
    path: Path, format: FileFormat, positions: Sequence[int], limits: ReadingLimits = USUAL, *, whole: bool = True
) -> Mapping[int, MarkEvidence]:
    """Evidence per column, from the file or from its first part.

    Where the file is damaged, the evidence ends: reading it will say so.
    """
    evidence = {position: MarkEvidence() for position in positions}
    if not positions:
        return evidence
    header = header_of(path, format, limits)
    decoding = Decoding(format.encoding, chosen=True)  # numbers are the same in all encodings that may be meant
    size = BLOCK_BYTES if whole else FIRST_BYTES
    chunks = text_chunks(path, format, size=size, decoding=decoding, unpacked=limits.unpacked_bytes)
    blocks = row_blocks(chunks, format.delimiter, limits)
    read = 0
    with suppress(FileRefused):
        for block in without_first_rows(blocks, format.delimiter, rows=header.skipped):
            for position, texts in _columns_of(block, format, len(header.names), positions).items():
                collect(evidence[position], texts)
            read += len(block.data)
            if not whole and read >= FIRST_BYTES // 2:  # a last row without a line end is a separate block
                break
    return evidence


def collect(evidence: MarkEvidence, texts: Any) -> None:
    """Add the numbers of an Arrow array of strings."""
    content = _bytes_of(texts)
    if content.translate(None, b"+-0123456789., "):
        evidence.currencies.add(texts_around_numbers(texts))
    with_point, with_comma = content.find(b".") >= 0, content.find(b",") >= 0
    certain = evidence.certain
    if certain is not None and not (with_comma if certain == POINT else with_point):
        return
    if not (with_point or with_comma) and content.translate(None, b"+- ").isdigit():
        lengths = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False)
        evidence.add(Spelling.HUNDREDS, times=int((lengths == 3).sum()))
        evidence.add(Spelling.LARGE, times=int((lengths > 3).sum()))
        _collect_whole_numbers(evidence, texts)
        return
    counted = texts.value_counts()
    words = list(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
    _collect_words(evidence, words[:FIRST_TEXTS])
    certain = evidence.certain
    if certain is not None and not (with_comma if certain == POINT else with_point):
        return
    _collect_words(evidence, words[FIRST_TEXTS:])


def _collect_whole_numbers(evidence: MarkEvidence, texts: Any) -> None:
    numbers = {word: number for word in texts[:FIRST_TEXTS].to_pylist() if (number := _whole(word)) is not None}
    for number in numbers.values():
        evidence.add_number(number, percent=False)
    example = next((word for word, number in numbers.items() if number), None)
    if example is not None:
        evidence.add_unit("", example, cells=len(texts) - texts.null_count)


def _whole(word: str | None) -> float | None:
    return number_of(word) if word and len(word) < LONGEST else None


def _collect_words(evidence: MarkEvidence, words: Iterable[tuple[str | None, int]]) -> None:
    for word, cells in words:
        if word:
            _collect_word(evidence, word, cells)


def _collect_word(evidence: MarkEvidence, word: str, cells: int) -> None:
    _collect_number(evidence, word)
    quantity = quantity_of(word)
    if quantity is None:
        duration = duration_of(word)
        evidence.add(*spelled(word))
        if duration is not None:
            evidence.add_unit(duration[1].name, word, cells=cells)
        return
    evidence.add(*spelled(quantity.number), unit=quantity.unit)
    if quantity.unit or quantity.number.strip("0.,+-"):
        evidence.add_unit(quantity.unit, word, cells=cells)


def _collect_number(evidence: MarkEvidence, word: str) -> None:
    """A number that is the same under both decimal marks, or that has only one."""
    percent = is_percentage(word)
    number = number_of(word)
    if number is not None and spelled(word)[0] not in (Spelling.POINT_GROUP, Spelling.COMMA_GROUP):
        evidence.add_number(number, percent=percent)


def _bytes_of(texts: Any) -> bytes:
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return b""
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(places[0]) : int(places[-1])].tobytes()


def _decodable(data: bytes) -> bytes:
    """The data with a replacement character for bytes that are not UTF-8: PyArrow decodes the rows it skips."""
    if data.isascii():
        return data
    return data.decode("utf-8", "replace").encode()


def _columns_of(block: Block, format: FileFormat, columns: int, positions: Sequence[int]) -> dict[int, Any]:
    """The texts of these columns. Rows that the parser cannot separate are left out: reading rejects them."""
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(_decodable(block.data)),
            read_options=pa_csv.ReadOptions(
                use_threads=False,
                block_size=PARSED_AT_ONCE if not block.embedded else len(block.data) + 1,
                column_names=[str(position) for position in range(columns)],
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=format.delimiter,
                quote_char=format.quote,
                newlines_in_values=b'"' in block.data,
                invalid_row_handler=lambda _: "skip",
            ),
            convert_options=pa_csv.ConvertOptions(
                include_columns=[str(position) for position in positions],
                column_types={str(position): pa.string() for position in positions},
                strings_can_be_null=False,
                check_utf8=not block.data.isascii(),
            ),
        )
    except pa.ArrowInvalid:
        rows = BlockRows(block, format.delimiter)
        cells = [rows.cells_of(place) for place in range(len(rows.index))]
        return {
            position: pa.array([row[position] for row in cells if len(row) == columns], pa.string())
            for position in positions
        }
    return {position: table.column(str(position)).combine_chunks() for position in positions}
