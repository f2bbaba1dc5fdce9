"""When a candidate may replace the champion."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from adapters.formatting.babel_formats import formats_of
from application.use_cases.models.promotion import PromoteModel
from domain.account import Role
from domain.actor import Actor
from domain.errors import Conflict
from domain.evaluation import Metric
from domain.model import ModelStage, ModelVersion
from tests.builders import a_model_version, an_account, an_evaluation
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock

MANAGER = an_account(id="manager", role=Role.MANAGER)
FILE, OTHER_FILE = "a" * 64, "b" * 64


def with_auc(value: float, low: float | None, **given: object) -> ModelVersion:
    evaluation = an_evaluation()
    metrics = evaluation.metrics | {"auc": Metric(value, low, None if low is None else 0.99)}
    filled = {"data_sha256": FILE, **given}
    return a_model_version(evaluation=replace(evaluation, metrics=metrics), **filled)


def promoted(champion: ModelVersion, candidate_auc: float, *, force: bool = False, reason: str = "") -> str:
    """The champion afterwards, once somebody asks to promote a candidate v2 with this AUC on FILE."""
    new_uow = partial(FakeUnitOfWork, FakeDatabase())
    with new_uow() as uow:
        uow.models.add(replace(champion, stage=ModelStage.CHAMPION))
        uow.models.add(with_auc(candidate_auc, candidate_auc - 0.01, id="v2"))
        uow.commit()
    PromoteModel(new_uow, FixedClock(), formats_of)("v2", by=Actor(MANAGER), force=force, reason=reason)
    with new_uow() as uow:
        now_champion = uow.models.champion()
    assert now_champion is not None
    return now_champion.id


def test_a_candidate_at_the_lower_end_of_the_champion_s_interval_is_promoted() -> None:
    assert promoted(with_auc(0.85, 0.84), 0.84) == "v2"


def test_a_candidate_below_the_champion_s_interval_is_refused() -> None:
    with pytest.raises(Conflict, match=r"AUC 0\.839 against 0\.850, interval from 0\.840"):
        promoted(with_auc(0.85, 0.84), 0.839)


@pytest.mark.parametrize(
    "champion",
    [
        with_auc(0.95, 0.94, starter=True),
        with_auc(0.95, 0.94, sample=True),
        with_auc(0.95, 0.94, data_sha256=OTHER_FILE),
        with_auc(0.95, None),
    ],
    ids=["the starter model", "trained on sample data", "evaluated on another file", "without an interval"],
)
def test_a_champion_that_cannot_be_compared_blocks_no_candidate(champion: ModelVersion) -> None:
    assert promoted(champion, 0.60) == "v2"


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_insisting_without_a_reason_does_not_promote_a_worse_candidate(reason: str) -> None:
    with pytest.raises(Conflict):
        promoted(with_auc(0.85, 0.84), 0.80, force=True, reason=reason)


def test_a_reason_without_insisting_does_not_promote_a_worse_candidate() -> None:
    with pytest.raises(Conflict):
        promoted(with_auc(0.85, 0.84), 0.80, reason="newer customers")


def test_insisting_with_a_reason_promotes_a_worse_candidate() -> None:
    assert promoted(with_auc(0.85, 0.84), 0.80, force=True, reason="newer customers") == "v2"
