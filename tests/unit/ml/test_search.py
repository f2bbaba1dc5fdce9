"""The search for settings: what is tried, and on which rows."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.training import search as module
from adapters.ml.training.boosting import Boosted
from adapters.ml.training.candidates import other_kinds
from adapters.ml.training.learning_data import LearningData, learning_data
from adapters.ml.training.search import search
from adapters.ml.training.xgboost_member import XGBoostSettings
from domain.model import Effort
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


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
