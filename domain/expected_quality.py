"""The quality to be expected of a run before it is known who left, from the calibrated probabilities alone.

If the probabilities are right, a customer with probability p counts as p leavers and 1 − p stayers, and any figure
that compares scores with outcomes has an expected value. The NannyML documentation describes the idea as
"confidence-based performance estimation" (CBPE). It cannot see that attributes relate to leaving in another way
than in training (concept drift), nor that the model is wrongly calibrated beyond what held-out customers showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from domain.evaluation import Evaluation, Metric
from domain.held_out_calibration import (
    MIN_PROBABILITY,
    HeldOutCalibration,
    held_out_calibration,
    log_odds,
    probability_of,
)
from domain.intervals import mean_interval

MIN_OF_EACH = 10
"""Leavers, and stayers, expected at least where more than the churn rate is estimated; and hits for precision, recall
and F1."""
SHARES = ("churn_rate", "auc", "accuracy", "precision", "recall", "f1")
"""Figures between 0 and 1, whose intervals are computed in log-odds; those of the others in logarithms."""
BIN_WIDTH = 0.05
"""Width in log-odds of the bins of equal scores: the AUC is exact to 0.0001."""
MAX_LOG_ODDS = 12.0
"""Scores beyond are counted in the outermost bins."""
MAX_SHIFT = 30.0
"""The largest shift of log-odds that is looked for."""
MAX_REACH = 30.0
"""Reach of an interval in log-odds or logarithms; beyond, nothing is known."""


def _edges() -> tuple[float, ...]:
    steps = round(2 * MAX_LOG_ODDS / BIN_WIDTH)
    return tuple(1.0 / (1.0 + exp(MAX_LOG_ODDS - BIN_WIDTH * step)) for step in range(steps + 1))


SCORE_EDGES = _edges()
"""Probabilities at which a bin of scores begins, after the first."""


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """Customers with almost the same probability and the same label: how many, and Σ p."""

    customers: int
    expected: float
    called: bool
    """Whether they are labelled as leaving at the threshold."""

    @property
    def predicted(self) -> float:
        return self.expected / self.customers


@dataclass(frozen=True, slots=True)
class ExpectedQuality:
    """An estimate of a run's quality, never a measurement.

    Keys of `metrics`: churn_rate, auc, log_loss, brier, accuracy, precision, recall, f1, lift_10, each with its 95%
    interval. Those that cannot be estimated are left out. The label figures are at `threshold`.
    """

    customers: int
    threshold: float
    metrics: dict[str, Metric]

    @property
    def leavers(self) -> Metric:
        """The number of customers who are expected to leave."""
        rate, n = self.metrics["churn_rate"], self.customers
        return Metric(rate.value * n, *(None if end is None else end * n for end in (rate.low, rate.high)))


@dataclass(frozen=True, slots=True)
class _Bin:
    """A bin with the leavers that are expected by the calibration of held-out customers."""

    customers: int
    called: bool
    predicted: float
    leavers: float
    uncertain: int
    """The bin of held-out customers that says how uncertain its calibration is."""

    @property
    def variance(self) -> float:
        """Variance of the number of leavers, Σ p(1 − p). Also its change with the log-odds of these customers."""
        return self.leavers * (1.0 - self.leavers / self.customers)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure's expected value, and its change with one more leaver in each bin."""

    value: float
    slopes: list[float]


def expected_quality(
    scores: Sequence[ScoreBin], *, threshold: float, held_out: Evaluation | None
) -> ExpectedQuality | None:
    """The expected quality of scored customers in bins of falling probability.

    None without customers, or without the held-out quality of the model.

    Intervals add three variances by the delta method: who leaves given the probabilities (Σ p(1 − p)), how far
    held-out customers determine the model's calibration, and how churn moves from month to month where it is known.
    """
    if not scores or held_out is None:
        return None
    calibration = held_out_calibration(held_out.calibration)
    bins = _calibrated(scores, calibration)
    metrics = {
        name: _interval(name, figure.value, _variance(figure, bins, calibration.variances, held_out.movement))
        for name, figure in _figures(bins).items()
    }
    return ExpectedQuality(sum(own.customers for own in bins), threshold, metrics)


def _calibrated(scores: Sequence[ScoreBin], calibration: HeldOutCalibration) -> list[_Bin]:
    """Log-odds are stretched by the slope; the number of expected leavers stays Σ p, as on all pages."""
    places = [calibration.slope * log_odds(own.predicted) for own in scores]
    shift = 0.0
    if calibration.slope != 1.0:
        shift = _shift([own.customers for own in scores], places, sum(own.expected for own in scores))
    return [
        _Bin(
            own.customers,
            own.called,
            own.predicted,
            own.expected if calibration.slope == 1.0 else own.customers * probability_of(place + shift),
            calibration.place(own.predicted),
        )
        for own, place in zip(scores, places, strict=True)
    ]


def _shift(customers: Sequence[int], places: Sequence[float], leavers: float) -> float:
    """The shift of log-odds after which so many leave, by bisection."""
    low, high = -MAX_SHIFT, MAX_SHIFT
    while high - low > 1e-9:
        middle = (low + high) / 2.0
        left = sum(n * probability_of(place + middle) for n, place in zip(customers, places, strict=True))
        low, high = (middle, high) if left < leavers else (low, middle)
    return (low + high) / 2.0


