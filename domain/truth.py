"""How much of a file's truth, the column that says who left, is understood."""

from __future__ import annotations

from dataclasses import dataclass

from domain.formats import Formats

MAX_NOT_UNDERSTOOD = 0.2
"""Share of rows with a value that is not understood, up to which figures are computed for the other rows."""


@dataclass(frozen=True, slots=True)
class TruthReading:
    """Rows by what their truth says. `examples` are values that are not understood, with their rows, most frequent
    first."""

    left: int = 0
    stayed: int = 0
    empty: int = 0
    not_understood: int = 0
    examples: tuple[tuple[str, int], ...] = ()

    @property
    def understood(self) -> int:
        return self.left + self.stayed

    @property
    def rows(self) -> int:
        return self.understood + self.empty + self.not_understood

    @property
    def is_clear(self) -> bool:
        """Whether figures on the understood rows describe the file."""
        if not self.not_understood:
            return True
        filled = self.understood + self.not_understood
        return bool(self.left and self.stayed) and self.not_understood <= MAX_NOT_UNDERSTOOD * filled

    def remark(self, formats: Formats) -> str | None:
        """What to tell about rows whose truth is not used; None if all are."""
        parts, of_rows = [], f"of {formats.number(self.rows)} rows have"
        if self.not_understood:
            values = ", ".join(f"“{text}” ({formats.number(rows)})" for text, rows in self.examples)
            parts.append(f"{formats.number(self.not_understood)} {of_rows} a truth that is not understood: {values}.")
        if self.empty:
            parts.append(f"{formats.number(self.empty)} {of_rows} no truth.")
        if not parts:
            return None
        if self.is_clear:
            return " ".join((*parts, f"Figures are about the other {formats.number(self.understood)} rows."))
        return " ".join((*parts, "No figures are computed from the rest."))
