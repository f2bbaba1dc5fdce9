"""One log line per job. Every line that is logged while a job runs has the job's ids."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

from entrypoints.observability import timings
from entrypoints.observability.logs import get_logger

log = get_logger("netone.job")

SKIPPED = "skipped"
"""The outcome of a job that another worker has claimed, or that was deleted."""
ERROR = "error"
"""The outcome of a job that ended with an unexpected exception."""


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended. `rows` counts customers scored; `rejected` counts rows that could not be read."""

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
    """Wrap the handler: log its start and end, and call `record` at the end.

    `field` names the log field of the job's id: run, training, export (default: the kind).
    """
    field = field or kind

    def run(job_id: str) -> object:
        with bound_contextvars(kind=kind, **{field: job_id}):
            log.info("job started")
            began, cpu_began, job_timings = time.perf_counter(), time.thread_time(), timings.begin()
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
                sql_ms=round(job_timings.sql_seconds * 1000, 1),
                sql_count=job_timings.sql_count,
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
    """An error while storing statistics must not fail a finished job."""
    if end.outcome == SKIPPED:
        return
    try:
        record(end)
    except Exception as error:
        log.warning("the job's statistics were not stored", exc_info=error)
