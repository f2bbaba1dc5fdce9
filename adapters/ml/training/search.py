"""Hyper-parameter search: candidates of several kinds, reduced by cross-validated log-loss with early stopping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.training.boosting import Member, Split, Tuned, make_split
from adapters.ml.training.candidates import candidates, other_kinds, taught
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.selection import Option, blended, greedy_shares, losses_of, worth_its_cost
from adapters.ml.training.validation import Division, divide, sample_groups
from domain.model import Effort
from domain.progress import Progress, TrainingStage
from domain.training_limits import MIN_SAVING

Floats = NDArray[np.float64]
FOLDS = 5
COMPARED_FOLDS_OF_LOW = 3
MAX_ROUNDS = 1500
SEARCH_ROWS = {Effort.LOW: 10_000, Effort.NORMAL: 30_000, Effort.HIGH: 100_000}
FEW_ROWS = 5_000
"""Rows below which the best settings are compared on two divisions into folds, because one decides by chance."""
LEAF_MICROSECONDS = 0.0007
"""The cost of a leaf while settings are compared; see `grouping.microseconds_per_row` for that of a model."""


@dataclass(frozen=True)
class Found:
    """What a search found: first the cheapest settings that are nearly the best, then those worth blending with it."""

    tuned: tuple[Tuned, ...]
    trials: int
    rows: int


@dataclass
class _Trial:
    """Settings with the held-out log-odds and rounds of the folds they were run on, by (division, fold)."""

    member: Member
    log_odds: dict[tuple[int, int], Floats] = field(default_factory=dict)
    losses: dict[tuple[int, int], Floats] = field(default_factory=dict)
    rounds: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def all_losses(self) -> Floats:
        """Losses of all rows, fold after fold."""
        return np.concatenate([self.losses[place] for place in sorted(self.losses)])

    @property
    def mean(self) -> float:
        return float(self.all_losses.mean())

    @property
    def tuned(self) -> Tuned:
        return Tuned(self.member, max(1, round(float(np.mean(list(self.rounds.values()))))))

    @property
    def cost(self) -> float:
        return LEAF_MICROSECONDS * self.member.leaves(self.tuned.rounds)


@dataclass(frozen=True)
class _Comparison:
    """The divisions for comparing settings. Matrices are built once per fold and encoding."""

    data: LearningData
    divisions: tuple[Division, ...]
    seed: int
    splits: dict[tuple[int, int, CategoricalEncoderPlan], Split] = field(default_factory=dict)

    @property
    def churned(self) -> NDArray[np.bool_]:
        return self.data.churned[self.divisions[0].rows]

    def run(self, trial: _Trial, place: tuple[int, int]) -> None:
        """Boost with early stopping on the held-out fold, and record what it predicts there."""
        split = self._split(place, trial.member.plan)
        boosted = trial.member.boost(split, rounds=MAX_ROUNDS, seed=self.seed, stop_early=True)
        log_odds = boosted.booster.margins(split.held_out_matrix, rounds=boosted.best_round)
        trial.log_odds[place] = log_odds
        trial.losses[place] = losses_of(log_odds, split.held_out_churned)
        trial.rounds[place] = boosted.best_round

    def adds(self, trial: _Trial, best: _Trial) -> bool:
        """Whether both in equal parts save a blend's least share of the log-loss, on the folds that both were run on.

        Measured on few folds, so without its standard error: whatever is compared further has to be better by that.
        """
        both = [
            losses_of((trial.log_odds[place] + best.log_odds[place]) / 2.0, self._held_out(place))
            for place in trial.log_odds
        ]
        own = [best.losses[place] for place in trial.log_odds]
        return float(np.concatenate(both).mean()) < (1.0 - MIN_SAVING) * float(np.concatenate(own).mean())

    def _held_out(self, place: tuple[int, int]) -> NDArray[np.bool_]:
        return self.data.churned[self.divisions[place[0]].folds[place[1]].held_out]

    def whole(self, trial: _Trial) -> Floats:
        """Held-out log-odds of every tested row (divisions, n), where the trial was run on all folds."""
        whole = np.empty((len(self.divisions), len(self.churned)))
        for (number, place), log_odds in trial.log_odds.items():
            division = self.divisions[number]
            whole[number, division.places(division.folds[place])] = log_odds
        return whole

    def _split(self, place: tuple[int, int], plan: CategoricalEncoderPlan) -> Split:
        division, number = place
        if (*place, plan) not in self.splits:
            fold, seed = self.divisions[division].folds[number], self.seed + number + 53 * division
            self.splits[(*place, plan)] = make_split(self.data, fold.training, fold.held_out, plan, seed=seed)
        return self.splits[(*place, plan)]


def search(data: LearningData, *, effort: Effort, seed: int, report: Callable[[Progress], None]) -> Found:
    """Compare the candidates on the first folds, and the best quarter and the best of each other kind on all folds.

    Settings that take long to train go on only if they add to the best of these.

    Large files are searched on a seeded sample of whole groups; the number of rounds is then chosen on all rows.
    """
    sample = sample_groups(data, SEARCH_ROWS[effort], seed=seed)
    arena = _Comparison(data, _divisions(data, sample, effort=effort, seed=seed), seed)
    own = [_Trial(member) for member in candidates(data, len(sample), effort=effort, seed=seed)]
    kinds, slow = other_kinds(len(sample), effort=effort), taught(len(sample), effort=effort)
    count = len(own) + sum(map(len, kinds)) + len(slow)
    first = [(0, fold) for fold in range(arena.divisions[0].first)]
    _try(arena, own, first, lambda place: Progress(TrainingStage.TRYING_SETTINGS, done=place, of=count), report)
    finalists = sorted(own, key=lambda trial: trial.mean)[: max(2, len(own) // 4)]
    done = len(own)
    for kind in kinds:
        trials = [_Trial(_encoded_as(member, finalists[0].member)) for member in kind]
        words = _from(done, count)
        _try(arena, trials, first, words, report)
        finalists.append(min(trials, key=lambda trial: trial.mean))
        done += len(trials)
    trials = [_Trial(_encoded_as(member, finalists[0].member)) for member in slow]
    _try(arena, trials, first, _from(done, count), report)
    best = min(finalists, key=lambda trial: trial.mean)
    finalists += [trial for trial in trials if arena.adds(trial, best)]
    rest = [place for place in _compared(arena.divisions, effort) if place not in first]
    compared = len(finalists)
    _try(arena, finalists, rest, lambda at: Progress(TrainingStage.COMPARING_SETTINGS, done=at, of=compared), report)
    tuned = _shortlist(arena, finalists, effort)
    if len(sample) < data.rows and effort is not Effort.LOW:
        tuned = _with_rounds_of_all(data, tuned, seed=seed)
    return Found(tuned, count, len(sample))


def _from(done: int, count: int) -> Callable[[int], Progress]:
    return lambda place: Progress(TrainingStage.TRYING_SETTINGS, done=done + place, of=count)


def _try(
    arena: _Comparison,
    trials: Sequence[_Trial],
    places: Sequence[tuple[int, int]],
    words: Callable[[int], Progress],
    report: Callable[[Progress], None],
) -> None:
    for number, trial in enumerate(trials):
        report(words(number))
        for place in places:
            arena.run(trial, place)


def _divisions(data: LearningData, sample: NDArray[np.intp], *, effort: Effort, seed: int) -> tuple[Division, ...]:
    """One division, or two into random folds for a small file."""
    first = divide(data, sample, folds=FOLDS, seed=seed)
    if first.months or effort is Effort.LOW or len(sample) >= FEW_ROWS:
        return (first,)
    return first, divide(data, sample, folds=FOLDS, seed=seed + 977)


def _compared(divisions: Sequence[Division], effort: Effort) -> list[tuple[int, int]]:
    """The folds that the best settings are compared on: all of them, except that the lowest effort has few."""
    return [
        (number, fold)
        for number, division in enumerate(divisions)
        for fold in range(COMPARED_FOLDS_OF_LOW if effort is Effort.LOW else len(division.folds))
    ]


def _encoded_as(member: Member, other: Member) -> Member:
    """The settings with the other's encoding of levels, because the members of a blend share a matrix."""
    return member.encoded(other.plan.one_hot_up_to)


