"""Matches of columns that people confirmed: remembered with a file, listed, removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, note, owner_names
from domain.account import Account, Permission
from domain.actor import Actor
from domain.header_matching import MatchKind
from domain.recognition import ColumnRecognition
from domain.remembered_matches import Confirmed, MatchId, RememberedMatch, in_force, new_pairs, new_units
from domain.run import Run
from domain.vocabulary.spelling import normalise


@dataclass(frozen=True, slots=True)
class RememberMatches:
    """Adds what a person confirmed for a file, and counts what was remembered before and used for it."""

    clock: Clock
    ids: Ids

    def within(self, uow: UnitOfWork, run: Run, confirmed: Confirmed, *, by: Actor) -> None:
        """`confirmed` is what the person has just said. The caller commits."""
        recognition = run.recognition
        if recognition is None or recognition.columns is None:
            return
        known, matches = uow.remembered_matches.all(), recognition.columns.match.matches
        self._count(uow, recognition.columns, known)
        chosen = {own.column: own.header for own in matches if own.kind is MatchKind.CONFIRMED}
        said = {column: header for column, header in chosen.items() if column in confirmed.columns}
        for header, attribute in new_pairs(said, recognition.header, known):
            self._add(uow, run, by, header, attribute)
        for header, attribute, unit in new_units(confirmed.units, {m.header: m.column for m in matches}, known):
            self._add(uow, run, by, header, attribute, unit)

    def _add(self, uow: UnitOfWork, run: Run, by: Actor, header: str, attribute: str, unit: str = "") -> None:
        own = RememberedMatch(
            MatchId(self.ids.new()),
            header,
            attribute,
            str(by.account.id),
            self.clock.now(),
            run.file_name,
            unit=unit,
        )
        uow.remembered_matches.add(own)
        what = f"{header} is in {unit}" if unit else f"{header} is {attribute}"
        note(uow, self.clock, by, "confirmed a match of columns", what)

    def _count(self, uow: UnitOfWork, columns: ColumnRecognition, known: Sequence[RememberedMatch]) -> None:
        used = {(own.key, own.column) for own in columns.match.matches if own.kind is MatchKind.REMEMBERED}
        units = {normalise(own.header) for own in columns.units}
        counted = [
            own.id for own in in_force(known) if (own.key in units if own.unit else (own.key, own.attribute) in used)
        ]
        uow.remembered_matches.count_use(counted, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """`in_force` is False where a later confirmation of the same header replaced it."""

    match: RememberedMatch
    by: str
    in_force: bool
    removable: bool


@dataclass(frozen=True, slots=True)
class ListRememberedMatches:
    """All remembered matches, newest first."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> tuple[ListedMatch, ...]:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            found, names = uow.remembered_matches.all(), owner_names(uow)
        return _listed(found, names, by)


def _listed(found: Collection[RememberedMatch], names: OwnerNames, by: Account) -> tuple[ListedMatch, ...]:
    valid = {own.id for own in in_force(found)}
    return tuple(ListedMatch(own, names[own.by], own.id in valid, by.may_remove_match(own.by)) for own in found)


@dataclass(frozen=True, slots=True)
class RemoveRememberedMatch:
    """The next file with this header is asked about again. Earlier predictions do not change."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, match_id: MatchId, *, by: Actor) -> RememberedMatch:
        """Raises NotFound, or NotAllowed for another person's match."""
        with self.new_uow() as uow:
            match = uow.remembered_matches.get(match_id)
            by.account.must_be_able_to_remove_match(match.by)
            uow.remembered_matches.remove(match_id)
            note(uow, self.clock, by, "removed a remembered match", f"{match.header} is {match.attribute}")
            uow.commit()
        return match
