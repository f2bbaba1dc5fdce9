"""A model's prediction for one customer: probability, label, band and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.arithmetic import Answer, Ordered
from domain.customer import CustomerId, Value

REASONS_KEPT = 3
"""Reasons kept of each kind: the strongest that raise the risk and the strongest that lower it."""


class RiskBand(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class BandLimits:
    """The probabilities from which a customer counts as medium, high and critical."""

    medium: float = 0.25
    high: float = 0.50
    critical: float = 0.75

    def __post_init__(self) -> None:
        if not 0.0 < self.medium < self.high < self.critical < 1.0:
            raise ValueError("band limits rise strictly between 0 and 1")

    def range_of(self, band: RiskBand) -> tuple[float, float]:
        """Half-open probability range [low, high) of a band; the top band includes 1."""
        edges = (0.0, self.medium, self.high, self.critical, 1.0000001)
        place = list(RiskBand).index(band)
        return edges[place], edges[place + 1]


def band_of(probability: float, limits: BandLimits) -> RiskBand:
    """The band of a churn probability."""
    if probability >= limits.critical:
        return RiskBand.CRITICAL
    if probability >= limits.high:
        return RiskBand.HIGH
    if probability >= limits.medium:
        return RiskBand.MEDIUM
    return RiskBand.LOW


def is_labelled_churn(probability: Ordered[Answer], threshold: float) -> Answer:
    """The label, or for a column of probabilities the label of each row: at or above the threshold."""
    return probability >= threshold


@dataclass(frozen=True, slots=True)
class Reason:
    """One attribute of this customer with its SHAP value in log-odds (positive raises the risk)."""

    attribute: str
    value: Value
    contribution: float

    @property
    def raises(self) -> bool:
        return self.contribution > 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """One customer in one run. Reasons are ordered strongest first."""

    customer_id: CustomerId
    row: int
    probability: float
    likely_to_leave: bool
    band: RiskBand
    raises: tuple[Reason, ...] = ()
    lowers: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"a churn probability lies in [0, 1], not {self.probability}")
        if any(reason.contribution <= 0.0 for reason in self.raises):
            raise ValueError("a reason that raises the risk has a positive contribution")
        if any(reason.contribution >= 0.0 for reason in self.lowers):
            raise ValueError("a reason that lowers the risk has a negative contribution")

    @property
    def stay_probability(self) -> float:
        return 1.0 - self.probability

    @property
    def shown(self) -> tuple[Reason, ...]:
        """The reasons that a list shows: raising ones for likely leavers, lowering ones for the others."""
        return self.raises if self.likely_to_leave else self.lowers
