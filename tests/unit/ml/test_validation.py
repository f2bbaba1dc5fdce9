"""Divisions: random folds, and tests forward in time in which no model saw a tested month or customer."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.training import validation
from adapters.ml.training.learning_data import LearningData, learning_data
from adapters.ml.training.validation import divide, evaluation_divisions, evaluation_rows
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, monthly_customers


def monthly(**asked: int) -> LearningData:
    return learning_data(detect(a_table(monthly_customers(**asked)), TrainingRequest()))


def test_a_file_with_months_is_tested_forward_in_time() -> None:
    data = monthly(each=160, months=5)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    assert division.months == ("2026-02", "2026-03", "2026-04", "2026-05")
    assert (len(division.folds), division.first) == (12, 4)
    assert data.months is not None
    for fold in division.folds:
        (month,) = set(data.months[fold.held_out].tolist())
        assert set(data.months[fold.training].tolist()) == {own for own in set(data.months.tolist()) if own < month}


def test_no_test_learns_from_the_customers_it_tests() -> None:
    data = monthly(each=160, months=5)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    for fold in division.folds:
        assert len(fold.training)
        assert not set(data.groups.of_row[fold.training]) & set(data.groups.of_row[fold.held_out])


def test_each_row_of_a_tested_month_is_held_out_once() -> None:
    data = monthly(each=160, months=5)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    held_out = np.concatenate([fold.held_out for fold in division.folds])
    assert sorted(held_out.tolist()) == division.rows.tolist()
    assert data.months is not None
    assert division.rows.tolist() == np.flatnonzero(data.months != "2026-01").tolist()
    assert [division.months[place] for place in division.month_of] == data.months[division.rows].tolist()


def test_the_oldest_tested_month_is_not_shown() -> None:
    data = monthly(each=160, months=5)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    assert data.months is not None
    assert set(data.months[division.rows[division.shown]].tolist()) == {"2026-03", "2026-04", "2026-05"}


def test_the_first_folds_are_one_of_each_month_the_newest_first() -> None:
    data = monthly(each=160, months=5)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    assert data.months is not None
    first = [data.months[fold.held_out[0]] for fold in division.folds[: division.first]]
    assert first == ["2026-05", "2026-04", "2026-03", "2026-02"]


def test_rows_without_a_month_are_not_tested_and_not_learned_from() -> None:
    data = monthly(each=160, months=5)
    assert data.months is not None
    data.months[:7] = ""
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    used = np.concatenate([rows for fold in division.folds for rows in (fold.training, fold.held_out)])
    assert used.min() >= 7


def test_two_months_are_tested_by_random_folds() -> None:
    data = monthly(each=160, months=2)
    division = divide(data, np.arange(data.rows), folds=5, seed=1)
    assert division.months == ()
    assert (len(division.folds), division.first) == (5, 2)
    assert division.shown.all()
    for fold in division.folds:
        assert sorted([*fold.training, *fold.held_out]) == list(range(data.rows))
    assert division.fold_of.tolist() == division.parts.tolist()


def test_repeats_test_the_same_rows_by_other_parts() -> None:
    data = monthly(each=160, months=4)
    one, other = evaluation_divisions(data, folds=5, repeats=2, seed=3)
    assert (one.rows == other.rows).all()
    assert (one.parts != other.parts).any()


def test_of_a_large_file_a_sample_of_customers_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "FORWARD_ROWS", 400)
    data = monthly(each=160, months=5)
    rows = evaluation_rows(data, seed=3)
    assert 300 < len(rows) < 500
    sampled = set(data.groups.of_row[rows].tolist())
    assert rows.tolist() == [row for row in range(data.rows) if data.groups.of_row[row] in sampled]
