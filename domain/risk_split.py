"""Why a churn probability, or the mean of many, differs between two predictions.

Three causes: other customers, other values of the same customers, and another model. Values and model are the two
players of a game over mixed scorings (old or new model, old or new values); each gets its Shapley value, the mean of
its effects over both orders (Shapley 1953). Within a model, attribute j gets

    mean slope · Δφ_j,  with mean slope = Δp / ΔΣφ, and p(1 − p) where ΔΣφ is 0

for SHAP values φ in log-odds. This is the Aumann–Shapley value of the logistic function along the straight line from
the old to the new SHAP values (Aumann & Shapley 1974; the integrated gradients of Sundararajan et al. 2017). The slope
is between 0 and ¼ whatever the signs, so opposite contributions whose sum is 0 keep finite parts that cancel exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.shown_parts import percent_units, shown_parts

MAX_SPLIT_CUSTOMERS = 10_000
"""Customers of both predictions who are scored again. Of more, a random sample."""
MAX_SPLIT_CELLS = 1_000_000
"""Values of these customers in one prediction, which bounds the sample of files with many columns."""
MAX_PARTS = 8
"""Attributes that are listed by name."""
NEGLIGIBLE = 1e-9
"""A difference of probabilities that is an error of arithmetic."""
TINY = 1e-12
"""The same for a single part, which is then exactly 0."""
LARGE = 40.0
"""Log-odds beyond which probabilities are 0 or 1 but for less than a float's precision."""


def mean_slope(start: float, end: float) -> float:
    """Mean slope of the logistic function between two log-odds: Δp / Δ, and p(1 − p) where they are equal.

    sinh(h)/h / (4·cosh(start/2)·cosh(end/2)) with h = (end − start)/2 is the same without cancellation.
    """
    half = (end - start) / 2.0
    if max(abs(start), abs(end)) > LARGE:
        return (_logistic(end) - _logistic(start)) / (end - start) if half else 0.0
    ratio = math.sinh(half) / half if half else 1.0
    return ratio / (4.0 * math.cosh(start / 2.0) * math.cosh(end / 2.0))


def _logistic(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-margin)) if margin >= -LARGE else math.exp(max(margin, -700.0))


