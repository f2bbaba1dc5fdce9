"""The composition root: chooses the adapters and builds the use cases with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.formatting.babel_formats import formats_of
from adapters.jobs.huey_queue import HueyJobs, LeftToCaller
from adapters.jobs.memory import limit_arenas, release_unused
from adapters.persistence import backup as backups
from adapters.persistence.engine import make_engine
from adapters.persistence.flask_sql import engine_of, make_database
from adapters.persistence.installation import SqlDatabaseFile
from adapters.service_lock import ServiceLock
from adapters.storage.directory import LocalDirectory
from application.ports.exports import ExportRecord
from application.ports.job_records import JobTotal
from application.ports.jobs import JobQueue
from application.use_cases.administration.read_clock import ReadClock
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.work_on_jobs import WorkOnJobs
from application.use_cases.maintenance.check_storage import StorageCheck
from application.use_cases.maintenance.open_installation import must_be_ready
from application.use_cases.maintenance.restore_backup import Restored
from application.use_cases.read_formats import ReadFormats
from application.use_cases.search.find_everything import FindEverything
from domain.backup import Manifest
from domain.formats import NO_CURRENCY, Formats
from domain.queueing import JobKind
from domain.run import Run, RunId
from domain.task import TaskId
from domain.training import TrainingId
from entrypoints.application import Application
from entrypoints.observability.job_log import JobEnd, observed
from entrypoints.settings import Settings
from entrypoints.wiring import backups as backup_wiring
from entrypoints.wiring.accounts import build_accounts
from entrypoints.wiring.adapters import make_ports, make_queue
from entrypoints.wiring.administration import build_administration
from entrypoints.wiring.campaign_effects import build_campaign_effects
from entrypoints.wiring.campaign_lists import build_campaign_lists
from entrypoints.wiring.campaign_outcomes import build_campaign_outcomes
from entrypoints.wiring.campaigns import build_campaigns
from entrypoints.wiring.do_not_contact import build_do_not_contact
from entrypoints.wiring.first_start import prepare_folder, secret_key, write_privately
from entrypoints.wiring.folders import build_folders
from entrypoints.wiring.grading import build_grading, build_grading_work
from entrypoints.wiring.help import build_help
from entrypoints.wiring.insights import build_insights, build_trend
from entrypoints.wiring.jobs import build_jobs
from entrypoints.wiring.labels import build_label_work, build_labels
from entrypoints.wiring.maintenance import build_maintenance
from entrypoints.wiring.models import build_models
from entrypoints.wiring.notices import build_notices
from entrypoints.wiring.playbooks import build_playbooks
from entrypoints.wiring.predictions import build_predictions
from entrypoints.wiring.privacy import build_privacy
from entrypoints.wiring.reports import build_reports
from entrypoints.wiring.second_factor import build_second_factor

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine


def build(settings: Settings, *, engine: Engine | None = None, jobs: JobQueue | None = None) -> Application:
    """Build the application. `jobs` defaults to the queue that workers read."""
    prepare_folder(settings)
    ports = make_ports(settings, engine=engine, jobs=jobs)
    grading = build_grading(ports)
    predictions = build_predictions(ports, afterwards=grading.grade_earlier_runs)
    accounts, models = build_accounts(ports), build_models(ports)
    read_trend = build_trend(ports)
    reports = build_reports(ports, open_result=predictions.open_result, read_trend=read_trend)
    label = build_label_work(ports, submit=models.submit_training)
    outcomes = build_campaign_outcomes(ports)
    campaigns = build_campaigns(ports, label=label, grade=build_grading_work(ports, grading))
    application = Application(
        accounts=accounts,
        second_factor=build_second_factor(ports),
        predictions=predictions,
        grading=grading,
        reports=reports,
        folders=build_folders(
            ports, predictions=predictions, models=models, reports=reports, grading=grading, outcomes=outcomes
        ),
        help=build_help(ports),
        insights=build_insights(ports, read_trend=read_trend),
        playbooks=build_playbooks(ports),
        do_not_contact=build_do_not_contact(ports),
        campaigns=campaigns,
        campaign_lists=build_campaign_lists(ports),
        campaign_effects=build_campaign_effects(ports),
        campaign_outcomes=outcomes,
        models=models,
        labels=build_labels(ports, make=label.make, train=label.train, run_task=campaigns.run_task),
        administration=build_administration(ports, password_rules=accounts.password_rules),
        privacy=build_privacy(ports, predictions.finish_run_deletions),
        jobs=build_jobs(ports),
        maintenance=build_maintenance(ports),
        now=ReadClock(clock=ports.clock),
        notices=build_notices(ports),
        search=FindEverything(new_uow=ports.new_reading, pages=ports.help_pages),
        formats_of=ReadFormats(formats_of=ports.formats_of),
    )
    if isinstance(ports.jobs, HueyJobs):
        ports.jobs.work = _worker(application, ports.claims)
    return application


def _worker(application: Application, claims: Claims) -> WorkOnJobs:
    handlers: dict[JobKind, Callable[[Claim], object]] = {
        JobKind.SCORING: lambda claim: _score(application, claim),
        JobKind.TRAINING: lambda claim: application.models.train_model(TrainingId(claim.job.id), claim=claim),
        JobKind.TASK: lambda claim: application.campaigns.run_task(TaskId(claim.job.id), claim=claim),
        JobKind.REPORT: lambda claim: _make_export(application, claim.job.id),
    }
    return WorkOnJobs(
        claim_next=application.jobs.claim_next,
        claims=claims,
        handlers=handlers,
        observe=partial(_observe, application),
        after_each=release_unused,
    )


def _score(application: Application, claim: Claim) -> Run | None:
    """Score a run. After the last month of sample data, make its campaign."""
    run = application.predictions.score_run(RunId(claim.job.id), claim=claim)
    if run is not None and run.sample:
        application.campaigns.make_sample(run)
    return run


LOG_FIELDS = {JobKind.SCORING: "run", JobKind.TRAINING: "training", JobKind.TASK: "task"}
"""The log field of a job's id. An export's kind and field are "export"."""


def _observe(application: Application, claim: Claim, work: Callable[[], object]) -> object:
    kind, field = claim.job.kind, LOG_FIELDS.get(claim.job.kind)
    name = "export" if field is None else kind.value
    return observed(name, lambda _: work(), partial(_record_job, application), field=field)(claim.job.id)


def _make_export(application: Application, both: str) -> ExportRecord | None:
    """The job id of an export is "<run id>/<export id>"."""
    run_id, _, export_id = both.partition("/")
    record: ExportRecord | None = application.reports.make_export(RunId(run_id), export_id)
    return record


def _record_job(application: Application, end: JobEnd) -> None:
    application.jobs.record_job(JobTotal(end.kind, end.outcome, 1, end.seconds, end.rows, end.rejected))


def create_application(settings: Settings | None = None, *, jobs: JobQueue | None = None) -> Flask:
    """Create the web application after upgrading the database; used by `wsgi.py` and `netone serve`."""
    from entrypoints.web.app import make_app, mount

    settings = settings or Settings()
    write_privately()
    lock = backup_wiring.enter(settings)
    prepare_folder(settings)
    app = make_app(settings, secret_key(settings))
    app.extensions["netone-lock"] = lock
    engine = engine_of(make_database(), app, settings.sql_url)
    application = build(settings, engine=engine, jobs=jobs)
    application.maintenance.upgrade_database()
    return mount(app, application, settings)


def build_inline(settings: Settings) -> Application:
    """Build the application for the command line, which runs queued jobs itself."""
    return build(settings, jobs=LeftToCaller())


def build_worker(settings: Settings) -> tuple[Application, HueyJobs]:
    """Build a worker's application and the queue that it reads."""
    limit_arenas()  # before any thread works on a job
    write_privately()
    jobs = make_queue(settings)
    return build(settings, jobs=jobs), jobs


