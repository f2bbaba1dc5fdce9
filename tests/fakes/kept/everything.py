"""All that there is, in dictionaries."""

from __future__ import annotations

import copy
import copyreg
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar, cast

from application.ports.audit import AuditEntry
from application.ports.deleted_runs import DeletedRun
from application.ports.job_records import JobTotal
from application.ports.predictions import Contact
from application.ports.runs import CustomerSearch
from application.ports.stored_files import FileHash, PendingDeletion, UploadRecord
from domain.account import Account, LoginSession, OneTimeLink
from domain.api_token import ApiToken
from domain.backup import BackupRecord
from domain.campaign import Campaign
from domain.campaign_members import CampaignEvent, Member
from domain.do_not_contact import Entry
from domain.folders.files import FolderFile
from domain.folders.rule import FolderRule
from domain.grading import Grading, GradingOffer
from domain.installation import InstallationId
from domain.model import ModelVersion, Promotion
from domain.playbook_versions import PlaybookVersion
from domain.policy import InstallationPolicy
from domain.remembered_matches import RememberedMatch
from domain.run import Run
from domain.saved_view import SavedView
from domain.second_factor import PendingLogIn, SecondFactor
from domain.submission import Submission
from domain.task import Task
from domain.training import Training

Value = TypeVar("Value")

# A customer's attributes are a mapping proxy, which Python can copy only with this reducer.
copyreg.pickle(MappingProxyType, lambda proxy: (MappingProxyType, (dict(proxy),)))


def isolated(value: Value) -> Value:
    """A copy that shares with `value` only what nobody can change: a deep copy, many times as fast.

    What has a hash is made of values alone; so are frozen records whose fields are, and a customer's attributes.
    """
    copied: Any = value
    if isinstance(copied, dict):
        copied = {key: isolated(own) for key, own in copied.items()}
    elif isinstance(copied, list):
        copied = [isolated(own) for own in copied]
    elif isinstance(copied, set):
        copied = set(copied)
    elif not _is_fixed(copied):
        copied = copy.deepcopy(copied)
    return cast("Value", copied)


def _is_fixed(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        if isinstance(value, tuple):
            return all(map(_is_fixed, value))
        if isinstance(value, MappingProxyType):
            return all(map(_is_fixed, value.values()))
        if is_dataclass(value) and type(value).__hash__ is not None:  # frozen; other records have no hash at all
            return all(_is_fixed(getattr(value, own.name)) for own in fields(value))
        return False
    return True


@dataclass
class Kept:
    """Everything there is, by its key."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, LoginSession] = field(default_factory=dict)
    links: dict[str, OneTimeLink] = field(default_factory=dict)
    second_factors: dict[str, SecondFactor] = field(default_factory=dict)
    seen_notices: dict[str, dict[str, datetime]] = field(default_factory=dict)
    recovery_codes: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    pending_log_ins: dict[str, PendingLogIn] = field(default_factory=dict)
    searches: dict[str, CustomerSearch] = field(default_factory=dict)
    api_tokens: dict[str, ApiToken] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    saved_views: dict[str, SavedView] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    deleted_runs: dict[str, DeletedRun] = field(default_factory=dict)
    trainings: dict[str, Training] = field(default_factory=dict)
    contacts: dict[tuple[str, int], Contact] = field(default_factory=dict)
    models: dict[str, ModelVersion] = field(default_factory=dict)
    model_numbers: set[int] = field(default_factory=set)
    reserved_numbers: set[int] = field(default_factory=set)
    promotions: list[Promotion] = field(default_factory=list)
    playbooks: dict[int, PlaybookVersion] = field(default_factory=dict)
    policy: InstallationPolicy | None = None
    audit: list[AuditEntry] = field(default_factory=list)
    workers: dict[str, datetime] = field(default_factory=dict)
    uploads: dict[str, UploadRecord] = field(default_factory=dict)
    job_totals: dict[tuple[str, str], JobTotal] = field(default_factory=dict)
    attempts: list[tuple[str, datetime]] = field(default_factory=list)
    installation: InstallationId | None = None
    sequence: int = 0
    deletions: dict[int, PendingDeletion] = field(default_factory=dict)
    hashes: list[FileHash] = field(default_factory=list)
    backups: dict[str, BackupRecord] = field(default_factory=dict)
    do_not_contact: dict[str, Entry] = field(default_factory=dict)
    remembered_matches: dict[str, RememberedMatch] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    campaign_members: dict[tuple[str, int], Member] = field(default_factory=dict)
    campaign_events: list[tuple[str, CampaignEvent]] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    tasks: dict[str, Task] = field(default_factory=dict)
    gradings: dict[str, Grading] = field(default_factory=dict)
    grading_offers: dict[tuple[str, str], GradingOffer] = field(default_factory=dict)
    folder_rules: dict[str, FolderRule] = field(default_factory=dict)
    folder_lookers: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    folder_files: dict[str, FolderFile] = field(default_factory=dict)

    def copy(self) -> Kept:
        """Everything again, so that a change here is not seen there.

        The records are shared: a repository keeps and hands out copies, and replaces a record instead of changing it.
        """
        return Kept(**{own.name: copy.copy(getattr(self, own.name)) for own in fields(self)})
