"""Reading models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from application.use_cases.models.view_models import ListModels, OpenModel
from domain.account import Role
from domain.errors import ModelNotFound
from domain.evaluation import Metric
from domain.model import ModelStage
from domain.training import TrainingId
from tests.builders import a_model_version, a_promotion, a_training, an_account, an_evaluation
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

ME = an_account(id="account-1")
VIEWER = an_account(id="account-2", role=Role.VIEWER)
BOSS = an_account(id="account-3", name="Branch South", role=Role.MANAGER)


def with_auc(value: float, low: float, high: float, **given: object) -> object:
    evaluation = an_evaluation()
    metrics = evaluation.metrics | {"auc": Metric(value, low, high)}
    return a_model_version(evaluation=replace(evaluation, metrics=metrics), **given)


def a_database(*versions: object, trainings: tuple[object, ...] = ()) -> FakeDatabase:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for account in (ME, VIEWER, BOSS):
            uow.accounts.add(account)
        for version in versions:
            uow.models.add(version)  # type: ignore[arg-type]
        for training in trainings:
            uow.trainings.add(training)  # type: ignore[arg-type]
        uow.models.log(a_promotion(by=BOSS.email))
        uow.commit()
    return database


def test_a_candidate_worse_than_the_champion_is_listed_with_the_refusal() -> None:
    champion = with_auc(0.85, 0.84, 0.86, id="v1", stage=ModelStage.CHAMPION)
    worse = with_auc(0.80, 0.79, 0.81, id="v2")
    level = with_auc(0.845, 0.83, 0.86, id="v3")
    database = a_database(champion, worse, level)
    view = ListModels(lambda: FakeUnitOfWork(database), formats_of)(by=ME)

    assert view.champion is not None
    assert view.champion.id == "v1"
    assert list(view.refusals) == ["v2"]
    assert "force the promotion and give a reason" in view.refusals["v2"]


def test_a_retired_version_can_be_rolled_back_to_without_insisting() -> None:
    database = a_database(
        with_auc(0.85, 0.84, 0.86, id="v1", stage=ModelStage.CHAMPION),
        with_auc(0.80, 0.79, 0.81, id="v2", stage=ModelStage.RETIRED),
    )

    assert ListModels(lambda: FakeUnitOfWork(database), formats_of)(by=ME).refusals == {}


def test_promotions_and_trainings_name_people_by_email_and_by_id() -> None:
    view = ListModels(lambda: FakeUnitOfWork(a_database(a_model_version())), formats_of)(by=ME)

    assert view.people[view.promotions[0].by] == "Branch South"
    assert view.people["account-3"] == "Branch South"
    assert view.people["system"] == "Command line"


def test_promotions_say_who_made_them() -> None:
    view = ListModels(lambda: FakeUnitOfWork(a_database(a_model_version())), formats_of)(by=ME)
    made = view.promotions[0]
    by_command = replace(made, by="system@localhost", version="v1", previous=None)

    assert view.who(made) == "by Branch South"
    assert view.who(replace(made, by="gone@example.com")) == "by gone@example.com"
    assert view.who(by_command) == "from the command line"
    assert view.who(replace(by_command, version="v0")) == "by this program"
    assert view.who(replace(by_command, version="v0", by="system")) == "by this program"
    assert view.who(replace(by_command, version="v0", previous="v1")) == "from the command line"


def test_versions_that_learned_the_same_from_the_same_file_are_pointed_out() -> None:
    first, twin = a_model_version(id="v1"), a_model_version(id="v2", stage=ModelStage.CANDIDATE, seconds=9.0)
    other = replace(twin, id="v3", threshold=0.9)
    view = ListModels(lambda: FakeUnitOfWork(a_database(first, twin, other)), formats_of)(by=ME)
    equal = {own.id: view.equal_to(own) for own in (first, twin, other)}

    assert {key: own.id if own else None for key, own in equal.items()} == {"v1": "v2", "v2": "v1", "v3": None}


def test_trainings_under_way_are_shown_to_their_owner_and_to_those_who_see_all() -> None:
    mine = a_training()
    ended = replace(a_training(id=TrainingId("training-2")), state=mine.state).cancelled(at=mine.created_at)
    database = a_database(trainings=(mine, ended))
    listing = ListModels(lambda: FakeUnitOfWork(database), formats_of)

    assert [t.id for t in listing(by=ME).under_way] == ["training-1"]
    assert listing(by=VIEWER).under_way == ()
    assert len(listing(by=BOSS).under_way) == 1


def test_an_unknown_version_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        OpenModel(lambda: FakeUnitOfWork(a_database()), formats_of)("v9", by=ME)
