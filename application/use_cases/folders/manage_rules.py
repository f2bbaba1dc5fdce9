"""Rules of watched folders: administrators add, change, pause and remove them. Files stay where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.folders import WatchedFolders
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note, owner_of
from domain.account import Permission
from domain.actor import Actor
from domain.errors import Conflict, FolderUnavailable, InvalidInput
from domain.export import ExportKind
from domain.folders.expected import Expectation
from domain.folders.files import FileState
from domain.folders.rule import (
    MAX_RULES,
    FolderRule,
    FolderRuleId,
    Then,
    checked_folder,
    must_not_overlap,
    owner_problem,
)

ADDED, CHANGED, REMOVED = "added a watched folder", "changed a watched folder", "removed a watched folder"
PAUSED, RESUMED = "paused a watched folder", "resumed a watched folder"


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """What an administrator chooses for a rule."""

    then: Then
    owner: str
    results: tuple[ExportKind, ...] = ()
    expected: Expectation | None = None


@dataclass(frozen=True, slots=True)
class AddFolderRule:
    """Makes the folder, if it is not there, and the rule.

    Raises InvalidInput for a folder or a choice that cannot be, FolderUnavailable if the folder cannot be used.
    """

    new_uow: NewUnitOfWork
    folders: WatchedFolders
    clock: Clock
    ids: Ids

    def __call__(self, folder: str, choice: RuleChoice, *, by: Actor) -> FolderRule:
        by.account.must_be_able_to(Permission.ADMINISTER)
        now, folder = self.clock.now(), checked_folder(folder)
        rule = FolderRule(
            id=FolderRuleId(self.ids.new()),
            folder=folder,
            then=choice.then,
            owner=choice.owner,
            results=choice.results,
            expected=choice.expected,
            created_at=now,
            changed_at=now,
        )
        with self.new_uow() as uow:
            self._must_be_possible(uow, rule)
        try:
            self.folders.prepare(folder)
        except FolderUnavailable as error:
            raise InvalidInput(str(error), field="folder") from error
        with self.new_uow() as uow:
            self._must_be_possible(uow, rule)
            uow.folder_rules.add(rule)
            note(uow, self.clock, by, ADDED, f"{folder}: {rule.then.words}")
            uow.commit()
        return rule

    def _must_be_possible(self, uow: UnitOfWork, rule: FolderRule) -> None:
        rules = uow.folder_rules.all()
        must_not_overlap(rule.folder, rules)
        if len(rules) >= MAX_RULES:
            raise InvalidInput(f"There are {MAX_RULES} rules already. Remove one first.", field="folder")
        must_be_able(uow, rule)

    def by_command(self, path: Path, then: Then, results: tuple[ExportKind, ...], *, by: Actor) -> FolderRule:
        """The rule of `netone watch FOLDER`, made or changed. Its predictions belong to the system.

        Raises Conflict for a folder that has a rule of the website, FolderUnavailable for one that cannot be used.
        """
        by.account.must_be_able_to(Permission.ADMINISTER)
        folder, now = str(path), self.clock.now()
        _must_be_storable(folder)
        self.folders.prepare(folder)
        with self.new_uow() as uow:
            known = next((own for own in uow.folder_rules.all() if own.folder == folder), None)
            rule = FolderRule(
                id=known.id if known else FolderRuleId(self.ids.new()),
                folder=folder,
                then=then,
                owner=str(by.account.id),
                results=results,
                by_command=True,
                created_at=known.created_at if known else now,
                changed_at=now,
            )
            if known is None:
                uow.folder_rules.add(rule)
                note(uow, self.clock, by, ADDED, f"{folder}: {then.words}")
            elif (known.then, known.results) != (then, results):
                _nothing_may_be_under_way(uow, known, then)
                uow.folder_rules.save(rule)
                note(uow, self.clock, by, CHANGED, f"{folder}: {then.words}")
            uow.commit()
        return rule


@dataclass(frozen=True, slots=True)
class ChangeFolderRule:
    """Changes, pauses and resumes a rule; its folder stays. Raises NotFound, InvalidInput, and Conflict for a rule of
    the command line."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, rule_id: FolderRuleId, choice: RuleChoice, *, by: Actor) -> FolderRule:
        by.account.must_be_able_to(Permission.ADMINISTER)
        now = self.clock.now()
        with self.new_uow() as uow:
            rule = _of_the_website(uow, rule_id)
            changed = replace(
                rule, then=choice.then, owner=choice.owner, results=choice.results, expected=choice.expected, problem=""
            )
            if changed.expected != rule.expected:
                changed = replace(changed, changed_at=now)
            must_be_able(uow, changed)
            _nothing_may_be_under_way(uow, rule, changed.then)
            uow.folder_rules.save(changed)
            note(uow, self.clock, by, CHANGED, f"{rule.folder}: {changed.then.words}")
            uow.commit()
        return changed

    def pause(self, rule_id: FolderRuleId, *, by: Actor) -> FolderRule:
        """Files that are under way are finished; no other is taken."""
        return self._set(rule_id, by, paused=True)

    def resume(self, rule_id: FolderRuleId, *, by: Actor) -> FolderRule:
        return self._set(rule_id, by, paused=False)

    def _set(self, rule_id: FolderRuleId, by: Actor, *, paused: bool) -> FolderRule:
        by.account.must_be_able_to(Permission.ADMINISTER)
        now = self.clock.now()
        with self.new_uow() as uow:
            rule = _of_the_website(uow, rule_id)
            if not paused:
                must_be_able(uow, rule)
            changed = rule.paused_by(at=now) if paused else rule.resumed(at=now)
            uow.folder_rules.save(changed)
            note(uow, self.clock, by, PAUSED if paused else RESUMED, rule.folder)
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class RemoveFolderRule:
    """Removes a rule with the records of its files. The files stay, and predictions stay. Raises NotFound."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, rule_id: FolderRuleId, *, by: Actor) -> FolderRule:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            rule = uow.folder_rules.get(rule_id)
            uow.folder_rules.remove(rule_id)
            note(uow, self.clock, by, REMOVED, rule.folder)
            uow.commit()
        return rule


def must_be_able(uow: UnitOfWork, rule: FolderRule) -> None:
    """Raises InvalidInput if the account cannot do what the rule asks for."""
    problem = owner_problem(rule, owner_of(uow, rule.owner))
    if problem:
        raise InvalidInput(problem, field="owner")


def _nothing_may_be_under_way(uow: UnitOfWork, rule: FolderRule, then: Then) -> None:
    """Raises InvalidInput if files that were begun for another purpose are not in their place yet."""
    begun = [file for file in uow.folder_files.unsettled(rule.id) if file.state is not FileState.CLAIMED]
    if begun and then is not rule.then:
        raise InvalidInput(
            "Files of this folder are under way. Pause it, wait until they are done, and then change what is done.",
            field="then",
        )


def _of_the_website(uow: UnitOfWork, rule_id: FolderRuleId) -> FolderRule:
    rule = uow.folder_rules.get(rule_id)
    if rule.by_command:
        raise Conflict("This folder is watched by a command. Stop that command, and start it with other options.")
    return rule


def _must_be_storable(folder: str) -> None:
    try:
        folder.encode()
    except UnicodeEncodeError:
        raise InvalidInput("The folder's path is not UTF-8. Rename the folder, and try again.") from None