def _figures(bins: Sequence[_Bin]) -> dict[str, _Figure]:
    customers = sum(own.customers for own in bins)
    leavers = sum(own.leavers for own in bins)
    figures = {"churn_rate": _Figure(leavers / customers, [1.0 / customers] * len(bins))}
    if min(leavers, customers - leavers) < MIN_OF_EACH:
        return figures
    return (
        figures
        | {"auc": _auc(bins, leavers, customers - leavers)}
        | _label_figures(bins, customers, leavers)
        | {"lift_10": _lift(bins, customers, leavers)}
        | _loss_figures(bins, customers)
    )


def _auc(bins: Sequence[_Bin], leavers: float, stayers: float) -> _Figure:
    """Expected pairs in which the leaver ranks above the stayer, ties counted half, over all pairs."""
    pairs, above, gains = 0.0, 0.0, []
    below = stayers
    for own in bins:
        stayed = own.customers - own.leavers
        beaten = below - stayed / 2.0
        pairs += own.leavers * beaten
        gains.append(beaten - above - own.leavers / 2.0)
        above, below = above + own.leavers, below - stayed
    auc = pairs / (leavers * stayers)
    return _Figure(auc, [(gain - auc * (stayers - leavers)) / (leavers * stayers) for gain in gains])


def _label_figures(bins: Sequence[_Bin], customers: int, leavers: float) -> dict[str, _Figure]:
    """Accuracy, and with enough hits precision, recall and F1 = 2·TP / (called + leavers)."""
    called = sum(own.customers for own in bins if own.called)
    hits = sum(own.leavers for own in bins if own.called)
    right = hits + (customers - called) - (leavers - hits)
    recall, f1 = hits / leavers, 2.0 * hits / (called + leavers)
    inside = [1.0 if own.called else 0.0 for own in bins]
    accuracy = {"accuracy": _Figure(right / customers, [(2.0 * own - 1.0) / customers for own in inside])}
    if hits < MIN_OF_EACH:
        return accuracy
    return accuracy | {
        "precision": _Figure(hits / called, [own / called for own in inside]),
        "recall": _Figure(recall, [(own - recall) / leavers for own in inside]),
        "f1": _Figure(f1, [(2.0 * own - f1) / (called + leavers) for own in inside]),
    }


def _lift(bins: Sequence[_Bin], customers: int, leavers: float) -> _Figure:
    """Churn rate among the ⌈0.1·n⌉ highest scores ÷ base rate. Of the bin that they end in, a share counts."""
    top = -(-customers // 10)
    left, hits, shares = top, 0.0, []
    for own in bins:
        share = min(1.0, left / own.customers)
        left -= min(left, own.customers)
        hits += share * own.leavers
        shares.append(share)
    lift = hits / top / (leavers / customers)
    return _Figure(lift, [lift * (share / hits - 1.0 / leavers) for share in shares])


def _loss_figures(bins: Sequence[_Bin], customers: int) -> dict[str, _Figure]:
    """Log-loss and Brier score."""
    log_loss = _loss([(-log(_inside(1.0 - own.predicted)), -log_odds(own.predicted)) for own in bins], bins, customers)
    brier = _loss([(own.predicted**2, 1.0 - 2.0 * own.predicted) for own in bins], bins, customers)
    return {"log_loss": log_loss, "brier": brier}


def _loss(costs: Sequence[tuple[float, float]], bins: Sequence[_Bin], customers: int) -> _Figure:
    """A mean loss. `costs`: of each bin, that of a stayer, and how much more a leaver costs."""
    total = sum(own.customers * stayer + own.leavers * more for own, (stayer, more) in zip(bins, costs, strict=True))
    return _Figure(total / customers, [more / customers for _, more in costs])


def _inside(p: float) -> float:
    return max(MIN_PROBABILITY, p)


def _variance(figure: _Figure, bins: Sequence[_Bin], uncertain: Sequence[float], movement: float) -> float:
    """`uncertain`: variance of the log-odds in each bin of held-out customers; `movement`: of those of a month."""
    chance, shifted = 0.0, [0.0] * len(uncertain)
    for own, slope in zip(bins, figure.slopes, strict=True):
        chance += slope * slope * own.variance
        shifted[own.uncertain] += slope * own.variance
    calibration = sum(effect * effect * of for effect, of in zip(shifted, uncertain, strict=True))
    return chance + calibration + sum(shifted) ** 2 * movement


def _interval(name: str, value: float, variance: float) -> Metric:
    """The 95% interval in log-odds or logarithms, so that its ends are possible values."""
    _, reach = mean_interval(0.0, sqrt(variance), 1)
    if name in SHARES:
        if not 0.0 < value < 1.0:
            return Metric(value, value, value)
        centre, reach = log_odds(value), min(MAX_REACH, reach / (value * (1.0 - value)))
        return Metric(value, probability_of(centre - reach), probability_of(centre + reach))
    factor = exp(min(MAX_REACH, reach / value)) if value > 0.0 else 1.0
    return Metric(value, value / factor, value * factor)
