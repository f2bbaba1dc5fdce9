"""Runs a claimed job and stores how it ends: done, cancelled, lost, failed with a message, or failed by our error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from application.use_cases.jobs.heartbeat import Lost
from domain.errors import Cancelled, DomainError
from domain.question import Question

Ended = TypeVar("Ended")
Ended_co = TypeVar("Ended_co", covariant=True)


class EndableJob(Protocol[Ended_co]):
    """Stores the ends of one claimed job. Each method raises Lost, and stores nothing, if the claim was lost."""

    def cancel(self) -> Ended_co:
        """Store that a person cancelled the job."""

    def fail(self, words: str, question: Question | None = None) -> Ended_co:
        """Store the reason, as a sentence for the person who asked for the job, and what to ask this person."""

    def fail_by_our_error(self) -> tuple[Ended_co, bool]:
        """Store an error on our side. Returns True if the job was cancelled meanwhile, which explains the error."""


def run_claimed(job: EndableJob[Ended], work: Callable[[], Ended]) -> Ended | None:
    """Do the work, which stores the job as done. Stores any other end.

    Returns the ended job; None if the claim was lost. An unexpected error is stored and raised again.
    """
    try:
        return _end_of(job, work)
    except Lost:
        return None


def _end_of(job: EndableJob[Ended], work: Callable[[], Ended]) -> Ended:
    try:
        return work()
    except Lost:
        raise
    except Cancelled:
        return job.cancel()
    except DomainError as error:
        return job.fail(str(error), error.question)
    except Exception:
        ended, was_cancelled = job.fail_by_our_error()
        if was_cancelled:
            return ended
        raise
