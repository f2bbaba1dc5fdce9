"""Watched folders on pages: the rules with their latest files, and the files that have not come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from application.ports.folders import WatchedFolders
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, owner_names
from domain.account import Account, Permission
from domain.errors import FolderUnavailable
from domain.folders.expected import missing_since
from domain.folders.files import FolderFile
from domain.folders.rule import FolderRule, FolderRuleId

LATEST = 5
UNSEEN_AFTER = timedelta(minutes=5)
"""After this long without a look, nobody seems to look at a folder."""


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that was expected and has not come."""

    folder: str
    due: datetime
    last_file_at: datetime | None


@dataclass(frozen=True, slots=True)
class FolderView:
    """A rule, its latest files, newest first, and when the next file is due."""

    rule: FolderRule
    owner_name: str
    files: tuple[FolderFile, ...]
    missing: MissingFile | None
    next_due: datetime | None
    unseen: bool
    """Whether nobody has looked at the folder for a while."""


@dataclass(frozen=True, slots=True)
class FoldersView:
    """`root` is the folder below which administrators choose."""

    root: str
    folders: tuple[FolderView, ...]

    @property
    def problems(self) -> tuple[FolderView, ...]:
        """Those that need somebody."""
        return tuple(own for own in self.folders if own.rule.problem or own.missing or own.unseen)


@dataclass(frozen=True, slots=True)
class ViewFolders:
    """For administrators. Reads records only, so that a share that does not answer holds up no page."""

    new_reading: NewUnitOfWork
    folders: WatchedFolders
    clock: Clock

    def __call__(self, *, by: Account) -> FoldersView:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_reading() as uow:
            names = owner_names(uow)
            shown = tuple(self._view(uow, rule, names[rule.owner]) for rule in uow.folder_rules.all())
        return FoldersView(self.folders.root(), shown)

    def root(self) -> str:
        """The folder below which administrators choose."""
        return self.folders.root()

    def one(self, rule_id: FolderRuleId, *, by: Account) -> FolderRule:
        """Raises NotFound."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_reading() as uow:
            return uow.folder_rules.get(rule_id)

    def choices(self, *, by: Account) -> Sequence[str]:
        """Folders that are there and have no rule."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_reading() as uow:
            taken = {rule.folder.casefold() for rule in uow.folder_rules.all()}
        try:
            return [name for name in self.folders.choices() if name.casefold() not in taken]
        except FolderUnavailable:
            return ()

    def owners(self, *, by: Account) -> Sequence[Account]:
        """The accounts in whose name a rule can work."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_reading() as uow:
            able = [own for own in uow.accounts.all() if own.may_log_in and own.can(Permission.PREDICT)]
        return sorted(able, key=lambda own: own.name.casefold())

    def _view(self, uow: UnitOfWork, rule: FolderRule, owner_name: str) -> FolderView:
        now = self.clock.now()
        zone = ZoneInfo(uow.policies.get().time_zone)
        looked_at = rule.looked_at or rule.created_at
        return FolderView(
            rule=rule,
            owner_name=owner_name,
            files=tuple(uow.folder_files.latest(rule.id, limit=LATEST)),
            missing=_missing(rule, now, zone),
            next_due=rule.expected.next_due(now, zone) if rule.expected and not rule.paused else None,
            unseen=not rule.paused and not rule.by_command and now - looked_at > UNSEEN_AFTER,
        )


@dataclass(frozen=True, slots=True)
class FindMissingFiles:
    """The files that have not come, for administrators and for those in whose name the work is done."""

    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Account) -> tuple[MissingFile, ...]:
        now = self.clock.now()
        with self.new_reading() as uow:
            rules = [rule for rule in uow.folder_rules.all() if rule.expected is not None]
            if not rules:
                return ()
            zone = ZoneInfo(uow.policies.get().time_zone)
        seen = [rule for rule in rules if by.can(Permission.ADMINISTER) or rule.owner == by.id]
        return tuple(missing for rule in seen if (missing := _missing(rule, now, zone)) is not None)


def _missing(rule: FolderRule, now: datetime, zone: ZoneInfo) -> MissingFile | None:
    if rule.paused or rule.expected is None:
        return None
    due = missing_since(rule.expected, set_at=rule.changed_at, last_file_at=rule.last_file_at, now=now, zone=zone)
    return MissingFile(rule.folder, due, rule.last_file_at) if due is not None else None
