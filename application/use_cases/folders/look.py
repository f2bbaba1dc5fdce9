"""Looks at watched folders once: carries on with what is under way, and takes what has stopped growing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.folders import WatchedFolders
from application.ports.system import Clock
from application.use_cases.folders.settle_file import SettleFile
from application.use_cases.folders.take_file import TakeFile, Waits
from application.use_cases.permissions import NewUnitOfWork, owner_of
from domain.account import Account, system_account
from domain.actor import Actor
from domain.errors import DomainError, StorageProblem
from domain.folders.files import FileState, FolderFile
from domain.folders.growth import FoundFile, Sightings
from domain.folders.rule import FolderRule, FolderRuleId, owner_problem
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.run import SYSTEM_OWNER

log = logging.getLogger("netone.folders")
BETWEEN_REPORTS = timedelta(minutes=1)
WENT_WRONG = "Something failed on our side while the folder was looked at. Tell your administrator; the log says more."


@dataclass(frozen=True, slots=True)
class RuleLook:
    """What one look at one rule's folder found.

    `ended` are files that came to their place; `under_way` those whose job has not ended; `waiting` those that are not
    taken yet. `elsewhere`: another process looks at this folder.
    """

    rule: FolderRule
    ended: tuple[FolderFile, ...] = ()
    under_way: tuple[FolderFile, ...] = ()
    waiting: int = 0
    problem: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class LookAtFolders:
    """One look. Several processes may call it: each folder is looked at by one of them, as long as that one lives.

    Never raises because of one folder or one file: the problem is stored with the rule, and the others go on.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    folders: WatchedFolders
    take: TakeFile
    settle: SettleFile
    sightings: Sightings
    clock: Clock
    looker: str
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, only: FolderRuleId | None = None) -> Sequence[RuleLook]:
        """Looks at all rules that people made, or at one. A paused rule takes no file."""
        with self.new_reading() as uow:
            rules = [rule for rule in uow.folder_rules.all() if (rule.id == only if only else not rule.by_command)]
        if not rules:
            return ()
        now = self.clock.now()
        stale_before = self.liveness.stale_before(now)
        with self.new_uow() as uow:
            own = {
                rule.id
                for rule in rules
                if uow.folder_rules.take(rule.id, self.looker, now=now, stale_before=stale_before)
            }
            uow.commit()
        return [self._look(rule) if rule.id in own else RuleLook(rule, elsewhere=True) for rule in rules]

    def touch(self) -> None:
        """Show that this process still looks, while a long look is under way."""
        with self.new_reading() as uow:
            if not uow.folder_rules.all():
                return
        with self.new_uow() as uow:
            uow.folder_rules.touch(self.looker, now=self.clock.now())
            uow.commit()

    def release(self) -> None:
        """Let other processes look at once. Called when this process ends as it should."""
        with self.new_uow() as uow:
            uow.folder_rules.release(self.looker)
            uow.commit()

    def _look(self, rule: FolderRule) -> RuleLook:
        seen = _Seen()
        with seen.keeping_problems():
            self._look_into(rule, seen)
        look = seen.look(rule)
        self._report(look, seen.last_file_at)
        return look

    def _look_into(self, rule: FolderRule, seen: _Seen) -> None:
        owner = self._owner(rule)
        problem, by = owner_problem(rule, owner), Actor(owner or system_account(self.clock.now()))
        if problem:
            seen.problems.append(problem)
        with self.new_reading() as uow:
            unsettled = uow.folder_files.unsettled(rule.id)
        found = self.folders.files(rule.folder)
        takes = not rule.paused and not problem
        for file in unsettled:
            self._carry_on(rule, file, found, seen, by, takes=takes)
        claimed = {(file.name, file.mark) for file in (*unsettled, *seen.under_way)}
        new = [own for own in found if (own.name, own.mark) not in claimed]
        seen.waiting = len(new)
        if takes:
            for own in self.sightings.finished(rule.id, new, now=self.clock.monotonic()):
                self._take(rule, own, seen, by)

    def _carry_on(
        self, rule: FolderRule, file: FolderFile, found: Sequence[FoundFile], seen: _Seen, by: Actor, *, takes: bool
    ) -> None:
        """Go on with a file that an earlier look claimed."""
        with seen.keeping_problems():
            current: FolderFile | None = file
            if file.state is FileState.CLAIMED:
                if not any(file.is_of(own) for own in found):
                    self.take.forget(file)
                    return
                if not takes:
                    return
                current = self.take.begin(rule, file, by=by)
            if current is not None:
                self._finish(rule, current, seen, by)

    def _take(self, rule: FolderRule, own: FoundFile, seen: _Seen, by: Actor) -> None:
        with seen.keeping_problems():
            try:
                taken = self.take(rule, own, by=by)
            except Waits:
                seen.arrived(own)
                raise
            if taken is None:
                return
            seen.arrived(own)
            seen.waiting -= 1
            if taken.file is not None:
                self._finish(rule, taken.file, seen, by)

    def _finish(self, rule: FolderRule, file: FolderFile, seen: _Seen, by: Actor) -> None:
        """Store how the file's job ended, and bring the file to its place; or note that it is under way."""
        ended = file if file.state.ended else self.take.end(rule, file, by=by)
        if ended is None:
            seen.under_way.append(file)
        else:
            seen.ended.append(self.settle(rule, ended, by=by))

    def _owner(self, rule: FolderRule) -> Account | None:
        if rule.owner == SYSTEM_OWNER:
            return system_account(self.clock.now()) if rule.by_command else None
        with self.new_reading() as uow:
            return owner_of(uow, rule.owner)

    def _report(self, look: RuleLook, last_file_at: datetime | None) -> None:
        """Store what was seen. A look that saw nothing new is stored once a minute."""
        now, rule = self.clock.now(), look.rule
        same = (rule.problem, rule.waiting) == (look.problem, look.waiting) and last_file_at is None
        if same and rule.looked_at is not None and timedelta(0) <= now - rule.looked_at < BETWEEN_REPORTS:
            return
        with self.new_uow() as uow:
            uow.folder_rules.report(
                rule.id, at=now, problem=look.problem, waiting=look.waiting, last_file_at=last_file_at
            )
            uow.commit()


@dataclass
class _Seen:
    """What one look has found so far."""

    ended: list[FolderFile] = field(default_factory=list)
    under_way: list[FolderFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    waiting: int = 0
    last_file_at: datetime | None = None

    @contextmanager
    def keeping_problems(self) -> Iterator[None]:
        """Keep what goes wrong as a problem of the rule. Other files and other rules go on."""
        try:
            yield
        except Waits as error:
            self.problems += [str(error)] if str(error) else []
        except StorageProblem as error:
            self.problems.append(f"{error} {error.todo}")
        except DomainError as error:
            self.problems.append(str(error))
        except Exception:
            log.exception("a folder could not be looked at")
            self.problems.append(WENT_WRONG)

    def arrived(self, file: FoundFile) -> None:
        """A file came."""
        self.last_file_at = max(self.last_file_at or file.arrived_at, file.arrived_at)

    def look(self, rule: FolderRule) -> RuleLook:
        problem = " ".join(dict.fromkeys(self.problems))
        return RuleLook(rule, tuple(self.ended), tuple(self.under_way), self.waiting, problem)
