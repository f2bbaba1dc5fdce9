"""The unit of work: one transaction of the database with its repositories."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

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


class UnitOfWork(Protocol):
    """One transaction. It is rolled back at the end of the block unless `commit` was called."""

    accounts: Accounts
    sessions: Sessions
    links: Links
    second_factors: SecondFactors
    pending_log_ins: PendingLogIns
    searches: Searches
    api_tokens: ApiTokens
    submissions: Submissions
    saved_views: SavedViews
    runs: Runs
    deleted_runs: DeletedRuns
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
    do_not_contact: DoNotContact
    campaigns: Campaigns
    tasks: Tasks
    gradings: Gradings
    folder_rules: FolderRules
    folder_files: FolderFiles
    remembered_matches: RememberedMatches
    notices: SeenNotices

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
