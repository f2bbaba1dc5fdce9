"""A worker takes no more jobs after its number of jobs, so that a new process can replace it."""

from __future__ import annotations

from datetime import UTC, datetime

from application.use_cases.jobs.claims import Claim, Claims
from domain.queueing import JobKind, QueuedJob

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def claim(number: int, *, small: bool = True) -> Claim:
    return Claim(QueuedJob(JobKind.SCORING, f"run-{number}", "ana", NOW, small, None), f"host:7#{number}")


def do(claims: Claims, *jobs: Claim) -> None:
    for job in jobs:
        claims.add(job)
        claims.release(job)


def test_a_worker_closes_with_its_last_job() -> None:
    claims = Claims("host:7", max_jobs=3)

    do(claims, claim(1), claim(2))
    assert (claims.closing, claims.finished) == (False, False)

    do(claims, claim(3))
    assert (claims.closing, claims.finished) == (True, True)


def test_a_worker_without_a_number_of_jobs_never_closes() -> None:
    claims = Claims("host:7")

    do(claims, *(claim(number) for number in range(500)))

    assert not claims.closing


def test_a_claim_that_is_released_twice_counts_once() -> None:
    claims = Claims("host:7", max_jobs=2)
    job = claim(1)

    do(claims, job)
    claims.release(job)

    assert not claims.closing


def test_a_worker_waits_for_its_small_jobs_before_it_is_replaced() -> None:
    claims = Claims("host:7", threads=2, max_jobs=1)
    other = claim(2)
    claims.add(other)

    do(claims, claim(1))
    assert (claims.closing, claims.finished) == (True, False)

    claims.release(other)
    assert claims.finished


def test_a_worker_takes_small_jobs_until_its_large_job_has_ended() -> None:
    claims = Claims("host:7", threads=2, max_jobs=1)
    large = claim(9, small=False)
    claims.add(large)

    do(claims, claim(1), claim(2))
    assert not claims.closing

    claims.release(large)
    assert claims.finished
