"""Which adapter stands behind each port."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.backup.archives import LocalBackups
from adapters.backup.nightly_folder import LocalBackupFolder
from adapters.intake.limits import ReadingLimits
from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.jobs.huey_queue import HueyJobs, LeftToCaller, open_queue
from adapters.ml.judge import NumpyTruthJudge
from adapters.ml.recommender import ColumnarRecommender
from adapters.ml.registry import FileModelRegistry
from adapters.ml.sample import MadeUpCustomers
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.installation import SqlDatabaseFile
from adapters.persistence.predictions import encode_contacts
from adapters.persistence.schema_version import is_current
from adapters.persistence.statement_times import time_statements
from adapters.persistence.storage import LocalStorage
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.reporting.pdf import PrintedReport
from adapters.reporting.tables import SpreadsheetTables
from adapters.results.exports import FileExports
from adapters.results.store import ParquetResults
from adapters.security.breached import open_breached_passwords
from adapters.security.clock import SystemClock
from adapters.security.email_rules import OfflineEmailRules
from adapters.security.ids import TimeOrderedIds
from adapters.security.pace import TokenBuckets
from adapters.security.passwords import BcryptPasswords
from adapters.security.qr import SegnoQrCodes
from adapters.security.strength import ZxcvbnMeter
from adapters.security.tally import TallyByHour
from adapters.security.tokens import RandomSecrets
from adapters.security.totp import DerivedTimeCodes, RandomRecoveryCodes
from adapters.storage.directory import LocalDirectory
from adapters.storage.leftovers import LocalLeftovers
from adapters.storage.room import DiskRoom
from application.ports.backups import BackupFolder, Backups
from application.ports.exports import ExportStore
from application.ports.installation import DatabaseFile, DataDirectory
from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.leftovers import Leftovers
from application.ports.models import ModelRegistry, Recommender, SampleCustomers, Trainer, TruthJudge
from application.ports.persistence import ContactEncoder
from application.ports.reports import PdfExporter, TableExporter
from application.ports.results import ResultStore
from application.ports.security import (
    BreachedPasswords,
    EmailRules,
    HourlyTally,
    Pace,
    PasswordHasher,
    PasswordMeter,
    QrCodes,
    RecoveryCodes,
    Secrets,
    TimeCodes,
)
from application.ports.system import Clock, Ids, Storage
from application.use_cases.access import NewUnitOfWork
from application.use_cases.claims import Claims
from domain.backup import BackupPlan
from domain.liveness import Liveness
from domain.model import Algorithm
from entrypoints.observability.timings import note_sql
from entrypoints.settings import Settings
from entrypoints.wiring.first_start import bcrypt_cost, secret_key

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Ports:
    """What the use cases reach the world through."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    new_note: NewUnitOfWork
    database: DatabaseFile
    directory: DataDirectory
    leftovers: Leftovers
    database_is_current: Callable[[], bool]
    storage: Storage
    encode_contacts: ContactEncoder
    backups: Backups
    backup_folder: BackupFolder | None
    backup_plan: BackupPlan | None
    jobs: JobQueue
    clock: Clock
    ids: Ids
    secrets: Secrets
    hasher: PasswordHasher
    meter: PasswordMeter
    breached: BreachedPasswords
    pace: Pace
    tally: HourlyTally
    emails: EmailRules
    time_codes: TimeCodes
    recovery_codes: RecoveryCodes
    qr_codes: QrCodes
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    exports: ExportStore
    tables: TableExporter
    pdf: PdfExporter
    registry: ModelRegistry
    trainers: Callable[[], dict[Algorithm, Trainer]]
    recommender: Recommender
    judge: TruthJudge
    sample: SampleCustomers
    scratch: Path
    claims: Claims
    liveness: Liveness
    max_waiting: int
    works_here: bool
    """Whether this process does what it submits itself, as the command line does."""


def make_ports(settings: Settings, *, engine: Engine | None, jobs: JobQueue | None) -> Ports:
    engine = engine or make_engine(settings.sql_url)
    time_statements(engine, note_sql)
    limits = ReadingLimits(
        settings.most_rows,
        settings.most_columns,
        settings.longest_row,
        settings.longest_cell,
        settings.most_unpacked,
        settings.most_training,
    )
    judge, room = NumpyTruthJudge(), DiskRoom(settings.folder, settings.reserve_bytes)
    clock = SystemClock()
    return Ports(
        new_uow=partial(SqlUnitOfWork, engine, make_room=room.release_when_low),
        new_reading=partial(SqlUnitOfWork, engine, access=Access.READING),
        new_note=partial(SqlUnitOfWork, engine, access=Access.NOTING),
        database=SqlDatabaseFile(engine),
        directory=LocalDirectory(settings.folder),
        leftovers=LocalLeftovers(settings.folder),
        database_is_current=partial(is_current, engine),
        storage=LocalStorage(settings.folder, engine, room),
        encode_contacts=encode_contacts,
        backups=LocalBackups(settings.folder, engine, clock),
        backup_folder=LocalBackupFolder(settings.backup_dir.expanduser().resolve()) if settings.backup_dir else None,
        backup_plan=backup_plan(settings),
        jobs=jobs or make_queue(settings),
        clock=clock,
        ids=TimeOrderedIds(),
        secrets=RandomSecrets(),
        hasher=BcryptPasswords(cost=bcrypt_cost(settings)),
        meter=ZxcvbnMeter(),
        breached=open_breached_passwords(settings.breached_passwords),
        pace=TokenBuckets(),
        tally=TallyByHour(),
        emails=OfflineEmailRules(),
        time_codes=DerivedTimeCodes(partial(secret_key, settings)),
        recovery_codes=RandomRecoveryCodes(),
        qr_codes=SegnoQrCodes(),
        files=CsvCustomerFiles(limits=limits),
        uploads=FileUploads(settings.folder / "uploads", room),
        results=ParquetResults(settings.folder / "results", judge=judge, room=room),
        exports=FileExports(settings.folder / "results", room),
        tables=SpreadsheetTables(),
        pdf=PrintedReport(),
        registry=FileModelRegistry(settings.folder / "models", room=room),
        trainers=load_trainers,
        recommender=ColumnarRecommender(),
        judge=judge,
        sample=MadeUpCustomers(),
        scratch=settings.scratch,
        claims=Claims(worker_name(), threads=settings.worker_threads),
        liveness=settings.liveness,
        max_waiting=settings.waiting_per_person,
        works_here=isinstance(jobs, LeftToCaller),
    )


def make_queue(settings: Settings) -> HueyJobs:
    """The queue that workers read."""
    return HueyJobs(open_queue(settings.queue_file, settings.queue_url))


def backup_plan(settings: Settings) -> BackupPlan | None:
    """When nightly backups are made and how long they are kept; None where there are none."""
    if settings.backup_dir is None:
        return None
    return BackupPlan(at=settings.backup_at, days=settings.backup_keep, weeks=settings.backup_keep_weeks)


def worker_name() -> str:
    """A name for this process among all workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def load_trainers() -> dict[Algorithm, Trainer]:
    """The trainers. Their libraries take seconds to load, so they are loaded when somebody trains."""
    from adapters.ml.logistic_trainer import LogisticTrainer
    from adapters.ml.xgboost_trainer import XGBoostTrainer

    return {Algorithm.XGBOOST: XGBoostTrainer(), Algorithm.LOGISTIC: LogisticTrainer()}
