"""Customer files: receiving, recognising and reading them. Rows that cannot be read are rejected and listed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from application.ports.columns import CustomerBatch
from domain.file_format import FileFormat, FormatChoice
from domain.header_matching import HeaderMatch
from domain.id_matching import IdCount
from domain.number_marks import MarkEvidence
from domain.run import ColumnReport
from domain.schema import CustomerSchema
from domain.training_overlap import IdFingerprint
from domain.truth import TruthReading


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What the first part of a file shows. `sample` holds the first data rows as text; `rows` is an estimate.

    `above` counts the lines above the header, which are skipped.
    """

    format: FileFormat
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    size: int
    rows: int | None = None
    above: int = 0


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A rejected row: line in the file (from 1, header included), column, value, reason, and the row's text."""

    line: int
    column: str
    value: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """Statistics of a file, complete once every batch was read or reading was stopped.

    rows = read + rejected.
    `duplicate_rows` are the first few rows whose id occurred in an earlier row. `encoding` is the detected encoding.
    """

    rows: int
    rejected: int
    columns: tuple[ColumnReport, ...]
    duplicate_ids: int
    duplicate_rows: tuple[int, ...] = ()
    encoding: str | None = None
    remarks: tuple[str, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    """The most common reasons for rejecting a row, in words, with the number of rows for each."""
    truth: TruthReading | None = None
    """What the column that says who left holds; None for a file without it."""
    blank: int = 0
    """Rejected rows without any content. They do not count against a file: spreadsheets leave them below a table."""
    blank_ids: int = 0
    """Rows without an id, which have their row number as id."""
    common_ids: float | None = None
    """Estimated share of the file's ids that the model learned from; None where it is unknown."""
    rival_ids: tuple[IdCount, ...] = ()
    """What other columns hold that may be the ids, in the order that was asked for."""


class CustomerReading(Protocol):
    """A single pass over one file."""

    def batches(self) -> Iterator[CustomerBatch]:
        """Batches of a limited size in file order. Raises FileRefused if the file turns out to be unusable."""

    @property
    def rejected(self) -> int:
        """How many rows were rejected so far."""

    def report(self) -> IntakeReport: ...


class Texts(Protocol):
    """One column of text. A missing text is NaN or NA."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def dropna(self) -> Texts: ...


class TextColumns(Protocol):
    """Columns of text by position: `columns[:, 0]` is the first."""

    def __getitem__(self, place: tuple[slice, int], /) -> Texts: ...


class TextFrame(Protocol):
    """The part of a pandas data frame of strings that the adapters use."""

    @property
    def iloc(self) -> TextColumns: ...


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A labelled file as text columns, and its decimal mark."""

    header: tuple[str, ...]
    rows: int
    rejected: int
    data: TextFrame
    decimal: str = "."
    whole: bool = True
    """Whether the table holds all rows of the file."""
    delimiter: str = ","
    places: Any = None
    """The number of each row in the file, as in CustomerBatch.row (an array); None where it is not needed."""


@dataclass(frozen=True, slots=True)
class RowsWith:
    """The rows whose cell in this column is one of these texts."""

    column: str
    values: tuple[str, ...]


class CustomerFiles(Protocol):
    """Reads customer files. Raises FileRefused, with a sentence for the user, for a file that is not a usable CSV."""

    def preview(self, path: Path, choice: FormatChoice | None = None, *, known: Collection[str] = ()) -> FilePreview:
        """Detect a file's format from its first part. `choice` overrides what is detected.

        `known` are texts that the file probably contains, such as a model's levels. They help to detect the encoding.
        """

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
        """A stream of batches, converted by the schema. Rejected rows are written to `rejected` as CSV, if given.

        The report says which share of the ids is in `known_ids`, and how often the columns at `rivals` repeat a value.
        """

    def marks(
        self, path: Path, *, format: FileFormat, positions: Sequence[int], whole: bool = True
    ) -> Mapping[int, MarkEvidence]:
        """What the numbers of these columns say about their decimal mark, in the whole file or in its first part."""

    def check_dates(
        self, path: Path, *, schema: CustomerSchema, match: HeaderMatch, format: FileFormat, whole: bool
    ) -> None:
        """Raises DatesUnclear if the first part does not show whether the day or the month comes first.

        `whole`: only if the file ends there, since the rest may show it.
        """

    def load(
        self,
        path: Path,
        *,
        format: FileFormat,
        only: RowsWith | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> TrainingTable:
        """The whole file as text, or `only` some rows. Raises FileRefused if it exceeds the size limit."""

    def load_sample(self, path: Path, *, format: FileFormat) -> TrainingTable:
        """The first rows as text: a limited number of rows and bytes, so memory is bounded for any file."""

    def rows_of(
        self, path: Path, customer_id: str, *, id_columns: Sequence[str], choice: FormatChoice | None = None
    ) -> Sequence[Mapping[str, str]]:
        """A customer's rows as header → cell. The first of `id_columns` that the file has is its id column."""

    def rejected_rows_of(self, path: Path, customer_id: str) -> Sequence[Mapping[str, str]]:
        """A customer's lines in a list of rejected rows, as header → cell."""

    def erase_customer(
        self,
        path: Path,
        customer_id: str,
        *,
        id_columns: Sequence[str],
        accept: Callable[[StoredUpload], None] = lambda _: None,
        choice: FormatChoice | None = None,
    ) -> StoredUpload | None:
        """Rewrite the file without the customer. Returns the new hash and size; None if the customer is not in it.

        `accept` is called with both before the new file replaces the old one.
        """

    def erase_rejected(self, path: Path, customer_id: str) -> bool:
        """Rewrite a list of rejected rows without the customer. Returns whether the customer was in it."""


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A received file's hash (SHA-256, hex) and size in bytes."""

    sha256: str
    size: int


class Uploads(Protocol):
    """The uploaded files, each stored under the id of its run or training. File names from users are never paths."""

    def receive(self, upload_id: str, stream: IO[bytes], *, limit: int) -> StoredUpload:
        """Store and hash the stream. Raises FileRefused above `limit` bytes or if empty; then nothing is kept."""

    def path(self, upload_id: str) -> Path: ...
    def ids(self) -> Sequence[str]:
        """The ids of all stored uploads and lists of rejected rows."""

    def rejected_path(self, upload_id: str) -> Path:
        """The file of this upload's rejected rows. It exists once one is published."""

    def rejected_draft(self, upload_id: str) -> Path:
        """A new file for rejected rows, used by this caller only."""

    def publish_rejected(self, upload_id: str, draft: Path) -> None:
        """Make a draft the list of the upload's rejected rows, replacing an earlier list. Deletes other drafts.

        Does nothing if the draft does not exist.
        """

    def forget_drafts(self, upload_id: str | None = None) -> None:
        """Delete the drafts of one upload, or of all. Call it only while no job uses them."""

    def keep(self, upload_id: str) -> None:
        """Keep a temporary upload as if it had just arrived. Raises FileNotFoundError."""

    def discard(self, upload_id: str) -> None:
        """Delete the upload, its list of rejected rows and its drafts, if they exist."""

    def discard_file(self, upload_id: str) -> None:
        """Delete the upload, if it exists. The list of rejected rows is kept."""

    def sha256(self, upload_id: str) -> str:
        """SHA-256 (hex) of the stored upload, computed from all its bytes. Raises FileNotFoundError."""

    def written_since(self, upload_id: str, moment: datetime) -> bool:
        """Whether the upload, complete or partial, was written to after this time."""

    def sweep_unfinished(self) -> int:
        """Delete partial uploads and temporary uploads. Returns how many.

        Files that were written to a moment ago are kept: they may still be arriving.
        """
