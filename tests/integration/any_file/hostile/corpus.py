"""Files that are broken or meant to break something, each with what has to come of it."""

from __future__ import annotations

from pathlib import Path

from tests.integration.any_file.hostile.cases import Hostile, Rows, Scored
from tests.integration.any_file.hostile.contents import cells, headers, line_ends, numbers
from tests.integration.any_file.hostile.damage import binary, encodings, truncated
from tests.integration.any_file.hostile.kinds import other_formats, renamed
from tests.integration.any_file.hostile.programs import around, delimited
from tests.integration.any_file.hostile.shapes import long, packed, quotes, ragged
from tests.integration.any_file.hostile.spellings import spelt
from tests.integration.any_file.scoring import as_csv

FAMILIES = (
    *(other_formats, truncated, binary, encodings, long, ragged, quotes, packed),
    *(cells, headers, numbers, line_ends, around, delimited, spelt, renamed),
)


def corpus(table: Rows) -> dict[str, Hostile]:
    """All of them by name. `table`: a header and 60 customers whose first column is the id."""
    files: dict[str, Hostile] = {}
    for family in FAMILIES:
        for name, content, comes in family(table):
            assert name not in files, name
            files[name] = Hostile(content.encode() if isinstance(content, str) else content, comes)
    for label, file_name in FILE_NAMES.items():
        files[f"called {label}"] = Hostile(as_csv(table).encode(), Scored(60), file_name)
    return files


FILE_NAMES = {
    "like a path": "../../../etc/passwd",
    "like a Windows path": "C:\\temp\\..\\x.csv",
    "with a NUL": "a\0b.csv",
    "nothing": "",
    "dots": "...",
    "with 5,000 letters": "n" * 5_000 + ".csv",
    "backwards": "\u202egpj.csv",
    "in emoji": "📈.csv",
    "with line ends": "a\r\nSet-Cookie: x=1.csv",
    "like a device": "CON.csv",
    "like markup": "<b>.csv",
}


def save(table: Rows, folder: Path) -> None:
    """All of them as files, to try them by hand."""
    for place, hostile in enumerate(corpus(table).values()):
        (folder / f"{place:03d}.csv").write_bytes(hostile.content)
