"""Learning, keeping and applying models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import TrainingTable
from domain.customer import Customer
from domain.economics import ThresholdStrategy
from domain.evaluation import Evaluation
from domain.model import Algorithm, LeftOut, ModelVersion
from domain.prediction import Reason
from domain.recommendation import Economics, Playbook
from domain.run import Progress, TruthMetrics
from domain.schema import CustomerSchema
from domain.training import TrainingRequest


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """How a training chooses its threshold, with what money."""

    strategy: ThresholdStrategy = ThresholdStrategy.PROFIT
    target: float | None = None
    economics: Economics = field(default_factory=Economics)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What a trainer made. `artefact` is for the registry alone."""

    algorithm: Algorithm
    schema: CustomerSchema
    evaluation: Evaluation
    threshold: float
    rows: int
    churned: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    parameters: dict[str, str]
    libraries: dict[str, str]
    artefact: Any


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a trainer would take a labelled file for, before it learns: for a person to confirm."""

    target: str
    positive: str
    negative: str
    id_column: str | None
    month_column: str | None
    attributes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    rows: int
    churned: int
    values: tuple[str, ...] = ()
    """Distinct values of the target."""


class Trainer(Protocol):
    """Learns to tell leavers. Raises InvalidInput or FileRefused for a file that cannot be learned from."""

    algorithm: Algorithm

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised: ...
    def train(
        self,
        table: TrainingTable,
        request: TrainingRequest,
        choice: ThresholdChoice,
        *,
        progress: Callable[[Progress], None],
    ) -> TrainedModel:
        """`progress` may raise Cancelled."""


Trainers = dict[Algorithm, Trainer]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One customer's probability taken apart: base value and every attribute's SHAP value, in log-odds."""

    probability: float
    base_value: float
    reasons: tuple[Reason, ...]
    """Every attribute, strongest first."""


class Scorer(Protocol):
    """Scores customers with one model version."""

    version: str
    schema: CustomerSchema
    profile: object
    """The training data's profile for drift; for the result store alone."""

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        """One row per customer, in the order given. SHAP values in log-odds; each row adds up to its margin."""

    def explain(self, customer: Customer) -> Explanation:
        """The same numbers for one customer."""


class ModelRegistry(Protocol):
    """Version folders. A version that does not reproduce its golden rows raises ModelUnreadable."""

    def save(self, version: ModelVersion, model: TrainedModel) -> None:
        """Write a version's folder. The caller has reserved its id: a folder of that name is a leftover and goes."""

    def scorer(self, version_id: str) -> Scorer:
        """Loaded once and kept. Raises ModelUnreadable or ModelNotFound."""

    def verify(self, version_id: str) -> None:
        """Hash every file. Raises ModelNotFound, or ModelUnreadable where one is not as it was written."""

    def discard(self, version_id: str) -> None: ...
    def versions(self) -> tuple[str, ...]:
        """Ids of the folders that exist."""


class Recommender(Protocol):
    """The domain's recommendation rules applied to columns; gives what `recommend` gives row by row."""

    def recommend(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        economics: Economics,
    ) -> RecommendedBatch: ...


class TruthJudge(Protocol):
    """Quality of scores against a known truth, the figures that scikit-learn gives."""

    def judge(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        """Arrays of equal length, actual as booleans."""


class SampleCustomers(Protocol):
    """Made-up telecom customers in the layout that telecoms' churn files commonly have."""

    def write(
        self,
        path: Path,
        *,
        rows: int,
        seed: int,
        months: int | None = None,
        last_month: str | None = None,
        labelled: bool = True,
    ) -> None:
        """One CSV; with `months`, customers repeat over snapshot months up to `last_month` ("YYYY-MM")."""

    def write_months(self, folder: Path, *, rows: int, seed: int, months: int, last_month: str) -> Sequence[Path]:
        """One labelled CSV per month, oldest first; the latest month has no truth yet."""
