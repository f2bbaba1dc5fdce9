"""Trains again on the months that are stored, as a candidate that is compared with the champion."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.intake import Uploads
from application.use_cases.files.stored_months import FindStoredMonths
from application.use_cases.labels.make_labels import Report
from application.use_cases.labels.recognise_snapshots import LabelFile
from application.use_cases.labels.train_on_labels import TrainOnLabels
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.label_check import LabelCheck
from domain.label_choice import LabelChoice, SnapshotReading
from domain.model import ModelVersion
from domain.stored_months import StoredMonths
from domain.training import Training, TrainingRequest


@dataclass(frozen=True, slots=True)
class MonthsToTrainOn:
    """The stored months of a base, and after how many months a customer is looked for: as the champion's label."""

    months: StoredMonths
    horizon: int
    champion: ModelVersion | None

    @property
    def missing(self) -> str:
        """What is missing, in one sentence; "" if nothing is."""
        return self.months.missing_words(self.horizon)


def months_to_train_on(new_reading: NewUnitOfWork, find: FindStoredMonths, *, by: Account) -> MonthsToTrainOn:
    by.must_be_able_to(Permission.TRAIN)
    with new_reading() as uow:
        champion, months = uow.models.champion(), find(uow, by=by)
    made = champion.label if champion is not None else None
    return MonthsToTrainOn(months, made.rule.horizon or 1 if made else 1, champion)


@dataclass(frozen=True, slots=True)
class FindMonthsToTrainOn:
    new_reading: NewUnitOfWork
    find: FindStoredMonths

    def __call__(self, *, by: Account) -> MonthsToTrainOn:
        return months_to_train_on(self.new_reading, self.find, by=by)


@dataclass(frozen=True, slots=True)
class TrainFromRuns:
    """Makes labels of the stored months and queues the training, for the command line.

    Raises InvalidInput for too few months, and what TrainOnLabels raises; then nothing is stored.
    """

    find: FindMonthsToTrainOn
    uploads: Uploads
    train: TrainOnLabels

    def __call__(
        self,
        request: TrainingRequest,
        *,
        by: Actor,
        accept: bool = False,
        promote: bool = False,
        report: Report = lambda _: None,
    ) -> tuple[LabelCheck, Training]:
        again = self.find(by=by.account)
        if again.missing:
            raise InvalidInput(again.missing, field="file")
        files = [
            LabelFile(self.uploads.path(own.run), own.file_name, SnapshotReading(own.choice))
            for own in again.months.files
        ]
        choice = LabelChoice(horizon=again.horizon)
        return self.train(files, choice, request, by=by, accept=accept, promote=promote, compare=True, report=report)
