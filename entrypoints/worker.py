"""The worker: takes jobs from the queue, shows that it lives, and takes over what others left."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from domain.errors import StorageProblem
from entrypoints.desk import Desk
from entrypoints.nightly import start_nightly_backups
from entrypoints.observability.logs import get_logger

log = get_logger("netone.worker")

PURGE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two heartbeats of this process, and between two looks for waiting jobs."""

    beat: float = 5.0
    resume: float = 10.0


class Consumer(Protocol):
    def consume(self, *, workers: int) -> None: ...


def give_way(niceness: int) -> None:
    """Lower this process's priority, so that pages stay fast while jobs use every core. Nothing on Windows."""
    if hasattr(os, "nice"):
        os.nice(niceness)


def work(desk: Desk, consumer: Consumer, *, name: str, workers: int, pace: Pace) -> None:
    """Work until told to stop."""
    try:
        tidy(desk)
    except StorageProblem:  # a full or locked disk is no reason not to work: the hourly pass tries again
        log.exception("leftovers could not be removed; trying again later")
    threading.Thread(target=_keep_house, args=(desk, name, pace), daemon=True, name="upkeep").start()
    threading.Thread(target=_warm_up, args=(desk,), daemon=True, name="warm-up").start()
    start_nightly_backups(desk)
    consumer.consume(workers=workers)


def tidy(desk: Desk) -> None:
    """Finish interrupted deletions, then move what no record stands for to the trash."""
    desk.finish_deletions()
    desk.settle_rewrites()
    report = desk.sweep_leftovers()
    if report.moved:
        log.warning("moved leftovers to the trash", files=len(report.moved))
    if report.kept and report.why:
        log.warning("files without a record stay where they are", files=len(report.kept), why=report.why)


def _keep_house(desk: Desk, name: str, pace: Pace) -> None:
    resumed = purged = -1e9
    first = True
    while True:
        now = time.monotonic()
        try:
            with desk.new_uow() as uow:
                uow.workers.beat(name, at=desk.clock.now())
                uow.commit()
            desk.touch_claims()
            if now - resumed > pace.resume:
                desk.resume_work(all_queued=first)
                desk.resume_exports(all_waiting=first)
                desk.keep_pace()
                resumed, first = now, False
            if now - purged > PURGE_SECONDS:
                tidy(desk)
                desk.purge_expired()
                desk.forget_spent()
                desk.discard_old_exports()
                desk.keep_reserve()
                purged = now
        except Exception:
            log.exception("upkeep failed; trying again")
        time.sleep(pace.beat)


def _warm_up(desk: Desk) -> None:
    """Load libraries and the champion before the first upload asks for them."""
    try:
        with desk.new_reading() as uow:
            champion = uow.models.champion()
        if champion is not None:
            desk.registry.scorer(champion.id)
    except Exception:
        log.exception("warm-up failed")
