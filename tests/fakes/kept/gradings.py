"""Gradings and offers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.persistence.gradings import GRADED_ALREADY, MISSING
from domain.errors import Conflict, NotFound, RunNotFound
from domain.grading import Grading, GradingId, GradingOffer
from domain.run import RunId
from tests.fakes.kept.everything import Kept


@dataclass(frozen=True, slots=True)
class FakeGradings:
    kept: Kept

    def add(self, grading: Grading) -> None:
        self._must_exist(grading.run_id)
        if grading.source.run_id is not None:
            self._must_exist(grading.source.run_id)
        if grading.id in self.kept.gradings or self.of_run(grading.run_id) is not None:
            raise Conflict(GRADED_ALREADY)
        self.kept.gradings[grading.id] = grading

    def get(self, grading_id: GradingId) -> Grading:
        if grading_id not in self.kept.gradings:
            raise NotFound(MISSING)
        return self.kept.gradings[grading_id]

    def of_run(self, run_id: RunId) -> Grading | None:
        return next((own for own in self.kept.gradings.values() if own.run_id == run_id), None)

    def remove(self, grading_id: GradingId) -> None:
        self.get(grading_id)
        del self.kept.gradings[grading_id]

    def all(self, *, model_version: str | None = None, visible_to: str | None = None) -> Sequence[Grading]:
        found = [
            own
            for own in self.kept.gradings.values()
            if model_version in (None, own.model_version) and self._is_seen(own.run_id, visible_to)
        ]
        return sorted(found, key=lambda own: (own.month, own.at, own.id), reverse=True)

    def _is_seen(self, run_id: RunId, visible_to: str | None) -> bool:
        run = self.kept.runs[run_id]
        if run_id in self.kept.deleted_runs:
            return False
        return visible_to is None or run.owner == visible_to or run.shared

    def offer(self, offer: GradingOffer) -> None:
        for run_id in (offer.run_id, offer.by_run):
            self._must_exist(run_id)
        self.kept.grading_offers[offer.run_id, offer.by_run] = offer

    def offers_of(self, run_id: RunId) -> Sequence[GradingOffer]:
        return self._offers([own for own in self.kept.grading_offers.values() if own.run_id == run_id])

    def offers_by(self, run_id: RunId) -> Sequence[GradingOffer]:
        return self._offers([own for own in self.kept.grading_offers.values() if own.by_run == run_id])

    def withdraw_offers(self, run_id: RunId) -> None:
        for key in [key for key in self.kept.grading_offers if key[0] == run_id]:
            del self.kept.grading_offers[key]

    def _offers(self, found: list[GradingOffer]) -> Sequence[GradingOffer]:
        return sorted(found, key=lambda own: (own.at, own.by_run), reverse=True)

    def _must_exist(self, run_id: RunId) -> None:
        if run_id not in self.kept.runs or run_id in self.kept.deleted_runs:
            raise RunNotFound(run_id)
