"""Chooses the adapter of each port."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import TYPE_CHECKING

from adapters.backup.archives import LocalBackups
from adapters.backup.nightly_folder import LocalBackupFolder
from adapters.campaigns.chooser import ColumnarChooser
from adapters.campaigns.late_adjusted import LateAdjustedEffect
from adapters.campaigns.late_allocator import LateAllocator
from adapters.folders.local_folders import LocalFolders
from adapters.formatting.babel_formats import formats_of, is_currency_known, style_of_language
from adapters.help.markdown_pages import MarkdownPages
from adapters.intake.id_lists import CsvIdLists
from adapters.intake.limits import ReadingLimits
from adapters.intake.outcome_lists import CsvOutcomeLists
from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.jobs.huey_queue import HueyJobs, LeftToCaller, open_queue
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.sample_customers import MadeUpCustomers
from adapters.ml.scoring.model_pairs import ColumnarModelPairs
from adapters.ml.scoring.outcome_evaluation import NumpyOutcomeEvaluator
from adapters.ml.scoring.playbook_trial import ColumnarPlaybookTrial
from adapters.ml.scoring.recommender import ColumnarRecommender
from adapters.ml.scoring.risk_splitter import ColumnarRiskSplitter
from adapters.ml.scoring.truth_evaluation import NumpyTruthEvaluator
from adapters.ml.training.neural import keras_runtime
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.installation import SqlDatabaseFile
from adapters.persistence.predictions import encode_contacts
from adapters.persistence.schema_version import is_current
from adapters.persistence.statement_times import time_statements
from adapters.persistence.storage import LocalStorage
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.playbooks.yaml_text import YamlPlaybooks
from adapters.records.reading import ColumnarRecords
from adapters.reporting.effect_pdf import PrintedEffect
from adapters.reporting.list_tables import SpreadsheetListTables
from adapters.reporting.pdf import PrintedReport
from adapters.reporting.table_export import SpreadsheetTables
from adapters.results.files.exports import FileExports
from adapters.results.store import ParquetResults
from adapters.security.breached import open_breached_passwords
from adapters.security.clock import SystemClock
from adapters.security.email_rules import OfflineEmailRules
from adapters.security.hourly_counts import HourlyCounts
from adapters.security.ids import TimeOrderedIds
from adapters.security.pace import TokenBuckets
from adapters.security.passwords import BcryptPasswords
from adapters.security.qr import SegnoQrCodes
from adapters.security.strength import ZxcvbnMeter
from adapters.security.tokens import RandomSecrets
from adapters.security.totp import DerivedTimeCodes, RandomRecoveryCodes
from adapters.snapshots.duckdb_snapshots import DuckDbSnapshotStore
from adapters.snapshots.history import DuckDbHistoryStore
from adapters.storage.directory import LocalDirectory
from adapters.storage.leftovers import LocalLeftovers
from adapters.storage.room import DiskRoom
from application.ports.jobs import JobQueue
from application.ports.models import Trainer
from application.use_cases.jobs.claims import Claims
from domain.backup import BackupPlan
from domain.model import Algorithm
from entrypoints.observability.timings import note_sql
from entrypoints.settings import Settings
from entrypoints.wiring.first_start import bcrypt_cost, secret_key

if TYPE_CHECKING:
    from sqlalchemy import Engine

from entrypoints.wiring.ports import Ports


def make_ports(settings: Settings, *, engine: Engine | None, jobs: JobQueue | None) -> Ports:
    engine = engine or make_engine(settings.sql_url)
    time_statements(engine, note_sql)
    limits = ReadingLimits(
        settings.max_rows,
        settings.max_columns,
        settings.max_row_bytes,
        settings.max_cell_bytes,
        settings.max_unpacked_bytes,
        settings.max_training_bytes,
    )
    evaluator, room = NumpyTruthEvaluator(), DiskRoom(settings.folder, settings.reserve_bytes)
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
        counter=HourlyCounts(),
        emails=OfflineEmailRules(),
        time_codes=DerivedTimeCodes(partial(secret_key, settings)),
        recovery_codes=RandomRecoveryCodes(),
        qr_codes=SegnoQrCodes(),
        files=CsvCustomerFiles(limits=limits),
        records=ColumnarRecords(),
        id_files=CsvIdLists(limits),
        outcome_lists=CsvOutcomeLists(limits),
        leaving_columns=DetectedLeavingColumns(),
        snapshots=DuckDbSnapshotStore(settings.scratch, limits, room),
        histories=DuckDbHistoryStore(settings.scratch, room),
        uploads=FileUploads(settings.folder / "uploads", room),
        results=ParquetResults(settings.folder / "results", evaluator=evaluator, room=room),
        exports=FileExports(settings.folder / "results", room, settings.liveness),
        tables=SpreadsheetTables(),
        list_tables=SpreadsheetListTables(),
        pdf=PrintedReport(),
        effect_printer=PrintedEffect(),
        registry=FileModelRegistry(settings.folder / "models", room=room),
        trainers=load_trainers,
        algorithms=installed_algorithms,
        model_pairs=ColumnarModelPairs(),
        recommender=ColumnarRecommender(),
        risk_splitter=ColumnarRiskSplitter(),
        playbook_trial=ColumnarPlaybookTrial(),
        playbook_texts=YamlPlaybooks(),
        chooser=ColumnarChooser(LateAllocator()),
        adjusted_effect=LateAdjustedEffect(),
        evaluator=evaluator,
        outcome_evaluator=NumpyOutcomeEvaluator(),
        help_pages=MarkdownPages(),
        formats_of=formats_of,
        is_currency_known=is_currency_known,
        csv_style_of=style_of_language,
        sample=MadeUpCustomers(),
        scratch=settings.scratch,
        max_training_bytes=settings.max_training_bytes,
        claims=Claims(worker_name(), threads=settings.worker_threads),
        folders=LocalFolders(settings.watched_root),
        folder_seconds=settings.folder_seconds,
        liveness=settings.liveness,
        max_waiting=settings.waiting_per_person,
        works_here=isinstance(jobs, LeftToCaller),
    )


def make_queue(settings: Settings) -> HueyJobs:
    """The queue that workers read."""
    return HueyJobs(open_queue(settings.queue_file, settings.queue_url))


def backup_plan(settings: Settings) -> BackupPlan | None:
    """The schedule and retention of nightly backups; None if they are not configured."""
    if settings.backup_dir is None:
        return None
    return BackupPlan(at=settings.backup_at, days=settings.backup_keep, weeks=settings.backup_keep_weeks)


def worker_name() -> str:
    """A unique name of this process among all workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def load_trainers() -> dict[Algorithm, Trainer]:
    """The trainers. Their libraries take seconds to import, so they are imported at the first training.

    Keras and TensorFlow are optional, and are imported when a neural model is trained, not here.
    """
    from adapters.ml.training.logistic_trainer import LogisticTrainer
    from adapters.ml.training.neural_trainer import NeuralTrainer
    from adapters.ml.training.xgboost_trainer import XGBoostTrainer

    every: tuple[Trainer, ...] = (XGBoostTrainer(), LogisticTrainer(), NeuralTrainer())
    installed = installed_algorithms()
    return {trainer.algorithm: trainer for trainer in every if trainer.algorithm in installed}


def installed_algorithms() -> frozenset[Algorithm]:
    return frozenset(Algorithm) - (frozenset() if keras_runtime.is_installed() else {Algorithm.NEURAL})