def split_sample(attributes: int) -> int:
    """How many customers are scored again for files with so many attributes."""
    return max(1, min(MAX_SPLIT_CUSTOMERS, MAX_SPLIT_CELLS // max(1, attributes)))


@dataclass(frozen=True, slots=True)
class PartSums:
    """Sums over customers of a part y of their change d: Σy, Σy² and Σyd."""

    total: float = 0.0
    squares: float = 0.0
    with_change: float = 0.0


@dataclass(frozen=True, slots=True)
class AttributeSums:
    """An attribute: its part, customers whose value changed, and Σ(new − old) over `compared` of them with numbers."""

    part: PartSums
    changed: int
    moved: float = 0.0
    compared: int = 0

    @property
    def mean_move(self) -> float | None:
        """By how much a number changed on average, where it changed; None for levels."""
        return self.moved / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class SplitSums:
    """The changes d of some customers of both predictions, and the parts of which they consist.

    `attributes`: those whose value changed for somebody. `unchanged`: values that stayed the same and weigh otherwise
    next to the changed ones. The parts add up to d where scoring again gives the stored probabilities. `only_old` and
    `only_new` are columns that only one of the models knows in this form; their effect is the model's.
    """

    customers: int
    change: PartSums
    attributes: Mapping[str, AttributeSums]
    unchanged: PartSums
    model: PartSums
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BaseRisk:
    """Mean churn probability of the customers of two predictions, each once; `both_…` of those who are in both."""

    customers_before: int
    customers_after: int
    in_both: int
    mean_before: float
    mean_after: float
    both_before: float = 0.0
    both_after: float = 0.0

    @property
    def joined(self) -> float:
        """By how much the mean is higher because of customers who are only in the later prediction."""
        return self.mean_after - self.both_after if self.customers_after > self.in_both > 0 else 0.0

    @property
    def left(self) -> float:
        """By how much the mean is higher because customers are missing who are only in the earlier prediction."""
        return self.both_before - self.mean_before if self.customers_before > self.in_both > 0 else 0.0

    @property
    def change_of_both(self) -> float:
        return self.both_after - self.both_before


class PartKind(StrEnum):
    JOINED = "joined"
    LEFT = "left"
    ATTRIBUTE = "attribute"
    SMALLER = "smaller changes"
    UNCHANGED = "unchanged values"
    LEFTOVER = "not reproduced"


class Cause(StrEnum):
    OTHER_CUSTOMERS = "other customers"
    VALUES = "values"
    MODEL = "model"
    VALUES_AND_MODEL = "values and model"
    """Together, where they cannot be split."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the change, a fraction. `error` is its standard error, or a bound of it; None where it is exact.

    `attributes` counts those of a part for several. `changed` is the share of customers whose value changed.
    """

    kind: PartKind
    value: float
    name: str = ""
    error: float | None = None
    attributes: int = 1
    changed: float = 0.0
    mean_move: float | None = None
    units: int = 0

    @property
    def key(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class CausePart:
    """A cause and its parts, which add up to it. It has none where there is nothing to separate."""

    cause: Cause
    value: float
    parts: tuple[Part, ...] = ()
    error: float | None = None
    units: int = 0


@dataclass(frozen=True, slots=True)
class RiskSplit:
    """The change from one probability to another by cause. `units` are those of the last digit shown.

    Causes add up to the change, and parts to their cause, exactly and in the digits shown.
    """

    before: float
    after: float
    decimals: int
    causes: tuple[CausePart, ...]
    units_before: int
    units_after: int

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def units(self) -> int:
        return self.units_after - self.units_before

    def cause(self, cause: Cause) -> CausePart | None:
        return next((own for own in self.causes if own.cause is cause), None)

    @property
    def attributes(self) -> tuple[Part, ...]:
        """The attributes that are listed by name, the strongest first."""
        return tuple(part for own in self.causes for part in own.parts if part.kind is PartKind.ATTRIBUTE)


def risk_split(before: float, after: float, causes: tuple[CausePart, ...], *, decimals: int) -> RiskSplit:
    """The split in the digits shown. Raises ValueError if the causes do not add up to the change."""
    if abs(math.fsum(own.value for own in causes) - (after - before)) > NEGLIGIBLE:
        raise ValueError(f"the causes do not add up to {after - before}")
    first = percent_units(before, decimals)
    last = percent_units(after, decimals) if any(abs(own.value) > NEGLIGIBLE for own in causes) else first
    units = shown_parts({own.cause.value: own.value for own in causes}, last - first, decimals=decimals)
    shown = tuple(_with_units(own, units[own.cause.value], decimals) for own in causes)
    return RiskSplit(before, after, decimals, shown, first, last)


def _with_units(own: CausePart, total: int, decimals: int) -> CausePart:
    if not own.parts:
        return replace(own, units=total)
    units = shown_parts({part.key: part.value for part in own.parts}, total, decimals=decimals)
    return replace(own, units=total, parts=tuple(replace(part, units=units[part.key]) for part in own.parts))


def causes_of_both(sums: SplitSums, *, in_both: int, change: float, same_model: bool) -> tuple[CausePart, ...]:
    """Values and model as causes of the mean `change` of `in_both` customers, from sums over some or all of them."""
    sample = _Sample(sums, in_both, change)
    parts = [*_largest(_attributes(sums, sample))]
    value, error = sample.estimate(sums.unchanged)
    if value:
        parts.append(Part(PartKind.UNCHANGED, value, error=error))
    model, error = (0.0, None) if same_model else sample.estimate(sums.model)
    leftover = change - model - math.fsum(part.value for part in parts)
    if abs(leftover) > NEGLIGIBLE:
        parts.append(Part(PartKind.LEFTOVER, leftover))
    values = CausePart(Cause.VALUES, math.fsum(part.value for part in parts), tuple(parts), error)
    if same_model:
        return (values,)
    return values, CausePart(Cause.MODEL, change - values.value, error=error)


def _attributes(sums: SplitSums, sample: _Sample) -> list[Part]:
    """Every attribute whose value changed, the strongest first."""
    parts = []
    for name, own in sums.attributes.items():
        value, error = sample.estimate(own.part)
        share = own.changed / sums.customers
        parts.append(
            Part(PartKind.ATTRIBUTE, value, name, error=error, changed=share, mean_move=own.mean_move),
        )
    return sorted(parts, key=lambda part: (-abs(part.value), part.name))


def _largest(parts: list[Part]) -> list[Part]:
    """The strongest attributes by name, and one part for all others.

    The standard error of a sum is at most the sum of the standard errors, which is what the part for several has.
    """
    rest = parts[MAX_PARTS:]
    if not rest:
        return parts
    errors = [part.error for part in rest if part.error is not None]
    together = math.fsum(part.value for part in rest)
    error = math.fsum(errors) if errors else None
    return [*parts[:MAX_PARTS], Part(PartKind.SMALLER, together, error=error, attributes=len(rest))]


@dataclass(frozen=True, slots=True)
class _Sample:
    """Means over all customers in both from those who were scored again.

    The mean change d of all is known, so a part y is estimated by regression on it: ȳ + b·(mean d − d̄) with
    b = S_yd/S_dd (Cochran, Sampling Techniques, ch. 7). The b of all parts add up to 1, so the parts add up to the
    known change. The variance is that of the residuals, with the correction for a finite population.
    """

    sums: SplitSums
    in_both: int
    change: float

    def estimate(self, part: PartSums) -> tuple[float, float | None]:
        """The mean and its standard error, None where everybody was scored again."""
        n = self.sums.customers
        if not n:
            return 0.0, None
        mean = part.total / n
        if n >= self.in_both:
            return _without_noise(mean), None
        mean_change = self.sums.change.total / n
        spread = self.sums.change.squares - n * mean_change**2
        together = part.with_change - n * mean * mean_change
        slope = together / spread if spread > TINY else 0.0
        residual = max(0.0, part.squares - n * mean**2 - slope * together) / max(1, n - 2)
        error = math.sqrt(residual * (1.0 - n / self.in_both) / n)
        return _without_noise(mean + slope * (self.change - mean_change)), error


def _without_noise(value: float) -> float:
    return value if abs(value) > TINY else 0.0


def split_of_customer(before: float, after: float, sums: SplitSums | None, *, same_model: bool) -> RiskSplit:
    """One customer's change; with one cause for values and model together where there are no sums."""
    if sums is None:
        causes: tuple[CausePart, ...] = (CausePart(Cause.VALUES_AND_MODEL, after - before),)
    else:
        causes = causes_of_both(sums, in_both=1, change=after - before, same_model=same_model)
    return risk_split(before, after, causes, decimals=1)


def _sides(base: BaseRisk) -> tuple[Part, ...]:
    """Who joined and who left, where somebody did."""
    sides = []
    if base.customers_after > base.in_both:
        sides.append(Part(PartKind.JOINED, base.joined))
    if base.customers_before > base.in_both:
        sides.append(Part(PartKind.LEFT, base.left))
    return tuple(sides)


def split_of_base(base: BaseRisk, sums: SplitSums | None, *, same_model: bool) -> RiskSplit:
    """The change of a base's mean risk, with two decimals. With no customer in both, all of it is other customers'."""
    if not base.in_both:
        change = base.mean_after - base.mean_before
        return risk_split(base.mean_before, base.mean_after, (CausePart(Cause.OTHER_CUSTOMERS, change),), decimals=2)
    sides = _sides(base)
    others = CausePart(Cause.OTHER_CUSTOMERS, base.joined + base.left, sides)
    both = base.change_of_both
    if sums is None:
        rest: tuple[CausePart, ...] = (CausePart(Cause.VALUES_AND_MODEL, both),)
    else:
        rest = causes_of_both(sums, in_both=base.in_both, change=both, same_model=same_model)
    return risk_split(base.mean_before, base.mean_after, (others, *rest), decimals=2)
