"""How good a model is: counts, figures with intervals, curves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.economics import Cut

LABEL_FIGURES = ("accuracy", "precision", "recall", "f1")
"""The figures that depend on the threshold."""
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
    def right(self) -> int:
        return self.true_positive + self.true_negative

    @property
    def accuracy(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def precision(self) -> float:
        """Share of those called likely leavers who left; 0 when nobody is called so."""
        called = self.true_positive + self.false_positive
        return self.true_positive / called if called else 0.0

    @property
    def recall(self) -> float:
        """Share of those who left that were called; 0 when nobody left."""
        left = self.true_positive + self.false_negative
        return self.true_positive / left if left else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN)."""
        weight = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / weight if weight else 0.0


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its 95 % interval (None where there is too little data for one)."""

    value: float
    low: float | None = None
    high: float | None = None


def wilson(successes: int, of: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (JASA 22, 1927)."""
    share = successes / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return max(0.0, centre - reach), min(1.0, centre + reach)


def label_figures(matrix: ConfusionMatrix) -> dict[str, Metric]:
    """The figures that depend on the threshold, with Wilson's intervals.

    F1 is 2J / (1 + J) with J = TP / (TP + FP + FN), a share like the others; its interval is that of J, converted.
    """
    found, called = matrix.true_positive, matrix.true_positive + matrix.false_positive
    left = found + matrix.false_negative
    joint = called + left - found
    jaccard = _share(found, joint)
    f1 = Metric(matrix.f1, *(None if x is None else 2 * x / (1 + x) for x in (jaccard.low, jaccard.high)))
    shares = (_share(matrix.right, matrix.total), _share(found, called), _share(found, left), f1)
    return dict(zip(LABEL_FIGURES, shares, strict=True))


def _share(part: int, of: int) -> Metric:
    return Metric(part / of, *wilson(part, of)) if of else Metric(0.0)


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


@dataclass(frozen=True, slots=True)
class ThresholdOption:
    """A way to choose the threshold, what it gives, and the profit expected of it on the evaluated customers."""

    strategy: str
    threshold: float
    profit: float
    confusion: ConfusionMatrix


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
    thresholds: tuple[ThresholdOption, ...] = ()
    interval_method: str = ""
    out_of_time: dict[str, Metric] | None = None
    """Trained on the earlier months, tested on the last, where the file has months."""
    cuts: tuple[Cut, ...] = ()
    """Thresholds that can be chosen later, highest first; the whole per cents are among them."""

    def at(self, cut: Cut) -> Evaluation:
        """The same evaluation with everything that depends on the threshold at another."""
        matrix = ConfusionMatrix(
            true_positive=cut.churned,
            false_positive=cut.stayed,
            false_negative=self.churned - cut.churned,
            true_negative=self.customers - self.churned - cut.stayed,
        )
        baseline = self.baseline and {name: own for name, own in self.baseline.items() if name not in LABEL_FIGURES}
        return replace(
            self,
            threshold=cut.threshold,
            confusion=matrix,
            metrics=self.metrics | label_figures(matrix),
            baseline=baseline,
            interval_method=self.interval_method.removesuffix(CHANGED_INTERVALS) + CHANGED_INTERVALS,
        )

    @property
    def base_rate(self) -> float:
        return self.churned / self.customers if self.customers else 0.0
