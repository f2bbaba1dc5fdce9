"""Four people press Train at once, and every training succeeds with a number of its own."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.use_cases.claims import Claims
from domain.model import ModelVersion
from domain.run import RunState
from domain.training import Training
from tests.fakes.models import InMemoryModelRegistry
from tests.unit.use_cases.test_train_model import ANALYST, Desk


class SlowRegistry(InMemoryModelRegistry):
    """Writing a model takes a while, in which other trainings come to the same point."""

    def save(self, version: ModelVersion, model: Any) -> None:
        time.sleep(0.1)
        super().save(version, model)


class SqlDesk(Desk):
    engine: Engine

    @property
    def new_uow(self) -> Any:
        return partial(SqlUnitOfWork, self.engine)


def test_trainings_at_once_all_succeed_under_numbers_of_their_own(engine: Engine, tmp_path: Path) -> None:
    desk = SqlDesk(tmp_path, registry=SlowRegistry())
    desk.engine = engine
    with desk.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.commit()
    trainings = [desk.submit() for _ in range(4)]
    ready, ended = threading.Barrier(4), list[Training | None]()

    def train(training: Training, claims: Claims) -> None:
        ready.wait()
        ended.append(desk.train(training, claims=claims))

    two_processes = [Claims("first", threads=2), Claims("second", threads=2)]
    threads = [
        threading.Thread(target=train, args=(training, two_processes[number % 2]))
        for number, training in enumerate(trainings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [training.state for training in ended if training] == [RunState.DONE] * 4
    assert {training.version for training in ended if training} == {"v1", "v2", "v3", "v4"}
    assert set(desk.registry.versions()) == {"v1", "v2", "v3", "v4"}
