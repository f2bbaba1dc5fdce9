"""Logistic regression with splines: fitted with scikit-learn, stored as plain numbers, explained exactly.

The log-odds are a sum of one function per attribute, so an attribute's contribution is its function's value less the
mean over the training rows: the Shapley value under independent attributes (Lundberg & Lee 2017, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan, Vocabulary
from adapters.ml.training.directed_fit import Directed, fit_directed
from adapters.one_thread import one_thread

KNOTS = 6
DEGREE = 3
MAX_ROWS = 100_000
"""Rows used for a fit. More rows change the few coefficients too little to be worth the time."""
MAX_CELLS = 40_000_000
"""Cells of a fit's design matrix (320 MB). With hundreds of columns, fewer rows are used."""
ONE_HOT_UP_TO = 40
SPLINE_MICROSECONDS, LEVEL_MICROSECONDS = 0.08, 0.02
"""The cost of a number's spline and of a level's table per customer, measured by `python -m bench.shap_cost`."""
WIDE = 1000
"""Columns of the design from which Newton steps, whose cost is cubic, are slower than many small steps."""


@dataclass(frozen=True)
class Term:
    """One attribute's function: a spline (`knots`, `coefficients`, within [low, high]) or a `table` of values.

    A table has a value per level, then OTHER, then missing. `missing` is the spline's value for a missing number; the
    mean if no number was missing in training.
    """

    knots: tuple[float, ...] = ()
    coefficients: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0
    missing: float = 0.0
    table: tuple[float, ...] = ()

    @cached_property
    def _spline(self) -> Any:
        from scipy.interpolate import BSpline

        return BSpline(np.array(self.knots), np.array(self.coefficients), DEGREE, extrapolate=False)

    def values(self, codes: NDArray[np.float32]) -> NDArray[np.float64]:
        """codes (n) → log-odds (n)."""
        lost = np.isnan(codes)
        if self.table:
            rows = np.where(lost, len(self.table) - 1, codes).astype(np.intp)
            return np.array(self.table)[rows]
        if not self.knots:
            return np.where(lost, self.missing, 0.0)
        within = np.clip(np.where(lost, self.low, codes).astype(np.float64), self.low, self.high)
        return np.where(lost, self.missing, self._spline(within))


