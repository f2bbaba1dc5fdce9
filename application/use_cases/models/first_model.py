"""The model for a file that is sent while the first start still makes the starter model."""

from __future__ import annotations

from collections.abc import Callable

from application.use_cases.models.promotion import champion_for
from application.use_cases.permissions import NewUnitOfWork
from domain.errors import NoModel
from domain.model import ModelVersion

Pause = Callable[[float], None]
"""Waits for so many seconds."""
LOOKS = 100
LOOK_EVERY = 0.25
"""Seconds between two looks. The starter model takes about six seconds, on a busy machine twenty."""


def awaited_model(new_uow: NewUnitOfWork, model_id: str | None, *, pause: Pause | None) -> ModelVersion:
    """The named version, or the champion, also if that is the starter model which is just being made.

    Without `pause` nobody waits. Raises ModelNotFound, or NoModel if none comes in time.
    """
    for _ in range(LOOKS):
        with new_uow() as uow:
            try:
                return champion_for(uow, model_id)
            except NoModel:
                trained = uow.trainings.latest(limit=1)
                comes = not trained or any(training.starter for training in uow.trainings.unfinished())
        if pause is None or not comes:
            break
        pause(LOOK_EVERY)
    raise NoModel
