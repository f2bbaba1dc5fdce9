"""The composition root: the one place where adapters are chosen and put together with use cases."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.jobs.huey_queue import HueyJobs, LeftToCaller
from adapters.persistence import backup as backups
from adapters.persistence.engine import make_engine
from adapters.persistence.flask_sql import engine_of, make_database
from adapters.persistence.installation import SqlDatabaseFile
from adapters.storage.directory import LocalDirectory
from application.ports.exports import ExportRecord
from application.ports.jobs import JobQueue
from application.ports.persistence import JobTotal
from application.use_cases.check_storage import StorageCheck
from application.use_cases.claims import Claim
from application.use_cases.open_installation import must_be_ready
from domain.queueing import JobKind
from domain.run import RunId
from domain.training import TrainingId
from entrypoints.desk import Desk
from entrypoints.observability.jobs import JobEnd, observed
from entrypoints.settings import Settings
from entrypoints.wiring import keeping, learning, people, predictions
from entrypoints.wiring.backups import enter
from entrypoints.wiring.first_start import prepare_folder, secret_key, write_privately
from entrypoints.wiring.ports import make_ports, make_queue

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine


def build(settings: Settings, *, engine: Engine | None = None, jobs: JobQueue | None = None) -> Desk:
    """Put the application together. `jobs` defaults to the queue that workers read."""
    prepare_folder(settings)
    ports = make_ports(settings, engine=engine, jobs=jobs)
    desk = Desk(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        clock=ports.clock,
        ids=ports.ids,
        files=ports.files,
        uploads=ports.uploads,
        results=ports.results,
        exports=ports.exports,
        registry=ports.registry,
        jobs=ports.jobs,
        claims=ports.claims,
        sample=ports.sample,
        scratch=ports.scratch,
        database_is_current=ports.database_is_current,
        **keeping.opening(ports),
        **people.own_account(ports),
        **people.own_second_factor(ports),
        **people.everyones_accounts(ports),
        **predictions.scoring(ports),
        **predictions.results(ports),
        **predictions.documents(ports),
        **learning.learning(ports),
        **keeping.administration(ports),
        **keeping.by_itself(ports),
        **keeping.backing_up(ports),
    )
    if isinstance(ports.jobs, HueyJobs):
        ports.jobs.work = partial(_work, desk)
    return desk


def _work(desk: Desk) -> None:
    """Take one job after the other until none is left for this process."""
    exported: set[str] = set()
    while (claim := desk.claim_next(but=exported)) is not None:
        if claim.job.kind is JobKind.REPORT:
            exported.add(claim.job.id)
        try:
            with suppress(Exception):  # stored with the job and logged; the next job is somebody else's
                _do(desk, claim)
        finally:
            desk.claims.release(claim)


def _do(desk: Desk, claim: Claim) -> None:
    kind, job_id, record = claim.job.kind, claim.job.id, partial(_record_job, desk)
    if kind is JobKind.SCORING:
        observed(kind.value, lambda run_id: desk.score_run(RunId(run_id), claim=claim), record, field="run")(job_id)
    elif kind is JobKind.TRAINING:
        train = partial(desk.train_model, claim=claim)
        observed(kind.value, lambda training_id: train(TrainingId(training_id)), record, field="training")(job_id)
    else:
        observed("export", lambda both: _make_export(desk, both), record)(job_id)


def _make_export(desk: Desk, both: str) -> ExportRecord | None:
    """An export's job names its run and itself, as "run/export"."""
    run_id, _, export_id = both.partition("/")
    record: ExportRecord | None = desk.make_export(RunId(run_id), export_id)
    return record


def _record_job(desk: Desk, end: JobEnd) -> None:
    desk.record_job(JobTotal(end.kind, end.outcome, 1, end.seconds, end.rows, end.rejected))


def create_application(settings: Settings | None = None, *, jobs: JobQueue | None = None) -> Flask:
    """The web application on a current database, as `wsgi.py` and `netone serve` run it."""
    from entrypoints.web.app import make_app, mount

    settings = settings or Settings()
    write_privately()
    lock = enter(settings)
    prepare_folder(settings)
    app = make_app(settings, secret_key(settings))
    app.extensions["netone-lock"] = lock
    engine = engine_of(make_database(), app, settings.sql_url)
    desk = build(settings, engine=engine, jobs=jobs)
    desk.upgrade_database()
    return mount(app, desk, settings)


def build_inline(settings: Settings) -> Desk:
    """For the command line: what is queued is left to the caller to do."""
    return build(settings, jobs=LeftToCaller())


def build_worker(settings: Settings) -> tuple[Desk, HueyJobs]:
    """For a worker: the desk, and the queue that it reads."""
    write_privately()
    jobs = make_queue(settings)
    return build(settings, jobs=jobs), jobs


def check_backup(file: Path) -> bool:
    """Whether every byte could be verified by a hash. Raises InvalidInput where the file is damaged."""
    backups.check(file)
    return backups.hash_file_of(file).is_file()


def check_installation(settings: Settings) -> StorageCheck:
    """Check database and files without creating, upgrading or changing anything. Raises a domain error."""
    engine = make_engine(settings.sql_url)
    try:
        must_be_ready(SqlDatabaseFile(engine), LocalDirectory(settings.folder))
        if engine.dialect.name == "sqlite":
            backups.check(Path(str(engine.url.database)))
    finally:
        engine.dispose()
    return build_inline(settings).check_storage()


def backup_database(settings: Settings, file: Path) -> None:
    backups.backup(make_engine(settings.sql_url), file)
