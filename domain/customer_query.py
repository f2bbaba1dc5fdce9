"""Which customers of a run are meant: the filters of a result page."""

from __future__ import annotations

from dataclasses import dataclass

from domain.prediction import RiskBand


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """Selects customers by an attribute: `level`, or a number in [low, high). If all are None, missing values."""

    attribute: str
    level: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers of a run, in what order. `threshold` decides the label; `sort` is risk, gain, id or row."""

    threshold: float
    search: str = ""
    likely: bool | None = None
    worth_contacting: bool | None = None
    bands: tuple[RiskBand, ...] = ()
    action: str | None = None
    attributes: tuple[AttributeFilter, ...] = ()
    sort: str = "risk"
    descending: bool = True
    offset: int = 0
    limit: int = 25
