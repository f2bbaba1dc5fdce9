"""The do-not-contact list as CSV, in the form in which it can be uploaded again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from domain.do_not_contact import Entry
from domain.spreadsheet import spreadsheet_safe
from entrypoints.web.formats import policy

HEADER = ("Customer id", "Since", "How", "By", "Note")


def csv_of(parts: Iterable[Sequence[Entry]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark; times in the installation's time zone."""
    return _lines_of(parts, ZoneInfo(policy().time_zone))


def _lines_of(parts: Iterable[Sequence[Entry]], zone: ZoneInfo) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _lines([HEADER])
    for part in parts:
        yield _lines(
            (
                entry.customer_id,
                f"{entry.since.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                entry.source.label,
                entry.by,
                entry.note,
            )
            for entry in part
        )


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(spreadsheet_safe, row) for row in rows)
    return text.getvalue().encode()
