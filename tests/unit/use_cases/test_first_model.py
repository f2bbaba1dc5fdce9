"""A file that is sent while the starter model is still being made."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.use_cases.models.first_model import awaited_model
from domain.errors import ModelNotFound, NoModel
from domain.model import ModelStage
from domain.run import JobState
from tests.builders import a_model_version, a_training
from tests.unit.use_cases.in_memory import InMemoryApplication


class Pauses:
    """Counts the looks in between, and does something after some of them."""

    def __init__(self, then: dict[int, object] | None = None) -> None:
        self.seconds: list[float] = []
        self.then = then or {}

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        act = self.then.get(len(self.seconds))
        if callable(act):
            act()


@pytest.fixture
def app(tmp_path: Path) -> InMemoryApplication:
    """Without a model."""
    app = InMemoryApplication(tmp_path)
    with app.new_uow() as uow:
        for version in uow.models.all():
            uow.models.remove(version.id)
        uow.commit()
    return app


def trained(app: InMemoryApplication, *, starter: bool = True, state: JobState = JobState.RUNNING) -> None:
    with app.new_uow() as uow:
        uow.trainings.add(a_training(starter=starter, state=state))
        uow.commit()


def crowned(app: InMemoryApplication) -> None:
    with app.new_uow() as uow:
        uow.models.add(a_model_version(id="v0", stage=ModelStage.CHAMPION))
        uow.commit()


def test_the_champion_is_found_at_once(app: InMemoryApplication) -> None:
    crowned(app)
    pauses = Pauses()
    assert awaited_model(app.new_uow, None, pause=pauses).id == "v0"
    assert pauses.seconds == []


@pytest.mark.parametrize("begun", [True, False])
def test_the_starter_model_is_waited_for_also_before_its_training_is_queued(
    app: InMemoryApplication, begun: bool
) -> None:
    if begun:
        trained(app)
    pauses = Pauses({3: lambda: crowned(app)})
    assert awaited_model(app.new_uow, None, pause=pauses).id == "v0"
    assert pauses.seconds == [0.25, 0.25, 0.25]


def test_nobody_waits_longer_than_25_seconds(app: InMemoryApplication) -> None:
    trained(app)
    pauses = Pauses()
    with pytest.raises(NoModel):
        awaited_model(app.new_uow, None, pause=pauses)
    assert sum(pauses.seconds) == 25.0


@pytest.mark.parametrize(("starter", "state"), [(True, JobState.FAILED), (False, JobState.RUNNING)])
def test_nobody_waits_where_no_starter_model_comes(app: InMemoryApplication, starter: bool, state: JobState) -> None:
    trained(app, starter=starter, state=state)
    pauses = Pauses()
    with pytest.raises(NoModel):
        awaited_model(app.new_uow, None, pause=pauses)
    assert pauses.seconds == []


def test_a_command_does_not_wait_and_a_named_version_is_not_waited_for(app: InMemoryApplication) -> None:
    trained(app)
    with pytest.raises(NoModel):
        awaited_model(app.new_uow, None, pause=None)
    with pytest.raises(ModelNotFound):
        awaited_model(app.new_uow, "v9", pause=Pauses())
