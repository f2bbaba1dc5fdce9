"""The ports that the use cases need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from application.ports.backups import BackupFolder, Backups
from application.ports.campaigns import AdjustedEffect, Chooser, PlaybookTexts
from application.ports.do_not_contact import IdFiles
from application.ports.effect_reports import EffectPrinter
from application.ports.exports import ExportStore
from application.ports.folders import WatchedFolders
from application.ports.gradings import OutcomeEvaluator
from application.ports.help import HelpPages
from application.ports.history import HistoryStore
from application.ports.installation import DatabaseFile, DataDirectory
from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.leaving_columns import LeavingColumns
from application.ports.leftovers import Leftovers
from application.ports.list_tables import ListTables
from application.ports.model_comparison import ModelPairs
from application.ports.models import (
    ModelRegistry,
    PlaybookTrial,
    Recommender,
    SampleCustomers,
    Trainer,
    TruthEvaluator,
)
from application.ports.outcome_lists import OutcomeLists
from application.ports.predictions import ContactEncoder
from application.ports.records import CustomerRecords
from application.ports.reports import PdfExporter, TableExporter
from application.ports.results import ResultStore
from application.ports.security import (
    BreachedPasswords,
    EmailRules,
    HourlyCounter,
    Pace,
    PasswordHasher,
    PasswordMeter,
    QrCodes,
    RecoveryCodes,
    Secrets,
    TimeCodes,
)
from application.ports.shared_customers import RiskSplitter
from application.ports.snapshots import SnapshotStore
from application.ports.system import Clock, Ids, Storage
from application.use_cases.jobs.claims import Claims
from application.use_cases.permissions import NewUnitOfWork
from domain.backup import BackupPlan
from domain.csv_style import StyleOfLanguage
from domain.formats import FormatsOf
from domain.liveness import Liveness
from domain.model import Algorithm


@dataclass(frozen=True, slots=True)
class Ports:
    """One adapter per port."""

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
    counter: HourlyCounter
    emails: EmailRules
    time_codes: TimeCodes
    recovery_codes: RecoveryCodes
    qr_codes: QrCodes
    files: CustomerFiles
    records: CustomerRecords
    id_files: IdFiles
    outcome_lists: OutcomeLists
    leaving_columns: LeavingColumns
    snapshots: SnapshotStore
    histories: HistoryStore
    uploads: Uploads
    results: ResultStore
    exports: ExportStore
    tables: TableExporter
    list_tables: ListTables
    pdf: PdfExporter
    effect_printer: EffectPrinter
    registry: ModelRegistry
    trainers: Callable[[], dict[Algorithm, Trainer]]
    algorithms: Callable[[], frozenset[Algorithm]]
    """Those with installed libraries, without importing these."""
    model_pairs: ModelPairs
    recommender: Recommender
    risk_splitter: RiskSplitter
    playbook_trial: PlaybookTrial
    playbook_texts: PlaybookTexts
    chooser: Chooser
    adjusted_effect: AdjustedEffect
    evaluator: TruthEvaluator
    outcome_evaluator: OutcomeEvaluator
    help_pages: HelpPages
    formats_of: FormatsOf
    is_currency_known: Callable[[str], bool]
    csv_style_of: StyleOfLanguage
    sample: SampleCustomers
    scratch: Path
    max_training_bytes: int
    claims: Claims
    folders: WatchedFolders
    folder_seconds: float
    """Seconds between two looks at the watched folders."""
    liveness: Liveness
    max_waiting: int
    works_here: bool
    """Whether this process runs the jobs it submits, as the command line does."""
