"""Trainings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Conflict, NotFound
from domain.run import JobState
from domain.training import TrainingId, TrainingRequest
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def a_full_training(**given: Any) -> Any:
    filled = {
        "state": JobState.DONE,
        "sample": True,
        "starter": True,
        "promote": True,
        "started_at": at(minutes=1),
        "finished_at": at(minutes=3),
        "heartbeat_at": at(minutes=2),
        "worker": "worker-7",
        "progress": a.a_progress(),
        "version": "v4",
        "error": "The disk is full.",
        "cancel_requested": True,
        "recognition": a.a_recognition(),
        "question": a.a_question(),
    }
    return a.a_training(**(filled | given))


def test_a_training_comes_back_with_every_field(new_uow: NewUow) -> None:
    training, bare = a_full_training(), a.a_training(id="bare", request=TrainingRequest())
    check_every_field_is_filled(training)
    with new_uow() as uow:
        uow.trainings.add(training)
        uow.trainings.add(bare)
        with pytest.raises(Conflict):
            uow.trainings.add(training)
        assert uow.trainings.get(training.id) == training
        assert uow.trainings.get(bare.id) == bare
        changed = a_full_training(id="bare", owner="other")
        uow.trainings.save(changed)
        assert uow.trainings.get(bare.id) == changed


def test_a_missing_training_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(NotFound):
            uow.trainings.get(TrainingId("none"))
        with pytest.raises(NotFound):
            uow.trainings.save(a.a_training())


def test_a_training_is_claimed_kept_alive_and_taken_over_like_a_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.trainings.add(a.a_training())
        trainings, it = uow.trainings, TrainingId("training-1")
        taken = trainings.claim(it, worker="first", now=at(), stale_before=at())
        assert taken == a.a_training().started(worker="first", at=at())
        assert trainings.claim(it, worker="second", now=at(), stale_before=at()) is None
        assert trainings.heartbeat(it, worker="first", at=at(minutes=1), progress=a.a_progress())
        assert trainings.get(it) == replace(taken, heartbeat_at=at(minutes=1), progress=a.a_progress())
        assert trainings.claim(it, worker="second", now=at(minutes=5), stale_before=at(minutes=4)) is not None
        assert not trainings.heartbeat(it, worker="first", at=at(minutes=6), progress=a.a_progress())


def test_trainings_are_listed_newest_first_and_those_unfinished_oldest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for minutes, owner in enumerate(("shop", "branch", "shop")):
            uow.trainings.add(a.a_training(id=f"t{minutes}", owner=owner, created_at=at(minutes=minutes)))
        assert [own.id for own in uow.trainings.latest()] == ["t2", "t1", "t0"]
        assert [own.id for own in uow.trainings.latest(limit=1)] == ["t2"]
        assert [own.id for own in uow.trainings.latest(owner="shop")] == ["t2", "t0"]
        assert [own.id for own in uow.trainings.unfinished()] == ["t0", "t1", "t2"]
