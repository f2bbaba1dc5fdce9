"""What has a life is kept here: accounts, runs, models, playbook, settings, audit. One unit of work spans them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from domain.account import Account, AccountId, LoginSession, OneTimeLink
from domain.backup import BackupRecord, BackupState
from domain.customer import Customer
from domain.installation import InstallationId
from domain.model import ModelStage, ModelVersion, Promotion
from domain.policy import InstallationPolicy
from domain.prediction import Prediction
from domain.queueing import Job, JobKind
from domain.recommendation import Playbook, Recommendation
from domain.run import Progress, Run, RunId, RunState, Work
from domain.second_factor import PendingLogIn, SecondFactor
from domain.training import Training, TrainingId


class Accounts(Protocol):
    """People. Emails are unique; `add` and `save` raise Conflict when one is taken."""

    def add(self, account: Account) -> None: ...
    def get(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""

    def by_email(self, email: str) -> Account | None: ...
    def save(self, account: Account) -> None:
        """Raises AccountNotFound."""

    def remove(self, account_id: AccountId) -> None:
        """Its sessions and links go with it. Raises AccountNotFound."""

    def all(self) -> Sequence[Account]:
        """By name, then email."""


class Sessions(Protocol):
    """Log-ins, found by the hash of their secret."""

    def add(self, session: LoginSession) -> None: ...
    def get(self, token_hash: str) -> LoginSession | None: ...
    def touch(self, token_hash: str, *, at: datetime) -> None: ...
    def remove(self, token_hash: str) -> None: ...
    def remove_of(self, account_id: AccountId, *, but: str | None = None) -> int:
        """End every session of a person, except the one with the hash `but`. How many ended."""

    def of(self, account_id: AccountId) -> Sequence[LoginSession]:
        """Latest seen first."""

    def remove_expired(self, now: datetime) -> int:
        """How many were left by people who never logged out."""

    def remove_all(self) -> int:
        """End everyone's sessions; how many."""


class Links(Protocol):
    """One-time links, found by the hash of their secret."""

    def add(self, link: OneTimeLink) -> None: ...
    def get(self, token_hash: str) -> OneTimeLink | None: ...
    def save(self, link: OneTimeLink) -> None: ...
    def remove_of(self, account_id: AccountId) -> None: ...
    def open(self) -> Sequence[OneTimeLink]:
        """Unused ones, newest first."""

    def remove_spent(self, now: datetime) -> int:
        """Those that are used or expired; how many."""

    def remove_all(self) -> int:
        """Used and unused ones; how many."""


class SecondFactors(Protocol):
    """Authenticator apps and recovery codes, one person at most one app. They go with the account."""

    def get(self, account_id: AccountId) -> SecondFactor | None: ...
    def save(self, factor: SecondFactor) -> None:
        """Adds it or replaces the person's earlier one. Raises Conflict where the account is gone."""

    def remove(self, account_id: AccountId) -> bool:
        """Removes the app and the recovery codes; whether there was an app."""

    def replace_codes(self, account_id: AccountId, code_hashes: Sequence[str]) -> None:
        """Stores hashes of new recovery codes; earlier codes stop working."""

    def use_code(self, account_id: AccountId, code_hash: str, *, at: datetime) -> bool:
        """Marks an unused code of this person as used; False where there is none."""

    def codes_left(self, account_id: AccountId) -> int: ...
    def unused_codes(self, account_id: AccountId) -> Sequence[str]:
        """Hashes of the codes that can still be used, in order."""

    def enabled(self) -> Sequence[AccountId]:
        """Everyone who has an app in use."""


class PendingLogIns(Protocol):
    """Correct passwords that wait for a code, found by the hash of their secret. They go with the account."""

    def add(self, pending: PendingLogIn) -> None: ...
    def get(self, token_hash: str) -> PendingLogIn | None: ...
    def remove(self, token_hash: str) -> None: ...
    def remove_of(self, account_id: AccountId) -> None: ...
    def remove_expired(self, now: datetime) -> int: ...


SEARCHES_VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """What a person typed to find customers. Addresses name it by its key, since the text may be a customer's id."""

    key: str
    account_id: AccountId
    text: str
    at: datetime


