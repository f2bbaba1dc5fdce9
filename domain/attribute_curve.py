"""What one attribute adds to the log-odds of an additive model, over its values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributeCurve:
    """The attribute's own function, less its mean over the training customers.

    `numbers` are (value, log-odds) in ascending order of a number, `levels` (level, log-odds) of other attributes.
    `missing` is what a missing value adds; None if no value was missing in training. `partners` are the attributes
    that add something together with this one, which is not part of the curve.
    """

    attribute: str
    numbers: tuple[tuple[float, float], ...] = ()
    levels: tuple[tuple[str, float], ...] = ()
    missing: float | None = None
    partners: tuple[str, ...] = ()

    @property
    def points(self) -> tuple[tuple[float | str, float], ...]:
        return self.numbers or self.levels

    @property
    def lowest(self) -> tuple[float | str, float] | None:
        """The value at which it lowers the log-odds most, and what it adds there; None without values."""
        return min(self.points, key=lambda point: point[1], default=None)

    @property
    def highest(self) -> tuple[float | str, float] | None:
        return max(self.points, key=lambda point: point[1], default=None)
