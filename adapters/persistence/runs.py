"""Runs and the history pages over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, func, or_, select

from adapters.persistence import claims
from adapters.persistence.json_documents import from_json, progress_from_json, to_json
from adapters.persistence.statements import add_rows, change_row, contains, select_for_update
from adapters.persistence.tables.account_tables import accounts
from adapters.persistence.tables.job_tables import contacts, deleted_runs, runs
from application.ports.runs import RunPage, RunQuery
from domain.errors import RunNotFound
from domain.file_format import FormatChoice
from domain.progress import Progress
from domain.question import Question
from domain.recognition import FileRecognition
from domain.run import SYSTEM_OWNER, JobState, Run, RunId, RunSummary, StopReport

_SORTED_BY = {
    "created": runs.c.created_at,
    "file": runs.c.file_name_folded,
    "customers": runs.c.customers,
    "leaving": runs.c.leaving,
}
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class SqlRuns:
    """Runs in the table `runs`."""

    connection: Connection

    def add(self, run: Run) -> None:
        add_rows(self.connection, runs, [_to_row(run)], clash="There is already a prediction with this id.")

    def get(self, run_id: RunId) -> Run:
        row = self.connection.execute(
            select_for_update(self.connection, select(runs).where(runs.c.id == run_id, NOT_DELETED))
        ).first()
        if row is None:
            raise RunNotFound(run_id)
        return _to_run(row)

    def save(self, run: Run) -> None:
        """Write the whole run. Read it in the same unit of work, so that no newer field is overwritten.

        A cancellation request is never reset, even if `run` is an older copy without it.
        """
        row = _to_row(run)
        if not run.cancel_requested:
            del row["cancel_requested"]
        if not change_row(self.connection, runs, row, runs.c.id == run.id):
            raise RunNotFound(run.id)
        if run.state.without_result:
            self.connection.execute(delete(contacts).where(contacts.c.run_id == run.id))

    def remove(self, run_id: RunId) -> None:
        if not self.connection.execute(delete(runs).where(runs.c.id == run_id)).rowcount:
            raise RunNotFound(run_id)

    def find(self, query: RunQuery) -> RunPage:
        total, customers = self.connection.execute(
            _matching(select(func.count(), func.coalesce(func.sum(runs.c.customers), 0)), query)
        ).one()
        column = _SORTED_BY[query.sort]
        order = (column.desc(), runs.c.id.desc()) if query.descending else (column.asc(), runs.c.id.asc())
        page = _matching(select(runs), query).order_by(*order).offset(query.offset).limit(query.limit)
        return RunPage(tuple(_to_run(row) for row in self.connection.execute(page)), total, int(customers))

    def claim(self, run_id: RunId, *, worker: str, now: datetime, stale_before: datetime) -> Run | None:
        claimed = claims.claim(self.connection, runs, run_id, worker=worker, now=now, stale_before=stale_before)
        return self.get(run_id) if claimed else None

    def heartbeat(self, run_id: RunId, *, worker: str, at: datetime, progress: Progress) -> bool:
        return claims.heartbeat(self.connection, runs, run_id, worker=worker, at=at, progress=progress)

    def unfinished(self) -> Sequence[Run]:
        rows = self.connection.execute(
            select(runs).where(runs.c.state.in_(_UNFINISHED)).order_by(runs.c.created_at, runs.c.id)
        )
        return [_to_run(row) for row in rows]

    @staticmethod
    def run_of(row: Any) -> Run:
        """The run of a row with all columns of the table."""
        return _to_run(row)


NOT_DELETED = runs.c.id.not_in(select(deleted_runs.c.run_id))
"""The condition that a run was not deleted."""


def visible_to(account_id: str | None) -> ColumnElement[bool] | None:
    """The condition that a run belongs to the account or is shared; None if every run is visible."""
    return None if account_id is None else or_(runs.c.owner == account_id, runs.c.shared.is_(True))


def _matching(statement: Select[Any], query: RunQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool] | None] = [
        None if query.also_deleted else NOT_DELETED,
        visible_to(query.visible_to),
        runs.c.owner == query.owner if query.owner is not None else None,
        runs.c.state.in_([state.value for state in query.states]) if query.states else None,
        runs.c.model_version == query.model if query.model is not None else None,
        runs.c.created_at >= query.since if query.since is not None else None,
        runs.c.created_at < query.until if query.until is not None else None,
    ]
    statement = statement.select_from(runs)
    if query.search.strip():
        owner_name = case((runs.c.owner == SYSTEM_OWNER, SYSTEM_OWNER), else_=accounts.c.name_folded)
        statement = statement.select_from(runs.outerjoin(accounts, accounts.c.id == runs.c.owner))
        text = query.search.strip()
        conditions.append(or_(contains(runs.c.file_name_folded, text), contains(owner_name, text)))
    return statement.where(*(condition for condition in conditions if condition is not None))


def _to_row(run: Run) -> dict[str, Any]:
    summary = run.summary
    return {
        "id": run.id,
        "owner": run.owner,
        "file_name": run.file_name,
        "file_name_folded": run.file_name.casefold(),
        "file_sha256": run.file_sha256,
        "file_bytes": run.file_bytes,
        "model_version": run.model_version,
        "threshold": run.threshold,
        "created_at": run.created_at,
        "state": run.state.value,
        "shared": run.shared,
        "sample": run.sample,
        "playbook_version": run.playbook_version,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "heartbeat_at": run.heartbeat_at,
        "worker": run.worker,
        "progress": to_json(run.progress),
        "customers": summary.scored if summary else 0,
        "leaving": summary.likely_to_leave if summary else 0,
        "mean_probability": summary.mean_probability if summary else None,
        "summary": to_json(summary) if summary else None,
        "error": run.error,
        "stopped": to_json(run.stopped) if run.stopped else None,
        "delete_previous": run.delete_previous,
        "cancel_requested": run.cancel_requested,
        "recognition": to_json(run.recognition) if run.recognition else None,
        "question": to_json(run.question) if run.question else None,
        "matches": to_json(run.matches),
        "written": None if run.format_override.open else to_json(run.format_override),
        "folder": run.folder or None,
        "month": run.month or None,
    }


def _to_run(row: Any) -> Run:
    return Run(
        id=RunId(row.id),
        owner=row.owner,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        file_bytes=row.file_bytes,
        model_version=row.model_version,
        threshold=row.threshold,
        created_at=row.created_at,
        state=JobState(row.state),
        shared=row.shared,
        sample=row.sample,
        playbook_version=row.playbook_version,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        worker=row.worker,
        progress=progress_from_json(row.progress),
        summary=from_json(RunSummary, row.summary) if row.summary is not None else None,
        error=row.error,
        stopped=from_json(StopReport, row.stopped) if row.stopped is not None else None,
        delete_previous=row.delete_previous,
        cancel_requested=row.cancel_requested,
        recognition=from_json(FileRecognition, row.recognition) if row.recognition is not None else None,
        question=from_json(Question, row.question) if row.question is not None else None,
        matches=from_json(tuple[tuple[str, int], ...], row.matches),
        format_override=from_json(FormatChoice, row.written) if row.written is not None else FormatChoice(),
        folder=row.folder or "",
        month=row.month or "",
    )
