"""Gradings of runs, and offers to grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, delete, or_, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.runs import NOT_DELETED
from adapters.persistence.statements import add_rows
from adapters.persistence.tables.grading_tables import grading_offers, gradings
from adapters.persistence.tables.job_tables import runs
from domain.errors import NotFound, RunNotFound
from domain.grading import Grading, GradingId, GradingOffer
from domain.run import RunId

MISSING = "There is no such grading. It may have been withdrawn."
GRADED_ALREADY = "This prediction is graded already. Withdraw that grading first."


@dataclass(frozen=True, slots=True)
class SqlGradings:
    """The tables `gradings` and `grading_offers`."""

    connection: Connection

    def add(self, grading: Grading) -> None:
        self._must_exist(grading.run_id)
        if grading.source.run_id is not None:
            self._must_exist(grading.source.run_id)
        row = {
            "id": grading.id,
            "run_id": grading.run_id,
            "month": grading.month,
            "model_version": grading.model_version,
            "at": grading.at,
            "by_run": grading.source.run_id,
            "grading": to_json(replace(grading, source=replace(grading.source, run_id=None))),
        }
        add_rows(self.connection, gradings, [row], clash=GRADED_ALREADY)

    def get(self, grading_id: GradingId) -> Grading:
        row = self.connection.execute(select(gradings).where(gradings.c.id == grading_id)).first()
        if row is None:
            raise NotFound(MISSING)
        return _to_grading(row)

    def of_run(self, run_id: RunId) -> Grading | None:
        row = self.connection.execute(select(gradings).where(gradings.c.run_id == run_id)).first()
        return _to_grading(row) if row is not None else None

    def remove(self, grading_id: GradingId) -> None:
        if not self.connection.execute(delete(gradings).where(gradings.c.id == grading_id)).rowcount:
            raise NotFound(MISSING)

    def all(self, *, model_version: str | None = None, visible_to: str | None = None) -> Sequence[Grading]:
        newest = select(gradings).order_by(gradings.c.month.desc(), gradings.c.at.desc(), gradings.c.id.desc())
        if model_version is not None:
            newest = newest.where(gradings.c.model_version == model_version)
        newest = newest.join(runs, runs.c.id == gradings.c.run_id).where(NOT_DELETED)
        if visible_to is not None:
            newest = newest.where(or_(runs.c.owner == visible_to, runs.c.shared))
        return [_to_grading(row) for row in self.connection.execute(newest)]

    def offer(self, offer: GradingOffer) -> None:
        for run_id in (offer.run_id, offer.by_run):
            self._must_exist(run_id)
        same = (grading_offers.c.run_id == offer.run_id, grading_offers.c.by_run == offer.by_run)
        self.connection.execute(delete(grading_offers).where(*same))
        row = {name: getattr(offer, name) for name in ("run_id", "by_run", "reason", "possible", "at")}
        add_rows(self.connection, grading_offers, [row], clash="This is offered already.")

    def offers_of(self, run_id: RunId) -> Sequence[GradingOffer]:
        return self._offers(select(grading_offers).where(grading_offers.c.run_id == run_id))

    def offers_by(self, run_id: RunId) -> Sequence[GradingOffer]:
        return self._offers(select(grading_offers).where(grading_offers.c.by_run == run_id))

    def withdraw_offers(self, run_id: RunId) -> None:
        self.connection.execute(delete(grading_offers).where(grading_offers.c.run_id == run_id))

    def _offers(self, statement: Select[Any]) -> Sequence[GradingOffer]:
        newest = statement.order_by(grading_offers.c.at.desc(), grading_offers.c.by_run.desc())
        return [
            GradingOffer(RunId(row.run_id), RunId(row.by_run), row.reason, row.possible, row.at)
            for row in self.connection.execute(newest)
        ]

    def _must_exist(self, run_id: RunId) -> None:
        if self.connection.execute(select(runs.c.id).where(runs.c.id == run_id, NOT_DELETED)).first() is None:
            raise RunNotFound(run_id)


def _to_grading(row: Any) -> Grading:
    grading = from_json(Grading, row.grading)
    by_run = None if row.by_run is None else RunId(row.by_run)
    return replace(grading, source=replace(grading.source, run_id=by_run))
