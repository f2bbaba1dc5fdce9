"""Finds the files of earlier predictions that are monthly files of one base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.history import EarlierFile
from application.use_cases.permissions import owner_of, visible_to
from domain.account import Account
from domain.campaign_outcomes import is_another_base
from domain.errors import ResultDamaged, ResultMissing
from domain.run import SYSTEM_OWNER, JobState, Run, RunId
from domain.run_month import months_of
from domain.snapshot_month import place_of
from domain.stored_months import StoredMonth, StoredMonths, are_in_a_row, following_each_other

MOST_RUNS = 60
"""The newest predictions among which months are looked for."""


@dataclass(frozen=True, slots=True)
class FindStoredMonths:
    """Of several predictions with the same months, the newest counts. The newest prediction with a month says the base.

    Another file belongs to it if enough of its customers are in the next later one, or the other way round.
    """

    uploads: Uploads
    results: ResultStore

    def __call__(self, uow: UnitOfWork, *, by: Account) -> StoredMonths:
        query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=MOST_RUNS)
        runs = [run for run in uow.runs.find(query).runs if run.summary is not None and not run.summary.numbered]
        kept = [run for run in runs if self.uploads.path(run.id).is_file()]
        dated = [own for run in kept if (own := _dated(run)) is not None]
        base, others = self._base(dated)
        found = following_each_other(base)
        unnamed = tuple(run.file_name for run in kept if _dated(run) is None)
        return StoredMonths(found.files, found.earlier, unnamed, others)

    def _base(self, dated: Sequence[StoredMonth]) -> tuple[list[StoredMonth], tuple[str, ...]]:
        """The files of the first one's base, and the names of the others. `dated` are newest predictions first."""
        base: list[StoredMonth] = []
        others: list[str] = []
        for own in dated:
            if any(set(own.months) & set(file.months) for file in base):
                continue
            if base and not self._is_same(own, min(base, key=lambda file: _distance(own, file))):
                others.append(own.file_name)
            else:
                base.append(own)
        return base, tuple(dict.fromkeys(others))

    def _is_same(self, own: StoredMonth, other: StoredMonth) -> bool:
        """Whether two files are of one base. Unknown where a result was deleted: making labels looks again."""
        before, after = sorted((own, other), key=lambda file: file.months)
        try:
            follow = self.results.follow_up(before.run, after.run, ())
        except (ResultMissing, ResultDamaged):
            return True
        return not is_another_base(follow.found, follow.customers)


def _dated(run: Run) -> StoredMonth | None:
    """The run's file, if its months are known and follow each other."""
    months = months_of(run)
    if not months or not are_in_a_row(months):
        return None
    customers = run.summary.scored if run.summary else 0
    return StoredMonth(RunId(run.id), run.file_name, run.file_bytes, months, customers, run.format_override)


def _distance(own: StoredMonth, other: StoredMonth) -> int:
    """Months between two files; the nearest one has most customers in common."""
    first, last = sorted((own.months, other.months))
    return place_of(last[0]) - place_of(first[-1])


def stored_months_before(uow: UnitOfWork, uploads: Uploads, run: Run) -> tuple[EarlierFile, ...]:
    """The stored files of other predictions that the run's owner may see and whose months are known, newest first."""
    owner = owner_of(uow, run.owner)
    visible = visible_to(owner) if owner is not None else None if run.owner == SYSTEM_OWNER else run.owner
    found = []
    for other in uow.runs.find(RunQuery(visible_to=visible, states=(JobState.DONE,), limit=MOST_RUNS)).runs:
        own = _dated(other) if other.id != run.id else None
        numbered = other.summary is None or other.summary.numbered
        if own is not None and not numbered and uploads.path(other.id).is_file():
            positions = dict(other.matches)
            found.append(EarlierFile(uploads.path(other.id), own.file_name, own.months, own.choice, positions))
    return tuple(found)
