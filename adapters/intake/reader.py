"""Customer files read in a stream: flat memory, exact line numbers, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from adapters.intake.blocks import Block, row_blocks, without_first_rows
from adapters.intake.casting import NO_NUMBER, BatchCaster
from adapters.intake.characters import Decoding
from adapters.intake.erasing import erase, erase_rejected, rejected_rows_of, rows_of
from adapters.intake.levels import encoded
from adapters.intake.limits import USUAL, ReadingLimits, in_words
from adapters.intake.parsing import BlockParser, Hopeless, Parse
from adapters.intake.recognition import header_of, no_customers, recognise
from adapters.intake.rejected import RejectedRows
from adapters.intake.rows import ParsedBlock
from adapters.intake.screening import RowScreen
from adapters.intake.source import text_chunks
from application.ports.columns import CustomerBatch
from application.ports.intake import (
    CustomerReading,
    FilePreview,
    IntakeReport,
    RejectedRow,
    StoredUpload,
    TrainingTable,
)
from domain.errors import FileRefused
from domain.file_format import FileFormat, FormatChoice
from domain.schema import CustomerSchema, HeaderMatch

BATCH_ROWS = 65_536
BLOCK_BYTES = 8 * 1024**2
"""Read at once: about 60,000 rows of a telecom's usual file, so that a block makes one batch."""
EXPORT_AGAIN = "Check delimiter and quotation marks, or export the file again as CSV in UTF-8."
CORRECT = "Correct such cells or leave them blank; where the whole column holds no numbers, match another one."
REASONS_TOLD = 5
MAX_SAMPLE_ROWS, MIN_SAMPLE_ROWS = 5_000, 200
MAX_SAMPLE_CELLS = 250_000
"""Of a file with hundreds of columns, fewer rows are looked at."""
MAX_SAMPLE_BYTES = 4 * 1024**2
"""Text that is looked at, unpacked. The columns made of it take about ten times as much memory."""
SAMPLE_BLOCK_BYTES = 1024**2
MOST_REJECTED = 0.20
"""Share of rejected rows from which a file is not to be trusted."""


