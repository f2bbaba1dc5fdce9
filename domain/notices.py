"""What a person should know: derived from what is stored, so nothing is written when something happens.

A notice's key names its event. Only which keys a person has seen is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain

from domain.best_before import BestBefore
from domain.campaign import Campaign
from domain.run import JobState, Run
from domain.snapshot_month import in_words
from domain.training import Training

SHOWN_FOR = timedelta(days=14)
"""How long the end of a prediction or training is a notice."""
SEEN_KEPT_FOR = timedelta(days=60)
"""How long it is stored that a person has seen something; what still holds then is a notice again."""


class NoticeKind(StrEnum):
    """What a notice is about, and where it leads."""

    PREDICTION = "prediction"
    TRAINING = "training"
    DRIFT = "drift"
    MODEL = "model"
    CAMPAIGN = "campaign"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Notice:
    """`about` is the id of the run, training, model version or campaign that it leads to; a folder's is empty."""

    key: str
    kind: NoticeKind
    about: str
    text: str
    at: datetime
    is_problem: bool = False
    seen: bool = False


def of_runs(runs: Iterable[Run], *, now: datetime) -> Iterator[Notice]:
    """The ends of a person's own predictions. What somebody cancelled is known to them."""
    for run in runs:
        if run.finished_at is None or now - run.finished_at > SHOWN_FOR:
            continue
        key, file = f"run {run.id} {run.state.value}", run.file_name
        if run.state is JobState.DONE:
            yield Notice(key, NoticeKind.PREDICTION, run.id, f"The prediction of {file} is done.", run.finished_at)
        elif run.state is JobState.FAILED:
            what = f"The prediction of {file} {'has a question' if run.question else 'did not finish'}."
            yield Notice(key, NoticeKind.PREDICTION, run.id, what, run.finished_at, is_problem=True)


def of_trainings(trainings: Iterable[Training], *, now: datetime) -> Iterator[Notice]:
    for training in trainings:
        if training.finished_at is None or now - training.finished_at > SHOWN_FOR:
            continue
        key, file, at = f"training {training.id} {training.state.value}", training.file_name, training.finished_at
        if training.state is JobState.DONE:
            made = f" It made model {training.version}." if training.version else ""
            yield Notice(key, NoticeKind.TRAINING, training.id, f"The training on {file} is done.{made}", at)
        elif training.state is JobState.FAILED:
            what = f"The training on {file} {'has a question' if training.question else 'did not finish'}."
            yield Notice(key, NoticeKind.TRAINING, training.id, what, at, is_problem=True)


def of_drift(run: Run | None) -> Iterator[Notice]:
    """That customers of the newest prediction have moved far from those of the training."""
    if run is None or run.summary is None or run.finished_at is None:
        return
    moved = sum(column.state == "act" for column in run.summary.columns)
    if moved:
        attributes = f"{moved} attribute has" if moved == 1 else f"{moved} attributes have"
        text = f"{run.file_name}: {attributes} moved far from the customers of the training. Train again."
        yield Notice(f"drift {run.id}", NoticeKind.DRIFT, run.id, text, run.finished_at, is_problem=True)


def of_best_before(version: str, own: BestBefore) -> Iterator[Notice]:
    """That a model is past its best-before."""
    if own.train_again:
        newest = own.months[-1]
        text = f"Model {version} is past its best-before of {in_words(newest.month)}. Train again."
        yield Notice(f"model {version} {newest.month}", NoticeKind.MODEL, version, text, newest.at, is_problem=True)


def of_campaign(campaign: Campaign, over_on: date, at: datetime) -> Notice:
    """That a campaign's time is over, as of that day."""
    text = f"The time of {campaign.name} is over. Record who stayed, and close it."
    return Notice(f"campaign {campaign.id} {over_on.isoformat()}", NoticeKind.CAMPAIGN, campaign.id, text, at)


def of_missing_file(folder: str, due: datetime) -> Notice:
    key, text = f"folder {due.isoformat()} {folder}", f"No file has come to the folder {folder}."
    return Notice(key, NoticeKind.FOLDER, "", text, due, is_problem=True)


def listed(*kinds: Iterable[Notice], seen: Mapping[str, datetime]) -> tuple[Notice, ...]:
    """All notices, the newest first, with what was seen marked."""
    notices = [replace(notice, seen=notice.key in seen) for notice in chain(*kinds)]
    return tuple(sorted(notices, key=lambda notice: (notice.at, notice.key), reverse=True))
