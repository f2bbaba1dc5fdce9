"""One log line and one total per job, whatever its end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from domain.run import JobState
from entrypoints.observability.job_log import JobEnd, observed
from entrypoints.observability.timings import note_sql


@dataclass
class Summary:
    scored: int = 95
    rejected: int = 5


@dataclass
class Ended:
    state: JobState
    summary: Summary | None = None


@pytest.fixture
def ends() -> list[JobEnd]:
    return []


def last(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    return caplog.records[-1].msg  # type: ignore[return-value]


def test_a_job_that_is_done_is_counted_with_its_rows(ends: list[JobEnd], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: dict[str, Any] = {}

    def handler(_: str) -> Ended:
        seen.update(get_contextvars())
        note_sql(0.25)
        return Ended(JobState.DONE, Summary())

    observed("score", handler, ends.append, field="run")("run-1")

    (end,) = ends
    assert (end.kind, end.outcome, end.rows, end.rejected) == ("score", "done", 95, 5)
    assert seen == {"kind": "score", "run": "run-1"}
    assert get_contextvars() == {}
    assert (last(caplog)["event"], last(caplog)["outcome"]) == ("job ended", "done")
    assert (last(caplog)["sql_ms"], last(caplog)["sql_count"]) == (250.0, 1)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_other_outcomes_are_counted_separately(ends: list[JobEnd], state: JobState) -> None:
    observed("train", lambda _: Ended(state), ends.append)("training-1")

    assert [(end.kind, end.outcome, end.rows) for end in ends] == [("train", str(state), 0)]


def test_a_job_that_another_worker_has_is_not_counted(ends: list[JobEnd], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    observed("score", lambda _: None, ends.append)("run-1")

    assert ends == []
    assert last(caplog)["outcome"] == "skipped"


def test_an_unexpected_exception_is_logged_once_counted_and_raised(
    ends: list[JobEnd], caplog: pytest.LogCaptureFixture
) -> None:
    def handler(_: str) -> None:
        raise ValueError("7590-VHVEG")

    with pytest.raises(ValueError, match="7590"):
        observed("export", handler, ends.append)("run-1/export-1")

    assert [(end.kind, end.outcome) for end in ends] == [("export", "error")]
    assert [record.msg["event"] for record in caplog.records if record.levelname == "ERROR"] == [  # type: ignore[index]
        "job ended by an unexpected exception"
    ]


def test_statistics_that_cannot_be_stored_do_not_fail_the_job(caplog: pytest.LogCaptureFixture) -> None:
    def full(_: JobEnd) -> None:
        raise OSError(28, "No space left on device")

    ended = Ended(JobState.DONE, Summary())

    assert observed("score", lambda _: ended, full)("run-1") is ended
    assert last(caplog)["event"] == "the job's statistics were not stored"
