"""Runs with their summaries, contact lists and uploads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from application.ports.predictions import Contact
from application.ports.stored_files import UploadRecord
from application.ports.unit_of_work import UnitOfWork
from domain.customer import Customer, CustomerId, Value
from domain.evaluation import (
    ConfusionMatrix,
    Metric,
)
from domain.expected_quality import ExpectedQuality
from domain.header_matching import ColumnMatch, MatchKind, Unmatched
from domain.history_kind import HistoryFound
from domain.joint_drift import JointDrift
from domain.prediction import Prediction, Reason, RiskBand
from domain.progress import Progress, ScoringStage, SoFar
from domain.question import Choice, Question, Subject
from domain.run import (
    ActionTotal,
    ColumnReport,
    Contacting,
    DriverShare,
    MonthSummary,
    Run,
    RunId,
    RunSummary,
    TruthMetrics,
)
from domain.truth import TruthReading
from tests.builders.moments import NOON, SHA256
from tests.builders.playbooks import a_recommendation
from tests.builders.schemas import a_file_format


def a_progress(**given: Any) -> Progress:
    filled: dict[str, Any] = {
        "stage": ScoringStage.SCORING,
        "done": 65_536,
        "of": 100_000,
        "so_far": SoFar(65_536, 12, 17_000, 98_765.43),
        "whole": 0.25,
        "left": 20,
    }
    return Progress(**(filled | given))


def a_summary(**given: Any) -> RunSummary:
    truth = TruthMetrics(
        98, 26, 0.84, 0.42, 0.13, 0.8, 0.65, 0.55, 0.6, 0.02, 2.9, confusion=ConfusionMatrix(14, 8, 12, 64)
    )
    filled: dict[str, Any] = {
        "rows": 100,
        "scored": 98,
        "rejected": 2,
        "likely_to_leave": 22,
        "mean_probability": 0.1 + 0.2,
        "money_at_risk": 1_810.4,
        "revenue_likely": 1_650.0,
        "revenue_total": 6_400.5,
        "bands": {RiskBand.LOW: 50, RiskBand.MEDIUM: 20, RiskBand.HIGH: 18, RiskBand.CRITICAL: 10},
        "histogram": (40, 20, 10, 8, 6, 4, 4, 3, 2, 1),
        "drivers": (DriverShare("Contract", 0.61, 0.35, -0.04),),
        "contacting": Contacting(
            17, 512.25, (ActionTotal("one-year-contract", "One-year contract", 12, 402.5),), left=5, left_gain=101.5
        ),
        "columns": (ColumnReport("Contract", 1, 2, ("Weekly",), 3, 4, 0.07, "More monthly contracts.", 99.5, 0.04),),
        "duplicate_ids": 1,
        "out_of_range": 3,
        "months": (MonthSummary("2026-10", 98, 0.27, 22, 1_810.4, 0.26),),
        "truth": truth,
        "columns_missing": ("TechSupport",),
        "unmatched": Unmatched(
            (ColumnMatch("Contract", "Bindung", 3, MatchKind.SUGGESTED),), ("Support",), ("PaperlessBilling",)
        ),
        "columns_matched": (("MonthlyCharges", "Monthly Charges"),),
        "columns_extra": ("Notes",),
        "format": a_file_format(),
        "remarks": ("The first accented letters come late.",),
        "duplicate_rows": (7, 9),
        "id_header": "custno",
        "expected": ExpectedQuality(98, 0.1 + 0.2, {"auc": Metric(0.83, 0.75, 0.89), "lift_10": Metric(2.7)}),
        "history": HistoryFound(("2026-10",), {"2026-09": "september.csv"}, ("other.csv",), ("2026-08",)),
        "joint_drift": JointDrift(Metric(0.62, 0.6, 0.64), 5000, 98, ("Contract", "tenure")),
        "truth_reading": TruthReading(26, 70, 1, 1, (("maybe", 1),)),
    }
    return RunSummary(**(filled | given))


def a_question(**given: Any) -> Question:
    filled: dict[str, Any] = {
        "about": Subject.LEFT,
        "text": "Which value of 'status' means that the customer left?",
        "choices": (Choice("Vol", "Vol"), Choice("InVol", "InVol"), Choice("Current", "Current")),
        "column": "status",
    }
    return Question(**(filled | given))


def a_run(**given: Any) -> Run:
    filled: dict[str, Any] = {
        "id": RunId("run-1"),
        "owner": "account-1",
        "file_name": "customers_october.csv",
        "file_sha256": SHA256,
        "file_bytes": 977_501,
        "model_version": "v1",
        "threshold": 0.1 + 0.2,
        "created_at": NOON,
    }
    return Run(**(filled | given))


def a_finished_run(**given: Any) -> Run:
    """A run that went well, at the time it was created or after."""
    summary = given.pop("summary", a_summary())
    version = given.pop("playbook_version", 1)
    run = a_run(**given)
    started = run.started(worker="worker-1", at=run.created_at + timedelta(seconds=1))
    return started.done(summary, playbook_version=version, at=run.created_at + timedelta(seconds=9))


def a_contact(*, customer_id: str = "7590-VHVEG", row: int = 1, probability: float = 0.8, **given: Any) -> Contact:
    """An entry whose customer and prediction belong together."""
    attributes: dict[str, Value] = {
        "tenure": 1.0,
        "MonthlyCharges": 29.85,
        "PaperlessBilling": True,
        "Contract": "5",
        "Notes": None,
    }
    prediction = Prediction(
        customer_id=CustomerId(customer_id),
        row=row,
        probability=probability,
        likely_to_leave=True,
        band=RiskBand.CRITICAL,
        raises=(Reason("Contract", "Month-to-month", 0.61), Reason("tenure", 1.0, 0.1 + 0.2)),
        lowers=(Reason("PaperlessBilling", False, -0.2), Reason("Notes", None, -0.1)),
    )
    filled: dict[str, Any] = {
        "customer": Customer(CustomerId(customer_id), row, attributes),
        "prediction": prediction,
        "recommendation": a_recommendation(),
        "monthly_revenue": 29.85,
        "position": row,
        "month": "2026-10",
    }
    return Contact(**(filled | given))


def an_upload(**given: Any) -> UploadRecord:
    filled: dict[str, Any] = {
        "id": "run-1",
        "owner": "account-1",
        "file_name": "customers_october.csv",
        "sha256": SHA256,
        "size": 977_501,
        "at": NOON,
    }
    return UploadRecord(**(filled | given))


def contacts_in(uow: UnitOfWork, run_id: RunId) -> int:
    """How many entries a run's contact list has."""
    return len(uow.predictions.of_run(run_id, limit=1_000_000))
