"""Names in a watched folder: which files are not looked at, and the names of what is written next to a finished one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from domain.export import ExportKind

IGNORED_STARTS = (".", "~$")
"""Hidden files, and the lock files of office programs."""
IGNORED_ENDINGS = (
    *(".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".opdownload", ".swp", ".lock"),
    "~",
)
"""Temporary names of browsers, editors and programs that copy files."""
IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini"})
PACKED = (".gz", ".bz2", ".xz", ".zst")
MAX_NAME_BYTES = 200
"""Bytes of a moved file's name. Most file systems allow 255; names of results and drafts are longer than the file's."""
NOTE = ".txt"


class Place(StrEnum):
    """Where a finished file is moved to, in its folder."""

    DONE = "done"
    REFUSED = "refused"


def is_ignored(name: str) -> bool:
    """Whether a file of this name is unfinished, hidden or not a customer file by its name alone."""
    lowered = name.lower()
    return lowered.startswith(IGNORED_STARTS) or lowered.endswith(IGNORED_ENDINGS) or lowered in IGNORED_NAMES


def shown_name(name: str) -> str:
    """The name for people: one line, without characters that hide or turn text around."""
    return "".join(character if character.isprintable() else "�" for character in name)


def result_name(name: str, kind: ExportKind) -> str:
    """The name of the result of a moved file: customers.csv.gz → customers.predictions.xlsx."""
    return f"{_parts(name)[0]}.predictions.{kind.value}"


def note_name(name: str) -> str:
    """The name of the note about a moved file."""
    return f"{name}{NOTE}"


def moved_name(name: str, *, day: date, taken: Collection[str]) -> str:
    """The name of a file in the folder that it is moved to, where `taken` are the names in it.

    Neither the file nor its note or results take a name that is there: customers.csv, customers_2026-12-01.csv,
    customers_2026-12-01_2.csv. A long name is cut.
    """
    folded = {own.casefold() for own in taken}
    stem, ending = _parts(name)
    number = 0
    while True:
        number += 1
        added = ("", f"_{day.isoformat()}")[min(number - 1, 1)] + (f"_{number - 1}" if number > 2 else "")
        new = f"{_cut(stem, MAX_NAME_BYTES - len(_bytes(added + ending)))}{added}{ending}"
        if not any(own.casefold() in folded for own in _family(new)):
            return new


def _family(name: str) -> tuple[str, ...]:
    return (name, note_name(name), *(result_name(name, kind) for kind in ExportKind))


def _parts(name: str) -> tuple[str, str]:
    """The name without its ending, and this, with two for a packed file. "v1.2 final" has none."""
    stem, endings = name, ""
    for place in range(2):
        head, dot, ending = stem.rpartition(".")
        if not dot or not head or not ending.isalnum() or len(ending) > 8 or (place and endings.lower() not in PACKED):
            break
        stem, endings = head, f".{ending}{endings}"
    return stem, endings


def _cut(text: str, most: int) -> str:
    while len(_bytes(text)) > most:
        text = text[:-1]
    return text


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
