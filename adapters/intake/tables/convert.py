"""Turns a file of another kind into CSV text, in a separate process with little memory.

    python -m adapters.intake.tables.convert KIND [SHEET] < FILE

The first line of the output is JSON: the format in words, the sheets of a workbook and the one that is read; or why the
file is refused, or which sheets may be meant. CSV text follows. The last line of the error output is JSON as well:
remarks, or why the rest is refused. A hostile file can end this process, and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, cast

from adapters.intake.limits import USUAL
from adapters.intake.tables.columnar import csv_chunks
from adapters.intake.tables.csv_text import Lines
from adapters.intake.tables.kinds import TableKind
from adapters.intake.tables.library_workbooks import LibraryBook
from adapters.intake.tables.packed import Bounded, opened_archive
from adapters.intake.tables.records import Records
from adapters.intake.tables.records import remarks_of as record_remarks
from adapters.intake.tables.sheet_choice import MAX_PEEKED, PEEKED_ROWS, Peek, peek, rivals
from adapters.intake.tables.xlsx import SheetRows
from adapters.intake.tables.xlsx import remarks_of as sheet_remarks
from adapters.intake.tables.xlsx_parts import read_book, read_texts
from domain.errors import FileRefused

SMALLER = "Save it as CSV, and upload that file."
MEMORY = 420 * 1024**2
"""Bytes of data that this process may have."""
NumberedRows = Iterable[tuple[int, list[str]]]
Remarks = Callable[[], list[str]]


class Unchosen(Exception):
    """Several sheets may be meant."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(len(names))
        self.names = names


def main() -> None:
    _limit_memory()
    kind, sheet = TableKind(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    out = sys.stdout.buffer
    try:
        described, chunks, remarks = converted(cast(BinaryIO, sys.stdin.buffer), kind, sheet)
        started = islice(chunks, 1)
        first = list(started)
    except Unchosen as question:
        _say(out, {"unclear": question.names})
        return
    except (FileRefused, MemoryError) as error:
        _say(out, _refusal(error, kind))
        return
    _say(out, described)
    last: dict[str, Any] = {}
    try:
        for part in (first, chunks):
            for chunk in part:
                out.write(chunk)
        out.flush()
        last = {"remarks": remarks()}
    except BrokenPipeError:
        os._exit(0)  # nobody reads any more
    except (FileRefused, MemoryError) as error:
        last = _refusal(error, kind)
    sys.stderr.write("\n" + json.dumps(last))
    sys.stderr.flush()
    os._exit(0)  # without taking apart what a large workbook left in memory


def _say(out: Any, what: dict[str, Any]) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()


def _refusal(error: FileRefused | MemoryError, kind: TableKind) -> dict[str, Any]:
    if isinstance(error, MemoryError):
        return {"refused": f"The {kind.words} file needs more memory than a customer file does.", "advice": SMALLER}
    message = str(error).removesuffix(error.advice).strip()
    return {"refused": message, "advice": error.advice}


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not a Unix system
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def converted(file: BinaryIO, kind: TableKind, sheet: str | None) -> tuple[dict[str, Any], Iterator[bytes], Remarks]:
    """What the file is, its CSV text, and the remarks after that was read."""
    if kind in (TableKind.PARQUET, TableKind.FEATHER):
        return {"words": kind.words}, csv_chunks(file, kind, USUAL.columns), list
    if kind is TableKind.JSON:
        records = Records(Bounded(file, USUAL.unpacked_bytes, "JSON file"), USUAL)
        return {"words": kind.words}, Lines().of(records.rows()), lambda: record_remarks(records.late)
    return (_xlsx if kind is TableKind.XLSX else _library)(file, kind, sheet)


def _xlsx(file: BinaryIO, kind: TableKind, sheet: str | None) -> tuple[dict[str, Any], Iterator[bytes], Remarks]:
    archive = opened_archive(file)
    book = read_book(archive, USUAL)
    book.texts = read_texts(archive, book.texts_part, USUAL)
    by_name = {own.name: own for own in book.sheets}

    def look(name: str) -> Peek:
        own = by_name[name]
        rows = [cells for _, cells in islice(SheetRows(archive, book, own, USUAL).rows(), PEEKED_ROWS)]
        return peek(name, own.hidden, rows, own.part.file_size)

    name = _chosen(list(by_name), sheet, look)
    reading = SheetRows(archive, book, by_name[name], USUAL)
    lines = Lines()
    hidden = by_name[name].hidden
    return (
        _described(kind, name, list(by_name)),
        lines.of(reading.rows()),
        lambda: [*_hidden_sheet(hidden), *sheet_remarks(reading.seen, lines.beyond, lines.first_beyond)],
    )


def _library(file: BinaryIO, kind: TableKind, sheet: str | None) -> tuple[dict[str, Any], Iterator[bytes], Remarks]:
    book = LibraryBook(file, kind)
    by_name = {own.name: own for own in book.sheets}

    def look(name: str) -> Peek:
        rows = [cells for _, cells in islice(book.rows(name), PEEKED_ROWS)]
        return peek(name, by_name[name].hidden, rows, book.size_of(name))

    name = _chosen(list(by_name), sheet, look)
    lines = Lines()
    hidden = by_name[name].hidden
    return _described(kind, name, list(by_name)), lines.of(book.rows(name)), lambda: _hidden_sheet(hidden)


def _hidden_sheet(hidden: bool) -> list[str]:
    return ["The sheet is hidden in the workbook."] if hidden else []


def _described(kind: TableKind, name: str, names: list[str]) -> dict[str, Any]:
    words = f"{kind.words}, sheet “{name}”" if len(names) > 1 else kind.words
    return {"words": words, "sheet": name, "sheets": names}


def _chosen(names: list[str], sheet: str | None, look: Callable[[str], Peek]) -> str:
    if sheet is not None:
        if sheet not in names:
            shown = ", ".join(f"“{name}”" for name in names[:10])
            raise FileRefused(f"The workbook has no sheet “{sheet}”.", advice=f"Its sheets are {shown}.")
        return sheet
    if len(names) == 1:
        return names[0]
    found = rivals([look(name) for name in names[:MAX_PEEKED]])
    if len(found) > 1:
        raise Unchosen(found)
    return found[0]


if __name__ == "__main__":
    main()
