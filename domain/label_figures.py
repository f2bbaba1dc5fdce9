"""What the files of a base show about leaving, month by month: the figures that people see before a label is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from domain.label_rule import HORIZONS
from domain.presence import Fate, Presence, Returning, fate, label_of
from domain.snapshot_month import place_of


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One month of the base; `month` is "" for a file without months.

    `customers` are distinct; `repeated` rows repeat one of them. `new` were in no earlier file, `missing` are not in
    the next one. `skipped` customers are in the file before and in a later one, but not in this. `gone` are those whose
    row itself says that they have left. `fates` are the customers by what became of them, for each horizon.
    """

    month: str
    customers: int
    repeated: int = 0
    new: int = 0
    missing: int = 0
    skipped: int = 0
    gone: int = 0
    fates: Mapping[int, Mapping[Fate, int]] = field(default_factory=dict)

    def count(self, horizon: int, what: Fate) -> int:
        return self.fates.get(horizon, {}).get(what, 0)

    def left(self, horizon: int, returning: Returning) -> int:
        """Rows that are labelled as left."""
        return sum(n for what, n in self.fates.get(horizon, {}).items() if label_of(what, returning) is True)

    def stayed(self, horizon: int, returning: Returning) -> int:
        return sum(n for what, n in self.fates.get(horizon, {}).items() if label_of(what, returning) is False)

    def labelled(self, horizon: int, returning: Returning) -> int:
        """Rows of the training file."""
        return self.left(horizon, returning) + self.stayed(horizon, returning)

    @property
    def found(self) -> int:
        """Customers who are in the next file too."""
        return self.customers - self.missing

    def is_labelled(self, horizon: int) -> bool:
        """Whether the month is old enough: its customers can be looked for after the horizon."""
        return self.count(horizon, Fate.TOO_YOUNG) == 0

    def to_document(self) -> dict[str, Any]:
        fates = {str(horizon): {what.value: n for what, n in own.items()} for horizon, own in self.fates.items()}
        counts = (self.month, self.customers, self.repeated, self.new, self.missing, self.skipped, self.gone)
        return {"counts": counts, "fates": fates}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        fates = {int(h): {Fate(what): n for what, n in own.items()} for h, own in document["fates"].items()}
        month, customers, repeated, new, missing, skipped, gone = document["counts"]
        return cls(month, customers, repeated, new, missing, skipped, gone, fates)


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """The months of a base, oldest first. A base of one month has the horizon 0 alone."""

    months: tuple[MonthFigures, ...]

    @property
    def horizons(self) -> tuple[int, ...]:
        """Horizons for which at least one month can be labelled."""
        if len(self.months) < 2:
            return (0,)
        return tuple(horizon for horizon in HORIZONS if horizon < len(self.months))

    def labelled(self, horizon: int) -> tuple[MonthFigures, ...]:
        return tuple(month for month in self.months if month.is_labelled(horizon))

    def too_young(self, horizon: int) -> tuple[MonthFigures, ...]:
        return tuple(month for month in self.months if not month.is_labelled(horizon))

    def left(self, horizon: int, returning: Returning) -> int:
        return sum(month.left(horizon, returning) for month in self.months)

    def stayed(self, horizon: int, returning: Returning) -> int:
        return sum(month.stayed(horizon, returning) for month in self.months)

    def rows(self, horizon: int, returning: Returning) -> int:
        """Rows of the training file."""
        return self.left(horizon, returning) + self.stayed(horizon, returning)

    def count(self, horizon: int, what: Fate) -> int:
        return sum(month.count(horizon, what) for month in self.months)

    @property
    def repeated(self) -> int:
        return sum(month.repeated for month in self.months)


def label_figures(
    months: Sequence[str], presences: Mapping[Presence, int], repeated: Mapping[str, int]
) -> LabelFigures:
    """The figures from the number of customers of each pattern. `months` are all months, ascending."""
    if not months:
        return LabelFigures(())
    first = place_of(months[0])
    places = [place_of(month) - first for month in months]
    horizons = HORIZONS if len(months) > 1 else (0,)
    return LabelFigures(
        tuple(
            _month(month, place, following, places[-1], presences, repeated.get(month, 0), horizons)
            for month, place, following in zip(months, places, (*places[1:], None), strict=True)
        )
    )


def _month(
    month: str,
    place: int,
    following: int | None,
    last: int,
    presences: Mapping[Presence, int],
    repeated: int,
    horizons: Sequence[int],
) -> MonthFigures:
    """`following` is the place of the next file's month."""
    counts: Counter[str] = Counter()
    fates: dict[int, Counter[Fate]] = {horizon: Counter() for horizon in horizons}
    for presence, customers in presences.items():
        if not presence.is_present(place):
            between = place and presence.is_present(place - 1) and presence.present >> (place + 1)
            counts["skipped"] += customers if between else 0
            continue
        counts["customers"] += customers
        counts["new"] += 0 if presence.was_there_before(place) or not place else customers
        counts["missing"] += 0 if following is None or presence.is_present(following) else customers
        counts["gone"] += customers if presence.is_gone(place) else 0
        for horizon in horizons:
            what = fate(presence, place, horizon=horizon, last=last)
            if what is not None:
                fates[horizon][what] += customers
    return MonthFigures(
        month,
        counts["customers"],
        repeated,
        counts["new"],
        counts["missing"],
        counts["skipped"],
        counts["gone"],
        {horizon: dict(own) for horizon, own in fates.items()},
    )


def labels_by_presence(
    months: Sequence[str], presences: Sequence[Presence], *, horizon: int, returning: Returning
) -> dict[Presence, dict[str, bool]]:
    """The label of each row, by the presence of its customer and its month. Rows without a label are left out."""
    if not months:
        return {}
    first, last = place_of(months[0]), place_of(months[-1])
    table: dict[Presence, dict[str, bool]] = {}
    for presence in presences:
        labels = {}
        for month in months:
            what = fate(presence, place_of(month) - first, horizon=horizon, last=last - first)
            label = label_of(what, returning)
            if label is not None:
                labels[month] = label
        if labels:
            table[presence] = labels
    return table
