"""A trainer that blends small members of every kind, worth it or not, so that tests of blends need no large file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from adapters.ml.training.boosting import Tuned
from adapters.ml.training.lightgbm_member import LightGBMSettings
from adapters.ml.training.search import Found
from adapters.ml.training.xgboost_member import XGBoostSettings
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.models import TrainedModel
from domain.progress import Progress, TrainingStage

MEMBERS = (
    Tuned(XGBoostSettings(depth=2), 12),
    Tuned(XGBoostSettings(depth=6, most_leaves=7, child_weight=2.0), 9),
    Tuned(LightGBMSettings(most_leaves=7, child_rows=8), 11),
    Tuned(LightGBMSettings(most_leaves=7, child_rows=8, random_thresholds=True), 10),
)


@contextmanager
def blending() -> Iterator[None]:
    """Trainings blend the members, and the splines, in equal shares."""

    def search(*_: Any, report: Callable[[Progress], None], **__: Any) -> Found:
        report(Progress(TrainingStage.TRYING_SETTINGS, done=0, of=len(MEMBERS)))
        return Found(MEMBERS, trials=len(MEMBERS), rows=1)

    def equal_shares(log_odds: Any, _: Any) -> Any:
        return np.full(len(log_odds), 1.0 / len(log_odds))

    with ExitStack() as stack:
        for name, replacement in (
            ("xgboost_trainer.search", search),
            ("selection.greedy_shares", equal_shares),
            ("ensemble.greedy_shares", equal_shares),
            ("ensemble.worth_its_cost", lambda options: len(options) - 1),
        ):
            stack.enter_context(patch(f"adapters.ml.training.{name}", replacement))
        yield


class BlendTrainer(XGBoostTrainer):
    def train(self, *given: Any, **named: Any) -> TrainedModel:
        with blending():
            return super().train(*given, **named)
