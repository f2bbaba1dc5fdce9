"""Scheduled maintenance: queues interrupted jobs again, and deletes expired data and temporary files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from application.ports.accounts import ATTEMPTS_KEPT
from application.ports.intake import Uploads
from application.ports.jobs import JobQueue
from application.ports.results import ResultStore
from application.ports.runs import SEARCHES_VALID, RunQuery
from application.ports.stored_files import FileKind
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.upload_jobs import run_of, training_of
from application.use_cases.maintenance.file_deletion import UPLOAD_PARTS, delete_later, delete_now
from application.use_cases.permissions import NewUnitOfWork
from domain.api_token import EXPIRED_TOKENS_KEPT
from domain.leftovers import MIN_AGE
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.notices import SEEN_KEPT_FOR
from domain.run import RunId, Work
from domain.submission import KEYS_KEPT


@dataclass(frozen=True, slots=True)
class ResumeWork:
    """Sends messages for unfinished jobs without a running worker again.

    Messages can be lost; jobs in the database are not.
    """

    new_uow: NewUnitOfWork
    jobs: JobQueue
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, all_queued: bool = False) -> int:
        """Returns how many messages were sent. `all_queued` includes all queued jobs, as at a worker's start."""
        now = self.clock.now()
        needs_worker = partial(Work.needs_worker, now=now, liveness=self.liveness, all_queued=all_queued)
        with self.new_uow() as uow:
            runs = [run for run in uow.runs.unfinished() if needs_worker(run)]
            trainings = [training for training in uow.trainings.unfinished() if needs_worker(training)]
            tasks = [task for task in uow.tasks.unfinished() if needs_worker(task)]
        for training in trainings:
            self.jobs.train(training.id)
        for run in runs:
            self.jobs.score(run.id)
        for task in tasks:
            self.jobs.task(task.id)
        return len(runs) + len(trainings) + len(tasks)


@dataclass(frozen=True, slots=True)
class PurgeExpired:
    """Delete results and uploads past the retention period. Runs, summaries, contact lists and models are kept."""

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
                run for run in uow.runs.find(RunQuery(limit=None)).runs if run.state.ended and run.created_at < limit
            ]
            expired_uploads = [
                RunId(record.id) for record in uow.uploads.all() if record.at < limit and _ended(uow, record.id)
            ]
            for run in old:
                uow.hashes.remove(FileKind.RESULTS, run.id)
            deletions = []
            for upload_id in expired_uploads:
                uow.uploads.remove(upload_id)
                deletions.append(delete_later(uow, upload_id, now=now, parts=UPLOAD_PARTS))
            uow.commit()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        for run in old:  # its row stays, so that an interrupted pass is repeated
            self.results.discard(run.id)
            self.uploads.discard(run.id)
        return len(old)


@dataclass(frozen=True, slots=True)
class ForgetSpent:
    """Delete expired sessions, links and tokens, old log-in attempts, and what was seen long ago."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self) -> int:
        """Returns how many sessions and links were deleted."""
        now = self.clock.now()
        with self.new_uow() as uow:
            removed = uow.sessions.remove_expired(now) + uow.links.remove_spent(now)
            uow.pending_log_ins.remove_expired(now)
            uow.api_tokens.remove_expired(now - EXPIRED_TOKENS_KEPT)
            uow.throttle.forget_before(now - ATTEMPTS_KEPT)
            uow.searches.forget_before(now - SEARCHES_VALID)
            uow.notices.forget_before(now - SEEN_KEPT_FOR)
            uow.submissions.forget_before(now - KEYS_KEPT)
            uow.commit()
        return removed


@dataclass(frozen=True, slots=True)
class DiscardScratch:
    """Deletes temporary files of killed requests and commands. They may hold customers' data."""

    storage: Storage
    clock: Clock

    def __call__(self) -> int:
        """Returns how many files were deleted."""
        return self.storage.discard_scratch(before=self.clock.now() - MIN_AGE)


def _ended(uow: UnitOfWork, upload_id: str) -> bool:
    """Whether no job will read the upload any more."""
    job = run_of(uow, upload_id) or training_of(uow, upload_id)
    return job is None or job.state.ended


@dataclass(frozen=True, slots=True)
class RecordSignOfLife:
    """Record that a worker is alive."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, worker: str) -> None:
        with self.new_uow() as uow:
            uow.workers.heartbeat(worker, at=self.clock.now())
            uow.commit()


@dataclass(frozen=True, slots=True)
class WorkerLives:
    """Whether a worker has sent a heartbeat recently."""

    new_uow: NewUnitOfWork
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self) -> bool:
        now = self.clock.now()
        with self.new_uow() as uow:
            return self.liveness.lives(uow.workers.last_seen(until=self.liveness.newest(now)), now)
