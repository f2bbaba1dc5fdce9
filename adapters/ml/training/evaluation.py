"""Evaluates held-out probabilities: figures with intervals, curves, thresholds, segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.calibration import Calibrated, calibrated, unseen_months
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.ranking import MAX_CUTS, Ranking
from adapters.ml.training.validation import Division, random_beside
from application.ports.models import ThresholdChoice
from domain.curve_demand import KeptDemands
from domain.economics import ThresholdCounts, ThresholdStrategy, best_threshold, profit_of_contacting
from domain.evaluation import (
    Curve,
    Evaluation,
    Metric,
    RandomFolds,
    RoundCurves,
    SegmentQuality,
    ThresholdOption,
)
from domain.forward_validation import UnseenMonth, movement
from domain.intervals import Z_95
from domain.recommendation import Economics
from domain.segments import is_listed

Floats = NDArray[np.float64]
BOOTSTRAPS = 200
BOOTSTRAP_ROWS = 20_000
CURVE_POINTS = 200
CHOOSABLE_CUTS = 300
ROUND_POINTS = 150
SEGMENT_COLUMNS = 4
SEGMENT_LEVELS = 8


@dataclass(frozen=True)
class Scored:
    """Held-out probabilities float64 (n) of the rows of a division."""

    division: Division
    probability: Floats
    baseline: Floats | None = None


def scored(data: LearningData, held_out: Calibrated, baseline: Floats | None = None) -> Scored:
    """Probabilities of held-out log-odds (n). The baseline is recalibrated as well where there are months."""
    sigmoid, division = quality_metrics.sigmoid, held_out.division
    if baseline is not None and held_out.is_forward:
        baseline = calibrated(baseline[None], data.churned[division.rows], division)[0]
    return Scored(division, sigmoid(held_out.final), None if baseline is None else sigmoid(baseline))


@dataclass(frozen=True)
class ForwardInTime:
    """What a test forward in time adds: its months, and random folds for comparison."""

    months: tuple[UnseenMonth, ...] = ()
    random: Scored | None = None
    movement: float = 0.0


def forward_in_time(
    data: LearningData, held_out: Calibrated, cross_fit: Callable[[Division], Floats], *, folds: int, seed: int
) -> ForwardInTime:
    """Empty without months. `cross_fit` gives the log-odds of a division into random folds."""
    if not held_out.is_forward:
        return ForwardInTime()
    random = random_beside(data, folds=folds, seed=seed)
    months = unseen_months(held_out, data.churned[held_out.division.rows])
    beside = Scored(random, quality_metrics.sigmoid(cross_fit(random)))
    return ForwardInTime(months, beside, movement(held_out.division.levels))


def evaluate(
    data: LearningData,
    held_out: Scored,
    choice: ThresholdChoice,
    *,
    method: str,
    seed: int,
    forward: ForwardInTime,
    histories: Sequence[dict[str, dict[str, list[float]]]] = (),
    chosen_round: int | None = None,
    kept: KeptDemands | None = None,
) -> Evaluation:
    """All figures are about the rows that the division shows."""
    division, shown = held_out.division, held_out.division.shown
    tested = data.only(division.rows[shown]) if division.months else data
    probability, churned, folds = held_out.probability[shown], tested.churned, division.fold_of[shown]
    ranking = Ranking.of(probability, churned)
    threshold = choose_threshold(ranking, choice.strategy, choice.economics, target=choice.target)
    roc, precision_recall, gain, lift, profit = _curves(ranking, choice.economics)
    options = _options(ranking, probability, churned, choice)
    baseline = None if held_out.baseline is None else held_out.baseline[shown]
    return Evaluation(
        method=method,
        customers=len(churned),
        churned=int(churned.sum()),
        threshold=threshold,
        metrics=_figures(tested, probability, threshold, folds=folds, seed=seed),
        confusion=quality_metrics.confusion(probability, churned, threshold),
        roc=roc,
        precision_recall=precision_recall,
        gain=gain,
        lift=lift,
        profit=profit,
        calibration=quality_metrics.calibration_bins(probability, churned),
        rounds=_round_curves(histories, chosen_round) if histories else None,
        baseline=None if baseline is None else _figures(tested, baseline, threshold, folds=folds, seed=seed),
        segments=_segments(tested, probability),
        thresholds=options,
        interval_method=_interval_method(len(churned), len(np.unique(folds))),
        cuts=choosable(ranking, [threshold, *(option.threshold for option in options)]),
        months=forward.months,
        movement=forward.movement,
        random_folds=None if forward.random is None else _random_folds(data, forward.random, threshold, seed=seed),
        kept=kept,
        history=data.history,
    )


def _figures(
    tested: LearningData, probability: Floats, threshold: float, *, folds: NDArray[np.int16], seed: int
) -> dict[str, Metric]:
    groups = tested.groups.of_row
    return figures_with_intervals(probability, tested.churned, threshold, folds=folds, seed=seed, groups=groups)


def _random_folds(data: LearningData, held_out: Scored, threshold: float, *, seed: int) -> RandomFolds:
    own, probability = data.only(held_out.division.rows), held_out.probability
    metrics = _figures(own, probability, threshold, folds=held_out.division.fold_of, seed=seed)
    return RandomFolds(metrics, own.rows, int(own.churned.sum()), float(probability.sum()))


def exact_figures(probability: Floats, churned: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    """All figures of an evaluation. Ties in lift and calibration bins are broken by file order."""
    metrics = Ranking.of(probability, churned).figures(threshold)
    return metrics | {
        "ece": quality_metrics.ece(probability, churned),
        "lift_10": quality_metrics.lift_10(probability, churned),
    }


def figures_with_intervals(
    probability: Floats,
    churned: NDArray[np.bool_],
    threshold: float,
    *,
    folds: NDArray[np.int16] | None,
    seed: int,
    groups: NDArray[np.int64] | None = None,
) -> dict[str, Metric]:
    """95% intervals, by bootstrap for small files, from the folds for large ones if there are any.

    `groups` int64 (n): rows of one customer are resampled together.
    """
    values = exact_figures(probability, churned, threshold)
    if len(churned) <= BOOTSTRAP_ROWS:
        bounds = _bootstrap(probability, churned, threshold, values, groups=groups, seed=seed)
    elif folds is not None:
        bounds = _over_folds(probability, churned, threshold, values, folds)
    else:
        bounds = {}
    return {name: Metric(value, *bounds.get(name, (None, None))) for name, value in values.items()}


def _bootstrap(
    probability: Floats,
    churned: NDArray[np.bool_],
    threshold: float,
    values: dict[str, float],
    *,
    groups: NDArray[np.int64] | None,
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Bootstrap percentiles. Those of the calibration error are corrected for the bias of resampling."""
    ranking, draw = Ranking.of(probability, churned), np.random.default_rng(seed)
    if groups is not None:
        of_row = np.unique(groups, return_inverse=True)[1]
        alone = int(of_row.max()) + 1 == len(of_row)
        groups = None if alone else of_row[np.argsort(-probability, kind="stable")]
    samples = [figures for _ in range(BOOTSTRAPS) if (figures := ranking.redrawn(draw, groups).figures(threshold))]
    metrics = {}
    for name in samples[0]:
        own = np.array([figures[name] for figures in samples])
        moved = own - (own.mean() - values[name]) if name == "ece" else own
        low, high = np.quantile(moved, [0.025, 0.975]).tolist()
        metrics[name] = (max(0.0, low), high) if name == "ece" else (low, high)
    return metrics


