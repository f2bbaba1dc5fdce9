"""Options of commands that write tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from domain.csv_style import CsvStyle
from domain.csv_text import restyled_file
from domain.export import ExportKind
from entrypoints.commands.console import fail

CSV_STYLE = click.option(
    "--csv-style",
    "style",
    type=click.Choice([style.value for style in CsvStyle]),
    help="Write CSV for a spreadsheet program: safe text, no needless digits, UTF-8 with a byte order mark, and "
    "commas with decimal points, or semicolons with decimal commas. Without it, CSV is for programs.",
)


def csv_style(named: str | None) -> CsvStyle | None:
    return None if named is None else CsvStyle(named)


def rewrite(out: Path | None, style: CsvStyle | None, *, with_numbers: bool = False) -> None:
    """Write a CSV with commas again in a style; its cells stay as they are, except numbers `with_numbers`."""
    if style is None or out is None:
        return
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(restyled_file(out, style, with_numbers=with_numbers))
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


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
