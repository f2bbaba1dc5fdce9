"""Gradings with every field filled."""

from __future__ import annotations

from typing import Any

from domain.evaluation import CalibrationBin, ConfusionMatrix, Metric
from domain.grading import GradedFigures, Grading, GradingId, GradingOffer, GradingSource, Tenth
from domain.model import Algorithm
from domain.run import RunId
from tests.builders.moments import NOON, SHA256


def graded_figures(**given: Any) -> GradedFigures:
    filled: dict[str, Any] = {
        "customers": 10_000,
        "left": 1_198,
        "expected": Metric(1_240.4, 1_170.2, 1_310.6),
        "auc": Metric(0.843, 0.831, 0.855),
        "average_precision": 0.1 + 0.2,
        "log_loss": 0.29,
        "brier": 0.08,
        "confusion": ConfusionMatrix(1_161, 600, 37, 8_202),
        "calibration": (CalibrationBin(1_000, 0.01, 0.012, 0.007, 0.02), CalibrationBin(1_000, 0.5, 0.49, 0.46, 0.52)),
        "tenths": (Tenth(1_000, 491, 500.5), *(Tenth(1_000, 78, 82.0) for _ in range(9))),
    }
    return GradedFigures(**(filled | given))


def a_grading(**given: Any) -> Grading:
    filled: dict[str, Any] = {
        "id": GradingId("grading-1"),
        "run_id": RunId("run-1"),
        "month": "2026-10",
        "horizon": 1,
        "model_version": "v3",
        "algorithm": Algorithm.LOGISTIC,
        "model_age": 2,
        "threshold": 0.41,
        "figures": graded_figures(),
        "source": GradingSource("november.csv", SHA256, "2026-11", RunId("run-2")),
        "truth": "missing in the file of the next month",
        "by": "account-1",
        "at": NOON,
        "new": 310,
        "left_out": 12,
        "treated": 55,
        "untreated": graded_figures(customers=9_945, left=1_190, expected=Metric(1_220.0, 1_150.0, 1_290.0)),
        "automatic": True,
    }
    return Grading(**(filled | given))


def an_offer(**given: Any) -> GradingOffer:
    filled: dict[str, Any] = {
        "run_id": RunId("run-1"),
        "by_run": RunId("run-2"),
        "reason": "9.0% of the customers of October 2026 are missing.",
        "possible": True,
        "at": NOON,
    }
    return GradingOffer(**(filled | given))
