"""What files without a label show, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from domain.errors import InvalidInput
from domain.inactivity import Idle
from domain.label_figures import LabelFigures, MonthFigures
from domain.label_rule import LabelRule, MadeLabel
from domain.model import LeftOut
from domain.presence import Fate, Returning


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read, with its months ("" for a file without) and the number of its rows."""

    name: str
    months: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """What the files show.

    `columns` are those of the training file besides customer, month and label. `warnings` have to be looked at first;
    `notes` are only said. `idle` are the customers by days without activity, for a date of last activity, and
    `proposed` the days after which fewer than 5% return.
    """

    rule: LabelRule
    figures: LabelFigures
    files: tuple[CheckedFile, ...]
    id_name: str
    columns: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    idle: tuple[Idle, ...] = ()
    proposed: int | None = None

    @property
    def made(self) -> MadeLabel:
        rule, figures = self.rule, self.figures
        labelled = [month.month for month in figures.labelled(rule.horizon)]
        return MadeLabel(
            rule,
            len(self.files),
            labelled[0] if labelled else "",
            labelled[-1] if labelled else "",
            figures.rows(rule.horizon, rule.returning),
            figures.left(rule.horizon, rule.returning),
            figures.count(rule.horizon, Fate.RETURNED),
        )

    @property
    def file_name(self) -> str:
        """The name of the training file: its months, or that of its only file."""
        made = self.made
        months = f"{made.first} to {made.last}" if made.last != made.first else made.first
        return f"labels {months}.csv" if months else f"labels of {self.files[0].name}"

    def at(self, horizon: int, returning: Returning) -> LabelCheck:
        """The same files with another horizon and treatment; unchanged where the files cannot show it."""
        if horizon not in self.figures.horizons:
            horizon = self.rule.horizon
        return replace(self, rule=self.rule.at(horizon, returning))

    def to_document(self) -> dict[str, Any]:
        return {
            "rule": self.rule.to_document(),
            "months": [month.to_document() for month in self.figures.months],
            "files": [asdict(file) for file in self.files],
            "id_name": self.id_name,
            "columns": self.columns,
            "left_out": [[own.column, own.why] for own in self.left_out],
            "warnings": self.warnings,
            "notes": self.notes,
            "idle": [[own.days, own.customers, own.followed, own.returned] for own in self.idle],
            "proposed": self.proposed,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            LabelRule.from_document(document["rule"]),
            LabelFigures(tuple(map(MonthFigures.from_document, document["months"]))),
            tuple(CheckedFile(own["name"], tuple(own["months"]), own["rows"]) for own in document["files"]),
            document["id_name"],
            tuple(document["columns"]),
            tuple(LeftOut(column, why) for column, why in document["left_out"]),
            tuple(document["warnings"]),
            tuple(document["notes"]),
            tuple(Idle(*own) for own in document["idle"]),
            document["proposed"],
        )


class NotAccepted(InvalidInput):
    """Something looks unusual, and nobody has said to go on. `check` is what the files show."""

    def __init__(self, check: LabelCheck) -> None:
        super().__init__(f"{check.warnings[0]} Look at this first, and then choose to go on.", field="accept")
        self.check = check
