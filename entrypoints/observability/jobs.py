"""One log line per job, with the job's ids on every line that is written while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

from entrypoints.observability import timings
from entrypoints.observability.logs import get_logger

log = get_logger("netone.job")

SKIPPED = "skipped"
"""The outcome of a job that another worker has, or that is gone."""
ERROR = "error"
"""The outcome of a job that ended with an unexpected exception."""


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended. Rows are customers scored; `rejected` are rows that could not be read."""

    kind: str
    outcome: str
    seconds: float
    rows: int = 0
    rejected: int = 0


def observed(
    kind: str,
    handler: Callable[[str], object],
    record: Callable[[JobEnd], None],
    *,
    field: str | None = None,
) -> Callable[[str], object]:
    """The handler, with a log line at its start and end, and `record` called when it ended.

    `field` names the log field of the job's id: run, training, export (default: the kind).
    """
    field = field or kind

    def run(job_id: str) -> object:
        with bound_contextvars(kind=kind, **{field: job_id}):
            log.info("job started")
            began, cpu_began, spent = time.perf_counter(), time.thread_time(), timings.begin()
            try:
                ended = handler(job_id)
            except Exception as error:
                seconds = time.perf_counter() - began
                log.error("job ended by an unexpected exception", seconds=round(seconds, 3), exc_info=error)
                _recorded(record, JobEnd(kind, ERROR, seconds))
                raise
            finally:
                timings.end()
            end = _end_of(kind, ended, time.perf_counter() - began)
            log.info(
                "job ended",
                outcome=end.outcome,
                seconds=round(end.seconds, 3),
                cpu_ms=round((time.thread_time() - cpu_began) * 1000, 1),
                sql_ms=round(spent.sql_seconds * 1000, 1),
                sql_count=spent.sql_count,
                rows=end.rows,
                rejected=end.rejected,
            )
            _recorded(record, end)
            return ended

    return run


def _end_of(kind: str, ended: object, seconds: float) -> JobEnd:
    state = getattr(ended, "state", None)
    outcome = str(state) if state is not None else SKIPPED
    summary = getattr(ended, "summary", None)
    return JobEnd(kind, outcome, seconds, getattr(summary, "scored", 0), getattr(summary, "rejected", 0))


def _recorded(record: Callable[[JobEnd], None], end: JobEnd) -> None:
    """Statistics must not fail a job that is done."""
    if end.outcome == SKIPPED:
        return
    try:
        record(end)
    except Exception as error:
        log.warning("the job's statistics were not stored", exc_info=error)
