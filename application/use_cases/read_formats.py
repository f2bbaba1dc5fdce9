"""Formats of figures and dates, for pages."""

from __future__ import annotations

from dataclasses import dataclass

from domain.formats import Formats, FormatsOf


@dataclass(frozen=True, slots=True)
class ReadFormats:
    formats_of: FormatsOf

    def __call__(self, currency: str) -> Formats:
        """The formats for a currency's code of three letters."""
        return self.formats_of(currency)
