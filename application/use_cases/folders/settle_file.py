"""Brings an ended file to its place: results and note next to it, then the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.folders import WatchedFolders
from application.ports.system import Clock
from application.use_cases.folders.work import FolderWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import system_account
from domain.actor import Actor
from domain.errors import NameTaken
from domain.folders.files import FileState, FolderFile, FolderFileId
from domain.folders.growth import FoundFile
from domain.folders.names import Place, moved_name, note_name, result_name, shown_name
from domain.folders.rule import FolderRule, Then
from domain.folders.words import NoteWriter
from domain.formats import NO_CURRENCY, FormatsOf

SAME_AGAIN = "found the same file of a folder again"
NAME_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class SettleFile:
    """Safe to repeat after an interruption at any step: the name is chosen and stored first, and all that is written
    under it is written again. Raises FolderUnavailable and StorageProblem; then the next look tries again."""

    new_uow: NewUnitOfWork
    folders: WatchedFolders
    works: Mapping[Then, FolderWork]
    clock: Clock
    formats_of: FormatsOf

    def __call__(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> FolderFile:
        """Returns the settled file."""
        for _ in range(NAME_ATTEMPTS):
            named = file if file.target is not None else self._named(rule, file)
            try:
                return self._settled(rule, named, str(named.target), by)
            except NameTaken:  # somebody put a file of this name there in the meantime
                file = replace(named, target=None)
        raise NameTaken(f"{shown_name(file.name)} could not be moved: its name is taken each time.")

    def _named(self, rule: FolderRule, file: FolderFile) -> FolderFile:
        target = self._free_name(rule, file.name, file.state.place)
        with self.new_uow() as uow:
            named = replace(uow.folder_files.get(file.id), target=target)
            uow.folder_files.save(named)
            uow.commit()
        return named

    def _free_name(self, rule: FolderRule, name: str, place: Place) -> str:
        taken = self.folders.names(rule.folder, place)
        with self.new_uow() as uow:
            today = uow.policies.get().today(self.clock.now())
        return moved_name(name, day=today, taken=taken)

    def _settled(self, rule: FolderRule, file: FolderFile, target: str, by: Actor) -> FolderFile:
        place = file.state.place
        if file.state is FileState.DONE:
            for kind, pieces in self.works[rule.then].results(rule, file, by=by):
                self.folders.write(rule.folder, place, result_name(target, kind), pieces)
        if file.state is FileState.REFUSED or rule.then is not Then.PREDICT:
            self._write_note(rule, place, target, self._writer().note(rule, file))
        self.folders.move(rule.folder, file, place, target)
        with self.new_uow() as uow:
            settled = replace(uow.folder_files.get(file.id), settled=True)
            uow.folder_files.save(settled)
            uow.commit()
        return settled

    def copy(self, rule: FolderRule, found: FoundFile, earlier: FolderFile) -> None:
        """Move a file away whose content is done already, with a note that says so."""
        now = self.clock.now()
        file = FolderFile(
            id=FolderFileId(""),
            rule_id=rule.id,
            name=found.name,
            sha256=earlier.sha256,
            mark=found.mark,
            claimed_at=now,
            ended_at=now,
        )
        target = self._free_name(rule, found.name, Place.DONE)
        if not self.folders.move(rule.folder, file, Place.DONE, target):
            return
        self._write_note(rule, Place.DONE, target, self._writer().note_about_copy(rule, file, earlier))
        with self.new_uow() as uow:
            note(uow, self.clock, Actor(system_account(now)), SAME_AGAIN, f"{rule.folder}: {shown_name(found.name)}")
            uow.commit()

    def _write_note(self, rule: FolderRule, place: Place, target: str, text: str) -> None:
        self.folders.write(rule.folder, place, note_name(target), [text.encode("utf-8")])

    def _writer(self) -> NoteWriter:
        with self.new_uow() as uow:
            return NoteWriter(uow.policies.get(), self.formats_of(NO_CURRENCY))