class Searches(Protocol):
    """Customer searches. They go with the account, and after `SEARCHES_VALID`."""

    def save(self, search: CustomerSearch, *, keep: int) -> None:
        """Add it, or renew it by its key. Of this account the latest `keep` stay."""

    def get(self, key: str) -> CustomerSearch | None: ...
    def find(self, account_id: AccountId, text: str) -> CustomerSearch | None: ...
    def forget_before(self, at: datetime) -> None: ...
    def forget_all(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs, in what order. `visible_to` limits to a person's own and the shared ones (None: everyone's).

    `sort` is one of created, file, customers, leaving; `search` is part of a file's or an owner's name. A run created
    at `since` is in, one created at `until` is not.
    """

    visible_to: str | None = None
    owner: str | None = None
    search: str = ""
    states: tuple[RunState, ...] = ()
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "created"
    descending: bool = True
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs, the number of all that match, and the customers scored in them."""

    runs: tuple[Run, ...]
    total: int
    customers: int


class Runs(Protocol):
    """Scorings."""

    def add(self, run: Run) -> None: ...
    def get(self, run_id: RunId) -> Run:
        """Raises RunNotFound."""

    def save(self, run: Run) -> None:
        """A run that ended without a result loses its contact list. Raises RunNotFound."""

    def remove(self, run_id: RunId) -> None:
        """Its contact list goes with it. Raises RunNotFound."""

    def find(self, query: RunQuery) -> RunPage: ...
    def claim(self, run_id: RunId, *, worker: str, now: datetime, stale_before: datetime) -> Run | None:
        """Take a queued run, or one whose heartbeat is older than `stale_before`; None when another has it."""

    def beat(self, run_id: RunId, *, worker: str, at: datetime, progress: Progress) -> bool:
        """Note progress of a run this worker owns; False when it is no longer this worker's or was cancelled."""

    def unfinished(self) -> Sequence[Run]:
        """Queued and running ones, oldest first."""


class Trainings(Protocol):
    """Attempts to learn a model; the same life as a run."""

    def add(self, training: Training) -> None: ...
    def get(self, training_id: TrainingId) -> Training:
        """Raises NotFound."""

    def save(self, training: Training) -> None: ...
    def claim(
        self, training_id: TrainingId, *, worker: str, now: datetime, stale_before: datetime
    ) -> Training | None: ...
    def beat(self, training_id: TrainingId, *, worker: str, at: datetime, progress: Progress) -> bool: ...
    def unfinished(self) -> Sequence[Training]: ...
    def latest(self, *, owner: str | None = None, limit: int = 20) -> Sequence[Training]:
        """Newest first."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of a run's contact list, frozen as it was made."""

    customer: Customer
    prediction: Prediction
    recommendation: Recommendation
    monthly_revenue: float | None
    position: int
    """Place in the order of expected gain, from 1."""
    month: str | None = None
    """Snapshot month of the customer's row, "YYYY-MM", where the file has months."""


@dataclass(frozen=True, slots=True)
class PastRisk:
    """A customer's risk in one run."""

    run_id: RunId
    file_name: str
    at: datetime
    month: str | None
    probability: float
    mean_probability: float


@dataclass(frozen=True, slots=True)
class EncodedContacts:
    """A run's contact list as a repository stores it. Only the repository that made it looks into `rows`."""

    run_id: RunId
    rows: Sequence[object]

    def parts(self, size: int) -> Sequence[EncodedContacts]:
        """The list in parts of at most `size` entries; one empty part where there are none."""
        starts = range(0, max(len(self.rows), 1), size)
        return [EncodedContacts(self.run_id, self.rows[start : start + size]) for start in starts]


