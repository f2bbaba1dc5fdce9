"""How a customer file is written, and what a person says about it where recognition is wrong."""

from __future__ import annotations

from dataclasses import dataclass

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western European)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
"""What a person may choose; recognition knows a few more."""
DECIMALS = {".": "point (12.5)", ",": "comma (12,5)"}

_SHOWN = {
    **ENCODINGS,
    "ascii": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-8-sig": "UTF-8 with byte order mark",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
}


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written. `encoding` is a Python codec name; `decimal` is "." or ",".

    The encoding "ascii" means that the first part leaves it open: what comes after it decides.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    gzip: bool = False

    @property
    def words(self) -> str:
        """ "semicolon, Windows-1252, decimal comma, gzip"."""
        parts = [
            DELIMITERS.get(self.delimiter, self.delimiter),
            _SHOWN.get(self.encoding, self.encoding.upper()),
            "decimal comma" if self.decimal == "," else "",
            "gzip" if self.gzip else "",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """What a person decided about a file's format; None leaves it to recognition."""

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        for chosen, known in (
            (self.encoding, ENCODINGS),
            (self.delimiter, DELIMITERS),
            (self.decimal, DECIMALS),
        ):
            if chosen is not None and chosen not in known:
                raise ValueError(f"{chosen!r} is none of {', '.join(map(repr, known))}")

    @property
    def open(self) -> bool:
        """Whether nothing was decided."""
        return self == FormatChoice()
