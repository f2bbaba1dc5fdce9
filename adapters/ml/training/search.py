"""Hyper-parameter search: seeded candidates, reduced by cross-validated log-loss with early stopping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.training import quality_metrics
from adapters.ml.training.boosting import Settings, Split, boost, make_split, margins
from adapters.ml.training.folds import assign_folds
from adapters.ml.training.learning_data import LearningData
from domain.model import Effort
from domain.progress import Progress, TrainingStage

FOLDS = 5
FIRST_FOLDS = 2
COMPARED_FOLDS = {Effort.LOW: 3, Effort.NORMAL: 5, Effort.HIGH: 5}
MAX_ROUNDS = 1500
TRIALS = {Effort.LOW: 3, Effort.NORMAL: 26, Effort.HIGH: 66}
SEARCH_ROWS = {Effort.LOW: 10_000, Effort.NORMAL: 30_000, Effort.HIGH: 100_000}
CELLS = 600_000
"""Matrix cells up to which all trials of the effort are run. Larger data gets fewer trials, to bound the work."""
ANCHORS = (
    Settings(depth=2, eta=0.1, child_weight=5, l2=3, columns=0.6, rows=0.8),
    Settings(depth=4, eta=0.06, child_weight=5, l2=5, columns=0.6, rows=0.8),
    Settings(depth=6, eta=0.06, child_weight=3, l2=3, columns=0.7, rows=0.8),
    Settings(depth=3, eta=0.06, child_weight=20, l2=10, columns=0.5, rows=0.7),
    Settings(depth=6, eta=0.05, child_weight=1, l2=2, gamma=1.0, columns=1.0, columns_of_node=0.6, rows=0.9),
    Settings(depth=4, eta=0.3, child_weight=5, l2=5, columns=0.8, rows=0.9),
)
"""Good settings for additive, mixed and strongly interacting data. The last two are for churn by hard rules: weak
regularisation, or a high learning rate. They are tried first; the lowest effort tries three."""


@dataclass(frozen=True)
class Chosen:
    """The best settings, their number of rounds, and the number of trials."""

    settings: Settings
    rounds: int
    trials: int
    rows: int
    log_loss: float


@dataclass
class _Trial:
    settings: Settings
    losses: dict[int, NDArray[np.float64]]
    rounds: dict[int, int]

    @property
    def all_losses(self) -> NDArray[np.float64]:
        """Losses of all rows, fold after fold."""
        return np.concatenate([self.losses[fold] for fold in sorted(self.losses)])

    @property
    def mean(self) -> float:
        return float(self.all_losses.mean())

    @property
    def mean_rounds(self) -> int:
        return max(1, round(float(np.mean(list(self.rounds.values())))))


@dataclass(frozen=True)
class _Comparison:
    """The rows and folds for comparing settings. Matrices are built once per fold and encoding."""

    data: LearningData
    sample: NDArray[np.intp]
    folds: NDArray[np.int8]
    seed: int
    splits: dict[tuple[int, CategoricalEncoderPlan], Split] = field(default_factory=dict)

    def run(self, trial: _Trial, fold: int) -> None:
        """Boost with early stopping on the held-out fold, and record its losses."""
        split = self._split(fold, trial.settings.plan)
        boosted = boost(split, trial.settings, rounds=MAX_ROUNDS, seed=self.seed, stop_early=True)
        predictions = margins(boosted.booster, split.held_out_matrix, rounds=boosted.best_round)
        truth = self.data.churned[split.held_out_rows]
        trial.losses[fold] = quality_metrics.row_log_loss(quality_metrics.sigmoid(predictions), truth)
        trial.rounds[fold] = boosted.best_round

    def _split(self, fold: int, plan: CategoricalEncoderPlan) -> Split:
        if (fold, plan) not in self.splits:
            training, held = self.sample[self.folds != fold], self.sample[self.folds == fold]
            self.splits[fold, plan] = make_split(self.data, training, held, plan, seed=self.seed + fold)
        return self.splits[fold, plan]


def search(data: LearningData, *, effort: Effort, seed: int, report: Callable[[Progress], None]) -> Chosen:
    """Compare the candidates on two folds and the best quarter on all folds.

    Of those within one standard error of the best, the cheapest to score is chosen. Large files are searched on a
    seeded sample of whole groups.
    """
    sample = sample_groups(data, SEARCH_ROWS[effort], seed=seed)
    trials = [_Trial(settings, {}, {}) for settings in candidates(data, len(sample), effort=effort, seed=seed)]
    folds = assign_folds(data.churned[sample], _dense(data.groups.of_row[sample]), folds=FOLDS, seed=seed)
    arena = _Comparison(data, sample, folds, seed)
    for place, trial in enumerate(trials):
        report(Progress(TrainingStage.TRYING_SETTINGS, done=place, of=len(trials)))
        for fold in range(FIRST_FOLDS):
            arena.run(trial, fold)
    finalists = sorted(trials, key=lambda trial: trial.mean)[: max(2, len(trials) // 4)]
    for place, trial in enumerate(finalists):
        report(Progress(TrainingStage.COMPARING_SETTINGS, done=place, of=len(finalists)))
        for fold in range(FIRST_FOLDS, COMPARED_FOLDS[effort]):
            arena.run(trial, fold)
    won = _cheapest_of_the_best(finalists)
    return Chosen(won.settings, won.mean_rounds, len(trials), len(sample), won.mean)


def candidates(data: LearningData, rows: int, *, effort: Effort, seed: int) -> list[Settings]:
    """The predefined settings, then points of a scrambled Sobol sequence over the search space."""
    from scipy.stats import qmc

    cells = rows * sum(_width(levels) for levels in data.vocabulary.levels)
    count = round(TRIALS[effort] * min(1.0, max(0.3, (CELLS / cells) ** 0.5)))
    more = max(0, count - len(ANCHORS))
    points = qmc.Sobol(9, seed=seed).random_base2(int(np.ceil(np.log2(max(2, more)))))[:more]
    return [*ANCHORS[: max(3, count)], *(_settings_at(point) for point in points)]


def _width(levels: Sequence[str] | None) -> int:
    return 1 if levels is None or len(levels) <= 2 or len(levels) > 12 else len(levels)


def _settings_at(point: NDArray[np.float64]) -> Settings:
    """Settings for a point of the unit cube. Scales that span decades are logarithmic."""

    def between(place: int, low: float, high: float, *, log: bool = False) -> float:
        x = float(point[place])
        return round(float(low * (high / low) ** x) if log else low + x * (high - low), 6)

    return Settings(
        depth=min(7, 2 + int(point[0] * 6)),
        eta=between(1, 0.04, 0.12, log=True),
        child_weight=between(2, 1.0, 50.0, log=True),
        l1=between(3, 0.001, 5.0, log=True),
        l2=between(4, 0.3, 30.0, log=True),
        gamma=max(0.0, between(5, -1.0, 1.0)),
        columns=between(6, 0.35, 1.0),
        rows=between(7, 0.5, 1.0),
        one_hot_up_to=12 if point[8] < 0.6 else 2,
    )


def sample_groups(data: LearningData, limit: int, *, seed: int) -> NDArray[np.intp]:
    """Row numbers of a seeded sample of whole groups, about `limit` rows; all rows if there are fewer."""
    if data.rows <= limit:
        return np.arange(data.rows)
    count = int(data.groups.of_row.max()) + 1
    sampled = np.random.default_rng(seed).random(count) < limit / data.rows
    return np.flatnonzero(sampled[data.groups.of_row])


def _dense(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _cheapest_of_the_best(finalists: Sequence[_Trial]) -> _Trial:
    best = min(finalists, key=lambda trial: trial.mean)
    own = best.all_losses

    def within_one_standard_error(trial: _Trial) -> bool:
        worse = trial.all_losses - own
        return bool(worse.mean() <= worse.std() / np.sqrt(len(worse)))

    close = [trial for trial in finalists if trial is best or within_one_standard_error(trial)]
    return min(close, key=lambda trial: (trial.settings.scoring_cost(trial.mean_rounds), trial.mean))
