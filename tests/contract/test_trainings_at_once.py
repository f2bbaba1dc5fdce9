"""Four people press Train at once, and every training succeeds with a different number."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adapters.persistence.engine import Access
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.use_cases.jobs.claims import Claims
from domain.model import ModelVersion
from domain.run import JobState
from domain.training import Training
from tests.fakes.models import InMemoryModelRegistry
from tests.unit.use_cases.test_train_model import ANALYST, TrainingApplication


class SlowRegistry(InMemoryModelRegistry):
    """Writing a model takes a while, in which other trainings come to the same point."""

    def save(self, version: ModelVersion, model: Any) -> None:
        time.sleep(0.1)
        super().save(version, model)


class SqlTrainingApplication(TrainingApplication):
    engine: Engine

    @property
    def new_uow(self) -> Any:
        return partial(SqlUnitOfWork, self.engine)

    @property
    def new_reading(self) -> Any:
        return partial(SqlUnitOfWork, self.engine, access=Access.READING)


def test_concurrent_trainings_all_succeed_with_different_numbers(engine: Engine, tmp_path: Path) -> None:
    app = SqlTrainingApplication(tmp_path, registry=SlowRegistry())
    app.engine = engine
    with app.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.commit()
    trainings = [app.submit() for _ in range(4)]
    ready, ended = threading.Barrier(4), list[Training | None]()

    def train(training: Training, claims: Claims) -> None:
        ready.wait()
        ended.append(app.train(training, claims=claims))

    two_processes = [Claims("first", threads=2), Claims("second", threads=2)]
    threads = [
        threading.Thread(target=train, args=(training, two_processes[number % 2]))
        for number, training in enumerate(trainings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [training.state for training in ended if training] == [JobState.DONE] * 4
    assert {training.version for training in ended if training} == {"v1", "v2", "v3", "v4"}
    assert set(app.registry.versions()) == {"v1", "v2", "v3", "v4"}
