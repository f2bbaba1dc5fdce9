"""Evaluation of a model: confusion counts, metrics with intervals, and curves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.curve_demand import KeptDemands
from domain.economics import ThresholdCounts
from domain.forward_validation import UnseenMonth
from domain.history_kind import HistoryGain
from domain.intervals import rate_interval
from domain.model_comparison import ModelComparison
from domain.segments import is_listed

LABEL_FIGURES = ("accuracy", "precision", "recall", "f1")
"""The figures that depend on the threshold."""
CHANCE_AUC = 0.5
"""AUC of a coin toss."""
CHANGED_INTERVALS = "; since the threshold was changed, Wilson’s intervals for accuracy, precision, recall and F1"


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Counts of labels against the truth; "positive" is churned."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    def __post_init__(self) -> None:
        if min(self.true_positive, self.false_positive, self.false_negative, self.true_negative) < 0:
            raise ValueError("counts are not negative")

    @property
    def total(self) -> int:
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative

    @property
    def labelled(self) -> int:
        """Customers who are predicted to leave."""
        return self.true_positive + self.false_positive

    @property
    def right(self) -> int:
        return self.true_positive + self.true_negative

    @property
    def accuracy(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def precision(self) -> float:
        """Share of the predicted leavers who left; 0 if no customer is predicted to leave."""
        return self.true_positive / self.labelled if self.labelled else 0.0

    @property
    def recall(self) -> float:
        """Share of the leavers who were predicted to leave; 0 if no customer left."""
        left = self.true_positive + self.false_negative
        return self.true_positive / left if left else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN)."""
        weight = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / weight if weight else 0.0


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its 95% interval (None where there is too little data for one)."""

    value: float
    low: float | None = None
    high: float | None = None


def label_figures(matrix: ConfusionMatrix) -> dict[str, Metric]:
    """The figures that depend on the threshold, with Wilson's intervals.

    F1 is 2J / (1 + J) with J = TP / (TP + FP + FN), a share like the others; its interval is that of J, converted.
    """
    hits, called = matrix.true_positive, matrix.labelled
    left = hits + matrix.false_negative
    joint = called + left - hits
    jaccard = _share(hits, joint)
    f1 = Metric(matrix.f1, *(None if x is None else 2 * x / (1 + x) for x in (jaccard.low, jaccard.high)))
    shares = (_share(matrix.right, matrix.total), _share(hits, called), _share(hits, left), f1)
    return dict(zip(LABEL_FIGURES, shares, strict=True))


def _share(part: int, of: int) -> Metric:
    return Metric(part / of, *rate_interval(part / of, of)) if of else Metric(0.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line for a chart: equally long x and y, at most a few hundred points, optional interval."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or len(self.low) != len(self.high):
            raise ValueError("a curve has as many x as y, and as many lower as upper bounds")


@dataclass(frozen=True, slots=True)
class RoundCurves:
    """Accuracy and log-loss by boosting round, mean over folds, on training and on held-out rows."""

    rounds: tuple[int, ...]
    training_accuracy: tuple[float, ...]
    validation_accuracy: tuple[float, ...]
    training_log_loss: tuple[float, ...]
    validation_log_loss: tuple[float, ...]
    validation_accuracy_low: tuple[float, ...] = ()
    validation_accuracy_high: tuple[float, ...] = ()
    chosen_round: int | None = None


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Customers with a like probability: how many, what was predicted on average, what happened, its interval."""

    customers: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SegmentQuality:
    """Quality among the customers who share one level of a column."""

    column: str
    level: str
    customers: int
    churned: int
    mean_probability: float
    auc: float | None
    """None where one of the classes is missing, or the segment is too small to be listed."""

    @property
    def churn_rate(self) -> float:
        return self.churned / self.customers if self.customers else 0.0

    @property
    def listed(self) -> bool:
        """Whether it has enough customers for its figures to be shown."""
        return is_listed(self.customers)


@dataclass(frozen=True, slots=True)
class ThresholdOption:
    """A way to choose the threshold, the threshold that results, and its expected profit on the evaluated customers."""

    strategy: str
    threshold: float
    profit: float
    confusion: ConfusionMatrix