@dataclass(frozen=True)
class LinearModel:
    """`margin = base_value + Σ (term_j(x_j) − mean_j)`, in log-odds."""

    base_value: float
    terms: tuple[Term, ...]
    means: tuple[float, ...]

    def explain(self, codes: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """codes float32 (n, attributes) → contributions (n, attributes), margins (n)."""
        contributions = np.empty(codes.shape)
        margins = np.full(len(codes), self.base_value)
        for attribute, (term, mean) in enumerate(zip(self.terms, self.means, strict=True)):
            contributions[:, attribute] = term.values(codes[:, attribute]) - mean
            margins += contributions[:, attribute]
        return contributions, margins

    def own(self, attribute: int, codes: NDArray[np.float32]) -> NDArray[np.float64]:
        """What an attribute adds: codes (n) → log-odds (n)."""
        return self.terms[attribute].values(codes) - self.means[attribute]

    def scaled(self, slope: float, shift: float) -> LinearModel:
        """The model with margin `slope · m + shift`."""
        terms = tuple(
            Term(
                term.knots,
                tuple(slope * c for c in term.coefficients),
                term.low,
                term.high,
                slope * term.missing,
                tuple(slope * value for value in term.table),
            )
            for term in self.terms
        )
        return LinearModel(slope * self.base_value + shift, terms, tuple(slope * mean for mean in self.means))

    def to_json(self) -> dict[str, Any]:
        from dataclasses import asdict

        return {
            "base_value": self.base_value,
            "terms": [asdict(term) for term in self.terms],
            "means": list(self.means),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> LinearModel:
        terms = tuple(
            Term(
                knots=tuple(term["knots"]),
                coefficients=tuple(term["coefficients"]),
                low=term["low"],
                high=term["high"],
                missing=term["missing"],
                table=tuple(term["table"]),
            )
            for term in stored["terms"]
        )
        return cls(float(stored["base_value"]), terms, tuple(stored["means"]))


@dataclass(frozen=True)
class _Block:
    """The design columns of one attribute, and the conversion of its coefficients to a term."""

    columns: NDArray[np.float64]
    knots: tuple[float, ...] = ()
    table: NDArray[np.float64] | None = None
    scale: float = 1.0
    has_missing: bool = False

    def term(self, weights: NDArray[np.float64]) -> Term:
        if self.table is not None:
            return Term(table=tuple((self.table @ weights).tolist()))
        missing = float(weights[-1]) if self.has_missing else 0.0
        splined = weights[:-1] if self.has_missing else weights
        if not self.knots:
            return Term(missing=missing)
        return Term(self.knots, tuple(splined.tolist()), self.knots[DEGREE], self.knots[-DEGREE - 1], missing=missing)


def fit_linear(
    vocabulary: Vocabulary,
    codes: NDArray[np.float32],
    churned: NDArray[np.bool_],
    *,
    seed: int,
    penalty: float = 1.0,
    directions: Sequence[int] = (),
) -> LinearModel:
    """Fit with ridge penalty ½·penalty·|β|² added to the summed log-loss.

    Numbers as cubic splines on quantile knots. `directions` are 1, −1 or 0 (free) per attribute; none without demands.
    """
    most = min(MAX_ROWS, MAX_CELLS // sum(_width(levels) for levels in vocabulary.levels))
    if len(codes) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(codes), most, replace=False))
        codes, churned = codes[chosen], churned[chosen]
    blocks = [_block(vocabulary, attribute, codes, churned) for attribute in range(len(vocabulary.names))]
    design = np.concatenate([block.columns for block in blocks], axis=1)
    directed = _directed(blocks, directions)
    if directed:
        weights, intercept = fit_directed(design, churned, directed, penalty=penalty)
    else:
        weights, intercept = _fit(design, churned, penalty)
    terms, first = [], 0
    for block in blocks:
        width = block.columns.shape[1]
        terms.append(block.term(weights[first : first + width]))
        first += width
    means = tuple(float(term.values(codes[:, attribute]).mean()) for attribute, term in enumerate(terms))
    typical = [
        term if block.has_missing or not term.knots else replace(term, missing=mean)
        for block, term, mean in zip(blocks, terms, means, strict=True)
    ]
    return LinearModel(intercept + sum(means), tuple(typical), means)


def _fit(design: NDArray[np.float64], churned: NDArray[np.bool_], penalty: float) -> tuple[NDArray[np.float64], float]:
    """Coefficients (columns) and intercept."""
    from sklearn.linear_model import LogisticRegression

    wide = design.shape[1] > WIDE
    solver, steps = ("lbfgs", 2000) if wide else ("newton-cholesky", 200)
    model = LogisticRegression(C=1.0 / penalty, solver=solver, max_iter=steps, tol=1e-6)
    with one_thread("sklearn.linear_model"):
        model.fit(design, churned)
    return model.coef_[0], float(model.intercept_[0])


def _directed(blocks: Sequence[_Block], directions: Sequence[int]) -> list[Directed]:
    """The design columns of splines with a demanded direction."""
    runs, first = [], 0
    for block, sign in zip(blocks, directions or [0] * len(blocks), strict=True):
        width = block.columns.shape[1]
        if sign and block.knots:
            runs.append(Directed(first, first + width - block.has_missing, sign))
        first += width
    return runs


def scoring_microseconds(vocabulary: Vocabulary) -> float:
    """The cost per customer, the same on every machine, because it is counted and not measured."""
    numbers = sum(levels is None for levels in vocabulary.levels)
    return SPLINE_MICROSECONDS * numbers + LEVEL_MICROSECONDS * (len(vocabulary.levels) - numbers)


def _width(levels: Sequence[str] | None) -> int:
    """Maximum number of design columns of an attribute."""
    if levels is None:
        return KNOTS + DEGREE
    return len(levels) + 2 if len(levels) <= ONE_HOT_UP_TO else 2


def _block(vocabulary: Vocabulary, attribute: int, codes: NDArray[np.float32], churned: NDArray[np.bool_]) -> _Block:
    own = codes[:, attribute]
    levels = vocabulary.levels[attribute]
    return _number_block(own) if levels is None else _level_block(len(levels), own, churned)


def _number_block(own: NDArray[np.float32]) -> _Block:
    from sklearn.preprocessing import SplineTransformer

    lost = np.isnan(own)
    numbers = own[~lost].astype(np.float64)
    places = np.unique(np.quantile(numbers, np.linspace(0, 1, KNOTS))) if len(numbers) else np.empty(0)
    indicator = [lost[:, None].astype(np.float64)] if lost.any() else []
    if len(places) < 2:
        return _Block(np.concatenate([np.zeros((len(own), 0)), *indicator], axis=1), has_missing=bool(indicator))
    splines = SplineTransformer(degree=DEGREE, knots=places[:, None], extrapolation="constant", include_bias=True)
    basis = splines.fit_transform(np.where(lost, places[0], own).astype(np.float64)[:, None])
    basis[lost] = 0.0
    knots = tuple(splines.bsplines_[0].t.tolist())
    return _Block(np.concatenate([basis, *indicator], axis=1), knots=knots, has_missing=bool(indicator))


def _level_block(levels: int, own: NDArray[np.float32], churned: NDArray[np.bool_]) -> _Block:
    """One column per level up to ONE_HOT_UP_TO, otherwise target statistics; OTHER and missing as for the trees."""
    rows = np.where(np.isnan(own), levels + 1, own).astype(np.intp)
    counts = np.bincount(rows, minlength=levels + 2)
    if levels > ONE_HOT_UP_TO:
        plan = CategoricalEncoderPlan(one_hot_up_to=0)
        statistics = plan.statistics(levels, own, churned).astype(np.float64)
        mean = statistics[levels, 0]
        table = np.where(np.isnan(statistics), mean, statistics) - mean
        known = np.zeros((levels + 2, 1))
        known[-1] = bool(counts[-1])
        table = np.concatenate([table, known], axis=1)
        return _Block(table[rows], table=table)
    table = np.eye(levels + 2)
    share = counts[:levels] / max(1, counts[:levels].sum())
    for unseen in (levels, levels + 1):
        if not counts[unseen]:
            table[unseen] = 0.0
            table[unseen, :levels] = share
    return _Block(table[rows], table=table)
