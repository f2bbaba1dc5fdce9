"""Leftovers: files without a record. They are moved to the trash if that is safe, else shown to an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.installation import DataDirectory
from application.ports.intake import Uploads
from application.ports.leftovers import FileGroup, Leftovers, StoredItem, TrashedItem
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Permission
from domain.actor import Actor
from domain.formats import NO_CURRENCY, FormatsOf
from domain.leftovers import KEPT_IN_TRASH, MIN_AGE, why_kept
from domain.run import JobState, RunId


@dataclass(frozen=True, slots=True)
class ListedFiles:
    """The ids that have a record, by group of files."""

    ids: dict[FileGroup, frozenset[str]]
    writing: tuple[RunId, ...]
    """Runs whose results a worker may be writing at the moment."""
    knows_work: bool
    sequence: int

    def lists(self, item: StoredItem) -> bool:
        return item.id in self.ids[item.group]


def listed_files(uow: UnitOfWork) -> ListedFiles:
    runs = uow.runs.find(RunQuery(limit=None, also_deleted=True)).runs
    received = frozenset(record.id for record in uow.uploads.all())
    stopped = frozenset(run.id for run in runs if run.stopped is not None)
    with_result = frozenset(run.id for run in runs if run.state is JobState.DONE or not run.state.ended)
    ids = {
        FileGroup.RESULTS: with_result,
        FileGroup.UPLOAD: received,
        FileGroup.REJECTED: received | stopped,
        FileGroup.MODEL: frozenset(version.id for version in uow.models.all()),
    }
    writing = tuple(run.id for run in runs if not run.state.ended)
    return ListedFiles(ids, writing, bool(runs or uow.trainings.latest(limit=1)), uow.installation.sequence())


@dataclass(frozen=True, slots=True)
class LeftoverReport:
    """`moved` are now in the trash, `kept` stay in place for the reason `why`. `trash` lists all items in the trash."""

    moved: tuple[StoredItem, ...]
    kept: tuple[StoredItem, ...]
    why: str | None
    trash: tuple[TrashedItem, ...] = ()

    @property
    def kept_bytes(self) -> int:
        return sum(item.size for item in self.kept)


@dataclass(frozen=True, slots=True)
class FindLeftovers:
    """Lists files without a record, and why they are not moved. Changes nothing."""

    new_uow: NewUnitOfWork
    leftovers: Leftovers
    directory: DataDirectory
    clock: Clock

    def __call__(self) -> LeftoverReport:
        listed, unlisted = self.unlisted()
        old = self.clock.now() - MIN_AGE
        settled = tuple(item for item in unlisted if item.written < old)
        behind = self.directory.mark() > listed.sequence
        why = why_kept(len(settled), knows_work=listed.knows_work, behind=behind)
        return LeftoverReport((), settled, why, tuple(self.leftovers.trash()))

    def unlisted(self) -> tuple[ListedFiles, Sequence[StoredItem]]:
        # Files are listed first: a record that is committed in the meantime is then seen.
        stored = self.leftovers.stored()
        with self.new_uow() as uow:
            listed = listed_files(uow)
        return listed, [item for item in stored if not listed.lists(item)]


@dataclass(frozen=True, slots=True)
class SweepLeftovers:
    """Moves leftovers to the trash if that is safe. Deletes partial files and items beyond KEPT_IN_TRASH.

    Changes nothing if the database has no runs and no trainings, or is older than the directory: see
    `domain.leftovers`.
    """

    new_uow: NewUnitOfWork
    find: FindLeftovers
    results: ResultStore
    uploads: Uploads

    def __call__(self) -> LeftoverReport:
        self._catch_up()
        find, now = self.find, self.find.clock.now()
        report = find()
        listed, _ = find.unlisted()
        if not listed.knows_work or find.directory.mark() > listed.sequence:
            return report
        self.results.sweep_unfinished(listed.writing, before=now - MIN_AGE)
        self.uploads.sweep_unfinished()
        find.leftovers.expire(now - KEPT_IN_TRASH)
        if report.why is not None:
            return report
        find.leftovers.move_to_trash(report.kept, at=now)
        return LeftoverReport(report.kept, (), None, tuple(find.leftovers.trash()))

    def _catch_up(self) -> None:
        """Mark the database as current if it is older than the directory and every stored file has a record in it."""
        listed, unlisted = self.find.unlisted()
        mark = self.find.directory.mark()
        if unlisted or mark <= listed.sequence:
            return
        _reach(self.new_uow, self.find.directory, beyond=mark)


@dataclass(frozen=True, slots=True)
class KeepPace:
    """Records the database's sequence number in the data directory, to detect older copies of the database."""

    new_uow: NewUnitOfWork
    directory: DataDirectory

    def __call__(self) -> None:
        mark = self.directory.mark()
        with self.new_uow() as uow:
            if mark > uow.installation.sequence():
                return
            reached = uow.installation.advance()
            uow.commit()
        self.directory.raise_mark(reached)


def _reach(new_uow: NewUnitOfWork, directory: DataDirectory, *, beyond: int) -> None:
    with new_uow() as uow:
        reached = uow.installation.advance(beyond=beyond)
        uow.commit()
    directory.raise_mark(reached)


@dataclass(frozen=True, slots=True)
class TrashLeftovers:
    """Moves all files without a record to the trash, at an administrator's request."""

    new_uow: NewUnitOfWork
    find: FindLeftovers
    formats_of: FormatsOf

    def __call__(self, *, by: Actor) -> LeftoverReport:
        by.account.must_be_able_to(Permission.ADMINISTER)
        find, now = self.find, self.find.clock.now()
        chosen = find().kept
        moved = find.leftovers.move_to_trash(chosen, at=now)
        subject = f"{self.formats_of(NO_CURRENCY).number(moved)} files or folders"
        with self.new_uow() as uow:
            note(uow, find.clock, by, "moved leftovers to the trash", subject)
            uow.commit()
        if not find.unlisted()[1]:
            _reach(self.new_uow, find.directory, beyond=find.directory.mark())
        return LeftoverReport(chosen, (), None, tuple(find.leftovers.trash()))


@dataclass(frozen=True, slots=True)
class RestoreFromTrash:
    """Moves an item of the trash back to its place."""

    new_uow: NewUnitOfWork
    leftovers: Leftovers
    clock: Clock

    def __call__(self, name: str, *, by: Actor) -> StoredItem:
        """Raises NotFound, or Conflict if something else is stored in its place."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        item = self.leftovers.restore(name)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "took a file out of the trash", f"{item.group} {item.id}")
            uow.commit()
        return item
