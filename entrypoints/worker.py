"""The worker: runs jobs from the queue, sends heartbeats, and takes over the jobs of workers that died."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from domain.errors import StorageProblem
from entrypoints.application import Application
from entrypoints.folder_watch import start_watching
from entrypoints.nightly import start_nightly_backups
from entrypoints.observability.logs import get_logger

log = get_logger("netone.worker")

PURGE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two heartbeats of this process, two checks for waiting jobs, and two looks at watched folders."""

    heartbeat: float = 5.0
    resume: float = 10.0
    folders: float = 5.0


class Consumer(Protocol):
    def consume(self, *, workers: int) -> None: ...


def give_way(niceness: int) -> None:
    """Lower this process's priority, so that pages stay fast while jobs use all cores. Does nothing on Windows."""
    if hasattr(os, "nice"):
        os.nice(niceness)


def work(application: Application, consumer: Consumer, *, name: str, workers: int, pace: Pace) -> None:
    """Run jobs until the consumer stops."""
    try:
        clean_up(application)
    except StorageProblem:  # a full or locked disk must not stop the worker; the hourly maintenance tries again
        log.exception("leftover files could not be removed; trying again later")
    threading.Thread(target=_run_maintenance, args=(application, name, pace), daemon=True, name="maintenance").start()
    threading.Thread(target=_warm_up, args=(application,), daemon=True, name="warm-up").start()
    start_nightly_backups(application)
    start_watching(application, seconds=pace.folders)
    consumer.consume(workers=workers)
    application.folders.look.release()


def clean_up(application: Application) -> None:
    """Finish interrupted deletions, then move files without a database record to the trash."""
    application.predictions.finish_run_deletions()
    application.maintenance.finish_deletions()
    application.maintenance.settle_rewrites()
    report = application.maintenance.sweep_leftovers()
    if report.moved:
        log.warning("moved leftover files to the trash", files=len(report.moved))
    if report.kept and report.why:
        log.warning("files without a database record were not moved", files=len(report.kept), why=report.why)


def _run_maintenance(application: Application, name: str, pace: Pace) -> None:
    resumed = purged = -1e9
    first = True
    while True:
        now = time.monotonic()
        try:
            application.jobs.record_sign_of_life(name)
            application.jobs.touch_claims()
            application.folders.look.touch()
            application.predictions.finish_run_deletions()
            if now - resumed > pace.resume:
                application.jobs.resume_work(all_queued=first)
                application.reports.resume_exports(all_waiting=first)
                application.maintenance.keep_pace()
                resumed, first = now, False
            if now - purged > PURGE_SECONDS:
                clean_up(application)
                application.maintenance.purge_expired()
                application.maintenance.forget_spent()
                application.maintenance.discard_scratch()
                application.reports.discard_old_exports()
                application.maintenance.keep_reserve()
                purged = now
        except Exception:
            log.exception("maintenance failed; trying again")
        if application.jobs.claims.finished:
            log.info("the worker has done its number of jobs and ends")
            os.kill(os.getpid(), signal.SIGINT)  # stops the consumer, which then returns to the command
            return
        time.sleep(pace.heartbeat)


def _warm_up(application: Application) -> None:
    """Load libraries and the champion before the first upload needs them."""
    try:
        application.models.load_champion()
    except Exception:
        log.exception("warm-up failed")
