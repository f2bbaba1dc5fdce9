"""Remembered matches in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.persistence.remembered_matches import MISSING
from domain.errors import Conflict, NotFound
from domain.remembered_matches import MatchId, RememberedMatch
from tests.fakes.kept.everything import Kept


@dataclass(frozen=True, slots=True)
class FakeRememberedMatches:
    kept: Kept

    def add(self, match: RememberedMatch) -> None:
        if match.id in self.kept.remembered_matches:
            raise Conflict("This match is remembered already.")
        self.kept.remembered_matches[match.id] = match

    def get(self, match_id: MatchId) -> RememberedMatch:
        if match_id not in self.kept.remembered_matches:
            raise NotFound(MISSING)
        return self.kept.remembered_matches[match_id]

    def all(self) -> Sequence[RememberedMatch]:
        return sorted(self.kept.remembered_matches.values(), key=lambda own: (own.at, own.id), reverse=True)

    def count_use(self, match_ids: Iterable[MatchId], *, at: datetime) -> None:
        for match_id in match_ids:
            if match_id in self.kept.remembered_matches:
                own = self.get(match_id)
                self.kept.remembered_matches[match_id] = replace(own, used=own.used + 1, used_at=at)

    def remove(self, match_id: MatchId) -> None:
        self.get(match_id)
        del self.kept.remembered_matches[match_id]
