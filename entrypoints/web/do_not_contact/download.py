"""The do-not-contact list as CSV, in the form in which it can be uploaded again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.do_not_contact import Entry
from entrypoints.web.formats import policy

HEADER = ("Customer id", "Since", "How", "By", "Note")


def csv_of(parts: Iterable[Sequence[Entry]], style: CsvStyle | None) -> Iterator[bytes]:
    """With times in the installation's time zone."""
    return csv_pieces(HEADER, _rows(parts, ZoneInfo(policy().time_zone)), style)


def _rows(parts: Iterable[Sequence[Entry]], zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for part in parts:
        for entry in part:
            since = f"{entry.since.astimezone(zone):%Y-%m-%d %H:%M:%S}"
            yield entry.customer_id, since, entry.source.label, entry.by, entry.note
