"""The composition root: the one place where adapters are chosen and put together with use cases."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.intake.limits import ReadingLimits
from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.jobs.huey_queue import REPORT, SCORE, TRAIN, HueyJobs, InlineJobs, LeftToCaller, open_queue
from adapters.ml.judge import NumpyTruthJudge
from adapters.ml.recommender import ColumnarRecommender
from adapters.ml.registry import FileModelRegistry
from adapters.ml.sample import MadeUpCustomers
from adapters.persistence import backup as backups
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.flask_sql import engine_of, make_database
from adapters.persistence.schema_version import is_current, upgrade
from adapters.persistence.storage import LocalStorage
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.reporting.pdf import PrintedReport
from adapters.reporting.tables import SpreadsheetTables
from adapters.results.shelf import FiledReports
from adapters.results.store import ParquetResults
from adapters.security.clock import SystemClock
from adapters.security.email_rules import OfflineEmailRules
from adapters.security.ids import TimeOrderedIds
from adapters.security.passwords import BcryptPasswords, calibrated_cost
from adapters.security.strength import ZxcvbnMeter
from adapters.security.tokens import RandomSecrets
from application.ports.jobs import JobQueue
from application.ports.models import Trainer
from application.use_cases import (
    administration,
    compare_runs,
    dashboard,
    departure,
    evaluate_model,
    history,
    insights,
    installation,
    links,
    model_pages,
    models,
    open_result,
    own_data,
    passwords,
    printing,
    privacy,
    registration,
    reports,
    sample_data,
    score_customers,
    score_to_csv,
    sessions,
    train_model,
    upkeep,
)
from domain.model import Algorithm
from domain.run import RunId
from domain.training import TrainingId
from entrypoints.desk import Desk
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine


def worker_name() -> str:
    """A name for this process among all workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def prepare_folder(settings: Settings) -> None:
    """The data directory, for this program's user alone."""
    for folder in (settings.folder, settings.scratch):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def write_privately() -> None:
    """What this process writes from now on is for its own user alone."""
    os.umask(0o077)


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What is made at the first start and kept for its owner alone; of two processes at once, the first decides."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        draft.touch(mode=0o600)
        draft.write_text(make(), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def secret_key(settings: Settings) -> str:
    """The key that signs cookies, made at the first start."""
    return _kept(settings.folder / "secret.key", lambda: secrets.token_hex(32))


def bcrypt_cost(settings: Settings) -> int:
    """As set; else measured at the first start and kept, so that every process takes as long for every password."""
    return settings.bcrypt_cost or int(_kept(settings.folder / "bcrypt-cost", lambda: str(calibrated_cost())))


def build(settings: Settings, *, engine: Engine | None = None, jobs: JobQueue | None = None) -> Desk:
    """Put the application together. `jobs` defaults to the queue that workers read."""
    prepare_folder(settings)
    engine = engine or make_engine(settings.sql_url)
    new_uow = partial(SqlUnitOfWork, engine)
    new_reading = partial(SqlUnitOfWork, engine, access=Access.READING)
    clock, ids, secrets_ = SystemClock(), TimeOrderedIds(), RandomSecrets()
    hasher, emails = BcryptPasswords(cost=bcrypt_cost(settings)), OfflineEmailRules()
    rules = passwords.PasswordRules(ZxcvbnMeter())
    current = passwords.CurrentPassword(new_uow, hasher, clock)
    check_link = links.CheckLink(new_uow, new_reading, secrets_, clock)
    limits = ReadingLimits(settings.most_rows, settings.most_columns, settings.longest_row, settings.longest_cell)
    files, uploads = CsvCustomerFiles(limits=limits), FileUploads(settings.folder / "uploads")
    judge, recommender, sample = NumpyTruthJudge(), ColumnarRecommender(), MadeUpCustomers()
    results = ParquetResults(settings.folder / "results", judge=judge)
    shelf = FiledReports(settings.folder / "results")
    registry = FileModelRegistry(settings.folder / "models")
    jobs = jobs or HueyJobs(open_queue(settings.queue_file, settings.queue_url))
    worker = worker_name()

    storage = LocalStorage(settings.folder, engine)
    delete_runs = history.DeleteRuns(new_uow, results, uploads, storage, clock)
    submit_scoring = score_customers.SubmitScoring(new_uow, files, uploads, jobs, clock, ids)
    submit_training = train_model.SubmitTraining(new_uow, files, uploads, jobs, clock, ids)
    score_run = score_customers.ScoreRun(
        new_uow,
        files,
        uploads,
        results,
        registry,
        recommender,
        clock,
        worker,
        delete_runs=lambda run_ids, owner: delete_runs(run_ids, by=owner) and None,
    )
    tables = SpreadsheetTables()
    export_pdf = reports.ExportPdf(new_uow, results, PrintedReport(), clock, ids)
    open_customer = open_result.OpenCustomer(new_reading, results, registry)
    desk = Desk(
        new_uow=new_uow,
        new_reading=new_reading,
        clock=clock,
        ids=ids,
        files=files,
        uploads=uploads,
        results=results,
        shelf=shelf,
        registry=registry,
        jobs=jobs,
        sample=sample,
        scratch=settings.scratch,
        who_is=sessions.WhoIs(new_uow, new_reading, secrets_, clock),
        log_in=sessions.LogIn(new_uow, hasher, secrets_, clock),
        log_out=sessions.LogOut(new_uow, secrets_, clock),
        open_session=sessions.OpenSession(new_uow, secrets_, clock),
        list_sessions=sessions.ListSessions(new_reading, secrets_),
        end_other_sessions=sessions.EndOtherSessions(new_uow, secrets_, clock),
        register=registration.Register(new_uow, hasher, rules, emails, secrets_, clock, ids),
        join_by_link=registration.JoinByLink(new_uow, check_link, hasher, rules, emails, clock, ids),
        add_account=registration.AddAccount(new_uow, hasher, rules, emails, clock, ids),
        offer_set_up=links.OfferSetUp(new_uow, secrets_, clock),
        check_link=check_link,
        password_rules=rules,
        change_password=passwords.ChangePassword(new_uow, current, hasher, rules, secrets_, clock),
        reset_password=passwords.ResetPassword(new_uow, check_link, hasher, rules, clock),
        edit_profile=own_data.EditProfile(new_uow, emails, current, clock),
        download_my_data=own_data.DownloadMyData(new_uow, secrets_, clock),
        plan_departure=departure.PlanDeparture(new_reading),
        delete_account=departure.DeleteAccount(new_uow, current, results, uploads, storage, clock),
        check_file=score_customers.CheckFile(new_reading, files, uploads, ids),
        submit_scoring=submit_scoring,
        cancel_run=score_customers.CancelRun(new_uow, uploads, clock),
        score_run=score_run,
        score_to_csv=score_to_csv.ScoreToCsv(score_run, tables),
        view_run=open_result.ViewRun(new_reading),
        open_result=open_result.OpenResult(new_reading, results),
        open_customer=open_customer,
        what_if=open_result.WhatIf(new_reading, open_customer, registry),
        group_customers=open_result.GroupCustomers(new_reading, results),
        stream_customers=open_result.StreamCustomers(new_reading, results),
        export_table=reports.ExportTable(new_uow, results, tables, clock),
        export_pdf=export_pdf,
        order_report=printing.OrderReport(new_reading, shelf, jobs, clock, ids),
        make_report=printing.MakeReport(new_reading, shelf, export_pdf),
        view_report=printing.ViewReport(new_reading, shelf),
        discard_old_reports=printing.DiscardOldReports(shelf, clock),
        list_runs=history.ListRuns(new_reading),
        delete_runs=delete_runs,
        rename_run=history.RenameRun(new_uow, clock),
        share_run=history.ShareRun(new_uow, clock),
        compare_runs=compare_runs.CompareRuns(new_reading, results),
        set_threshold=history.SetThreshold(new_uow, results, clock),
        recognise_labelled=train_model.RecogniseLabelled(new_reading, files, uploads, load_trainers, ids),
        submit_training=submit_training,
        view_training=train_model.ViewTraining(new_reading),
        cancel_training=train_model.CancelTraining(new_uow, clock),
        train_model=train_model.TrainModel(new_uow, files, uploads, registry, load_trainers, clock, worker),
        evaluate_model=evaluate_model.EvaluateModel(new_reading, files, results, registry, recommender, judge, ids),
        promote_model=models.PromoteModel(new_uow, clock),
        change_threshold=models.ChangeThreshold(new_uow, clock),
        champion_at=models.ChampionAt(new_uow),
        list_models=model_pages.ListModels(new_reading),
        open_model=model_pages.OpenModel(new_reading),
        check_labelled=model_pages.CheckLabelled(new_reading, files, uploads, load_trainers, ids),
        open_insights=insights.OpenInsights(new_reading, results),
        explore_attribute=insights.ExploreAttribute(new_reading, results),
        cross_attributes=insights.CrossAttributes(new_reading, results),
        rank_segments=insights.RankSegments(new_reading, results),
        open_dashboard=dashboard.OpenDashboard(new_reading),
        ensure_starter=sample_data.EnsureStarterModel(new_uow, sample, submit_training, clock, settings.scratch),
        start_sample=sample_data.StartSample(new_reading, sample, submit_scoring, clock, settings.scratch),
        remove_sample=sample_data.RemoveSample(new_uow, delete_runs, clock),
        list_people=administration.ListPeople(new_reading, clock),
        view_person=administration.ViewPerson(new_reading),
        invite=links.Invite(new_uow, emails, secrets_, clock),
        withdraw_invitation=links.WithdrawInvitation(new_uow, clock),
        approve_account=administration.ApproveAccount(new_uow, clock),
        change_role=administration.ChangeRole(new_uow, clock),
        disable_account=administration.DisableAccount(new_uow, clock),
        enable_account=administration.EnableAccount(new_uow, clock),
        offer_reset=links.OfferReset(new_uow, secrets_, clock),
        end_sessions_of=administration.EndSessionsOf(new_uow, clock),
        remove_account=departure.RemoveAccount(new_uow, results, uploads, storage, clock),
        change_settings=installation.ChangeSettings(new_uow, clock),
        change_economics=installation.ChangeEconomics(new_uow, clock),
        list_uploads=installation.ListUploads(new_reading, uploads),
        open_upload=installation.OpenUpload(new_uow, uploads, clock),
        delete_upload=installation.DeleteUpload(new_uow, uploads, clock),
        find_runs_in_bulk=installation.FindRunsInBulk(new_reading, clock),
        read_audit=installation.ReadAudit(new_reading),
        export_audit=installation.ExportAudit(new_uow, new_reading, clock),
        watch_health=installation.WatchHealth(new_reading, storage),
        check_database=installation.CheckDatabase(new_uow, storage, clock),
        erase_customer=privacy.EraseCustomer(new_uow, files, uploads, results, shelf, storage, clock),
        export_customer=privacy.ExportCustomer(new_uow, files, uploads, results, clock),
        resume_work=upkeep.ResumeWork(new_reading, jobs, clock),
        sweep_leftovers=upkeep.SweepLeftovers(new_reading, results, uploads),
        purge_expired=upkeep.PurgeExpired(new_uow, results, uploads, clock),
        forget_spent=upkeep.ForgetSpent(new_uow, clock),
        worker_lives=upkeep.WorkerLives(new_reading, clock),
        upgrade_database=partial(_upgrade, engine),
        database_is_current=partial(is_current, engine),
    )
    if isinstance(jobs, HueyJobs | InlineJobs):
        jobs.handlers.update(
            {
                SCORE: lambda run_id: desk.score_run(RunId(run_id)),
                TRAIN: lambda training_id: desk.train_model(TrainingId(training_id)),
                REPORT: lambda both: _make_report(desk, both),
            }
        )
    return desk


def _make_report(desk: Desk, both: str) -> None:
    """A report's job names its run and itself, as "run/report"."""
    run_id, _, report_id = both.partition("/")
    desk.make_report(RunId(run_id), report_id)


def _upgrade(engine: Engine) -> None:
    upgrade(engine)


def load_trainers() -> dict[Algorithm, Trainer]:
    """The trainers. Their libraries take seconds to load, so they are loaded when somebody trains."""
    from adapters.ml.logistic_trainer import LogisticTrainer
    from adapters.ml.xgboost_trainer import XGBoostTrainer

    return {Algorithm.XGBOOST: XGBoostTrainer(), Algorithm.LOGISTIC: LogisticTrainer()}


def create_application(settings: Settings | None = None, *, jobs: JobQueue | None = None) -> Flask:
    """The web application on a current database, as `wsgi.py` and `netone serve` run it."""
    from entrypoints.web.app import make_app, mount

    settings = settings or Settings()
    write_privately()
    prepare_folder(settings)
    app = make_app(settings, secret_key(settings))
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
    jobs = HueyJobs(open_queue(settings.queue_file, settings.queue_url))
    return build(settings, jobs=jobs), jobs


def check_database(settings: Settings) -> None:
    """Raises a domain error where the SQLite file is damaged."""
    backups.check(settings.folder / "netone.db")


def backup_database(settings: Settings, file: Path) -> None:
    backups.backup(make_engine(settings.sql_url), file)


def restore_database(settings: Settings, file: Path) -> None:
    backups.restore(file, settings.folder / "netone.db")
