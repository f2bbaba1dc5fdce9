"""Model versions: schema, training data, evaluation and stage; the log of promotions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.economics import ThresholdStrategy, best_threshold, profit_of_contacting
from domain.errors import InvalidInput
from domain.evaluation import Evaluation, ThresholdOption
from domain.label_rule import MadeLabel
from domain.message import MessageColumns
from domain.recommendation import Economics
from domain.schema import CustomerSchema

STARTER_ID = "v0"
"""The version id of the model learned from generated customers."""


def learned_alike(one: ModelVersion, other: ModelVersion) -> bool:
    """Whether two versions learned the same from the same file: training it twice in the same way changes nothing."""
    return (one.data_sha256, one.algorithm, one.threshold, one.schema, one.evaluation) == (
        other.data_sha256,
        other.algorithm,
        other.threshold,
        other.schema,
        other.evaluation,
    )


def is_starter(version_id: str) -> bool:
    """Whether a version id is the starter model's."""
    return version_id == STARTER_ID


class ModelStage(StrEnum):
    CANDIDATE = "candidate"
    CHAMPION = "champion"
    RETIRED = "retired"


class Algorithm(StrEnum):
    XGBOOST = "xgboost"
    LOGISTIC = "logistic"
    NEURAL = "neural"

    @property
    def words(self) -> str:
        return {"xgboost": "Boosted trees", "logistic": "Logistic regression", "neural": "Neural additive model"}[
            self.value
        ]

    @property
    def is_additive(self) -> bool:
        """Whether a model is a sum of functions of the attributes, which can be drawn."""
        return self is not Algorithm.XGBOOST

    @property
    def keeps_demands(self) -> bool:
        """Whether its models can be held to the direction of a curve."""
        return self is not Algorithm.NEURAL


def how_to_install(algorithm: Algorithm) -> str:
    """What to do where the libraries of an algorithm are missing."""
    return (
        f"{algorithm.words}s need TensorFlow, which is not installed here. Install it with “make neural” (the extra "
        "netone-churn[neural]), and start the program again."
    )


class Effort(StrEnum):
    """Amount of work that a training's search may do. It is not a time limit."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


LEAKAGE = "gives the answer away"
"""How the reason of a leakage column begins. Stored models contain it."""
SPLIT = "divides the rows for training and testing a model"
"""The reason of a column that says which rows are for what."""


NAMES_THE_CUSTOMER = "names the customer"
"""The reason of the column of ids. Stored models contain it, and the two below."""
NAMES_A_PERSON = "names a person"
"""The reason of a column with names, phone numbers or email addresses."""
LIKE_AN_ID = ("looks like an id", "looks like another id")
"""How the reason of another column of ids begins."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column of the training file that is no attribute, and why, in words."""

    column: str
    why: str

    @property
    def explanation(self) -> str:
        """The reason as pages show it."""
        return "tells customers apart, as an id does" if self.why == NAMES_THE_CUSTOMER else self.why

    @property
    def is_leakage(self) -> bool:
        """Whether the column was excluded as leakage. A person may use such a column, but no other excluded one."""
        return self.why.startswith(LEAKAGE)

    @property
    def is_personal(self) -> bool:
        """Whether the column identifies customers or names people."""
        return self.why in (NAMES_THE_CUSTOMER, NAMES_A_PERSON) or self.why.startswith(LIKE_AN_ID)

    @property
    def can_be_used(self) -> bool:
        """Whether a person can use the column anyway."""
        return self.is_leakage or self.why == SPLIT


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained model. `id` is "v1", "v2" … in order of training; `rows` counts those learned from.

    `horizon` is the period that a probability is about, such as "the next month".
    """

    id: str
    algorithm: Algorithm
    schema: CustomerSchema
    evaluation: Evaluation
    threshold: float
    threshold_strategy: str
    trained_at: datetime
    trained_by: str
    file_name: str
    data_sha256: str
    rows: int
    churned: int
    seed: int
    seconds: float
    stage: ModelStage = ModelStage.CANDIDATE
    starter: bool = False
    sample: bool = False
    horizon: str = "the next month"
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    label: MadeLabel | None = None
    """How the label was made, where the file had none."""

    @property
    def number(self) -> int:
        return int(self.id.removeprefix("v"))

    @property
    def name(self) -> str:
        return "Starter model" if self.starter else f"Model {self.id}"

    @property
    def name_in_text(self) -> str:
        """Its name within a sentence."""
        return "the starter model" if self.starter else f"model {self.id}"

    @property
    def last_month_learned(self) -> str | None:
        """The newest month ("YYYY-MM") that it learned from; None where it is not known."""
        if self.evaluation.compared is not None:
            return self.evaluation.compared.months.learned[-1]
        if self.label is not None and self.label.last:
            return self.label.last
        return self.evaluation.months[-1].month if self.evaluation.months else None

    @property
    def message_columns(self) -> MessageColumns:
        """What the messages of a playbook may name."""
        return MessageColumns(self.schema, tuple(own.column for own in self.left_out if own.is_personal))

    def at(self, stage: ModelStage) -> ModelVersion:
        return replace(self, stage=stage)

    def with_threshold(
        self, strategy: ThresholdStrategy, economics: Economics, *, target: float | None = None
    ) -> ModelVersion:
        """The version with another threshold, chosen from the customers that it was evaluated on.

        `target` is the share for SHARE and the value, in whole per cents, for FIXED. Raises InvalidInput.
        """
        if not self.evaluation.cuts:
            raise InvalidInput("This version keeps too little to choose again. Train it again.", field="strategy")
        if strategy.needs_target and not 0 < (target or 0) < 1:
            raise InvalidInput("This way of choosing needs a percentage between 0 and 100.", field="target")
        threshold = best_threshold(strategy, self.evaluation.cuts, economics, target=target)
        cut = next((cut for cut in self.evaluation.cuts if cut.threshold == threshold), None)
        if cut is None:
            raise InvalidInput("A fixed value is a whole percentage, from 1 to 99.", field="target")
        evaluation, profit = self.evaluation.at(cut), profit_of_contacting(cut.churned, cut.stayed, economics)
        option = ThresholdOption(strategy.value, threshold, profit, evaluation.confusion)
        return replace(
            self,
            threshold=threshold,
            threshold_strategy=strategy.value,
            evaluation=evaluation.compared_with(option),
        )


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of the champion; the log of these is only ever added to. `reason` is the person’s own words."""

    version: str
    previous: str | None
    by: str
    at: datetime
    reason: str = ""


def in_charge_at(promotions: Iterable[Promotion], at: datetime) -> Promotion | None:
    """The last promotion until then, whose version was the champion; None before the first."""
    return max((own for own in promotions if own.at <= at), key=lambda own: own.at, default=None)
