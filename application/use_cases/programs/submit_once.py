"""Requests of programs that are carried out once: a repeated one gets the run or training of the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.models.submit_training import SubmitTraining, training_seen_by
from application.use_cases.permissions import NewUnitOfWork, run_seen_by
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.account import Account
from domain.actor import Actor
from domain.file_format import FormatChoice
from domain.run import Run, RunId
from domain.submission import Submission, SubmissionKind, checked_key
from domain.training import Training, TrainingId, TrainingRequest


@dataclass(frozen=True, slots=True)
class SubmitScoringOnce:
    """SubmitScoring for programs: similar columns are asked about, and a key makes a repeated request harmless."""

    new_uow: NewUnitOfWork
    submit: SubmitScoring
    clock: Clock

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        *,
        by: Actor,
        key: str | None = None,
        model_id: str | None = None,
        column_positions: dict[str, int] | None = None,
        format_override: FormatChoice | None = None,
    ) -> tuple[Run, bool]:
        """Returns the run, and whether it is that of an earlier request with this key.

        Raises RunNotFound if the earlier request's run was deleted.
        """
        earlier = _earlier(self.new_uow, SubmissionKind.RUN, key, by.account)
        if earlier is not None:
            with self.new_uow() as uow:
                return run_seen_by(uow, RunId(earlier), by.account), True
        run = self.submit(
            stream,
            file_name,
            by=by,
            model_id=model_id,
            column_positions=column_positions,
            format_override=format_override,
            ask_matches=True,
            store=_remember(SubmissionKind.RUN, key, by.account, self.clock),
        )
        return run, False


@dataclass(frozen=True, slots=True)
class SubmitTrainingOnce:
    """The same for SubmitTraining."""

    new_uow: NewUnitOfWork
    submit: SubmitTraining
    clock: Clock

    def __call__(
        self, stream: IO[bytes], file_name: str, request: TrainingRequest, *, by: Actor, key: str | None = None
    ) -> tuple[Training, bool]:
        """Returns the training, and whether it is that of an earlier request with this key."""
        earlier = _earlier(self.new_uow, SubmissionKind.TRAINING, key, by.account)
        if earlier is not None:
            with self.new_uow() as uow:
                return training_seen_by(uow, TrainingId(earlier), by.account), True
        store = _remember(SubmissionKind.TRAINING, key, by.account, self.clock)
        return self.submit(stream, file_name, request, by=by, store=store), False


def _earlier(new_uow: NewUnitOfWork, kind: SubmissionKind, key: str | None, by: Account) -> str | None:
    if key is None:
        return None
    with new_uow() as uow:
        found = uow.submissions.find(by.id, kind, checked_key(key))
    return found.object_id if found else None


def _remember(
    kind: SubmissionKind, key: str | None, by: Account, clock: Clock
) -> Callable[[UnitOfWork, Run | Training], object]:
    """Stores the key with the job. Raises Conflict where another request with the key was quicker."""
    return partial(_store, kind=kind, key=key, by=by, clock=clock)


def _store(
    uow: UnitOfWork, job: Run | Training, *, kind: SubmissionKind, key: str | None, by: Account, clock: Clock
) -> None:
    if key is not None:
        uow.submissions.add(Submission(by.id, kind, key, str(job.id), clock.now()))
