"""Matches of columns that people confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.remembered_matches import MatchId, RememberedMatch


class RememberedMatches(Protocol):
    def add(self, match: RememberedMatch) -> None: ...

    def get(self, match_id: MatchId) -> RememberedMatch:
        """Raises NotFound."""

    def all(self) -> Sequence[RememberedMatch]:
        """Newest first."""

    def count_use(self, match_ids: Iterable[MatchId], *, at: datetime) -> None:
        """A file was read by these matches. Those that were removed meanwhile are left out."""

    def remove(self, match_id: MatchId) -> None:
        """Raises NotFound."""
