"""A training: one attempt to learn a model from one labelled file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, NewType

from domain.curve_demand import CurveDemand, demands_in
from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.label_rule import MadeLabel
from domain.model import Algorithm, Effort
from domain.model_comparison import ComparisonMonths
from domain.question import KNOWN_BEFORE, Question, Subject
from domain.run import Job, JobState
from domain.vocabulary.tenure import TenureUnit

TrainingId = NewType("TrainingId", str)


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to learn and how. None means: detect it. `keep` names columns to use although they look like leakage."""

    target: str | None = None
    positive: str | None = None
    id_column: str | None = None
    algorithm: Algorithm = Algorithm.XGBOOST
    effort: Effort = Effort.NORMAL
    seed: int = 20261122
    keep: tuple[str, ...] = ()
    horizon: str = "the next month"
    further_positive: tuple[str, ...] = ()
    """Other values of the target that mean left, next to `positive`."""
    seen: tuple[str, ...] = ()
    """Values of the target among which `positive` was chosen, where they come from a part of the file."""
    tenure_unit: TenureUnit | None = None
    """The unit of the column that says how long somebody has been a customer."""
    format_override: FormatChoice = field(default_factory=FormatChoice)
    """A person's choices for the file's format."""
    known_before: tuple[str, ...] = ()
    """Columns of which a person said that they were known before a customer left."""
    known_afterwards: tuple[str, ...] = ()
    """Columns of which a person said that they are known only once a customer has left."""
    demands: tuple[CurveDemand, ...] = ()
    """Directions that the model's curves must keep; the columns as a person named them."""
    label: MadeLabel | None = None
    """How the label was made, where the files had none."""
    compare: ComparisonMonths | None = None
    """The months to learn from, and those on which the version is compared with the champion; None: all, and none."""

    def demands_on(self, header: Sequence[str]) -> tuple[CurveDemand, ...]:
        """The demands with the names of a file's header.

        Raises InvalidInput if a column is not in it, is demanded in both directions, or the algorithm keeps no demand.
        """
        if self.demands and not self.algorithm.keeps_demands:
            raise InvalidInput(
                f"A {self.algorithm.words.lower()} cannot promise that {self.demands[0].words}. Choose boosted trees "
                "or logistic regression, or withdraw the demand.",
                field="algorithm",
            )
        return demands_in(header, self.demands)

    @property
    def positives(self) -> tuple[str, ...]:
        """All values that a person named for customers who left; none for a detected one."""
        return () if self.positive is None else (self.positive, *self.further_positive)

    def with_positives(self, values: Sequence[str]) -> TrainingRequest:
        distinct = tuple(dict.fromkeys(values))
        return replace(self, positive=distinct[0] if distinct else None, further_positive=distinct[1:])

    def with_known(self, column: str, when: str) -> TrainingRequest:
        """The request with the answer to when a column is known."""
        before = [own for own in self.known_before if own != column]
        afterwards = [own for own in self.known_afterwards if own != column]
        (before if when == KNOWN_BEFORE else afterwards).append(column)
        return replace(self, known_before=tuple(before), known_afterwards=tuple(afterwards))

    def with_answer(self, question: Question, answer: Sequence[str]) -> TrainingRequest:
        """The request with the answer to a question about its file."""
        if question.about is Subject.LEFT:
            return replace(self, target=question.column, seen=question.values).with_positives(answer)
        if question.about is Subject.CUSTOMER:
            return replace(self, id_column=answer[0])
        if question.about is Subject.KNOWN:
            return self.with_known(str(question.column), answer[0])
        return replace(self, format_override=self.format_override.with_answer(question, answer[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Job):
    """One attempt. `version` is the model it made, once done. A sample training also scores sample months."""

    LABEL: ClassVar[str] = "training"
    id: TrainingId
    request: TrainingRequest
    starter: bool = False
    promote: bool = False
    version: str | None = None

    def done(self, version: str, *, at: datetime) -> Training:
        return replace(self._moved(JobState.DONE), version=version, finished_at=at)
