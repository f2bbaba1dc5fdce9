"""Model versions: what was learned, from what, how good, and which one is in charge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.economics import ThresholdStrategy, best_threshold
from domain.errors import Conflict, InvalidInput
from domain.evaluation import Evaluation
from domain.recommendation import Economics
from domain.schema import CustomerSchema


class ModelStage(StrEnum):
    CANDIDATE = "candidate"
    CHAMPION = "champion"
    RETIRED = "retired"


class Algorithm(StrEnum):
    XGBOOST = "xgboost"
    LOGISTIC = "logistic"


class Effort(StrEnum):
    """How much work a training may spend on its search, counted in work and not in time."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column of the training file that is no attribute, and why, in words."""

    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained model. `id` is "v1", "v2" … in order of training; `rows` counts those learned from.

    `horizon` is the period a probability speaks of, such as "the next month".
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

    @property
    def number(self) -> int:
        return int(self.id.removeprefix("v"))

    @property
    def name(self) -> str:
        return "Starter model" if self.starter else f"Model {self.id}"

    def at(self, stage: ModelStage) -> ModelVersion:
        return replace(self, stage=stage)

    def with_threshold(
        self, strategy: ThresholdStrategy, economics: Economics, *, target: float | None = None
    ) -> ModelVersion:
        """The version with its threshold chosen anew from the customers it was evaluated on.

        `target` is the share for SHARE and the value, in whole per cents, for FIXED. Raises InvalidInput.
        """
        if not self.evaluation.cuts:
            raise InvalidInput("This version keeps too little to choose again. Train it once more.", field="strategy")
        if strategy in (ThresholdStrategy.SHARE, ThresholdStrategy.FIXED) and not 0 < (target or 0) < 1:
            raise InvalidInput("This way of choosing needs a percentage between 0 and 100.", field="target")
        threshold = best_threshold(strategy, self.evaluation.cuts, economics, target=target)
        cut = next((cut for cut in self.evaluation.cuts if cut.threshold == threshold), None)
        if cut is None:
            raise InvalidInput("A fixed value is a whole percentage, from 1 to 99.", field="target")
        return replace(self, threshold=threshold, threshold_strategy=strategy.value, evaluation=self.evaluation.at(cut))


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of the champion; the log of these is only ever added to. `why` is the person's own words."""

    version: str
    previous: str | None
    by: str
    at: datetime
    why: str = ""


def in_charge_at(promotions: Iterable[Promotion], at: datetime) -> Promotion | None:
    """The last promotion until then, whose version was the champion; None before the first."""
    return max((own for own in promotions if own.at <= at), key=lambda own: own.at, default=None)


def must_be_promotable(candidate: ModelVersion, champion: ModelVersion | None, *, insist: bool, why: str) -> None:
    """Refuse a candidate that is worse than the champion beyond its interval on the same data, unless insisted on.

    Raises Conflict. A starter or sample champion never stands in the way of a model learned from own customers.
    """
    if champion is None or champion.starter or champion.sample or champion.data_sha256 != candidate.data_sha256:
        return
    theirs, ours = champion.evaluation.metrics["auc"], candidate.evaluation.metrics["auc"]
    if theirs.low is None or ours.value >= theirs.low:
        return
    if insist and why.strip():
        return
    raise Conflict(
        f"{candidate.name} ranks customers worse than {champion.name} on the same file (AUC {ours.value:.3f} against "
        f"{theirs.value:.3f}, interval from {theirs.low:.3f}). To promote it all the same, insist and say why."
    )