def _shortlist(arena: _Comparison, finalists: Sequence[_Trial], effort: Effort) -> tuple[Tuned, ...]:
    """The cheapest of the best settings, and the members of the blend if it is worth more than its cost here."""
    if effort is Effort.LOW:
        return (finalists[worth_its_cost([Option(trial.all_losses, trial.cost) for trial in finalists])].tuned,)
    options = [Option(losses_of(arena.whole(trial), arena.churned), trial.cost) for trial in finalists]
    single = worth_its_cost(options)
    chosen, encoding = finalists[single], finalists[0].member.plan
    members, blend = _blend(arena, [trial for trial in finalists if trial.member.plan == encoding])
    if worth_its_cost([options[single], blend]) == 0:
        return (chosen.tuned,)
    return (chosen.tuned, *(trial.tuned for trial in members if trial is not chosen))


def _with_rounds_of_all(data: LearningData, tuned: Sequence[Tuned], *, seed: int) -> tuple[Tuned, ...]:
    """The members with rounds chosen on one fold of all rows: the more rows, the more rounds pay than on a sample."""
    fold = divide(data, np.arange(data.rows), folds=FOLDS, seed=seed + 389).folds[0]
    plans = {own.member.plan for own in tuned}
    splits = {plan: make_split(data, fold.training, fold.held_out, plan, seed=seed) for plan in plans}
    return tuple(
        Tuned(
            own.member,
            own.member.boost(splits[own.member.plan], rounds=MAX_ROUNDS, seed=seed, stop_early=True).best_round,
        )
        for own in tuned
    )


def _blend(arena: _Comparison, trials: Sequence[_Trial]) -> tuple[list[_Trial], Option]:
    log_odds = np.stack([arena.whole(trial) for trial in trials])
    shares = greedy_shares(log_odds.mean(axis=1), arena.churned)
    members = [trial for trial, share in zip(trials, shares, strict=True) if share]
    losses = losses_of(blended(log_odds, shares), arena.churned)
    return members, Option(losses, sum(trial.cost for trial in members), MIN_SAVING)
