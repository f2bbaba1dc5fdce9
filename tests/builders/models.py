"""Model versions, their evaluations and trainings."""

from __future__ import annotations

from typing import Any

from domain.curve_demand import CurveDemand, Direction, KeptDemands
from domain.economics import ThresholdCounts
from domain.evaluation import (
    CalibrationBin,
    ConfusionMatrix,
    Curve,
    Evaluation,
    Metric,
    RandomFolds,
    RoundCurves,
    SegmentQuality,
    ThresholdOption,
)
from domain.file_format import FormatChoice
from domain.forward_validation import UnseenMonth
from domain.history_kind import HistoryGain, HistoryPart
from domain.label_rule import LabelRule, LabelSource, MadeLabel
from domain.model import Algorithm, Effort, LeftOut, ModelVersion, Promotion
from domain.model_comparison import ComparedFigures, ComparisonMonths, ModelComparison, PairedFigures
from domain.presence import Returning
from domain.training import Training, TrainingId, TrainingRequest
from domain.vocabulary.tenure import TenureUnit
from tests.builders.moments import NOON, SHA256
from tests.builders.schemas import a_schema

TRAINING_SHA256 = "5d" * 32


def an_evaluation(**given: Any) -> Evaluation:
    curve = Curve((0.0, 0.1 + 0.2, 1.0), (0.0, 0.7, 1.0), (0.0, 0.6, 1.0), (0.0, 0.8, 1.0))
    names = (
        *("auc", "average_precision", "log_loss", "brier", "brier_skill", "accuracy", "precision", "recall"),
        *("f1", "ece", "lift_10", "empc", "empc_share"),
    )
    filled: dict[str, Any] = {
        "method": "5-fold cross-validation",
        "customers": 7043,
        "churned": 1869,
        "threshold": 1 / 3,
        "metrics": {name: Metric(0.84 + place / 1000, 0.83, 0.86) for place, name in enumerate(names)},
        "confusion": ConfusionMatrix(1400, 1300, 469, 3874),
        "roc": curve,
        "precision_recall": curve,
        "gain": curve,
        "lift": curve,
        "profit": curve,
        "calibration": (CalibrationBin(704, 0.01, 0.02, 0.005, 0.03),),
        "rounds": RoundCurves((1, 2), (0.8, 0.81), (0.79, 0.8), (0.5, 0.4), (0.5, 0.45), (0.7, 0.71), (0.9, 0.91), 2),
        "baseline": {"auc": Metric(0.835)},
        "segments": (SegmentQuality("Contract", "Two year", 1695, 48, 0.03, 0.76),),
        "thresholds": (ThresholdOption("profit", 0.21, 12_345.6, ConfusionMatrix(1, 2, 3, 4)),),
        "interval_method": "bootstrap, 1,000 draws",
        "out_of_time": {"auc": Metric(0.82, 0.8, 0.84)},
        "months": (
            UnseenMonth("2026-09", 600, 150, 160.5, 137.25, 183.75, 171.5),
            UnseenMonth("2026-10", 610, 140, 150.25, 125.5, 175.0, 170.0),
        ),
        "movement": 0.0625,
        "random_folds": RandomFolds({"auc": Metric(0.85, 0.84, 0.86)}, 7043, 1869, 1871.5),
        "kept": KeptDemands((CurveDemand("MonthlyCharges", Direction.NEVER_LOWERS),), 0.00125, 0.0004),
        "compared": ModelComparison(
            ComparisonMonths(("2026-07", "2026-08"), ("2026-09",)),
            "model v0",
            PairedFigures(
                600,
                150,
                ComparedFigures(0.41, 0.85, 148.5, 127.25, 169.75),
                ComparedFigures(0.45, None, 120.5, 101.0, 140.0),
                -0.04,
                0.015625,
            ),
            "Made up.",
            ("Model v0 learned from generated customers.",),
        ),
        "history": HistoryGain(7, (HistoryPart("Contract changed since last month", 0.0125, 0.0025),)),
        "cuts": (ThresholdCounts(0.5, 900, 600), ThresholdCounts(1 / 3, 1400, 1300), ThresholdCounts(0.25, 1600, 2000)),
    }
    return Evaluation(**(filled | given))


def a_made_label(**given: Any) -> MadeLabel:
    rule = LabelRule(LabelSource.STATUS, 3, Returning.OUT, "status", ("Closed", "Ported out"), 60, "2026-05-31")
    filled: dict[str, Any] = {
        "rule": rule,
        "files": 4,
        "first": "2026-04",
        "last": "2026-05",
        "customers": 7043,
        "left": 1869,
        "returned": 12,
        "every": 3,
    }
    return MadeLabel(**(filled | given))


def a_model_version(**given: Any) -> ModelVersion:
    filled: dict[str, Any] = {
        "id": "v1",
        "algorithm": Algorithm.LOGISTIC,
        "schema": a_schema(further_positive=("Cancelled",)),
        "evaluation": an_evaluation(),
        "threshold": 0.1 + 0.2,
        "threshold_strategy": "profit",
        "trained_at": NOON,
        "trained_by": "account-1",
        "file_name": "telco_2026.csv",
        "data_sha256": TRAINING_SHA256,
        "rows": 7043,
        "churned": 1869,
        "seed": 7,
        "seconds": 8.25,
        "horizon": "the next quarter",
        "left_out": (LeftOut("Churn Reason", "It is only known once a customer has left."),),
        "notes": ("22 duplicate rows were counted once.",),
        "parameters": {"max_depth": "3"},
        "libraries": {"xgboost": "3.2.0"},
        "label": a_made_label(),
    }
    return ModelVersion(**(filled | given))


def a_promotion(**given: Any) -> Promotion:
    filled: dict[str, Any] = {
        "version": "v2",
        "previous": "v1",
        "by": "account-1",
        "at": NOON,
        "reason": "Newer months.",
    }
    return Promotion(**(filled | given))


def a_training_request(**given: Any) -> TrainingRequest:
    filled: dict[str, Any] = {
        "target": "Churn",
        "positive": "Yes",
        "id_column": "customerID",
        "algorithm": Algorithm.LOGISTIC,
        "effort": Effort.HIGH,
        "seed": 7,
        "keep": ("Churn Score",),
        "horizon": "the next quarter",
        "seen": ("No", "Yes", "Cancelled"),
        "further_positive": ("Cancelled",),
        "tenure_unit": TenureUnit.MONTHS,
        "format_override": FormatChoice("cp1250", ";", ",", "month-first", (("usage", "%"),), "March"),
        "known_before": ("Plan",),
        "known_afterwards": ("Refund",),
        "demands": (CurveDemand("tenure", Direction.NEVER_RAISES),),
        "label": a_made_label(),
        "compare": ComparisonMonths(("2026-07",), ("2026-08",)),
    }
    return TrainingRequest(**(filled | given))


def a_training(**given: Any) -> Training:
    filled: dict[str, Any] = {
        "id": TrainingId("training-1"),
        "owner": "account-1",
        "file_name": "telco_2026.csv",
        "file_sha256": SHA256,
        "file_bytes": 977_501,
        "request": a_training_request(),
        "created_at": NOON,
    }
    return Training(**(filled | given))
