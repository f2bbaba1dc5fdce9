"""Customer files: received, recognised, read in a stream, unreadable rows set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from application.ports.columns import CustomerBatch
from domain.file_format import FileFormat, FormatChoice
from domain.run import ColumnReport
from domain.schema import CustomerSchema, HeaderMatch


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What the first part of a file tells. `sample` holds the first data rows as text; `rows` is an estimate.

    `above` counts lines of titles above the header, which are left out.
    """

    format: FileFormat
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    size: int
    rows: int | None = None
    above: int = 0


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was set aside: line in the file (from 1, the header included), column, value, why, its own text."""

    line: int
    column: str
    value: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What was found while reading, complete once every batch was read or the file was given up.

    rows = read + rejected.
    `duplicate_rows` are the first few rows whose id stood before. `encoding` is what the file turned out to be in.
    """

    rows: int
    rejected: int
    columns: tuple[ColumnReport, ...]
    duplicate_ids: int
    duplicate_rows: tuple[int, ...] = ()
    encoding: str | None = None
    remarks: tuple[str, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    """The commonest reasons for rejecting a row, in words, with how many rows each."""


class CustomerReading(Protocol):
    """One pass over one file."""

    def batches(self) -> Iterator[CustomerBatch]:
        """Batches of at most 65,536 rows in file order. Raises FileRefused when the file turns out unusable."""

    def report(self) -> IntakeReport: ...


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A labelled file as text columns (a pandas frame of strings, missing as NA), and its decimal mark."""

    header: tuple[str, ...]
    rows: int
    rejected: int
    data: Any
    decimal: str = "."
    whole: bool = True
    """Whether all rows of the file are in it."""


class CustomerFiles(Protocol):
    """Reads customer files. Raises FileRefused with one clear sentence for anything that is no usable CSV."""

    def preview(self, path: Path, choice: FormatChoice | None = None) -> FilePreview:
        """Recognise a file from its first part; what a person chose stands."""

    def read(
        self,
        path: Path,
        *,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None = None,
    ) -> CustomerReading:
        """A stream of batches, cast by the schema; rejected rows are written to `rejected` as CSV, if given."""

    def load(self, path: Path, *, format: FileFormat, progress: Callable[[int], None] | None = None) -> TrainingTable:
        """The whole file as text, for training and evaluation. Raises FileRefused above the limit of text."""

    def load_sample(self, path: Path, *, format: FileFormat) -> TrainingTable:
        """The first rows as text, in bounded memory whatever the file: at most 5,000 rows and 4 MiB."""

    def rows_of(self, path: Path, customer_id: str, *, id_columns: Sequence[str]) -> Sequence[Mapping[str, str]]:
        """A customer's rows as header → cell. `id_columns` name the column of ids; the first that is there counts."""

    def rejected_rows_of(self, path: Path, customer_id: str) -> Sequence[Mapping[str, str]]:
        """The lines about a customer in a list of rejected rows, as its header → cell."""

    def erase_customer(
        self,
        path: Path,
        customer_id: str,
        *,
        id_columns: Sequence[str],
        accept: Callable[[StoredUpload], None] = lambda _: None,
    ) -> StoredUpload | None:
        """Rewrite the file without the customer: its new hash and size; None where it did not name them.

        `accept` hears both before the new file replaces the old one.
        """

    def erase_rejected(self, path: Path, customer_id: str) -> bool:
        """Rewrite a list of rejected rows without the customer; whether it named them."""

    def count_rows(self, path: Path) -> int | None:
        """Data rows in the file, estimated from its size and first part."""


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A received file's hash (SHA-256, hex) and size in bytes."""

    sha256: str
    size: int


class Uploads(Protocol):
    """The uploaded files, each under the id of its run or training; names that people gave are never paths."""

    def receive(self, upload_id: str, stream: IO[bytes], *, limit: int) -> StoredUpload:
        """Store while hashing. Raises FileRefused above `limit` bytes or when empty; then nothing stays."""

    def path(self, upload_id: str) -> Path: ...
    def ids(self) -> Sequence[str]:
        """Of every upload and every list of rejected rows that is there."""

    def rejected_path(self, upload_id: str) -> Path:
        """The list of this upload's rejected rows, once one is published."""

    def rejected_draft(self, upload_id: str) -> Path:
        """A new file to list rejected rows in, of this caller alone."""

    def publish_rejected(self, upload_id: str, draft: Path) -> None:
        """Make a draft the list of the upload's rejected rows, in place of an earlier one. Other drafts go.

        Nothing where the draft is gone.
        """

    def forget_drafts(self, upload_id: str | None = None) -> None:
        """Remove the drafts of one upload, or all; only while nothing of it is under way."""

    def discard(self, upload_id: str) -> None:
        """Upload, list of rejected rows and its drafts, if there."""

    def discard_file(self, upload_id: str) -> None:
        """The upload, if there; the list of rejected rows stays."""

    def sha256(self, upload_id: str) -> str:
        """Reads every byte of the upload. Raises FileNotFoundError."""

    def written_since(self, upload_id: str, moment: datetime) -> bool:
        """Whether anything of the upload, half-received or whole, was written to after this moment."""

    def sweep_unfinished(self) -> int:
        """Remove half-written files, and drafts that were only looked at; how many.

        What was written to a moment ago may be on its way in and stays.
        """
