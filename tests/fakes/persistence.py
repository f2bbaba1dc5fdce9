"""The unit of work in memory: the same promises as the SQL one, kept with dictionaries and deep copies."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

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
from application.ports.unit_of_work import UnitOfWork
from domain.playbook import Playbook
from domain.playbook_versions import PlaybookVersion
from tests.builders import a_playbook
from tests.fakes.kept.api_tokens import FakeApiTokens
from tests.fakes.kept.backups import FakeBackupLog
from tests.fakes.kept.campaigns import FakeCampaigns, FakeTasks
from tests.fakes.kept.contacts import FakePredictions
from tests.fakes.kept.do_not_contact import FakeDoNotContact
from tests.fakes.kept.everything import Kept
from tests.fakes.kept.files import FakeDeletions, FakeFileHashes, FakeInstallation
from tests.fakes.kept.folders import FakeFolderFiles, FakeFolderRules
from tests.fakes.kept.gradings import FakeGradings
from tests.fakes.kept.models import FakeModels
from tests.fakes.kept.people import FakeAccounts, FakeLinks, FakeSessions
from tests.fakes.kept.records import (
    FakeAuditLog,
    FakeJobTotals,
    FakePlaybooks,
    FakePolicies,
    FakeThrottle,
    FakeUploadLog,
    FakeWorkers,
)
from tests.fakes.kept.remembered_matches import FakeRememberedMatches
from tests.fakes.kept.runs import FakeDeletedRuns, FakeRuns, FakeTrainings
from tests.fakes.kept.saved_views import FakeSavedViews
from tests.fakes.kept.searches import FakeSearches
from tests.fakes.kept.second_factors import FakePendingLogIns, FakeSecondFactors
from tests.fakes.kept.seen_notices import FakeSeenNotices
from tests.fakes.kept.submissions import FakeSubmissions
from tests.fakes.kept.work_queue import FakeWorkQueue


class FakeDatabase:
    """What is committed; several units of work may share one. Playbook version 1 is there from the start."""

    def __init__(self, playbook: Playbook | None = None) -> None:
        self.kept = Kept()
        self.kept.playbooks[1] = PlaybookVersion(playbook or a_playbook(version=1))
        self.written = False
        self.commits = 0

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """A database with exactly this in it."""
        database = cls()
        database.kept = kept
        return database


class FakeUnitOfWork:
    """In memory. Rolls back unless committed; never hands out or keeps an object that somebody else holds.

    `commits` of its database counts commits. Without a database it makes one.
    """

    def __init__(self, database: FakeDatabase | None = None, *, reading: bool = False) -> None:
        self.database = database or FakeDatabase()
        self._reading = reading
        self._entered = False

    def __enter__(self) -> Self:
        if self._entered or (self.database.written and not self._reading):
            raise RuntimeError("a unit of work is already under way")
        self._entered = True
        self.database.written = self.database.written or not self._reading
        self._kept = self.database.kept.copy()
        self.accounts: Accounts = FakeAccounts(self._kept)
        self.sessions: Sessions = FakeSessions(self._kept)
        self.links: Links = FakeLinks(self._kept)
        self.second_factors: SecondFactors = FakeSecondFactors(self._kept)
        self.pending_log_ins: PendingLogIns = FakePendingLogIns(self._kept)
        self.searches: Searches = FakeSearches(self._kept)
        self.api_tokens: ApiTokens = FakeApiTokens(self._kept)
        self.submissions: Submissions = FakeSubmissions(self._kept)
        self.saved_views: SavedViews = FakeSavedViews(self._kept)
        self.notices: SeenNotices = FakeSeenNotices(self._kept)
        self.runs: Runs = FakeRuns(self._kept)
        self.deleted_runs: DeletedRuns = FakeDeletedRuns(self._kept)
        self.trainings: Trainings = FakeTrainings(self._kept)
        self.predictions: Predictions = FakePredictions(self._kept)
        self.models: Models = FakeModels(self._kept)
        self.playbooks: Playbooks = FakePlaybooks(self._kept)
        self.policies: Policies = FakePolicies(self._kept)
        self.audit: AuditLog = FakeAuditLog(self._kept)
        self.workers: Workers = FakeWorkers(self._kept)
        self.queue: WorkQueue = FakeWorkQueue(self._kept)
        self.uploads: UploadLog = FakeUploadLog(self._kept)
        self.throttle: Throttle = FakeThrottle(self._kept)
        self.installation: InstallationRecord = FakeInstallation(self._kept)
        self.deletions: PendingDeletions = FakeDeletions(self._kept)
        self.hashes: FileHashes = FakeFileHashes(self._kept)
        self.job_totals: JobTotals = FakeJobTotals(self._kept)
        self.backups: BackupLog = FakeBackupLog(self._kept)
        self.do_not_contact: DoNotContact = FakeDoNotContact(self._kept)
        self.campaigns: Campaigns = FakeCampaigns(self._kept)
        self.tasks: Tasks = FakeTasks(self._kept)
        self.gradings: Gradings = FakeGradings(self._kept)
        self.folder_rules: FolderRules = FakeFolderRules(self._kept)
        self.folder_files: FolderFiles = FakeFolderFiles(self._kept)
        self.remembered_matches: RememberedMatches = FakeRememberedMatches(self._kept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        if not self._reading:
            self.database.written = False

    def commit(self) -> None:
        if not self._entered:
            raise RuntimeError("a unit of work commits between entering and leaving")
        if self._reading:
            if self._kept != self.database.kept:
                raise RuntimeError("a reading unit of work does not write")
            return
        self.database.kept = self._kept.copy()
        self.database.commits += 1


if TYPE_CHECKING:
    _uow: UnitOfWork = FakeUnitOfWork()
