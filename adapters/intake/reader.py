"""Reads customer files as a stream, with constant memory, exact line numbers and a count of every row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.batch_casting import BatchCaster
from adapters.intake.dates import DateScan, FileDates
from adapters.intake.erase_rows import erase, erase_rejected, rejected_rows_of, rows_of
from adapters.intake.identity import RivalIds
from adapters.intake.limits import USUAL, ReadingLimits, in_words
from adapters.intake.mark_watch import MarkWatch
from adapters.intake.number_marks import evidence_of_file
from adapters.intake.parsed_rows import ParsedRows
from adapters.intake.parsing import Parse
from adapters.intake.recognition import header_of, recognise
from adapters.intake.rejected import RejectedRows
from adapters.intake.rows import ParsedBlock
from adapters.intake.screening import RowScreen
from adapters.intake.text_columns import series, trimmed, with_values
from application.ports.columns import CustomerBatch
from application.ports.intake import (
    CustomerReading,
    FilePreview,
    IntakeReport,
    RowsWith,
    StoredUpload,
    TrainingTable,
)
from domain.errors import FileRefused
from domain.file_format import FileFormat, FormatChoice
from domain.header_matching import HeaderMatch
from domain.number_marks import MarkEvidence
from domain.schema import CustomerSchema
from domain.training_overlap import IdFingerprint

BATCH_ROWS = 16_384
"""Rows that are scored at once: few enough for a progress that moves evenly."""
BLOCK_BYTES = 8 * 1024**2
"""Bytes per block: about 60,000 rows of a typical telecom file."""
REASONS_TOLD = 5
MAX_SAMPLE_ROWS, MIN_SAMPLE_ROWS = 5_000, 200
MAX_SAMPLE_CELLS = 250_000
"""Cells in a sample. A file with hundreds of columns is sampled with fewer rows."""
MAX_SAMPLE_BYTES = 4 * 1024**2
"""Bytes of unpacked text in a sample. The parsed columns take about ten times as much memory."""
SAMPLE_BLOCK_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class CsvCustomerFiles:
    """Reads CSV files, and tables of other kinds as if they were CSV.

    `block_bytes` affects memory and speed, never the result.
    """

    block_bytes: int = BLOCK_BYTES
    limits: ReadingLimits = USUAL

    def preview(self, path: Path, choice: FormatChoice | None = None, *, known: Collection[str] = ()) -> FilePreview:
        return recognise(path, choice, self.limits, known=known)

    def read(
        self,
        path: Path,
        *,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None = None,
        known_ids: IdFingerprint | None = None,
        rivals: Sequence[int] = (),
    ) -> CustomerReading:
        return CsvReading(path, schema, match, format, rejected, self.block_bytes, self.limits, known_ids, rivals)

    def marks(
        self, path: Path, *, format: FileFormat, positions: Sequence[int], whole: bool = True
    ) -> Mapping[int, MarkEvidence]:
        return evidence_of_file(path, format, positions, self.limits, whole=whole)

    def check_dates(
        self, path: Path, *, schema: CustomerSchema, match: HeaderMatch, format: FileFormat, whole: bool
    ) -> None:
        reading = CsvReading(path, schema, match, format, None, SAMPLE_BLOCK_BYTES, self.limits)
        with suppress(FileRefused):  # the reading of the whole file will say so
            reading.check_first_dates(whole=whole)

    def load(
        self,
        path: Path,
        *,
        format: FileFormat,
        only: RowsWith | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> TrainingTable:
        header, rows = self._training_rows(path, format, self.block_bytes)
        parts: list[list[Any]] = [[] for _ in header]
        places: list[Any] = []
        with RejectedRows(None) as rejected:
            for parsed in rows.blocks(rejected):
                if rows.read > self.limits.training_bytes:
                    raise _too_much_to_learn_from(self.limits)
                *columns, place = with_values(header, [*parsed.columns, pa.array(parsed.place)], only)
                places.append(place.to_numpy())
                for part, column in zip(parts, columns, strict=True):
                    part.append(trimmed(column))
                if progress is not None:
                    progress(rows.count)
        table = replace(_training_table(header, parts, rows, format), places=np.concatenate(places or [np.empty(0)]))
        return table if only is None else replace(table, rows=len(table.places))

    def load_sample(self, path: Path, *, format: FileFormat) -> TrainingTable:
        header, rows = self._training_rows(path, format, SAMPLE_BLOCK_BYTES)
        parts: list[list[Any]] = [[] for _ in header]
        limit = min(MAX_SAMPLE_ROWS, max(MIN_SAMPLE_ROWS, MAX_SAMPLE_CELLS // max(1, len(header))))
        read_rows, whole = 0, True
        with RejectedRows(None) as rejected, closing(rows.blocks(rejected)) as blocks:
            for parsed in blocks:
                if read_rows >= limit or rows.read > MAX_SAMPLE_BYTES:
                    whole = False  # this block is not part of the sample
                    break
                count = min(limit - read_rows, len(parsed.place))
                whole = whole and count == len(parsed.place)
                for part, column in zip(parts, parsed.columns, strict=True):
                    part.append(trimmed(column.slice(0, count)))
                read_rows += count
        return replace(_training_table(header, parts, rows, format), rows=read_rows, whole=whole)

    def _training_rows(self, path: Path, format: FileFormat, block_bytes: int) -> tuple[tuple[str, ...], ParsedRows]:
        header, skipped, _ = header_of(path, format, self.limits)
        kinds = [Parse.LEVEL] * len(header)
        return header, ParsedRows(path, format, header, skipped, kinds, RowScreen(header), block_bytes, self.limits)

    def rows_of(
        self, path: Path, customer_id: str, *, id_columns: Sequence[str], choice: FormatChoice | None = None
    ) -> Sequence[Mapping[str, str]]:
        return rows_of(path, customer_id, id_columns, choice)

    def rejected_rows_of(self, path: Path, customer_id: str) -> Sequence[Mapping[str, str]]:
        return rejected_rows_of(path, customer_id)

    def erase_customer(
        self,
        path: Path,
        customer_id: str,
        *,
        id_columns: Sequence[str],
        accept: Callable[[StoredUpload], None] = lambda _: None,
        choice: FormatChoice | None = None,
    ) -> StoredUpload | None:
        return erase(path, customer_id, id_columns, accept, choice)

    def erase_rejected(self, path: Path, customer_id: str) -> bool:
        return erase_rejected(path, customer_id)


class CsvReading:
    """One pass over one file. `report` is complete after the last batch was read."""

    def __init__(
        self,
        path: Path,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None,
        block_bytes: int,
        limits: ReadingLimits,
        known_ids: IdFingerprint | None = None,
        rivals: Sequence[int] = (),
    ) -> None:
        header, skipped, self._above = header_of(path, format, limits)
        self._dates = FileDates()
        self._caster = BatchCaster(schema, match, header, format, known_ids)
        self._rivals = RivalIds(rivals)
        self._scan = DateScan(schema, self._caster.date_positions, format, self._caster.month_position)
        self._scanned_rows = ParsedRows(
            path, format, header, skipped, [Parse.TEXT] * len(header), RowScreen(header), block_bytes, limits
        )
        self._screen = RowScreen(header, self._caster.id_position)
        self._rows = ParsedRows(
            path, format, header, skipped, self._caster.kinds(), self._screened, block_bytes, limits
        )
        self._rows.decoding.known = self._scanned_rows.decoding.known = schema.texts_beyond_ascii
        self._rejected = rejected
        self._watch = MarkWatch.of(path, format, schema, match, limits)
        self._rows.watch = self._marks_changed

    def _marks_changed(self, columns: Sequence[Any]) -> list[int]:
        changed = self._watch.changed(columns)
        for position in changed:
            self._caster.change_decimal(position, self._watch.format.decimal_of(position))
        return changed

    def _screened(self, parsed: ParsedBlock) -> ParsedBlock:
        return self._caster.without_impossible(self._screen(parsed))

    def batches(self) -> Iterator[CustomerBatch]:
        self._read_dates()
        with RejectedRows(self._rejected) as rejected:
            for parsed in self._rows.blocks(rejected):
                self._rivals.add(parsed.columns, parsed.place)
                batch = self._caster.cast(parsed.columns, parsed.place, parsed.texts)
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    part = batch.slice(start, BATCH_ROWS)
                    yield CustomerBatch(part.num_rows, part, self._caster.inputs)
        self._caster.refuse_unreadable()

    def _read_dates(self) -> None:
        """Find out how the file writes dates and months, and its newest date.

        It takes a pass over the file, if it has dates, or days instead of months at its beginning.
        """
        if not self._caster.date_positions and self._caster.month_position is None:
            return
        whole = True
        with RejectedRows(None) as rejected, closing(self._scanned_rows.blocks(rejected)) as blocks:
            for parsed in blocks:
                self._scan.add(parsed.columns)
                whole = self._scan.is_needed
                if not whole:
                    break
        self._dates = self._scan.dates(by_month=self._caster.has_months, whole=whole)
        self._caster.prepare_dates(self._dates)

    def check_first_dates(self, *, whole: bool) -> None:
        """Raises DatesUnclear for the dates of the first blocks; if `whole`, only if the file ends there."""
        if not self._caster.date_positions:
            return
        with RejectedRows(None) as rejected, closing(self._scanned_rows.blocks(rejected)) as blocks:
            for parsed in blocks:
                self._scan.add(parsed.columns)
                if self._scanned_rows.read >= SAMPLE_BLOCK_BYTES:
                    break
            else:
                whole = False
        if not whole:
            self._scan.must_be_clear(by_month=self._caster.has_months)

    @property
    def rejected(self) -> int:
        return self._rows.rejected

    def report(self) -> IntakeReport:
        remarks = [*_remarks_on(self._above), *self._rows.decoding.remarks, *self._dates.remarks]
        return IntakeReport(
            blank=self._rows.blank,
            rows=self._rows.count,
            rejected=self._rows.rejected,
            columns=self._caster.column_reports(),
            duplicate_ids=self._caster.duplicates.count(),
            blank_ids=self._caster.blank_ids,
            duplicate_rows=self._caster.duplicates.rows(),
            encoding=self._rows.decoding.encoding,
            remarks=tuple(remarks),
            reasons=tuple(self._rows.reasons.most_common(REASONS_TOLD)),
            truth=self._caster.truth_report(),
            common_ids=self._caster.common_ids.share(),
            rival_ids=self._rivals.counts(),
        )


def _remarks_on(above: int) -> list[str]:
    if not above:
        return []
    return [f"{above} lines above the header were skipped." if above > 1 else "A line above the header was skipped."]


def _training_table(
    header: tuple[str, ...], parts: list[list[Any]], rows: ParsedRows, format: FileFormat
) -> TrainingTable:
    import pandas as pd  # only training needs it: the import takes a third of a second

    frame = pd.DataFrame({place: series(part) for place, part in enumerate(parts)})
    frame.columns = pd.Index(header)
    return TrainingTable(header, rows.count, rows.rejected, frame, format.decimal, delimiter=format.delimiter)


def _too_much_to_learn_from(limits: ReadingLimits) -> FileRefused:
    return FileRefused(
        f"The file has more than {in_words(limits.training_bytes)} of text, which is the limit for a training.",
        advice="Train on a part of the customers, such as every tenth, or ask an administrator to raise the limit.",
    )
