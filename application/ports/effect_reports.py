"""The printed page of a campaign's effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EffectReport:
    """All words of the page. `facts` are (name, value), `rows` the cells of the table below `header`.

    `at` is when the effect was measured; equal reports give equal bytes.
    """

    title: str
    subtitle: str
    sentence: str
    money: str
    facts: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    at: datetime


class EffectPrinter(Protocol):
    def write(self, report: EffectReport, path: Path) -> None:
        """Write the PDF. Never makes network requests."""
