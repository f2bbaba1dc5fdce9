"""Attributes that are made from earlier months of the same customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MONTHS_BACK = 3
"""Months before a row's own month that its attributes may look at."""


class HistoryKind(StrEnum):
    """CHANGE: a number less that of the month before. LONG_CHANGE: less that of three months before.

    CHANGED: whether a level differs from that of the month before. SEEN: months since the customer was first seen, at
    most three.
    """

    CHANGE = "change"
    LONG_CHANGE = "long change"
    CHANGED = "changed"
    SEEN = "seen"

    @property
    def lags(self) -> tuple[int, ...]:
        """How many months back it looks; each of these months is needed."""
        return {
            HistoryKind.CHANGE: (1,),
            HistoryKind.LONG_CHANGE: (MONTHS_BACK,),
            HistoryKind.CHANGED: (1,),
            HistoryKind.SEEN: tuple(range(1, MONTHS_BACK + 1)),
        }[self]


@dataclass(frozen=True, slots=True)
class HistoryOf:
    """What an attribute is made of. `source` is the attribute whose earlier values count; "" for SEEN."""

    kind: HistoryKind
    source: str = ""

    def __post_init__(self) -> None:
        if (self.kind is HistoryKind.SEEN) is bool(self.source):
            raise ValueError("only the months since first seen have no attribute as their source")

    @property
    def name(self) -> str:
        """The name of the attribute, which `plain_words` writes as people do."""
        return {
            HistoryKind.CHANGE: f"{self.source} change since last month",
            HistoryKind.LONG_CHANGE: f"{self.source} change over three months",
            HistoryKind.CHANGED: f"{self.source} changed since last month",
            HistoryKind.SEEN: "months since first seen",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """An attribute of history that a model uses: by how much it lowered the forward log-loss, with the paired error."""

    column: str
    gain: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class HistoryGain:
    """What the attributes of history gained, in the order in which they were kept; `tried` is their number."""

    tried: int
    kept: tuple[HistoryPart, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryFound:
    """The earlier months that a file was scored with: month ("YYYY-MM") → file name.

    `months` are those of the file itself; none where nothing says them. `others` are files of another base.
    """

    months: tuple[str, ...]
    found: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Needed months without a file."""

    @property
    def is_complete(self) -> bool:
        return bool(self.months) and not self.missing
