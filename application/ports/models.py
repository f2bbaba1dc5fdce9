"""Training, storing and applying models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.intake import TrainingTable
from domain.attribute_curve import AttributeCurve
from domain.customer import Customer, Value
from domain.economics import DEFAULT_STRATEGY, ThresholdStrategy
from domain.evaluation import Evaluation
from domain.model import Algorithm, LeftOut, ModelVersion
from domain.playbook import Action, Playbook
from domain.prediction import Reason
from domain.progress import Progress
from domain.recognition import Recognised
from domain.recommendation import Economics
from domain.run import ActionTotal, TruthMetrics
from domain.schema import CustomerSchema
from domain.training import TrainingRequest
from domain.training_overlap import IdFingerprint
from domain.training_profile import TrainingProfile


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """How a training chooses its threshold, and the economics that it uses."""

    strategy: ThresholdStrategy = DEFAULT_STRATEGY
    target: float | None = None
    economics: Economics = field(default_factory=Economics)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The result of a training. Only the registry reads `artefact`."""

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


HistoryOfRows = Callable[[CustomerSchema], Iterable[CustomerBatch]]
"""The rows of a training file with the attributes of history of a schema, in its order; see TrainingTable.places."""


class Trainer(Protocol):
    """Trains a churn model. Raises InvalidInput or FileRefused for a file that is unsuitable for training."""

    @property
    def algorithm(self) -> Algorithm: ...

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised: ...
    def train(
        self,
        table: TrainingTable,
        request: TrainingRequest,
        choice: ThresholdChoice,
        *,
        progress: Callable[[Progress], None],
        known: Recognised | None = None,
        history: HistoryOfRows | None = None,
    ) -> TrainedModel:
        """`history` gives attributes of earlier months, which are kept where they improve the test forward in time.

        `known` is the result of `recognise` for the same table and request; it is then not computed again.

        `progress` may raise Cancelled.
        """


Trainers = dict[Algorithm, Trainer]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation of one customer's probability: base value and every attribute's SHAP value, in log-odds."""

    probability: float
    base_value: float
    reasons: tuple[Reason, ...]
    """Every attribute, strongest first."""


@dataclass(frozen=True, slots=True)
class ExactScores:
    """Scores that are not rounded (NumPy arrays of float64).

    `margin` (n): log-odds · `contributions` (n × attributes): SHAP values in log-odds, in schema order. A row's margin
    is the base value and its contributions to within the errors of a sum.
    """

    margin: Any
    contributions: Any


class Scorer(Protocol):
    """Scores customers with one model version."""

    @property
    def version(self) -> str: ...
    @property
    def schema(self) -> CustomerSchema: ...
    @property
    def profile(self) -> TrainingProfile | None:
        """Distribution of the training data; None if no profile was stored."""

    @property
    def known_ids(self) -> IdFingerprint | None:
        """Fingerprint of the customers learned from; None if none was stored, or the file had no ids."""

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        """One row per customer, in the order given. SHAP values in log-odds; each row adds up to its margin."""

    def exact(self, batch: CustomerBatch) -> ExactScores:
        """The same figures before SHAP values are rounded to float32, without reasons."""

    def explain(self, customer: Customer) -> Explanation:
        """The same figures for one customer."""

    def curves(self) -> tuple[AttributeCurve, ...]:
        """Each attribute's own function, in the schema's order; empty for a model that is no sum of such functions."""


class ModelRegistry(Protocol):
    """Version folders. A version that does not reproduce its golden rows raises ModelUnreadable."""

    def save(self, version: ModelVersion, model: TrainedModel) -> None:
        """Write a version's folder. The caller has reserved the id, so an existing folder of that name is replaced."""

    def scorer(self, version_id: str) -> Scorer:
        """Load the scorer once and cache it. Raises ModelUnreadable or ModelNotFound."""

    def verify(self, version_id: str) -> None:
        """Check the hash of every file. Raises ModelNotFound, or ModelUnreadable if a hash differs."""

    def discard(self, version_id: str) -> None: ...
    def versions(self) -> tuple[str, ...]:
        """Ids of the folders that exist."""


class Recommender(Protocol):
    """Applies the domain's recommendation rules to whole columns, with the same result as row by row."""

    def recommend(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        economics: Economics,
    ) -> RecommendedBatch: ...
    def recommend_stored(
        self, stored: CustomerColumns, *, schema: CustomerSchema, playbook: Playbook, economics: Economics
    ) -> RecommendedBatch:
        """The same for customers of a result, from their stored reasons."""


@dataclass(frozen=True, slots=True)
class ExampleCustomer:
    """A customer to whom an action may be offered. `best`: a playbook recommends it rather than another one."""

    attributes: Mapping[str, Value]
    probability: float
    monthly_revenue: float | None
    best: bool


class PlaybookTrial(Protocol):
    """What playbooks would recommend to a sample of a run's customers, as `ResultStore.sample` returns it.

    `schema` is that of the run's model.
    """

    def totals(
        self,
        sample: CustomerColumns,
        playbooks: Sequence[Playbook],
        *,
        schema: CustomerSchema,
        economics: Economics,
        every: int,
    ) -> list[tuple[ActionTotal, ...]]:
        """For each playbook, a total per action in its order. Each customer counts as `every`."""

    def example(
        self,
        sample: CustomerColumns,
        action: Action,
        playbook: Playbook,
        *,
        schema: CustomerSchema,
        economics: Economics,
    ) -> ExampleCustomer | None:
        """The first customer to whom the playbook recommends the action; else the first to whom it may be offered."""


class TruthEvaluator(Protocol):
    """Metrics of scores against known outcomes, computed as in scikit-learn."""

    def evaluate(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        """`probability` and `actual` are arrays of equal length; `actual` holds booleans."""


class SampleCustomers(Protocol):
    """Generates telecom customers in a common layout of churn files."""

    def write(
        self,
        path: Path,
        *,
        rows: int,
        seed: int,
        months: int | None = None,
        last_month: str | None = None,
        labelled: bool = True,
        drift: float = 0.0,
        activity: bool = False,
    ) -> None:
        """Write one CSV. With `months`, customers repeat over snapshot months up to `last_month` ("YYYY-MM").

        `drift` is added to the log-odds of leaving from each month to the next. `activity` adds the column
        LastActivity.
        """

    def write_months(self, folder: Path, *, rows: int, seed: int, months: int, last_month: str) -> Sequence[Path]:
        """Write one labelled CSV per month, oldest first. The latest month has no labels yet."""
