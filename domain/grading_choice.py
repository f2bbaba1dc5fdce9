"""What a person chooses when a prediction is graded, and what is asked of a worker."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

from domain.errors import InvalidInput
from domain.label_choice import LabelChoice
from domain.label_rule import LabelSource
from domain.run import RunId

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class GradingChoice:
    """Empty: detect it. `month` is that of the prediction's customers, `by_month` that of the later file ("YYYY-MM").

    `column` and `values` say in the later file who left. `by_absence`: only customers who are missing have left.
    `id_name` is the later file's column of ids. `accept`: grade although something looks unusual.
    """

    month: str = ""
    by_month: str = ""
    column: str = ""
    values: tuple[str, ...] = ()
    by_absence: bool = False
    id_name: str = ""
    accept: bool = False

    def __post_init__(self) -> None:
        for name, month in (("month", self.month), ("by_month", self.by_month)):
            if month and not _MONTH.fullmatch(month):
                raise InvalidInput(f"“{month[:20]}” is not a month such as 2026-11.", field=name)
        if self.by_absence and self.column:
            raise InvalidInput("Choose a column that says who left, or missing customers alone.", field="column")

    @property
    def label(self) -> LabelChoice:
        """How the later file says who left besides missing rows."""
        if self.by_absence:
            return LabelChoice(LabelSource.MONTHS)
        return LabelChoice(LabelSource.STATUS, column=self.column or None, values=self.values)


@dataclass(frozen=True, slots=True)
class GradingOrder:
    """The argument of a task that grades: by which run's file, and with which choices."""

    by_run: RunId
    choice: GradingChoice = field(default_factory=GradingChoice)

    def to_text(self) -> str:
        return json.dumps({"by_run": self.by_run, "choice": asdict(self.choice)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        document = json.loads(text)
        own = document["choice"]
        return cls(RunId(document["by_run"]), GradingChoice(**{**own, "values": tuple(own["values"])}))


class GradingDoubtful(InvalidInput):
    """Something looks unusual, and nobody has said to go on. `reasons` has one sentence for each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"{reasons[0]} Look at this first, and then choose to grade anyway.", field="accept")
        self.reasons = tuple(reasons)
