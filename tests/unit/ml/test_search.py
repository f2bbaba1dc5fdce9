"""The search for settings: what is tried, and on which rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.training import search as module
from adapters.ml.training.boosting import Boosted
from adapters.ml.training.candidates import other_kinds, taught
from adapters.ml.training.distilled_member import DistilledForestSettings
from adapters.ml.training.learning_data import LearningData, learning_data
from adapters.ml.training.search import search
from adapters.ml.training.xgboost_member import XGBoostSettings
from domain.model import Effort
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers

TEACHING = DistilledForestSettings(XGBoostSettings(depth=2), forest=5)


@pytest.fixture(scope="module")
def data() -> LearningData:
    return learning_data(detect(a_table(customers(600)), TrainingRequest()))


@pytest.fixture
def learned_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows that the only two candidates learned from, in order."""
    rows: list[int] = []
    boost = XGBoostSettings.boost

    def recorded(self: XGBoostSettings, split: Any, **named: Any) -> Boosted:
        rows.append(len(split.churned))
        return boost(self, split, **named)

    monkeypatch.setattr(XGBoostSettings, "boost", recorded)
    monkeypatch.setattr(module, "candidates", lambda *_, **__: [XGBoostSettings(depth=1), XGBoostSettings(depth=2)])
    monkeypatch.setattr(module, "other_kinds", lambda *_, **__: ())
    monkeypatch.setattr(module, "taught", lambda *_, **__: ())
    monkeypatch.setattr(module, "MAX_ROUNDS", 30)
    return rows


def test_small_files_are_compared_on_two_divisions_into_folds(data: LearningData, learned_from: list[int]) -> None:
    found = search(data, effort=Effort.NORMAL, seed=1, report=lambda _: None)
    assert found.rows == 600
    assert len(learned_from) == 2 * 10
    assert all(abs(rows - 480) <= 2 for rows in learned_from)


def test_rounds_of_a_large_file_are_chosen_on_all_rows(
    data: LearningData, learned_from: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.SEARCH_ROWS, Effort.NORMAL, 200)
    found = search(data, effort=Effort.NORMAL, seed=1, report=lambda _: None)
    assert 150 < found.rows < 250
    assert [abs(rows - 480) <= 2 for rows in learned_from[-len(found.tuned) :]] == [True] * len(found.tuned)
    assert max(learned_from[: -len(found.tuned)]) < 250


def test_the_lowest_effort_tries_one_kind_of_trees() -> None:
    assert other_kinds(1_000, effort=Effort.LOW) == ()
    assert len(other_kinds(1_000, effort=Effort.NORMAL)) >= 2


@pytest.mark.parametrize(("effort", "rows", "tried"), [("low", 1_000, 0), ("normal", 10_000, 1), ("high", 10_001, 0)])
def test_a_forest_teaches_where_customers_are_few(effort: str, rows: int, tried: int) -> None:
    assert len(taught(rows, effort=Effort(effort))) == tried


@pytest.mark.parametrize(("gain", "folds_run"), [(0.004, 2), (0.006, 5)])
def test_boosters_that_a_forest_taught_are_compared_further_only_if_they_add_to_the_best(
    data: LearningData, monkeypatch: pytest.MonkeyPatch, gain: float, folds_run: int
) -> None:
    """Half a per cent of the log-loss is demanded."""
    ran: list[tuple[int, int]] = []

    def adds(self: Any, trial: Any, best: Any) -> bool:
        ran.extend(trial.log_odds)
        both = {place: np.zeros_like(own) for place, own in trial.log_odds.items()}
        trial.log_odds.update({place: 2 * both[place] - best.log_odds[place] for place in both})
        scaled = {place: np.full_like(own, np.log(2.0) / (1.0 - gain)) for place, own in best.losses.items()}
        monkeypatch.setattr(best, "losses", scaled)
        return bool(real(self, trial, best))

    real = module._Comparison.adds
    monkeypatch.setattr(module._Comparison, "adds", adds)
    monkeypatch.setattr(module, "candidates", lambda *_, **__: [XGBoostSettings(depth=1), XGBoostSettings(depth=2)])
    monkeypatch.setattr(module, "other_kinds", lambda *_, **__: ())
    monkeypatch.setattr(module, "taught", lambda *_, **__: (TEACHING,))
    monkeypatch.setattr(module, "FEW_ROWS", 100)
    monkeypatch.setattr(module, "MAX_ROUNDS", 5)
    taught_on: list[int] = []
    boost = DistilledForestSettings.boost
    monkeypatch.setattr(
        DistilledForestSettings,
        "boost",
        lambda self, split, **named: (taught_on.append(1), boost(self, split, **named))[1],
    )
    search(data, effort=Effort.NORMAL, seed=1, report=lambda _: None)
    assert len(ran) == 2
    assert len(taught_on) == folds_run
