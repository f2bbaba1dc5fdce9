"""Options of commands that write tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from domain.export import ExportKind
from entrypoints.commands.console import fail


def export_kind(named: str | None, out: Path, *, among: Sequence[ExportKind] = tuple(ExportKind)) -> ExportKind:
    """The kind of table that the user named; else the one of the file's ending; CSV where the ending is another."""
    ending = out.suffix.lower().lstrip(".")
    if named is not None:
        return ExportKind(named)
    if ending in among:
        return ExportKind(ending)
    if ending in set(ExportKind):
        fail(f"This command writes {' or '.join(among)}, not {ending}; name another file, or add --format.")
    return ExportKind.CSV