@dataclass(frozen=True, slots=True)
class RandomFolds:
    """Figures of random folds of all months, whose models learned from the months that they were tested on.

    `expected` is the number of leavers expected among these customers.
    """

    metrics: dict[str, Metric]
    customers: int
    churned: int
    expected: float

    @property
    def without_threshold(self) -> RandomFolds:
        """Without the figures that depend on the threshold."""
        return replace(self, metrics=_without_label_figures(self.metrics) or {})


def _without_label_figures(metrics: dict[str, Metric] | None) -> dict[str, Metric] | None:
    return metrics and {name: own for name, own in metrics.items() if name not in LABEL_FIGURES}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's quality on customers it did not learn from. `method` says how, in words.

    Keys of `metrics`: auc, average_precision, log_loss, brier, brier_skill, accuracy, precision, recall, f1, ece,
    lift_10, empc, empc_share. `confusion` and the label metrics are at `threshold`.
    """

    method: str
    customers: int
    churned: int
    threshold: float
    metrics: dict[str, Metric]
    confusion: ConfusionMatrix
    roc: Curve
    precision_recall: Curve
    gain: Curve
    lift: Curve
    profit: Curve
    calibration: tuple[CalibrationBin, ...]
    rounds: RoundCurves | None = None
    baseline: dict[str, Metric] | None = None
    """The logistic baseline's figures on the same folds; None for a logistic model, which is the baseline itself."""
    segments: tuple[SegmentQuality, ...] = ()
    """Every level of the columns it is split by, those with too few customers to be listed too."""
    thresholds: tuple[ThresholdOption, ...] = ()
    interval_method: str = ""
    out_of_time: dict[str, Metric] | None = None
    """Of versions of earlier releases: trained on the earlier months, tested on the last."""
    cuts: tuple[ThresholdCounts, ...] = ()
    """Thresholds that can be chosen later, highest first; the whole per cents are among them."""
    months: tuple[UnseenMonth, ...] = ()
    """The months that all figures are about, oldest first, where the model was tested forward in time."""
    random_folds: RandomFolds | None = None
    """For comparison, where the model was tested forward in time."""
    kept: KeptDemands | None = None
    """The directions that its curves keep on demand, and what they cost; None without demands."""
    compared: ModelComparison | None = None
    """What a comparison with the champion showed on months that were kept for it; None without one."""
    history: HistoryGain | None = None
    """What attributes of earlier months gained; None where none were tried."""
    movement: float = 0.0
    """Variance of what the level of churn does in the month after training besides what is expected, in log-odds; 0
    where no months were tested, and for versions of earlier releases."""

    @property
    def on_random_folds(self) -> dict[str, Metric]:
        """The figures of random folds, which every version has: those of a test forward in time are next to them."""
        return self.random_folds.metrics if self.random_folds else self.metrics

    @property
    def beats_chance(self) -> bool:
        """Whether it certainly ranks customers who left above those who stayed: the AUC's whole interval is above ½.

        Without an interval, the AUC itself decides.
        """
        auc = self.metrics["auc"]
        return (auc.value if auc.low is None else auc.low) > CHANCE_AUC

    def at(self, cut: ThresholdCounts) -> Evaluation:
        """The same evaluation at another threshold."""
        matrix = ConfusionMatrix(
            true_positive=cut.churned,
            false_positive=cut.stayed,
            false_negative=self.churned - cut.churned,
            true_negative=self.customers - self.churned - cut.stayed,
        )
        return replace(
            self,
            threshold=cut.threshold,
            confusion=matrix,
            metrics=self.metrics | label_figures(matrix),
            baseline=_without_label_figures(self.baseline),
            random_folds=self.random_folds and self.random_folds.without_threshold,
            interval_method=self.interval_method.removesuffix(CHANGED_INTERVALS) + CHANGED_INTERVALS,
        )

    def compared_with(self, option: ThresholdOption) -> Evaluation:
        """The same evaluation, whose compared thresholds hold this one for its strategy."""
        others = tuple(own for own in self.thresholds if own.strategy != option.strategy)
        place = next((i for i, own in enumerate(self.thresholds) if own.strategy == option.strategy), 0)
        return replace(self, thresholds=(*others[:place], option, *others[place:]))

    @property
    def listed_segments(self) -> tuple[SegmentQuality, ...]:
        """The segments with enough customers to show their figures."""
        return tuple(segment for segment in self.segments if segment.listed)

    @property
    def base_rate(self) -> float:
        return self.churned / self.customers if self.customers else 0.0
