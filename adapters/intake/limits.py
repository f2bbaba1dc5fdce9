"""How much a file may hold before it is given up, and how sizes read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Checked while a file streams by. A longer cell sets its row aside; everything else refuses the file.

    `row_bytes` is the longest row, line ends in quotes included; `cell_bytes` the longest cell;
    `unpacked_bytes` what a compressed file may unpack to; `training_bytes` the text of a file that is read as a whole.
    """

    rows: int = 50_000_000
    columns: int = 5_000
    row_bytes: int = 1024**2
    cell_bytes: int = 64 * 1024
    unpacked_bytes: int = 4 * 1024**3
    training_bytes: int = 1024**3


USUAL = ReadingLimits()


def in_words(size: int) -> str:
    """ "64 KiB", "1 MiB", "1.5 GiB"."""
    for unit, bytes_each in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size >= bytes_each:
            return f"{size / bytes_each:,.4g} {unit}"
    return f"{size:,} bytes"
