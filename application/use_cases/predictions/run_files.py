"""The stored files of a run, and scoring its upload again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.use_cases.jobs.stored_file import ANSWERED, question_answered, stored_file_of
from application.use_cases.permissions import NewUnitOfWork, note, run_seen_by
from application.use_cases.predictions.submit_scoring import SCORED, SubmitScoring
from domain.account import Account
from domain.actor import Actor
from domain.customer import CustomerId
from domain.errors import CustomerNotFound, DomainError, InvalidInput
from domain.question import Question
from domain.remembered_matches import Confirmed
from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The stored files of a run. `rejected` is the list of rejected rows; None if there is none or it was deleted."""

    run: Run
    upload_kept: bool
    rejected: Path | None
    has_rejected_rows: bool


@dataclass(frozen=True, slots=True)
class ViewRunFiles:
    """Lists the stored files of a run. Raises RunNotFound if the person may not see it."""

    new_uow: NewUnitOfWork
    uploads: Uploads

    def __call__(self, run_id: RunId, *, by: Account) -> RunFiles:
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
        rejected = self.uploads.rejected_path(run.id)
        listed = rejected if rejected.exists() else None
        return RunFiles(
            run=run,
            upload_kept=self.uploads.path(run.id).is_file(),
            rejected=listed,
            has_rejected_rows=listed is not None and _has_rows(listed),
        )


def _has_rows(listing: Path) -> bool:
    """Whether the list has rows below its header."""
    with listing.open("rb") as file:
        return len([*islice(file, 2)]) > 1


@dataclass(frozen=True, slots=True)
class ListRepeatedIds:
    """Lists the first few rows whose id occurred in an earlier row, without customers that were erased since."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, run_id: RunId, *, by: Account) -> list[tuple[int, CustomerId]]:
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
            bands = uow.policies.get().bands
        repeated = []
        for row in run.summary.duplicate_rows if run.summary else ():
            try:
                scored = self.results.customer(run.id, row, threshold=run.threshold, bands=bands)
            except CustomerNotFound:
                continue
            repeated.append((row, scored.customer.id))
        return repeated


def _answered(ended: Run, run: Run) -> Confirmed:
    """What the answer to a question has added: the rest was said before, or remembered."""
    columns = dict(run.matches).keys() - dict(ended.matches).keys()
    before = dict(ended.format_override.units)
    units = {header: unit for header, unit in run.format_override.units if before.get(header) != unit}
    return Confirmed(frozenset(columns), units)


@dataclass(frozen=True, slots=True)
class ScoreAgain:
    """Scores the stored upload of an ended run again, as a new run with the same columns and format.

    An answer to the run's question changes these, and so do `matches`: schema column → position in the header. If it
    raises another question, the ended run asks that one.
    """

    new_uow: NewUnitOfWork
    uploads: Uploads
    submit: SubmitScoring

    def __call__(
        self, run_id: RunId, *, by: Actor, answer: Sequence[str] = (), matches: Mapping[str, int] | None = None
    ) -> Run:
        """Returns the new run, or the ended one with another question.

        Raises InvalidInput if the run has not ended or has no such answer, NotFound if its upload was deleted.
        """
        with self.new_uow() as uow:
            ended = run_seen_by(uow, run_id, by.account)
        path, question = stored_file_of(ended, self.uploads), question_answered(ended, answer)
        run = ended if question is None else ended.with_answer(question, answer[0])
        if matches is not None:
            if not matches:
                raise InvalidInput("Tick at least one column that is to be used.", field="match")
            run = replace(run, matches=tuple((dict(run.matches) | dict(matches)).items()))
        try:
            with path.open("rb") as stream:
                return self.submit(
                    stream,
                    run.file_name,
                    by=by,
                    column_positions=dict(run.matches),
                    format_override=run.format_override,
                    confirmed=_answered(ended, run),
                    action=SCORED if question is None else ANSWERED,
                )
        except DomainError as error:
            if question is None or error.question is None:
                raise
            return self._ask(run_id, question, answer[0], error, by)

    def _ask(self, run_id: RunId, answered: Question, answer: str, error: DomainError, by: Actor) -> Run:
        """Store the answer with the run, and the question that it raised."""
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by.account).with_answer(answered, answer)
            asking = run if error.question is None else run.asking(str(error), error.question)
            uow.runs.save(asking)
            note(uow, self.submit.clock, by, ANSWERED, run.file_name)
            uow.commit()
        return asking
