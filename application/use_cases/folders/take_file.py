"""Takes a file that has stopped growing: claims its content once, and begins the work on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.folders import WatchedFolders
from application.ports.system import Clock, Ids
from application.use_cases.folders.settle_file import SettleFile
from application.use_cases.folders.work import End, FolderWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.actor import Actor
from domain.errors import (
    Busy,
    Conflict,
    DomainError,
    FileGone,
    FolderUnavailable,
    NoModel,
    NotFound,
    StorageProblem,
    TooManyWaiting,
)
from domain.folders.files import MAX_TRIES, FileState, FolderFile, FolderFileId
from domain.folders.growth import FoundFile
from domain.folders.names import shown_name
from domain.folders.rule import FolderRule, Then
from domain.folders.words import AGAIN, FAILED_HERE, TOO_MANY_TRIES, question_words

log = logging.getLogger("netone.folders")
REFUSED = "refused a file of a folder"


class Waits(Exception):
    """The file stays in the folder and is taken later. The text says why, if a person can do something about it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken: its record, or None for one that was moved away because its content was done before."""

    file: FolderFile | None


@dataclass(frozen=True, slots=True)
class TakeFile:
    """Claims and begins. Whatever is interrupted is carried on by the next look."""

    new_uow: NewUnitOfWork
    folders: WatchedFolders
    works: Mapping[Then, FolderWork]
    settle: SettleFile
    clock: Clock
    ids: Ids

    def __call__(self, rule: FolderRule, found: FoundFile, *, by: Actor) -> Taken | None:
        """None if the file changed meanwhile, or its content is under way as another file. Raises Waits."""
        sha256 = self.folders.sha256(rule.folder, found)
        if sha256 is None:
            return None
        file = self._claimed(rule, found, sha256)
        if file is None:
            return None
        if file.state.ended:
            self.settle.copy(rule, found, file)
            return Taken(None)
        began = self.begin(rule, file, by=by)
        return Taken(began) if began is not None else None

    def begin(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> FolderFile | None:
        """Begin the work on a claimed file, for the first time or after an interruption."""
        if file.tries >= MAX_TRIES:
            return self._ended(rule, file, End(FileState.REFUSED, TOO_MANY_TRIES), by)
        with self.new_uow() as uow:
            file = replace(file, tries=file.tries + 1)
            uow.folder_files.save(file)
            uow.commit()
        try:
            return self._begun(rule, file, by)
        except (TooManyWaiting, Busy) as error:
            self._not_tried(file)
            raise Waits from error
        except (NoModel, StorageProblem, FolderUnavailable) as error:
            self._not_tried(file)
            raise Waits(f"{error} {error.todo}" if isinstance(error, StorageProblem) else str(error)) from error

    def _begun(self, rule: FolderRule, file: FolderFile, by: Actor) -> FolderFile | None:
        work = self.works[rule.then]
        try:
            with self.folders.open(rule.folder, file.name) as stream:
                end = work.begin(rule, file, stream, by=by)
        except FileGone:
            self.forget(file)
            return None
        except (TooManyWaiting, Busy, NoModel, StorageProblem, FolderUnavailable):
            raise
        except DomainError as error:
            words = question_words(error.question, rule.then) if error.question else f"{error} {AGAIN}"
            end = End(FileState.REFUSED, words)
        except Exception:
            log.exception("a file of a folder could not be received")
            end = End(FileState.REFUSED, FAILED_HERE)
        if end is not None:
            return self._ended(rule, file, end, by)
        with self.new_uow() as uow:
            return uow.folder_files.get(file.id)

    def _claimed(self, rule: FolderRule, found: FoundFile, sha256: str) -> FolderFile | None:
        """The new record of the content, or the earlier one if it is done; None while an earlier one is under way."""
        now = self.clock.now()
        with self.new_uow() as uow:
            known = uow.folder_files.of_content(rule.id, sha256)
            if known is not None and (not known.settled or known.state is FileState.DONE):
                return known if known.settled else None
            if known is not None:
                file = known.claimed_again(found, at=now)
                uow.folder_files.save(file)
            else:
                file = FolderFile(
                    id=FolderFileId(self.ids.new()),
                    rule_id=rule.id,
                    name=found.name,
                    sha256=sha256,
                    mark=found.mark,
                    claimed_at=now,
                )
                try:
                    uow.folder_files.add(file)
                except Conflict:  # another process was faster, or the rule was removed
                    return None
            uow.commit()
        return file

    def _ended(self, rule: FolderRule, file: FolderFile, end: End, by: Actor) -> FolderFile:
        """Store how the file ended. It is moved away by the next step."""
        now = self.clock.now()
        with self.new_uow() as uow:
            current = uow.folder_files.get(file.id)
            if current.state.ended:
                return current
            ended = (
                current.done(end.words, at=now) if end.state is FileState.DONE else current.refused(end.words, at=now)
            )
            uow.folder_files.save(ended)
            if end.state is FileState.REFUSED:
                note(uow, self.clock, by, REFUSED, f"{rule.folder}: {shown_name(file.name)}")
            uow.commit()
        return ended

    def end(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> FolderFile | None:
        """Store the end of a running file's job; None if it has not ended."""
        end = self.works[rule.then].end(rule, file)
        return self._ended(rule, file, end, by) if end is not None else None

    def forget(self, file: FolderFile) -> None:
        """Remove the claim of a content that is no longer there, unless its job was stored meanwhile."""
        with self.new_uow() as uow:
            try:
                current = uow.folder_files.get(file.id)
            except NotFound:
                return
            if current.state is FileState.CLAIMED:
                uow.folder_files.remove(file.id)
                uow.commit()

    def _not_tried(self, file: FolderFile) -> None:
        with self.new_uow() as uow:
            uow.folder_files.save(replace(uow.folder_files.get(file.id), tries=file.tries - 1))
            uow.commit()
