"""The rows of a file as parsed blocks: counted, with their numbers in the file, and with the rejected ones listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.formatting.figures import number
from adapters.intake.batch_casting import NO_NUMBER
from adapters.intake.blocks import Block, row_blocks, without_first_rows
from adapters.intake.characters import Decoding
from adapters.intake.limits import ReadingLimits
from adapters.intake.parsing import BlockParser, MostlyRagged, Parse
from adapters.intake.recognition import no_customers
from adapters.intake.rejected import RejectedRows
from adapters.intake.rows import ParsedBlock
from adapters.intake.source import text_chunks
from application.ports.intake import RejectedRow
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.intake_limits import has_too_many_rejected, is_mostly_rejected

EXPORT_AGAIN = "Check delimiter and quotation marks, or export the file again as CSV in UTF-8."
CORRECT = "Correct these cells or leave them blank. If the whole column has no numbers, match another column."


class ParsedRows:
    """The parsed blocks of a file, with `place` as the row's number in the file from 1.

    Counts rows and rejects some.
    """

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
        self.watch: Callable[[Sequence[Any]], list[int]] = lambda columns: []
        """Positions of columns of numbers that have to be read as text from this block on."""
        self.decoding = Decoding(format.encoding, chosen=format.encoding_chosen)
        self._columns = len(header)
        self._skipped = skipped
        self._block_bytes = block_bytes
        self._first_rejected: RejectedRow | None = None
        self.count = self.rejected = self.blank = self.read = 0
        self.reasons: Counter[str] = Counter()

    def blocks(self, rejected: RejectedRows) -> Generator[ParsedBlock]:
        """Raises FileRefused for a file without customers, and if too many rows cannot be read."""
        for block in self._text():
            parsed = self._parsed(block, rejected)
            place = parsed.place + (self.count + 1)
            self._count(parsed)
            rejected.add(parsed.rejected_rows())
            self.read += len(block.data)
            self._refuse_early(self.read)
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

    def _parsed(self, block: Block, rejected: RejectedRows) -> ParsedBlock:
        try:
            parsed = self._parser.parse(block)
            changed = self.watch(parsed.columns)
            for position in changed:
                self._parser.read_as_text(position)
            return self._screen(self._parser.parse(block) if changed else parsed)
        except MostlyRagged as error:
            rejected.add(error.rejected)
            self._count_faulty(error.rejected)
            self.count += len(error.rejected)
            self.rejected += len(error.rejected)
            where = _where(self._first_rejected or error.rejected[0])
            raise FileRefused(
                f"Most of the rows after line {number(block.line)} could not be read, for example {where}.",
                advice=EXPORT_AGAIN,
            ) from error

    def _count(self, parsed: ParsedBlock) -> None:
        self.count += parsed.rows
        self.rejected += parsed.rejected
        if self.count > self._limits.rows:
            raise FileRefused(
                f"The file has more than {number(self._limits.rows)} rows.",
                advice="Split it, or ask an administrator to raise the limit.",
            )
        faulty = parsed.faulty
        self.blank += parsed.rejected - len(faulty)
        self._count_faulty(faulty)

    def _count_faulty(self, faulty: Sequence[RejectedRow]) -> None:
        if self._first_rejected is None and faulty:
            self._first_rejected = faulty[0]
        self.reasons.update(f"{row.column[:40]}: {row.reason}" if row.column else row.reason for row in faulty)

    def _refuse_early(self, read: int) -> None:
        """Reject the file as soon as the remaining bytes cannot contain enough valid rows (one byte per column or
        more), or most of very many rows are faulty."""
        if is_mostly_rejected(self.rejected - self.blank, self.count - self.blank):
            self._refuse_if_too_many(of=self.count)
        if not self._format.is_plain or self._format.encoding not in ("utf-8", "utf-8-sig", "ascii"):
            return
        remaining = max(0, self._path.stat().st_size - read)
        self._refuse_if_too_many(of=self.count + remaining // self._columns)

    def _refuse_if_too_many(self, *, of: int) -> None:
        """Reject a file with too many unreadable rows.

        Blank rows are not counted: spreadsheets leave them below a table.
        """
        first = self._first_rejected
        if first is None or not has_too_many_rejected(self.rejected - self.blank, of - self.blank):
            return
        raise FileRefused(
            f"{number(self.rejected)} of {number(self.count)} rows could not be read, for example {_where(first)}.",
            advice=CORRECT if first.reason == NO_NUMBER else EXPORT_AGAIN,
        )


def _where(row: RejectedRow) -> str:
    """ "line 7 has 3 columns instead of 20", "“soon” in tenure on line 7 is not a number"."""
    if row.value and row.column:
        return f"“{row.value[:40]}” in {row.column[:40]} on line {number(row.line)} {row.reason}"
    return f"line {number(row.line)} {'has ' if row.reason[:1].isdigit() else ''}{row.reason}"
