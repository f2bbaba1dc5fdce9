"""Pagination of lists by the page number in the URL."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request

from entrypoints.web.urls import url_of

LAST_PAGE = 1_000_000


def page_number() -> int:
    """The requested page; 1 if the parameter is missing or invalid."""
    text = request.args.get("page", "")
    return min(max(1, int(text)), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 8 else 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of `total` items, and the URLs of the previous and next page with the same filters."""

    number: int
    size: int
    total: int
    endpoint: str
    filters: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> int:
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def previous_url(self) -> str | None:
        return self._url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        return self._url(self.number + 1) if self.last < self.total else None

    def _url(self, number: int) -> str:
        return url_of(self.endpoint, self.filters | ({"page": str(number)} if number > 1 else {}))
