"""Keeping house: runs whose worker died go on, leftovers are swept, what is past its time is removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from application.ports.intake import Uploads
from application.ports.jobs import JobQueue
from application.ports.persistence import ATTEMPTS_KEPT, SEARCHES_VALID, FileKind, RunQuery, UnitOfWork
from application.ports.results import ResultStore
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.disposal import UPLOAD_PARTS, delete_later, delete_now
from application.use_cases.installation import run_of, training_of
from domain.liveness import Liveness
from domain.run import DEFAULT_LIVENESS, RunId, RunState


@dataclass(frozen=True, slots=True)
class ResumeWork:
    """Queue again what is unfinished and has no living worker: the queue may lose a job, the database doesn't."""

    new_uow: NewUnitOfWork
    jobs: JobQueue
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, all_queued: bool = False) -> int:
        """How many jobs were queued. `all_queued` also takes queued ones, as at a worker's start."""
        now = self.clock.now()
        stale = self.liveness.stale_before(now)
        with self.new_uow() as uow:
            runs = [
                run
                for run in uow.runs.unfinished()
                if (run.state is RunState.QUEUED and (all_queued or run.created_at < stale))
                or run.is_abandoned(now, self.liveness)
            ]
            trainings = [
                training
                for training in uow.trainings.unfinished()
                if (training.state is RunState.QUEUED and (all_queued or training.created_at < stale))
                or training.is_abandoned(now, self.liveness)
            ]
        for training in trainings:
            self.jobs.train(training.id)
        for run in runs:
            self.jobs.score(run.id)
        return len(runs) + len(trainings)


@dataclass(frozen=True, slots=True)
class PurgeExpired:
    """Past the retention period results and uploads go; runs, summaries, contact lists and models stay."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    clock: Clock

    def __call__(self) -> int:
        now = self.clock.now()
        with self.new_uow() as uow:
            days = uow.policies.get().retention_days
            if days is None:
                return 0
            limit = now - timedelta(days=days)
            old = [
                run
                for run in uow.runs.find(RunQuery(limit=10_000_000)).runs
                if run.state.ended and run.created_at < limit
            ]
            gone = [RunId(record.id) for record in uow.uploads.all() if record.at < limit and _ended(uow, record.id)]
            for run in old:
                uow.hashes.remove(FileKind.RESULTS, run.id)
            deletions = []
            for upload_id in gone:
                uow.uploads.remove(upload_id)
                deletions.append(delete_later(uow, upload_id, now=now, parts=UPLOAD_PARTS))
            uow.commit()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        for run in old:  # its row stays, so that an interrupted pass is simply done again
            self.results.discard(run.id)
            self.uploads.discard(run.id)
        return len(old)


@dataclass(frozen=True, slots=True)
class ForgetSpent:
    """Log-ins that ran out, one-time links that are used or expired, and old attempts go by themselves."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self) -> int:
        """How many log-ins and links went."""
        now = self.clock.now()
        with self.new_uow() as uow:
            gone = uow.sessions.remove_expired(now) + uow.links.remove_spent(now)
            uow.pending_log_ins.remove_expired(now)
            uow.throttle.forget_before(now - ATTEMPTS_KEPT)
            uow.searches.forget_before(now - SEARCHES_VALID)
            uow.commit()
        return gone


def _ended(uow: UnitOfWork, upload_id: str) -> bool:
    """Whether nothing reads the upload any more."""
    job = run_of(uow, upload_id) or training_of(uow, upload_id)
    return job is None or job.state.ended


@dataclass(frozen=True, slots=True)
class WorkerLives:
    """Whether a worker has given a sign of life lately."""

    new_uow: NewUnitOfWork
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self) -> bool:
        now = self.clock.now()
        with self.new_uow() as uow:
            return self.liveness.lives(uow.workers.last_seen(until=self.liveness.newest(now)), now)