def _over_folds(
    probability: Floats,
    churned: NDArray[np.bool_],
    threshold: float,
    values: dict[str, float],
    folds: NDArray[np.int16],
) -> dict[str, tuple[float, float]]:
    """Value ± t · standard error of the folds' values."""
    from scipy.stats import t

    numbers = np.unique(folds)
    count = len(numbers)
    by_fold = [exact_figures(probability[folds == fold], churned[folds == fold], threshold) for fold in numbers]
    reach = float(t.ppf(0.975, count - 1)) / count**0.5
    return {
        name: (value - reach * spread, value + reach * spread)
        for name, value in values.items()
        if (spread := float(np.std([figures[name] for figures in by_fold], ddof=1))) == spread
    }


def _interval_method(customers: int, folds: int) -> str:
    if customers <= BOOTSTRAP_ROWS:
        return f"95% intervals from {BOOTSTRAPS} bootstrap samples of the held-out customers"
    return f"95% intervals from the spread over {folds} folds (Student's t)"


def cuts_of(ranking: Ranking) -> list[ThresholdCounts]:
    """The distinct scores as thresholds, highest first.

    Of many, a few thousand spread evenly over the customers, and those that label nearest to as many as left.
    """
    balanced = int(np.searchsorted(ranking.called, ranking.right[-1]))
    near = np.clip([balanced - 1, balanced], 0, len(ranking.called) - 1)
    positions = np.union1d(ranking.thinned(MAX_CUTS), near)
    scores, right, called = ranking.probability[ranking.cut_ends], ranking.right, ranking.called
    return [ThresholdCounts(float(scores[i]), round(right[i]), round(called[i] - right[i])) for i in positions]


def choose_threshold(
    ranking: Ranking, strategy: ThresholdStrategy, economics: Economics, *, target: float | None = None
) -> float:
    """The strategy's threshold, half-way to the next lower score, so that rounding never changes a label."""
    if strategy is ThresholdStrategy.FIXED:
        return best_threshold(strategy, cuts_of(ranking), economics, target=target)
    best = best_threshold(strategy, cuts_of(ranking), economics, target=target)
    lower = ranking.probability[ranking.probability < best]
    if not len(lower):
        return best
    between = float((best + lower[0]) / 2.0)
    return between if between > lower[0] else best


