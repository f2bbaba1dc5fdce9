"""Gradings: an earlier prediction compared with what happened, as a later file of the same base shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from domain.errors import FileRefused, InvalidInput
from domain.evaluation import CalibrationBin, ConfusionMatrix, Metric
from domain.label_rule import HORIZONS
from domain.model import Algorithm, ModelVersion
from domain.run import JobState, Run, RunId
from domain.snapshot_month import in_words, month_at, place_of

GradingId = NewType("GradingId", str)

TENTHS = 10
"""Groups of customers by risk in which leavers are counted."""
MIN_OF_EACH = 10
"""Leavers, and customers who stayed, from which the figures without contacted customers are used in their place."""
DAYS_OF_MONTH = 30
_IN_WORDS = {"one": 1, "two": 2, "three": 3, "six": 6, "twelve": 12}
_PERIOD = re.compile(r"(?:(\d+|one|two|three|six|twelve)[ -]+)?(day|week|month|quarter|year)s?\b", re.IGNORECASE)
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Tenth:
    """A tenth of the customers by risk: how many, how many of them left, and how many were expected to."""

    customers: int
    left: int
    expected: float


@dataclass(frozen=True, slots=True)
class GradedFigures:
    """What was expected of graded customers, and what happened.

    `expected` is the number of leavers, Σ p, with its 95% interval. `auc` has Hanley and McNeil's; it and
    `average_precision` are None where all left, or nobody. `confusion` is at the grading's threshold. `tenths` are by
    falling risk, `calibration` are ten equally large bins by rising risk.
    """

    customers: int
    left: int
    expected: Metric
    auc: Metric | None
    average_precision: float | None
    log_loss: float
    brier: float
    confusion: ConfusionMatrix
    calibration: tuple[CalibrationBin, ...]
    tenths: tuple[Tenth, ...]

    @property
    def churn_rate(self) -> float:
        return self.left / self.customers

    @property
    def is_as_expected(self) -> bool:
        """Whether the number of leavers lies in the interval of the expected one; also where there is no interval."""
        low, high = self.expected.low, self.expected.high
        return low is None or high is None or low <= self.left <= high

    @property
    def missed(self) -> int:
        """Customers who left and were not called likely to."""
        return self.confusion.false_negative

    @property
    def top_share(self) -> float | None:
        """Share of the leavers who were in the riskiest tenth; None if nobody left."""
        return self.tenths[0].left / self.left if self.left and self.tenths else None

    def lift(self, tenth: Tenth) -> float:
        """Churn rate of a tenth over that of all; 0 if nobody left."""
        return tenth.left * self.customers / (tenth.customers * self.left) if self.left else 0.0

    @property
    def lift_10(self) -> float:
        """Lift of the riskiest tenth."""
        return self.lift(self.tenths[0]) if self.tenths else 0.0

    @property
    def has_enough_of_each(self) -> bool:
        return min(self.left, self.customers - self.left) >= MIN_OF_EACH


@dataclass(frozen=True, slots=True)
class GradingSource:
    """The file that graded a prediction. `run_id` is the prediction that was made of it; None if it was not scored."""

    file_name: str
    sha256: str
    month: str
    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class Grading:
    """One run with its truth. `month` ("YYYY-MM") is the month of its customers, `horizon` in months.

    `model_age`: months from the last month that the model learned from to the graded one. `new` customers are in the
    later file only; `left_out` rows of the month have no truth. `treated` of the graded customers were contacted by
    campaigns, and `untreated` are the figures without them. `truth` is what left means, in words. `by` is the owner id
    of the person. `automatic`: the product graded it when the later file was scored.
    """

    id: GradingId
    run_id: RunId
    month: str
    horizon: int
    model_version: str
    algorithm: Algorithm
    model_age: int
    threshold: float
    figures: GradedFigures
    source: GradingSource
    truth: str
    by: str
    at: datetime
    new: int = 0
    left_out: int = 0
    treated: int = 0
    untreated: GradedFigures | None = None
    automatic: bool = False

    def __post_init__(self) -> None:
        if place_of(self.source.month) != place_of(self.month) + self.horizon:
            raise ValueError(f"{self.source.month} is not {self.horizon} months after {self.month}")

    @property
    def quality(self) -> GradedFigures:
        """The figures that say how good the model is: without contacted customers, if enough others are left."""
        return self.untreated if self.untreated is not None and self.untreated.has_enough_of_each else self.figures


@dataclass(frozen=True, slots=True)
class GradingOffer:
    """A later run that could grade an earlier one, or cannot, and why it did not do so automatically.

    `possible`: a person can decide to grade. Otherwise the reason says what is wrong with the files.
    """

    run_id: RunId
    by_run: RunId
    reason: str
    possible: bool
    at: datetime


def horizon_of(model: ModelVersion) -> int:
    """Months that a model predicts ahead: as its label was made, or as its horizon says; else one."""
    if model.label is not None and model.label.rule.horizon:
        return model.label.rule.horizon
    found = _PERIOD.search(model.horizon)
    if found is None:
        return 1
    written = (found[1] or "1").lower()
    number, unit = _IN_WORDS.get(written) or int(written), found[2].lower()
    if unit in _MONTHS_OF:
        return max(1, number * _MONTHS_OF[unit])
    return max(1, round(number * (7 if unit == "week" else 1) / DAYS_OF_MONTH))


def learned_until(model: ModelVersion) -> str:
    """The last month that a model learned from, where it is known; else the month in which it was trained."""
    if model.label is not None and model.label.last:
        return model.label.last
    if model.evaluation.months:
        return max(own.month for own in model.evaluation.months)
    return model.trained_at.strftime("%Y-%m")


def model_age(model: ModelVersion, month: str) -> int:
    """Months from the last month that the model learned from to this one; at least 0."""
    return max(0, place_of(month) - place_of(learned_until(model)))


def must_be_gradable(run: Run) -> None:
    """Raises InvalidInput for a run that no later file can grade."""
    if run.state is not JobState.DONE or run.summary is None:
        raise InvalidInput("This prediction has no result, so it cannot be graded.", field="run")
    if run.summary.numbered:
        raise InvalidInput(
            "The file of this prediction has no ids of customers: its rows are numbered, so nobody can be found in a "
            "later file.",
            field="run",
        )


def must_be_known_ahead(horizon: int) -> None:
    """Raises InvalidInput for a model that predicts further ahead than files are compared."""
    if horizon not in HORIZONS:
        raise InvalidInput(
            f"This model predicts {horizon} months ahead; predictions of up to {max(HORIZONS)} months can be graded.",
            field="run",
        )


def must_be_horizon_later(month: str, later: Iterable[str], horizon: int) -> None:
    """Raises FileRefused unless the later file contains the month that is the horizon after the graded one."""
    months, wanted = sorted(later), month_at(place_of(month) + horizon)
    if wanted in months:
        return
    shown = " to ".join(dict.fromkeys(in_words(own) for own in (months[0], months[-1])))
    ahead = "the next month" if horizon == 1 else f"the next {horizon} months"
    raise FileRefused(
        f"The prediction of {in_words(month)} is about {ahead}, so the file of {in_words(wanted)} shows who left; this "
        f"file shows {shown}.",
        advice=f"Use the file of {in_words(wanted)}, or correct the month of a file.",
    )


def newest_per_month(gradings: Sequence[Grading]) -> tuple[Grading, ...]:
    """One grading of each month, oldest month first: that of the largest run, and of equally large ones the newest."""
    best: dict[str, Grading] = {}
    for own in sorted(gradings, key=lambda own: (own.figures.customers, own.at)):
        best[own.month] = own
    return tuple(best[month] for month in sorted(best))
