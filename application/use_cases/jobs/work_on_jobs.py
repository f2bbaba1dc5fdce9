"""A worker's thread: claims the next job, does it and releases it, until no job is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.job_queue import ClaimNext
from domain.queueing import JobKind


@dataclass(frozen=True, slots=True)
class WorkOnJobs:
    """Does one job after another.

    `handlers` do a claimed job of each kind. `observe` calls the handler, logs the job and records its end.
    `after_each` is called after a claim is released.
    """

    claim_next: ClaimNext
    claims: Claims
    handlers: Mapping[JobKind, Callable[[Claim], object]]
    observe: Callable[[Claim, Callable[[], object]], object]
    after_each: Callable[[], object]

    def __call__(self) -> None:
        """Returns when no job is left for this process.

        Each export is tried once per call: another worker may have it.
        """
        exported: set[str] = set()
        while (claim := self.claim_next(but=exported)) is not None:
            if claim.job.kind is JobKind.REPORT:
                exported.add(claim.job.id)
            try:
                # the error was stored with the job and logged; the next job can belong to another person
                with suppress(Exception):
                    self._do(claim)
            finally:
                self.claims.release(claim)
                self.after_each()

    def _do(self, claim: Claim) -> None:
        self.observe(claim, lambda: self.handlers[claim.job.kind](claim))
