"""Valid domain objects for tests; every field can be given by name.

Lives (states, stages, times of use) start at their beginning; everything else is filled, so that a field that gets
lost on a round trip shows.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from application.ports.persistence import AuditEntry, Contact, UploadRecord
from domain.account import Account, AccountId, LinkPurpose, LoginSession, OneTimeLink, Role
from domain.customer import Customer, CustomerId
from domain.economics import Cut
from domain.evaluation import (
    CalibrationBin,
    ConfusionMatrix,
    Curve,
    Evaluation,
    Metric,
    RoundCurves,
    SegmentQuality,
    ThresholdOption,
)
from domain.file_format import FileFormat
from domain.model import Algorithm, Effort, LeftOut, ModelVersion, Promotion
from domain.policy import InstallationPolicy
from domain.prediction import Prediction, Reason, RiskBand
from domain.recommendation import Action, Condition, Playbook, Recommendation, Test
from domain.run import (
    ActionTotal,
    ColumnReport,
    DriverShare,
    MonthSummary,
    Progress,
    Run,
    RunId,
    RunSummary,
    TruthMetrics,
)
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training import Training, TrainingId, TrainingRequest

NOON = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def at(*, minutes: float = 0.0) -> datetime:
    """So many minutes after noon of the day on which tests take place."""
    return NOON + timedelta(minutes=minutes)


def an_account(**given: Any) -> Account:
    account_id = given.pop("id", "account-1")
    filled = {
        "email": f"{account_id}@telco.example.com",
        "name": "Shop North",
        "role": Role.ANALYST,
        "password_hash": "plain:a long enough password",
        "created_at": NOON,
    }
    return Account(**({"id": AccountId(account_id)} | filled | given))


def a_login_session(**given: Any) -> LoginSession:
    filled = {
        "token_hash": "session-1",
        "account_id": AccountId("account-1"),
        "created_at": NOON,
        "seen_at": at(minutes=5),
        "address": "10.0.0.7",
        "browser": "Firefox on Linux",
    }
    return LoginSession(**(filled | given))


def a_link(**given: Any) -> OneTimeLink:
    filled = {
        "token_hash": "link-1",
        "purpose": LinkPurpose.INVITE,
        "account_id": None,
        "email": "branch@telco.example.com",
        "role": Role.MANAGER,
        "created_at": NOON,
        "expires_at": at(minutes=60),
    }
    return OneTimeLink(**(filled | given))


def a_schema(**given: Any) -> CustomerSchema:
    filled = {
        "columns": (
            Column("tenure", ColumnKind.NUMERIC, (), 0.0, 72.0, 0.01, 0.3, "29"),
            Column("MonthlyCharges", ColumnKind.NUMERIC, (), 18.25, 118.75, 0.1 + 0.2, 0.2, "70.35"),
            Column("PaperlessBilling", ColumnKind.BOOLEAN, ("No", "Yes"), None, None, 0.0, 0.1, "Yes"),
            Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year"), importance=0.4),
        ),
        "id_column": "customerID",
        "target_column": "Churn",
        "positive_value": "Yes",
        "negative_value": "No",
        "tenure_column": "tenure",
        "revenue_column": "MonthlyCharges",
        "month_column": "SnapshotMonth",
    }
    return CustomerSchema(**(filled | given))


def an_evaluation(**given: Any) -> Evaluation:
    curve = Curve((0.0, 0.1 + 0.2, 1.0), (0.0, 0.7, 1.0), (0.0, 0.6, 1.0), (0.0, 0.8, 1.0))
    names = (
        *("auc", "average_precision", "log_loss", "brier", "brier_skill", "accuracy", "precision", "recall"),
        *("f1", "ece", "lift_10", "empc", "empc_share"),
    )
    filled = {
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
        "cuts": (Cut(0.5, 900, 600), Cut(1 / 3, 1400, 1300), Cut(0.25, 1600, 2000)),
    }
    return Evaluation(**(filled | given))


def a_model_version(**given: Any) -> ModelVersion:
    filled = {
        "id": "v1",
        "algorithm": Algorithm.LOGISTIC,
        "schema": a_schema(),
        "evaluation": an_evaluation(),
        "threshold": 0.1 + 0.2,
        "threshold_strategy": "profit",
        "trained_at": NOON,
        "trained_by": "account-1",
        "file_name": "telco_2026.csv",
        "data_sha256": SHA256,
        "rows": 7043,
        "churned": 1869,
        "seed": 7,
        "seconds": 8.25,
        "horizon": "the next quarter",
        "left_out": (LeftOut("Churn Reason", "It is only known once a customer has left."),),
        "notes": ("22 duplicate rows were counted once.",),
        "parameters": {"max_depth": "3"},
        "libraries": {"xgboost": "3.2.0"},
    }
    return ModelVersion(**(filled | given))


def a_promotion(**given: Any) -> Promotion:
    filled = {"version": "v2", "previous": "v1", "by": "account-1", "at": NOON, "why": "Newer months."}
    return Promotion(**(filled | given))


def a_progress(**given: Any) -> Progress:
    filled = {"stage": "Scoring", "rows": 65_536, "of": 100_000, "likely_to_leave": 1234, "rejected": 5}
    return Progress(**(filled | given))


def a_summary(**given: Any) -> RunSummary:
    truth = TruthMetrics(
        98, 26, 0.84, 0.42, 0.13, 0.8, 0.65, 0.55, 0.6, 0.02, 2.9, confusion=ConfusionMatrix(14, 8, 12, 64)
    )
    filled = {
        "rows": 100,
        "scored": 98,
        "rejected": 2,
        "likely_to_leave": 22,
        "mean_probability": 0.1 + 0.2,
        "money_at_risk": 1_810.4,
        "revenue_likely": 1_650.0,
        "revenue_total": 6_400.5,
        "expected_gain": 512.25,
        "worth_contacting": 17,
        "bands": {RiskBand.LOW: 50, RiskBand.MEDIUM: 20, RiskBand.HIGH: 18, RiskBand.CRITICAL: 10},
        "histogram": (40, 20, 10, 8, 6, 4, 4, 3, 2, 1),
        "drivers": (DriverShare("Contract", 0.61, 0.35, -0.04),),
        "actions": (ActionTotal("one-year-contract", "One-year contract", 12, 402.5),),
        "columns": (ColumnReport("Contract", 1, 2, ("Weekly",), 3, 4, 0.07, "More monthly contracts."),),
        "duplicate_ids": 1,
        "out_of_range": 3,
        "months": (MonthSummary("2026-10", 98, 0.27, 22, 1_810.4, 0.26),),
        "truth": truth,
        "columns_missing": ("TechSupport",),
        "columns_matched": (("MonthlyCharges", "Monthly Charges"),),
        "columns_extra": ("Notes",),
        "format": FileFormat("cp1252", ";", "'", ",", True),
        "remarks": ("The first accented letters come late.",),
        "duplicate_rows": (7, 9),
    }
    return RunSummary(**(filled | given))


def a_run(**given: Any) -> Run:
    filled = {
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


def a_training_request(**given: Any) -> TrainingRequest:
    filled = {
        "target": "Churn",
        "positive": "Yes",
        "id_column": "customerID",
        "algorithm": Algorithm.LOGISTIC,
        "effort": Effort.HIGH,
        "seed": 7,
        "keep": ("Churn Score",),
        "horizon": "the next quarter",
        "seen": ("No", "Yes"),
    }
    return TrainingRequest(**(filled | given))


def a_training(**given: Any) -> Training:
    filled = {
        "id": TrainingId("training-1"),
        "owner": "account-1",
        "file_name": "telco_2026.csv",
        "file_sha256": SHA256,
        "file_bytes": 977_501,
        "request": a_training_request(),
        "created_at": NOON,
    }
    return Training(**(filled | given))


def a_recommendation(**given: Any) -> Recommendation:
    filled = {
        "action_id": "one-year-contract",
        "name": "One-year contract, 10% off",
        "message": "Take a one-year contract and pay 10% less.",
        "value": 420.6,
        "offer_cost": 84.12,
        "contact_cost": 4.0,
        "save_rate": 0.42,
        "expected_gain": 0.1 + 0.2,
    }
    return Recommendation(**(filled | given))


def a_contact(*, customer_id: str = "7590-VHVEG", row: int = 1, probability: float = 0.8, **given: Any) -> Contact:
    """An entry whose customer and prediction belong together."""
    attributes = {"tenure": 1.0, "MonthlyCharges": 29.85, "PaperlessBilling": True, "Contract": "5", "Notes": None}
    prediction = Prediction(
        customer_id=CustomerId(customer_id),
        row=row,
        probability=probability,
        likely_to_leave=True,
        band=RiskBand.CRITICAL,
        raises=(Reason("Contract", "Month-to-month", 0.61), Reason("tenure", 1.0, 0.1 + 0.2)),
        lowers=(Reason("PaperlessBilling", False, -0.2), Reason("Notes", None, -0.1)),
    )
    filled = {
        "customer": Customer(CustomerId(customer_id), row, attributes),
        "prediction": prediction,
        "recommendation": a_recommendation(),
        "monthly_revenue": 29.85,
        "position": row,
        "month": "2026-10",
    }
    return Contact(**(filled | given))


def an_action(**given: Any) -> Action:
    condition = Condition(("Contract", "Contract type"), Test.IS, ("Month-to-month",), 1.5)
    filled = {
        "id": "one-year-contract",
        "name": "One-year contract, 10% off",
        "message": "Take a one-year contract.|Your bill drops to {reduced_bill}.",
        "answers": (condition,),
        "requires": (Condition(("tenure",), Test.AT_LEAST, limit=6.0),),
        "offer_fixed": 5.0,
        "offer_share": 0.1,
        "offer_months": 12.0,
        "contact_cost": 4.0,
        "save_rate": 0.42,
        "save_rate_measured": True,
    }
    return Action(**(filled | given))


def a_playbook(**given: Any) -> Playbook:
    return Playbook(**({"version": 1, "actions": (an_action(),)} | given))


def a_policy(**given: Any) -> InstallationPolicy:
    return InstallationPolicy(**given)


def an_audit_entry(**given: Any) -> AuditEntry:
    filled = {"at": NOON, "actor": "Shop North", "action": "deleted run", "subject": "run-1", "address": "10.0.0.7"}
    return AuditEntry(**(filled | given))


def an_upload(**given: Any) -> UploadRecord:
    filled = {
        "id": "run-1",
        "owner": "account-1",
        "file_name": "customers_october.csv",
        "sha256": SHA256,
        "size": 977_501,
        "at": NOON,
    }
    return UploadRecord(**(filled | given))
