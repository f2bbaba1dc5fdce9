"""Limits on uploaded files, and sizes as text."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.formatting.figures import number, significant


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits that are checked while a file is read. Too long a cell rejects its row; other violations reject the file.

    `row_bytes` is the longest row, including line ends in quotes; `cell_bytes` the longest cell; `unpacked_bytes` the
    size of an unpacked file; `training_bytes` the text of a training file, which is read as a whole.
    """

    rows: int = 50_000_000
    columns: int = 5_000
    row_bytes: int = 1024**2
    cell_bytes: int = 64 * 1024
    unpacked_bytes: int = 4 * 1024**3
    training_bytes: int = 1024**3


USUAL = ReadingLimits()


def in_words(size: int) -> str:
    """A number of bytes as text: "64 KiB", "1 MiB", "1.5 GiB"."""
    for unit, bytes_each in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size >= bytes_each:
            return f"{significant(size / bytes_each, 4)} {unit}"
    return f"{number(size)} bytes"