class ContactEncoder(Protocol):
    """Prepares a contact list for `Predictions.store`, outside a transaction: writers wait for each other."""

    def __call__(self, run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts: ...


class Predictions(Protocol):
    """The contact lists: customer, prediction and recommendation, kept in SQL."""

    def store(self, encoded: EncodedContacts) -> int:
        """Store a list; how many entries. Raises Conflict where the run is not there or has one of them already."""

    def remove_of(self, run_id: RunId) -> None:
        """Remove a run's list."""

    def add(self, run_id: RunId, contacts: Iterable[Contact]) -> int:
        """Encode and store a run's list; how many entries. Raises Conflict as `store` does."""

    def of_run(self, run_id: RunId, *, offset: int = 0, limit: int = 50) -> Sequence[Contact]:
        """In order of expected gain, highest first."""

    def count(self, run_id: RunId) -> int: ...
    def get(self, run_id: RunId, row: int) -> Contact | None: ...
    def history_of(self, customer_id: str, *, visible_to: str | None) -> Sequence[PastRisk]:
        """The customer's risk over finished runs that the person may see, oldest first."""

    def of_customer(self, customer_id: str) -> Sequence[tuple[RunId, Contact]]:
        """Every entry of a customer, by run, oldest first."""

    def erase_customer(self, customer_id: str) -> int:
        """Remove their entries, and their name where others' attributes hold it; how many entries went."""


class Models(Protocol):
    """Model versions and the log of promotions."""

    def reserve(self, *, above: int = 0) -> str:
        """Reserve the next id, "v1", "v2" …: higher than every number ever reserved or given, and than `above`.

        It is nobody else's from the commit on, also where no version is added in the end. The starter model is "v0".
        """

    def add(self, version: ModelVersion) -> None:
        """Raises Conflict where the number was given to a version before, or a second champion is added."""

    def get(self, version_id: str) -> ModelVersion:
        """Raises ModelNotFound."""

    def set_stage(self, version_id: str, stage: ModelStage) -> None: ...
    def save(self, version: ModelVersion) -> None: ...
    def remove(self, version_id: str) -> None: ...
    def champion(self) -> ModelVersion | None: ...
    def all(self) -> Sequence[ModelVersion]:
        """Newest first."""

    def log(self, promotion: Promotion) -> None: ...
    def promotions(self) -> Sequence[Promotion]:
        """Newest first."""


class Playbooks(Protocol):
    """Versions of the playbook. Version 1 is seeded by the migrations."""

    def latest(self) -> Playbook: ...
    def get(self, version: int) -> Playbook:
        """Raises NotFound."""

    def add(self, playbook: Playbook) -> None: ...


class Policies(Protocol):
    """The installation's settings."""

    def get(self) -> InstallationPolicy:
        """The defaults where nobody has changed anything."""

    def save(self, policy: InstallationPolicy) -> None: ...


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when, from where. Never holds a customer's id."""

    at: datetime
    actor: str
    action: str
    subject: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    search: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    offset: int = 0
    limit: int = 50


class AuditLog(Protocol):
    """Append-only."""

    def record(self, entry: AuditEntry) -> None: ...
    def find(self, query: AuditQuery) -> tuple[Sequence[AuditEntry], int]:
        """A page, newest first, and the number of all that match."""

    def actions(self) -> Sequence[str]:
        """Everything that was ever done, each deed once, in alphabetical order."""


class Workers(Protocol):
    """Heartbeats of the worker processes."""

    def beat(self, name: str, *, at: datetime) -> None: ...
    def last_seen(self, *, until: datetime | None = None) -> datetime | None:
        """The latest heartbeat of any worker; with `until`, of those up to then."""


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A file that was uploaded: for a run or a training of the same id."""

    id: str
    owner: str
    file_name: str
    sha256: str
    size: int
    at: datetime

    @classmethod
    def of(cls, work: Work) -> UploadRecord:
        return cls(work.id, work.owner, work.file_name, work.file_sha256, work.file_bytes, work.created_at)


class UploadLog(Protocol):
    """What was uploaded and is still kept."""

    def add(self, record: UploadRecord) -> None: ...
    def get(self, upload_id: str) -> UploadRecord | None: ...
    def remove(self, upload_id: str) -> None: ...
    def all(self) -> Sequence[UploadRecord]:
        """Newest first."""


ATTEMPTS_KEPT = timedelta(days=7)
"""Older ones go when a new one is noted, so that nobody can fill the database by failing."""


class Throttle(Protocol):
    """Attempts by key (an account's or an address's), kept over restarts."""

    def failures(self, key: str, *, since: datetime) -> Sequence[datetime]: ...
    def record(self, key: str, *, at: datetime) -> None: ...
    def clear(self, key: str) -> None: ...
    def forget(self, key: str, *, at: datetime) -> None:
        """Take back one attempt that was recorded at this very time."""

    def forget_before(self, at: datetime) -> None:
        """Of every key."""


class InstallationRecord(Protocol):
    """Which installation the database belongs to, and how far it has come."""

    def get(self) -> InstallationId | None: ...
    def begin(self, proposed: InstallationId) -> InstallationId:
        """The id that is there; else this one, written down."""

    def sequence(self) -> int:
        """A number that only rises; 0 at the beginning."""

    def advance(self, *, beyond: int = 0) -> int:
        """Raise the sequence by at least one, and above `beyond`; the new number."""


class FilePart(StrEnum):
    """What is kept in files under the id of a run or a training."""

    RESULTS = "results"
    UPLOAD = "upload"
    REJECTED = "rejected"


EVERY_PART = frozenset(FilePart)


@dataclass(frozen=True, slots=True)
class PendingDeletion:
    """Files that are to be deleted from `due` on, and again until `until` where a job could still write them.

    `unless_listed`: not where the upload has a record by then, because it was received after all.
    """

    subject: str
    parts: frozenset[FilePart]
    due: datetime
    until: datetime | None = None
    unless_listed: bool = False
    id: int = 0
    """Given by `add`."""


class PendingDeletions(Protocol):
    """What is to be deleted, written down in the transaction that decides it and removed when it is done."""

    def add(self, deletion: PendingDeletion) -> PendingDeletion:
        """The same with its id."""

    def remove(self, deletion_id: int) -> None: ...
    def remove_of(self, subject: str) -> None: ...
    def all(self) -> Sequence[PendingDeletion]:
        """In the order in which they were added."""


class FileKind(StrEnum):
    """Files whose SHA-256 is kept in a table of their own."""

    RESULTS = "results"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class FileHash:
    """A SHA-256 (hex) that a file may have; of a run's results it is that of the folder's manifest."""

    kind: FileKind
    subject: str
    sha256: str
    size: int = 0


class FileHashes(Protocol):
    """The hashes that files may have: one, or two while a file is being rewritten."""

    def accept(self, accepted: FileHash) -> None:
        """Beside those that are there."""

    def settle(self, only: FileHash) -> None:
        """Instead of those that are there."""

    def remove(self, kind: FileKind, subject: str) -> None: ...
    def all(self, kind: FileKind) -> Sequence[FileHash]: ...
    def of(self, kind: FileKind, subject: str) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class JobTotal:
    """All jobs of one kind that ended in one way since the installation exists.

    `rows` are customers scored, `rejected` are rows that could not be read.
    """

    kind: str
    outcome: str
    jobs: int = 0
    seconds: float = 0.0
    rows: int = 0
    rejected: int = 0


class JobTotals(Protocol):
    """Totals of ended jobs. They only grow, whatever is deleted."""

    def add(self, more: JobTotal) -> None:
        """Add to the total of the same kind and outcome."""

    def all(self) -> Sequence[JobTotal]:
        """By kind, then outcome."""


class BackupLog(Protocol):
    """Backups that were begun, nightly ones and others. A night has at most one record."""

    def add(self, record: BackupRecord) -> None:
        """Raises Conflict where the id or the night has a record."""

    def save(self, record: BackupRecord) -> None:
        """Raises NotFound."""

    def of_night(self, night: str) -> BackupRecord | None: ...
    def latest(self, state: BackupState | None = None) -> BackupRecord | None:
        """The one begun last, of those in this state."""

    def remove_before(self, at: datetime) -> int:
        """Those begun earlier; how many."""

    def remove_running(self) -> int:
        """Those that have not ended; how many."""


class WorkQueue(Protocol):
    """Unfinished scorings and trainings of everybody, as the scheduler sees them."""

    def unfinished(self) -> Sequence[Job]:
        """Queued and running ones, oldest first."""

    def turns(self, since: datetime) -> Mapping[str, datetime]:
        """When each owner's last job began, of those that began at `since` or later, ended ones included."""

    def touch(self, kind: JobKind, job_id: str, *, worker: str, at: datetime) -> bool:
        """Note a heartbeat of a running job without its progress; False where it is not this claim's."""


class UnitOfWork(Protocol):
    """Everything or nothing: rolls back on leaving unless committed."""

    accounts: Accounts
    sessions: Sessions
    links: Links
    second_factors: SecondFactors
    pending_log_ins: PendingLogIns
    searches: Searches
    runs: Runs
    trainings: Trainings
    predictions: Predictions
    models: Models
    playbooks: Playbooks
    policies: Policies
    audit: AuditLog
    workers: Workers
    queue: WorkQueue
    uploads: UploadLog
    throttle: Throttle
    installation: InstallationRecord
    deletions: PendingDeletions
    hashes: FileHashes
    job_totals: JobTotals
    backups: BackupLog

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
