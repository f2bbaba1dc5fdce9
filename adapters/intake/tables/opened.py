"""Opens a file of any kind as a stream of text: CSV files as they are, other kinds converted by another process."""

from __future__ import annotations

import json
import os
import subprocess  # nosec B404 - starts this program's own converter only
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from adapters.intake.limits import ReadingLimits
from adapters.intake.tables.kinds import HEAD, TableKind, kind_of, refuse_documents_in_ole, zipped_kind
from adapters.intake.tables.packed import (
    CHUNK,
    Bounded,
    entry,
    joined_texts,
    opened_archive,
    shown_name,
    tables_in,
    unpacked,
)
from adapters.storage.problems import storage_problems
from domain.errors import FileRefused, SheetUnclear

MAX_LAYERS = 3
"""Compressions within each other, such as a gzipped workbook within an archive."""
MAX_TRAILER = 64 * 1024
ROOT = Path(__file__).parents[3]


@dataclass
class Opened:
    """A file's text as chunks of bytes.

    `is_table`: the text is CSV in UTF-8 with commas, made from typed cells; otherwise it is the file's own text.
    `words` say what was unpacked or converted, such as "gzip" or "Excel workbook, sheet “March”". `remarks` are
    complete once all chunks were read.
    """

    chunks: Iterator[bytes]
    words: tuple[str, ...] = ()
    is_table: bool = False
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        """Whether the file is the text itself, so that its bytes can be counted."""
        return not self.words and not self.is_table


@contextmanager
def opened(path: Path, *, limits: ReadingLimits, size: int, sheet: str | None = None) -> Iterator[Opened]:
    """Raises FileRefused, here or while chunks are read, for what cannot be read; SheetUnclear for several tables."""
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        yield _open(stack, cast(BinaryIO, file), path.stat().st_size, limits, size, sheet, ())


def _open(
    stack: ExitStack,
    file: BinaryIO,
    bytes_of_file: int,
    limits: ReadingLimits,
    size: int,
    sheet: str | None,
    words: tuple[str, ...],
) -> Opened:
    """`file` can be sought in."""
    head = file.read(HEAD)
    file.seek(0)
    kind = kind_of(head)
    if kind is TableKind.TEXT:
        return Opened(_chunks_of(file, size), words)
    if kind.is_packed and len(words) >= MAX_LAYERS:
        raise FileRefused("The file is compressed several times.", advice="Unpack it, and upload the table itself.")
    if kind is TableKind.ZIP:
        archive = stack.enter_context(opened_archive(file))
        kind = zipped_kind(archive)
        if kind is TableKind.ZIP:
            return _from_archive(stack, archive, limits, size, sheet, words)
    elif kind.is_packed:
        stream = unpacked(file, kind, bytes_of_file, limits)
        return _from_stream(stack, stream, limits, size, sheet, (*words, kind.words))
    if kind is TableKind.XLS:
        refuse_documents_in_ole(file)
    file.seek(0)
    return _converted(stack, file, kind, sheet, size, words)


def _from_archive(
    stack: ExitStack, archive: Any, limits: ReadingLimits, size: int, sheet: str | None, words: tuple[str, ...]
) -> Opened:
    tables = tables_in(archive)
    if len(tables) == 1:
        stream = entry(archive, tables[0], limits, "zip archive")
        return _from_stream(stack, stream, limits, size, sheet, (*words, TableKind.ZIP.words))
    names = ", ".join(f"“{shown_name(info)}”" for info in tables[:5])
    more = f" and {len(tables) - 5} more" if len(tables) > 5 else ""
    remark = f"{len(tables)} files of the archive were read one after another: {names}{more}."
    whole = joined_texts(archive, tables, limits)
    return Opened(_sized(whole, size), (*words, f"zip with {len(tables)} files"), remarks=[remark])


def _from_stream(
    stack: ExitStack, stream: Bounded, limits: ReadingLimits, size: int, sheet: str | None, words: tuple[str, ...]
) -> Opened:
    """Text is streamed; everything else is unpacked into a temporary file first, because it has to be sought in."""
    start = stream.read(max(HEAD, min(size, CHUNK)))
    if kind_of(start[:HEAD]) is TableKind.TEXT:
        return Opened(_after(start, stream, size), words)
    file = stack.enter_context(_seekable(stream, start))
    return _open(stack, file, os.fstat(file.fileno()).st_size, limits, size, sheet, words)


@contextmanager
def _seekable(stream: Bounded, start: bytes = b"") -> Iterator[BinaryIO]:
    """The stream's content as a temporary file without a name, so that nothing of it can be left behind.

    Raises StorageFull if the disk has no room for it.
    """
    with tempfile.TemporaryFile() as file:
        with storage_problems():
            file.write(start)
            while chunk := stream.read(CHUNK):
                file.write(chunk)
            file.flush()
        file.seek(0)
        yield cast(BinaryIO, file)


def _chunks_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    while chunk := file.read(size):
        yield chunk


def _after(start: bytes, stream: Bounded, size: int) -> Iterator[bytes]:
    """Chunks of `size`, as far as the stream gives them."""
    chunk = start
    while chunk:
        while len(chunk) < size and (more := stream.read(size - len(chunk))):
            chunk += more
        yield chunk
        chunk = stream.read(size)


def _sized(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in chunks of at least `size`, but for the last."""
    parts: list[bytes] = []
    held = 0
    for chunk in chunks:
        parts.append(chunk)
        held += len(chunk)
        if held >= size:
            yield b"".join(parts)
            parts, held = [], 0
    if held:
        yield b"".join(parts)


def _converted(
    stack: ExitStack, file: BinaryIO, kind: TableKind, sheet: str | None, size: int, words: tuple[str, ...]
) -> Opened:
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    errors = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    command = [sys.executable, "-m", "adapters.intake.tables.convert", kind.value, *([sheet] if sheet else [])]
    process = subprocess.Popen(  # noqa: S603 # nosec B603 - the program itself; the sheet's name is one argument
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=ROOT,
        env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"},
    )
    stack.callback(_end, process)
    output = cast(BinaryIO, process.stdout)
    first = _document(output.readline(MAX_TRAILER))
    if "unclear" in first:
        raise SheetUnclear(tuple(first["unclear"]))
    if "words" not in first:
        raise _refused(first, kind)
    remarks: list[str] = []
    return Opened(
        _output(process, output, errors, kind, size, remarks),
        (*words, first["words"]),
        is_table=True,
        sheet=first.get("sheet"),
        sheets=tuple(first.get("sheets", ())),
        remarks=remarks,
    )


def _output(
    process: subprocess.Popen[bytes], output: BinaryIO, errors: Any, kind: TableKind, size: int, remarks: list[str]
) -> Iterator[bytes]:
    while chunk := output.read(size):
        yield chunk
    process.wait()
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - MAX_TRAILER))
    last = _document(errors.read().rpartition(b"\n")[2])
    if process.returncode or "remarks" not in last:
        raise _refused(last, kind)
    remarks.extend(last["remarks"])


def _document(line: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        document = json.loads(line)
        if isinstance(document, dict):
            return document
    return {}


def _refused(document: dict[str, Any], kind: TableKind) -> FileRefused:
    if "refused" in document:
        return FileRefused(document["refused"], advice=document["advice"])
    return FileRefused(
        f"The {kind.words} is damaged, or reading it needs more memory than a customer file does.",
        advice="Save it again, or save it as CSV, and upload that file.",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    if process.poll() is None:
        process.kill()
    process.wait()
