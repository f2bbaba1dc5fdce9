"""Figures of scored customers whose outcome is known, against pandas and scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from adapters.ml.scoring.outcome_evaluation import NumpyOutcomeEvaluator
from application.ports.snapshots import Outcomes
from tests import builders as a


def drawn(customers: int = 2_003) -> Outcomes:
    draw = np.random.default_rng(7)
    probability = np.round(draw.beta(0.6, 4.0, customers), 3)  # with ties
    return Outcomes(customers, probability, draw.random(customers) < probability, draw.random(customers) < 0.1)


def test_figures_equal_those_of_pandas_and_scikit_learn() -> None:
    outcomes = drawn()
    found = NumpyOutcomeEvaluator().evaluate(outcomes, threshold=0.25, held_out=a.an_evaluation())
    assert found is not None
    assert found.auc is not None
    rows = pd.DataFrame({"p": outcomes.probability, "left": outcomes.left})
    assert (found.customers, found.left) == (2_003, int(rows.left.sum()))
    assert found.expected.value == pytest.approx(rows.p.sum(), rel=1e-12)
    assert found.auc.value == roc_auc_score(rows.left, rows.p)
    assert found.average_precision == average_precision_score(rows.left, rows.p)
    assert found.log_loss == pytest.approx(log_loss(rows.left, rows.p.clip(1e-15, 1 - 1e-15)), abs=1e-9)
    assert found.brier == brier_score_loss(rows.left, rows.p)
    called = rows.p >= 0.25
    assert found.confusion.true_positive == int((called & rows.left).sum())
    assert found.confusion.false_positive == int((called & ~rows.left).sum())
    assert found.confusion.false_negative == int((~called & rows.left).sum())
    ranked = rows.sort_values("p", ascending=False, kind="stable").reset_index(drop=True)
    assert [own.customers for own in found.tenths] == [201, 201, 201, *[200] * 7]
    assert found.tenths[0].left == int(ranked.left.head(201).sum())
    assert found.tenths[-1].left == int(ranked.left.tail(200).sum())
    assert sum(own.expected for own in found.tenths) == pytest.approx(rows.p.sum())
    assert found.expected.low is not None
    assert found.expected.high is not None
    assert found.expected.low < found.expected.value < found.expected.high
    assert found.auc.low is not None
    assert found.auc.high is not None
    assert found.auc.low < found.auc.value < found.auc.high
    assert sum(own.customers for own in found.calibration) == 2_003


def test_contacted_customers_can_be_left_out() -> None:
    outcomes = drawn()
    found = NumpyOutcomeEvaluator().evaluate(outcomes, threshold=0.25, held_out=a.an_evaluation(), without_treated=True)
    assert found is not None
    assert found.customers == int((~outcomes.treated).sum())
    assert found.left == int(outcomes.left[~outcomes.treated].sum())


def test_one_class_has_no_ranking_and_nobody_has_no_figures() -> None:
    evaluate, model = NumpyOutcomeEvaluator().evaluate, a.an_evaluation()
    nobody = Outcomes(3, np.array([0.1, 0.2, 0.3]), np.zeros(3, bool), np.ones(3, bool))
    found = evaluate(nobody, threshold=0.25, held_out=model)
    assert found is not None
    assert (found.auc, found.average_precision, found.lift_10, len(found.tenths)) == (None, None, 0.0, 3)
    assert evaluate(nobody, threshold=0.25, held_out=model, without_treated=True) is None
