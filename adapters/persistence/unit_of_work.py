"""One transaction over all SQL repositories."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from adapters.persistence.accounts import SqlAccounts, SqlLinks, SqlSessions
from adapters.persistence.api_tokens import SqlApiTokens
from adapters.persistence.audit import SqlAuditLog
from adapters.persistence.backup_log import SqlBackupLog
from adapters.persistence.campaigns import SqlCampaigns
from adapters.persistence.deleted_runs import SqlDeletedRuns
from adapters.persistence.deletions import SqlDeletions
from adapters.persistence.do_not_contact import SqlDoNotContact
from adapters.persistence.engine import ACCESS, Access
from adapters.persistence.folders import SqlFolderFiles, SqlFolderRules
from adapters.persistence.gradings import SqlGradings
from adapters.persistence.hashes import SqlFileHashes
from adapters.persistence.installation import SqlInstallation
from adapters.persistence.job_totals import SqlJobTotals
from adapters.persistence.models import SqlModels
from adapters.persistence.playbooks import SqlPlaybooks
from adapters.persistence.policy import SqlPolicies
from adapters.persistence.predictions import SqlPredictions
from adapters.persistence.remembered_matches import SqlRememberedMatches
from adapters.persistence.runs import SqlRuns
from adapters.persistence.saved_views import SqlSavedViews
from adapters.persistence.searches import SqlSearches
from adapters.persistence.second_factors import SqlPendingLogIns, SqlSecondFactors
from adapters.persistence.seen_notices import SqlSeenNotices
from adapters.persistence.submissions import SqlSubmissions
from adapters.persistence.tasks import SqlTasks
from adapters.persistence.throttle import SqlThrottle
from adapters.persistence.trainings import SqlTrainings
from adapters.persistence.uploads import SqlUploadLog
from adapters.persistence.work_queue import SqlWorkQueue
from adapters.persistence.workers import SqlWorkers
from application.ports.accounts import Accounts, Links, PendingLogIns, SecondFactors, Sessions, Throttle
from application.ports.api_tokens import ApiTokens
from application.ports.audit import AuditLog
from application.ports.backup_log import BackupLog
from application.ports.campaign_records import Campaigns, Tasks
from application.ports.deleted_runs import DeletedRuns
from application.ports.do_not_contact import DoNotContact
from application.ports.folders import FolderFiles, FolderRules
from application.ports.gradings import Gradings
from application.ports.job_records import JobTotals, Workers, WorkQueue
from application.ports.notices import SeenNotices
from application.ports.policies import InstallationRecord, Policies
from application.ports.predictions import Predictions
from application.ports.remembered_matches import RememberedMatches
from application.ports.runs import Runs, Searches
from application.ports.saved_views import SavedViews
from application.ports.stored_files import FileHashes, PendingDeletions, UploadLog
from application.ports.submissions import Submissions
from application.ports.trained_models import Models, Playbooks, Trainings

_writing = threading.local()
"""Engines with an open writing transaction of this thread. A second one would wait for the first until it times out."""


class SqlUnitOfWork:
    """A transaction that is rolled back on exit unless it was committed.

    A writer (the default) holds SQLite's write lock from the start. With `Access.READING` it sees a snapshot of the
    database without blocking writers, and writing fails. It can be used again after exit but cannot be nested: nesting
    it, or a second writer in the same thread, raises RuntimeError.
    """

    def __init__(
        self, engine: Engine, *, access: Access = Access.WRITING, make_room: Callable[[], None] | None = None
    ) -> None:
        """`make_room` is called before each writing transaction."""
        self._make_room = make_room
        self._engine = engine
        self._access = access
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._must_not_nest()
        if self._make_room is not None and self._access is not Access.READING:
            self._make_room()
        # Makes the transaction read-only on PostgreSQL. On SQLite the engine's `begin` listener does it.
        connection = self._engine.connect().execution_options(
            **{ACCESS: self._access}, postgresql_readonly=self._access is Access.READING
        )
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if self._access is not Access.READING:
            _engines_written().add(id(self._engine))
        self._open_repositories(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if self._access is not Access.READING:
            _engines_written().discard(id(self._engine))
        if connection is not None:
            connection.close()

    def commit(self) -> None:
        """Commit, and continue in a new transaction. Raises RuntimeError outside of `with`."""
        if self._connection is None:
            raise RuntimeError("a unit of work can commit only inside its with block")
        self._connection.commit()

    def _must_not_nest(self) -> None:
        if self._connection is not None:
            raise RuntimeError("this unit of work is already open")
        if self._access is not Access.READING and id(self._engine) in _engines_written():
            raise RuntimeError("another unit of work is open in this thread")

    def _open_repositories(self, connection: Connection) -> None:
        self.accounts: Accounts = SqlAccounts(connection)
        self.sessions: Sessions = SqlSessions(connection)
        self.links: Links = SqlLinks(connection)
        self.second_factors: SecondFactors = SqlSecondFactors(connection)
        self.pending_log_ins: PendingLogIns = SqlPendingLogIns(connection)
        self.searches: Searches = SqlSearches(connection)
        self.api_tokens: ApiTokens = SqlApiTokens(connection)
        self.submissions: Submissions = SqlSubmissions(connection)
        self.saved_views: SavedViews = SqlSavedViews(connection)
        self.notices: SeenNotices = SqlSeenNotices(connection)
        self.runs: Runs = SqlRuns(connection)
        self.deleted_runs: DeletedRuns = SqlDeletedRuns(connection)
        self.trainings: Trainings = SqlTrainings(connection)
        self.predictions: Predictions = SqlPredictions(connection)
        self.models: Models = SqlModels(connection)
        self.playbooks: Playbooks = SqlPlaybooks(connection)
        self.policies: Policies = SqlPolicies(connection)
        self.audit: AuditLog = SqlAuditLog(connection)
        self.workers: Workers = SqlWorkers(connection)
        self.queue: WorkQueue = SqlWorkQueue(connection)
        self.uploads: UploadLog = SqlUploadLog(connection)
        self.throttle: Throttle = SqlThrottle(connection)
        self.installation: InstallationRecord = SqlInstallation(connection)
        self.deletions: PendingDeletions = SqlDeletions(connection)
        self.hashes: FileHashes = SqlFileHashes(connection)
        self.job_totals: JobTotals = SqlJobTotals(connection)
        self.backups: BackupLog = SqlBackupLog(connection)
        self.do_not_contact: DoNotContact = SqlDoNotContact(connection)
        self.campaigns: Campaigns = SqlCampaigns(connection)
        self.tasks: Tasks = SqlTasks(connection)
        self.gradings: Gradings = SqlGradings(connection)
        self.folder_rules: FolderRules = SqlFolderRules(connection)
        self.folder_files: FolderFiles = SqlFolderFiles(connection)
        self.remembered_matches: RememberedMatches = SqlRememberedMatches(connection)


def _engines_written() -> set[int]:
    engines: set[int] | None = getattr(_writing, "engines", None)
    if engines is None:
        engines = _writing.engines = set()
    return engines
