"""Points of an evaluation's curves, in percent."""

from __future__ import annotations

from collections.abc import Sequence

from domain.evaluation import Curve
from entrypoints.web.charts.axes import thinned
from entrypoints.web.charts.specification import Line
from entrypoints.web.counting import in_percent


def points_of(curve: Curve) -> list[list[float]]:
    """The curve's points in percent, thinned, in order of x."""
    order = sorted(range(len(curve.x)), key=lambda i: curve.x[i])
    points = [[in_percent(curve.x[i]), in_percent(curve.y[i])] for i in order]
    return [points[i] for i in thinned(points)]


def value_at(curve: Curve, x: float) -> float:
    """The curve's y at x by linear interpolation."""
    points = sorted(zip(curve.x, curve.y, strict=True))
    if not points:
        return 0.0
    before = [point for point in points if point[0] <= x] or [points[0]]
    after = [point for point in points if point[0] >= x] or [points[-1]]
    (left, low), (right, high) = before[-1], after[0]
    return low if right == left else low + (high - low) * (x - left) / (right - left)


def position_near(points: Sequence[Sequence[float]], x: float) -> int:
    """The position of the point whose x is nearest."""
    return min(range(len(points)), key=lambda i: abs(points[i][0] - x), default=0)


def reference_line(name: str, data: Sequence[float | None] | Sequence[Sequence[float]]) -> Line:
    """A thin dashed line to compare with."""
    return Line(name=name, data=data, silent=True, dash=True, thin=True, color="ink-3")