def check_backup(file: Path) -> bool:
    """Return whether a hash verified the file. Raises InvalidInput if the file is damaged."""
    backups.check(file)
    return backups.hash_file_of(file).is_file()


def check_installation(settings: Settings) -> StorageCheck:
    """Check the database and all files without changing anything. Raises a domain error for a problem."""
    engine = make_engine(settings.sql_url)
    try:
        must_be_ready(SqlDatabaseFile(engine), LocalDirectory(settings.folder), formats_of(NO_CURRENCY))
        if engine.dialect.name == "sqlite":
            backups.check(Path(str(engine.url.database)))
    finally:
        engine.dispose()
    return build_inline(settings).maintenance.check_storage()


def backup_database(settings: Settings, file: Path) -> None:
    backups.backup(make_engine(settings.sql_url), file)


@dataclass(frozen=True, slots=True)
class ClosedInstallation:
    """A data directory without an application: what commands check, copy and restore while nothing is open.

    Raises domain errors: Conflict while the directory is in use, BackupDamaged, BackupRefused, InstallationMismatch.
    """

    settings: Settings

    def enter(self) -> ServiceLock:
        """Lock the directory against restores, after completing an interrupted one."""
        return backup_wiring.enter(self.settings)

    def is_archive(self, file: Path) -> bool:
        return backup_wiring.is_archive(file)

    def check_archive(self, file: Path) -> Manifest:
        """Verify every byte."""
        return backup_wiring.check_archive(file)

    def check_database_copy(self, file: Path) -> bool:
        return check_backup(file)

    def check(self) -> StorageCheck:
        return check_installation(self.settings)

    def copy_database(self, file: Path) -> None:
        backup_database(self.settings, file)

    def restore_archive(
        self, file: Path, *, replace: bool, accounts_from_backup: bool, reset_passwords: bool
    ) -> Restored:
        return backup_wiring.restore_archive(
            self.settings,
            file,
            replace=replace,
            accounts_from_backup=accounts_from_backup,
            reset_passwords=reset_passwords,
        )

    def restore_database(self, file: Path) -> bool:
        """Returns whether a hash verified the copy."""
        return backup_wiring.restore_database(self.settings, file)

    def plain_formats(self) -> Formats:
        """How numbers without a currency are written."""
        return formats_of(NO_CURRENCY)