def choosable(ranking: Ranking, chosen: Sequence[float]) -> tuple[ThresholdCounts, ...]:
    """Thresholds that can be selected later: the chosen ones, a few hundred between two scores, whole per cents."""
    ends = ranking.cut_ends
    lower = np.append(ranking.probability[ends[1:]], 0.0)
    between = ((ranking.probability[ends] + lower) / 2.0)[ranking.thinned(CHOOSABLE_CUTS)]
    return tuple(
        ThresholdCounts(threshold, *ranking.counts_from(threshold))
        for threshold in sorted({*between.tolist(), *chosen, *(per_cent / 100 for per_cent in range(1, 100))})[::-1]
    )


def _options(
    ranking: Ranking, probability: Floats, churned: NDArray[np.bool_], choice: ThresholdChoice
) -> tuple[ThresholdOption, ...]:
    """Every strategy's threshold. A share or fixed value that was not chosen is a tenth, or one half."""
    targets: dict[ThresholdStrategy, float | None] = {ThresholdStrategy.SHARE: 0.1, ThresholdStrategy.FIXED: 0.5}
    options = []
    for strategy in ThresholdStrategy:
        target = choice.target if strategy is choice.strategy else targets.get(strategy)
        threshold = choose_threshold(ranking, strategy, choice.economics, target=target)
        matrix = quality_metrics.confusion(probability, churned, threshold)
        profit = profit_of_contacting(matrix.true_positive, matrix.false_positive, choice.economics)
        options.append(ThresholdOption(strategy.value, threshold, profit, matrix))
    return tuple(options)


def _curves(ranking: Ranking, economics: Economics) -> tuple[Curve, Curve, Curve, Curve, Curve]:
    """ROC, precision over recall, share of leavers reached by share contacted, cumulative lift by decile, and
    profit."""
    positions = ranking.thinned(CURVE_POINTS - 1)
    right, called = ranking.right[positions], ranking.called[positions]
    wrong, scores = called - right, ranking.probability[ranking.cut_ends][positions]
    leavers, stayers, customers = right[-1], wrong[-1], called[-1]
    roc = _curve([0.0, *(wrong / stayers)], [0.0, *(right / leavers)])
    precision_recall = _curve(right / leavers, right / called)
    gain = _curve([0.0, *(called / customers)], [0.0, *(right / leavers)])
    tenths = np.arange(1, 11) / 10.0
    reached = np.interp(tenths * customers, ranking.called, ranking.right) / leavers
    earned = [profit_of_contacting(a, b, economics) for a, b in zip(right.tolist(), wrong.tolist(), strict=True)]
    profit = _curve(scores[::-1], earned[::-1])
    return roc, precision_recall, gain, _curve(tenths, reached / tenths), profit


def _curve(x: Sequence[float] | Floats, y: Sequence[float] | Floats) -> Curve:
    return Curve(tuple(float(value) for value in x), tuple(float(value) for value in y))


def _round_curves(histories: Sequence[dict[str, dict[str, list[float]]]], chosen_round: int | None) -> RoundCurves:
    def over_folds(part: str, figure: str) -> Floats:
        return np.array([history[part][figure] for history in histories])

    held = 1.0 - over_folds("held_out", "error")
    rounds = held.shape[1]
    shown = np.unique(np.linspace(0, rounds - 1, min(ROUND_POINTS, rounds)).astype(int))
    reach = Z_95 * held.std(axis=0, ddof=1) / len(histories) ** 0.5

    def listed(values: Floats) -> tuple[float, ...]:
        return tuple(float(value) for value in values[shown])

    return RoundCurves(
        rounds=tuple(int(place) + 1 for place in shown),
        training_accuracy=listed((1.0 - over_folds("training", "error")).mean(axis=0)),
        validation_accuracy=listed(held.mean(axis=0)),
        training_log_loss=listed(over_folds("training", "logloss").mean(axis=0)),
        validation_log_loss=listed(over_folds("held_out", "logloss").mean(axis=0)),
        validation_accuracy_low=listed(held.mean(axis=0) - reach),
        validation_accuracy_high=listed(held.mean(axis=0) + reach),
        chosen_round=chosen_round,
    )


def _segments(data: LearningData, probability: Floats) -> tuple[SegmentQuality, ...]:
    """Quality by level of the categorical columns that split the customers into the largest groups."""
    columns = [j for j, levels in enumerate(data.vocabulary.levels) if levels is not None and len(levels) >= 2]
    columns = [j for j in columns if len(data.vocabulary.levels[j] or ()) <= SEGMENT_LEVELS]
    columns.sort(key=lambda j: (len(data.vocabulary.levels[j] or ()) == 2, j))
    segments = []
    for j in columns[:SEGMENT_COLUMNS]:
        for code, level in enumerate(data.vocabulary.levels[j] or ()):
            rows = data.codes[:, j] == code
            if rows.any():
                segments.append(_segment(data.vocabulary.names[j], level, probability[rows], data.churned[rows]))
    return tuple(segments)


def _segment(column: str, level: str, probability: Floats, churned: NDArray[np.bool_]) -> SegmentQuality:
    return SegmentQuality(
        column=column,
        level=level,
        customers=len(churned),
        churned=int(churned.sum()),
        mean_probability=float(probability.mean()),
        auc=quality_metrics.auc(probability, churned) if is_listed(len(churned)) else None,
    )
