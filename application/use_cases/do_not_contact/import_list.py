"""Adding a file of ids to the do-not-contact list: first what it holds, then all of it, in parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from application.ports.do_not_contact import IdFiles, IdList
from application.ports.intake import Uploads
from application.ports.system import Clock
from application.use_cases.do_not_contact.change_list import ADDED, counted
from application.use_cases.files.receive_file import clean_name
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.do_not_contact import MAX_NOTE, Entry, Source
from domain.errors import Conflict, FileRefused

AT_ONCE = 10_000
"""Ids per transaction, which then takes about a tenth of a second: SQLite has one writer, and log-ins wait for it."""


@dataclass(frozen=True, slots=True)
class ListCheck:
    """What a file of ids holds, and how many of them are listed already. `sha256` names the checked file."""

    found: IdList
    listed: int
    file_name: str
    sha256: str

    @property
    def new(self) -> int:
        return len(self.found.ids) - self.listed


@dataclass(frozen=True, slots=True)
class ImportDoNotContact:
    """Adds files of ids. Raises NotAllowed, and FileRefused for a file that holds no list of ids.

    `check` keeps the file for an hour under the person's id, as other temporary uploads, and `add` reads it again, so
    that exactly the file that was shown is added.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    uploads: Uploads
    files: IdFiles
    clock: Clock
    pause: Callable[[], None]

    def check(self, stream: IO[bytes], file_name: str, *, by: Account) -> ListCheck:
        """Nothing is added. A file that cannot be used is deleted at once."""
        by.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        with self.new_reading() as uow:
            limit = uow.policies.get().upload_limit
        draft = _draft_of(by)
        stored = self.uploads.receive(draft, stream, limit=limit)
        try:
            found = self._read(self.uploads.path(draft))
        except BaseException:
            self.uploads.discard(draft)
            raise
        return ListCheck(found, self._listed(found), clean_name(file_name), stored.sha256)

    def add(self, sha256: str, file_name: str, *, by: Actor) -> int:
        """Add the file that was checked. Returns how many customers were new. Raises Conflict if it is another one."""
        by.account.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        draft = _draft_of(by.account)
        try:
            is_same = self.uploads.sha256(draft) == sha256
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise Conflict("The file that was checked is no longer here. Nothing was added; upload it again.")
        added = self._add(self._read(self.uploads.path(draft)), file_name, by)
        self.uploads.discard(draft)
        return added

    def add_path(self, path: Path, *, by: Actor) -> tuple[IdList, int]:
        """Add a file on this machine. Returns what it holds, and how many customers were new."""
        by.account.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        found = self._read(path)
        return found, self._add(found, path.name, by)

    def forget(self, *, by: Account) -> None:
        """Delete the file that was checked, if the person does not want to add it."""
        by.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        self.uploads.discard(_draft_of(by))

    def _read(self, path: Path) -> IdList:
        found = self.files.read(path)
        if not found.ids:
            raise FileRefused("The file holds no id that can be read.", advice="Put one customer’s id on each line.")
        return found

    def _listed(self, found: IdList) -> int:
        ids = frozenset(found.ids)
        with self.new_reading() as uow:
            return sum(listed in ids for listed in uow.do_not_contact.ids())

    def _add(self, found: IdList, file_name: str, by: Actor) -> int:
        """Store the ids in parts, with a pause after each for other writers.

        Every id stands for itself. If this is interrupted, the list has the parts that the audit log counts, and adding
        the file again adds the others.
        """
        now, why = self.clock.now(), clean_name(file_name)[:MAX_NOTE]
        # In order of the ids, so that the database adds each next to the one before.
        entries = [Entry(own, now, Source.UPLOADED, by.account.name, why) for own in sorted(found.ids)]
        return sum(self._add_part(entries[first : first + AT_ONCE], by) for first in range(0, len(entries), AT_ONCE))

    def _add_part(self, entries: list[Entry], by: Actor) -> int:
        with self.new_uow() as uow:
            added = uow.do_not_contact.add_many(entries)
            if added:
                note(uow, self.clock, by, ADDED, counted(added))
            uow.commit()
        self.pause()
        return added


def _draft_of(by: Account) -> str:
    return f"check-list-{by.id}"
