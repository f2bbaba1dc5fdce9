"""Made-up runs, models and customers for the exporters' tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import tee
from random import Random

from application.ports.reports import ReportContent, TableContent
from application.ports.results import Contribution, Group, ScoredCustomer, ThresholdFigures
from domain.customer import Customer, CustomerId
from domain.customer_query import CustomerQuery
from domain.evaluation import ConfusionMatrix, Curve, Evaluation, Metric, RoundCurves
from domain.model import Algorithm, LeftOut, ModelVersion
from domain.playbook import Action, Condition, Playbook
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits, Prediction, Reason, RiskBand, band_of
from domain.run import (
    ActionTotal,
    Contacting,
    DriverShare,
    JobState,
    MonthSummary,
    Run,
    RunId,
    RunSummary,
    TruthMetrics,
)
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.trend import LeftOut as LeftOutReason
from domain.trend import LeftOutRun, Trend, TrendPoint
from tests.builders import a_schema
from tests.fakes.columns import columns_of

WHEN = datetime(2026, 11, 22, 7, 14, tzinfo=UTC)
SCHEMA = a_schema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year", "One year"), importance=0.3),
        Column("tenure", ColumnKind.NUMERIC, minimum=0, maximum=72, importance=0.2),
        Column("InternetService", ColumnKind.CATEGORICAL, ("Fiber optic", "DSL", "No"), importance=0.15),
        Column("MonthlyCharges", ColumnKind.NUMERIC, minimum=18, maximum=120, importance=0.15),
        Column("TechSupport", ColumnKind.CATEGORICAL, ("No", "Yes", "No internet service"), importance=0.1),
        Column("PaymentMethod", ColumnKind.CATEGORICAL, ("Electronic check", "Mailed check"), importance=0.1),
    ),
    month_column=None,
)
ANY = (Condition(("*",)),)
PLAYBOOK = Playbook(
    3,
    (
        Action("one-year-contract", "One-year contract, 10% off", "Stay.", ANY, offer_share=0.1, offer_months=12),
        Action("line-check", "Technician checks the line", "We come.", ANY, offer_fixed=25),
        Action("welcome-call", "Welcome call", "Welcome.", ANY),
    ),
)


def metric(value: float, half: float = 0.012) -> Metric:
    return Metric(value, value - half, value + half)


def evaluation() -> Evaluation:
    rounds = tuple(range(10, 310, 10))
    training = tuple(0.735 + 0.085 * (1 - 0.985**r) for r in rounds)
    held_out = tuple(0.735 + 0.071 * (1 - 0.98**r) - 0.00001 * r for r in rounds)
    line = Curve((0.0, 0.5, 1.0), (0.0, 0.8, 1.0))
    return Evaluation(
        method="5-fold cross-validation: every customer judged by a model that never saw them",
        customers=7043,
        churned=1869,
        threshold=0.42,
        metrics={
            "auc": metric(0.848, 0.008),
            "accuracy": metric(0.803),
            "precision": metric(0.631, 0.02),
            "recall": metric(0.622, 0.022),
            "f1": metric(0.626, 0.018),
            "brier": metric(0.135, 0.004),
            "ece": Metric(0.012),
            "lift_10": metric(2.87, 0.1),
        },
        confusion=ConfusionMatrix(1162, 680, 707, 4494),
        roc=line,
        precision_recall=line,
        gain=line,
        lift=line,
        profit=line,
        calibration=(),
        rounds=RoundCurves(
            rounds,
            training,
            held_out,
            (),
            (),
            tuple(y - 0.006 for y in held_out),
            tuple(y + 0.006 for y in held_out),
            chosen_round=180,
        ),
        interval_method="bootstrap",
    )


def model(schema: CustomerSchema = SCHEMA, **changes: object) -> ModelVersion:
    made = ModelVersion(
        id="v4",
        algorithm=Algorithm.XGBOOST,
        schema=schema,
        evaluation=evaluation(),
        threshold=0.42,
        threshold_strategy="profit",
        trained_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        trained_by="Retention team",
        file_name="customers-2026-10.csv",
        data_sha256="ab" * 32,
        rows=7043,
        churned=1869,
        seed=1,
        seconds=12.0,
        left_out=(LeftOut("customerID", "an id"),),
        notes=("Plain note.",),
    )
    return replace(made, **changes)


def customer(row: int, random: Random, *, truth: bool = True, id: str | None = None) -> ScoredCustomer:
    """One scored customer; its probability falls with the row."""
    probability = round(0.97 * (0.995 ** (row - 1)), 6)
    values = {
        "Contract": random.choice(("Month-to-month", "One year")),
        "tenure": float(random.randint(1, 72)),
        "InternetService": random.choice(("Fiber optic", "DSL")),
        "MonthlyCharges": round(random.uniform(20, 120), 2),
        "TechSupport": random.choice(("Yes", "No", None)),
        "PaymentMethod": "Electronic check",
    }
    names = random.sample(list(values), 5)
    weights = sorted((random.uniform(0.1, 1.2) for _ in range(3)), reverse=True)
    raises = tuple(Reason(name, values[name], weight) for name, weight in zip(names, weights, strict=False))
    lowers = tuple(Reason(name, values[name], -0.2) for name in names[3:])
    gain = round(random.uniform(2, 120), 4) if probability > 0.2 else 0.0
    action = random.choice(PLAYBOOK.actions).id if gain else "leave-alone"
    customer_id = CustomerId(id or f"{random.randint(1000, 9999)}-{''.join(random.choices('BCDFGHJKLM', k=5))}")
    return ScoredCustomer(
        Customer(customer_id, row, values),
        Prediction(
            customer_id, row, probability, probability >= 0.42, band_of(probability, BandLimits()), raises, lowers
        ),
        action,
        gain,
        values["MonthlyCharges"],
        actual=random.random() < probability if truth else None,
    )


def customers(count: int, *, truth: bool = True, ids: tuple[str, ...] = ()) -> tuple[ScoredCustomer, ...]:
    random = Random(7)
    return tuple(
        customer(row, random, truth=truth, id=ids[row - 1] if row <= len(ids) else None) for row in range(1, count + 1)
    )


def confusion(everybody: int, likely: int) -> ConfusionMatrix:
    wrong, missed = likely // 4, (everybody - likely) // 9
    return ConfusionMatrix(likely - wrong, wrong, missed, everybody - likely - missed)


def contacting(likely: int) -> Contacting:
    actions = (
        ActionTotal("one-year-contract", "One-year contract, 10% off", likely // 2, 27078.0),
        ActionTotal("line-check", "Technician checks the line", likely // 3, 11553.0),
        ActionTotal("welcome-call", "Welcome call", likely // 6, 4265.0),
        ActionTotal("leave-alone", "Leave alone", 20, 0.0),
    )
    return Contacting(max(0, likely - 20), 32.3 * likely, actions)


def at_threshold(everybody: int, likely: int, *, truth: bool = True) -> ThresholdFigures:
    return ThresholdFigures(
        threshold=0.42,
        customers=everybody,
        likely_to_leave=likely,
        revenue_likely=74.5 * likely,
        revenue_total=64.8 * everybody,
        contacting=contacting(likely),
        bands={
            RiskBand.MEDIUM: likely // 5,
            RiskBand.HIGH: likely // 2,
            RiskBand.CRITICAL: likely - likely // 5 - likely // 2,
        },
        confusion=confusion(everybody, likely) if truth else None,
        drivers=tuple(
            DriverShare(column.name, column.importance * 2, column.importance, 0.1) for column in SCHEMA.columns
        ),
    )


def run(everybody: int, likely: int, *, truth: bool = True, file_name: str = "customers-2026-11.csv") -> Run:
    shape = [round(everybody * weight) for weight in (0.9**place * 0.1 for place in range(40))]
    shape[0] += everybody - sum(shape)
    matrix = confusion(everybody, likely) if truth else None
    summary = RunSummary(
        rows=everybody + 3,
        scored=everybody,
        rejected=3,
        likely_to_leave=likely,
        mean_probability=0.264,
        money_at_risk=144_511.0,
        revenue_likely=74.5 * likely,
        revenue_total=64.8 * everybody,
        bands={RiskBand.LOW: everybody - likely, RiskBand.HIGH: likely},
        histogram=tuple(shape),
        drivers=at_threshold(everybody, likely).drivers,
        contacting=contacting(likely),
        out_of_range=11,
        months=(MonthSummary("2026-11", everybody, 0.264, likely, 144_511.0, None),),
        truth=TruthMetrics(everybody, 1900, 0.851, 0.41, 0.13, 0.81, 0.64, 0.63, 0.635, 0.012, 2.9, matrix)
        if matrix
        else None,
    )
    return Run(
        id=RunId("0199f0a2-6d1c-7cc0-8f00-0123456789ab"),
        owner="someone",
        file_name=file_name,
        file_sha256="cd" * 32,
        file_bytes=977_501,
        model_version="v4",
        threshold=0.42,
        created_at=WHEN,
        state=JobState.DONE,
        playbook_version=3,
        started_at=WHEN,
        finished_at=WHEN.replace(second=6),
        summary=summary,
    )


def group(label: str, count: int, rate: float, *, observed: float | None = None, missing: bool = False) -> Group:
    return Group(
        label,
        count,
        rate,
        round(count * rate),
        65.0 * count,
        65.0 * count * rate,
        65.0 * count * rate,
        observed,
        missing=missing,
    )


HISTOGRAMS = (
    ("Contract", (group("Month-to-month", 3875, 0.43), group("One year", 1473, 0.11), group("Two year", 1695, 0.03))),
    ("tenure", tuple(group(f"{low}–{low + 12}", 1500 - 12 * low, 0.48 / (1 + low / 12)) for low in range(0, 72, 12))),
    ("InternetService", (group("Fiber optic", 3096, 0.42), group("DSL", 2421, 0.19), group("", 11, 0.2, missing=True))),
    ("MonthlyCharges", tuple(group(f"{low}–{low + 20}", 1000, 0.1 + low / 400) for low in range(20, 120, 20))),
)
SEGMENTS = (
    ("Contract", group("Month-to-month", 3875, 0.43, observed=0.427)),
    ("InternetService", group("Fiber optic", 3096, 0.42, observed=0.419)),
    ("TechSupport", group("No", 3473, 0.416, observed=0.416)),
    ("tenure", group("0–12", 2186, 0.476, observed=0.474)),
    ("PaymentMethod", group("Electronic check", 2365, 0.453)),
)
TREND = Trend(
    tuple(
        TrendPoint(
            month,
            RunId(f"run-{place}"),
            7043,
            0.24 + 0.01 * place,
            0.23 + 0.01 * place,
            0.25 + 0.01 * place,
            0.245 + 0.008 * place if place < 4 else None,
            1856,
            139_130.85,
        )
        for place, month in enumerate(("2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"))
    ),
    (LeftOutRun(RunId("run-9"), "test.csv", LeftOutReason.FEW),),
)
CONTRIBUTIONS = (
    Contribution("Month-to-month", 3875, 0.5, 0.2),
    Contribution("Two year", 1695, -1.1, 0.3),
    Contribution("One year", 1473, -0.3, 0.3),
)


def table_content(
    chunks: Iterable[Sequence[ScoredCustomer]],
    *,
    schema: CustomerSchema = SCHEMA,
    playbook: Playbook = PLAYBOOK,
    **changes: object,
) -> TableContent:
    """The customers both as objects and as columns, made as they are taken."""
    objects, others = tee(chunks)
    actions = tuple(action.id for action in playbook.actions)
    return TableContent(
        run=run(7043, 1856),
        model=model(schema),
        playbook=playbook,
        at_threshold=at_threshold(7043, 1856),
        chunks=objects,
        columns=(columns_of(chunk, attributes=schema.names, actions=actions) for chunk in others),
        **changes,
    )


def report_content(everybody: int = 7043, likely: int = 1856, shown: int = 200, **changes: object) -> ReportContent:
    truth = bool(changes.pop("truth", True))
    made = ReportContent(
        run=run(everybody, likely, truth=truth),
        model=model(),
        policy=InstallationPolicy(),
        playbook=PLAYBOOK,
        owner_name="Retention team",
        at_threshold=at_threshold(everybody, likely, truth=truth),
        query=CustomerQuery(0.42, likely=True),
        customers=customers(shown, truth=truth),
        matching=likely,
        histograms=HISTOGRAMS,
        segments=SEGMENTS,
        trend=TREND,
        contributions={"Contract": CONTRIBUTIONS},
    )
    return replace(made, **changes)