@dataclass(frozen=True, slots=True)
class CsvCustomerFiles:
    """Reads CSV files, plain or gzipped. `block_bytes` changes memory and speed, never what is read."""

    block_bytes: int = BLOCK_BYTES
    limits: ReadingLimits = USUAL

    def preview(self, path: Path, choice: FormatChoice | None = None) -> FilePreview:
        return recognise(path, choice, self.limits)

    def read(
        self,
        path: Path,
        *,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None = None,
    ) -> CustomerReading:
        return CsvReading(path, schema, match, format, rejected, self.block_bytes, self.limits)

    def load(self, path: Path, *, format: FileFormat, progress: Callable[[int], None] | None = None) -> TrainingTable:
        header, rows = self._training_rows(path, format, self.block_bytes)
        parts: list[list[Any]] = [[] for _ in header]
        with RejectedRows(None) as set_aside:
            for parsed in rows.blocks(set_aside):
                if rows.read > self.limits.training_bytes:
                    raise _too_much_to_learn_from(self.limits)
                for part, column in zip(parts, parsed.columns, strict=True):
                    part.append(_trimmed(column))
                if progress is not None:
                    progress(rows.count)
        return _training_table(header, parts, rows, format)

    def load_sample(self, path: Path, *, format: FileFormat) -> TrainingTable:
        header, rows = self._training_rows(path, format, SAMPLE_BLOCK_BYTES)
        parts: list[list[Any]] = [[] for _ in header]
        wanted = min(MAX_SAMPLE_ROWS, max(MIN_SAMPLE_ROWS, MAX_SAMPLE_CELLS // max(1, len(header))))
        taken, whole = 0, True
        with RejectedRows(None) as set_aside, closing(rows.blocks(set_aside)) as blocks:
            for parsed in blocks:
                if taken >= wanted or rows.read > MAX_SAMPLE_BYTES:
                    whole = False  # this block is left out
                    break
                kept = min(wanted - taken, len(parsed.place))
                whole = whole and kept == len(parsed.place)
                for part, column in zip(parts, parsed.columns, strict=True):
                    part.append(_trimmed(column.slice(0, kept)))
                taken += kept
        return replace(_training_table(header, parts, rows, format), rows=taken, whole=whole)

    def _training_rows(self, path: Path, format: FileFormat, block_bytes: int) -> tuple[tuple[str, ...], _ParsedRows]:
        header, skipped, _ = header_of(path, format, self.limits)
        kinds = [Parse.LEVEL] * len(header)
        return header, _ParsedRows(path, format, header, skipped, kinds, RowScreen(header), block_bytes, self.limits)

    def rows_of(self, path: Path, customer_id: str, *, id_columns: Sequence[str]) -> Sequence[Mapping[str, str]]:
        return rows_of(path, customer_id, id_columns)

    def rejected_rows_of(self, path: Path, customer_id: str) -> Sequence[Mapping[str, str]]:
        return rejected_rows_of(path, customer_id)

    def erase_customer(
        self,
        path: Path,
        customer_id: str,
        *,
        id_columns: Sequence[str],
        accept: Callable[[StoredUpload], None] = lambda _: None,
    ) -> StoredUpload | None:
        return erase(path, customer_id, id_columns, accept)

    def erase_rejected(self, path: Path, customer_id: str) -> bool:
        return erase_rejected(path, customer_id)

    def count_rows(self, path: Path) -> int | None:
        return recognise(path, limits=self.limits).rows


class CsvReading:
    """One pass over one file; `report` is complete once every batch was taken."""

    def __init__(
        self,
        path: Path,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None,
        block_bytes: int,
        limits: ReadingLimits,
    ) -> None:
        header, skipped, self._above = header_of(path, format, limits)
        self._caster = BatchCaster(schema, match, header, format.decimal)
        self._screen = RowScreen(header, self._caster.id_position)
        self._rows = _ParsedRows(
            path, format, header, skipped, self._caster.kinds(), self._screened, block_bytes, limits
        )
        self._rejected = rejected

    def _screened(self, parsed: ParsedBlock) -> ParsedBlock:
        return self._caster.without_impossible(self._screen(parsed))

    def batches(self) -> Iterator[CustomerBatch]:
        with RejectedRows(self._rejected) as set_aside:
            for parsed in self._rows.blocks(set_aside):
                batch = self._caster.cast(parsed.columns, parsed.place)
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    part = batch.slice(start, BATCH_ROWS)
                    yield CustomerBatch(part.num_rows, part)

    def report(self) -> IntakeReport:
        return IntakeReport(
            rows=self._rows.count,
            rejected=self._rows.rejected,
            columns=self._caster.column_reports(),
            duplicate_ids=self._caster.duplicates.count(),
            duplicate_rows=self._caster.duplicates.rows(),
            encoding=self._rows.decoding.encoding,
            remarks=(*_remarks_on(self._above), *self._rows.decoding.remarks),
            reasons=tuple(self._rows.reasons.most_common(REASONS_TOLD)),
        )


def _remarks_on(above: int) -> list[str]:
    if not above:
        return []
    return [f"{above} lines above the header were left out." if above > 1 else "A line above the header was left out."]


class _ParsedRows:
    """The parsed blocks of a file, with `place` as the row's number in the file from 1; counts and sets aside."""

    def __init__(
        self,
        path: Path,
        format: FileFormat,
        header: tuple[str, ...],
        skipped: int,
        kinds: list[Parse],
        screen: Callable[[ParsedBlock], ParsedBlock],
        block_bytes: int,
        limits: ReadingLimits,
    ) -> None:
        self._path, self._format, self._limits = path, format, limits
        self._parser = BlockParser(header, kinds, format, limits)
        self._screen = screen
        self.decoding = Decoding(format.encoding)
        self._columns = len(header)
        self._skipped = skipped
        self._block_bytes = block_bytes
        self._first_rejected: RejectedRow | None = None
        self.count = self.rejected = self._blank = self.read = 0
        self.reasons: Counter[str] = Counter()

    def blocks(self, set_aside: RejectedRows) -> Generator[ParsedBlock]:
        """Raises FileRefused without customers, and where more than 20 % of the rows can't be read."""
        for block in self._text():
            parsed = self._parsed(block, set_aside)
            place = parsed.place + (self.count + 1)
            self._count(parsed)
            set_aside.add(parsed.set_aside())
            self.read += len(block.data)
            self._refuse_if_surely_too_many(self.read)
            if len(place):
                yield replace(parsed, place=place)
        if not self.count:
            raise no_customers()
        self._refuse_if_too_many(of=self.count)

    def _text(self) -> Iterator[Block]:
        chunks = text_chunks(
            self._path,
            self._format,
            size=self._block_bytes,
            decoding=self.decoding,
            unpacked=self._limits.unpacked_bytes,
        )
        delimiter = self._format.delimiter
        return without_first_rows(row_blocks(chunks, delimiter, self._limits), delimiter, rows=self._skipped)

    def _parsed(self, block: Block, set_aside: RejectedRows) -> ParsedBlock:
        try:
            return self._screen(self._parser.parse(block))
        except Hopeless as error:
            set_aside.add(error.rejected)
            self._count_faulty(error.rejected)
            self.count += len(error.rejected)
            self.rejected += len(error.rejected)
            where = _where(self._first_rejected or error.rejected[0])
            raise FileRefused(
                f"Most of the rows after line {block.line:,} could not be read, for example {where}.",
                advice=EXPORT_AGAIN,
            ) from error

    def _count(self, parsed: ParsedBlock) -> None:
        self.count += parsed.rows
        self.rejected += parsed.rejected
        if self.count > self._limits.rows:
            raise FileRefused(
                f"The file has more than {self._limits.rows:,} rows.",
                advice="Split it, or ask an administrator to raise the limit.",
            )
        faulty = parsed.faulty
        self._blank += parsed.rejected - len(faulty)
        self._count_faulty(faulty)

    def _count_faulty(self, faulty: Sequence[RejectedRow]) -> None:
        if self._first_rejected is None and faulty:
            self._first_rejected = faulty[0]
        self.reasons.update(f"{row.column[:40]}: {row.reason}" if row.column else row.reason for row in faulty)

    def _refuse_if_surely_too_many(self, read: int) -> None:
        """Give up as soon as even faultless rows to the end can't help: a row has a byte for each column at least."""
        if self._format.gzip or self._format.encoding not in ("utf-8", "utf-8-sig", "ascii"):
            return
        left = max(0, self._path.stat().st_size - read)
        self._refuse_if_too_many(of=self.count + left // self._columns)

    def _refuse_if_too_many(self, *, of: int) -> None:
        """Blank rows count neither way: spreadsheets leave them below a table."""
        first = self._first_rejected
        if first is None or self.rejected - self._blank <= MOST_REJECTED * (of - self._blank):
            return
        raise FileRefused(
            f"{self.rejected:,} of {self.count:,} rows could not be read, for example {_where(first)}.",
            advice=CORRECT if first.reason == NO_NUMBER else EXPORT_AGAIN,
        )


def _where(row: RejectedRow) -> str:
    """ "line 7 has 3 columns instead of 20", "“soon” in tenure on line 7 is no number"."""
    if row.value and row.column:
        return f"“{row.value[:40]}” in {row.column[:40]} on line {row.line:,} {row.reason}"
    return f"line {row.line:,} {'has ' if row.reason[:1].isdigit() else ''}{row.reason}"


def _training_table(
    header: tuple[str, ...], parts: list[list[Any]], rows: _ParsedRows, format: FileFormat
) -> TrainingTable:
    frame = pd.DataFrame({place: _series(part) for place, part in enumerate(parts)})
    frame.columns = pd.Index(header)
    return TrainingTable(header, rows.count, rows.rejected, frame, format.decimal)


def _too_much_to_learn_from(limits: ReadingLimits) -> FileRefused:
    return FileRefused(
        f"The file holds more than {in_words(limits.training_bytes)} of text, which is more than a training reads.",
        advice="Train on a part of the customers, such as every tenth, or ask an administrator to raise the limit.",
    )


def _trimmed(column: Any) -> Any:
    """Dictionary of texts → trimmed strings, null for blank."""
    source = encoded(column)
    words = pc.utf8_trim_whitespace(source.dictionary)
    words = pc.if_else(pc.equal(pc.binary_length(words), 0), None, words)
    return words.take(source.indices)


def _series(parts: list[Any]) -> pd.Series:
    text = pa.chunked_array(parts, pa.string()) if parts else pa.chunked_array([], pa.string())
    return pd.Series(pd.arrays.ArrowStringArray(text.cast(pa.large_string())), dtype=pd.StringDtype("pyarrow"))
