"""The bulk store of scored customers: written once per run, read by page, filter and group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.customer_groups import CustomerGroups
from application.ports.follow_up import FollowUp
from application.ports.intake import IntakeReport
from application.ports.risk_changes import RiskChanges
from application.ports.shared_customers import SharedCustomers
from domain.answer import AnswerFigures
from domain.customer import Customer, Value
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.evaluation import ConfusionMatrix, Evaluation
from domain.expected_quality import ExpectedQuality, ScoreBin, expected_quality
from domain.playbook import Playbook
from domain.prediction import BandLimits, Prediction, RiskBand
from domain.progress import SoFar
from domain.recommendation import is_worth_contacting
from domain.run import Contacting, DriverShare, Run, RunId, RunSummary
from domain.schema import CustomerSchema
from domain.shift import AttributeDrift
from domain.training_profile import TrainingProfile


@dataclass(frozen=True, slots=True)
class InputCell:
    """A cell of the customer file: its column's header, its value, and its text if the value is written otherwise."""

    header: str
    value: Value
    written: str | None = None


@dataclass(frozen=True, slots=True)
class ScoredCustomer:
    """One scored customer of a run. `action_id` is "leave-alone" if no action has a positive expected gain.

    `inputs` are the cells of the file in its order, without the id; None in results of versions that did not keep them.
    """

    customer: Customer
    prediction: Prediction
    action_id: str
    expected_gain: float
    monthly_revenue: float | None
    month: str | None = None
    actual: bool | None = None
    extra: tuple[tuple[str, str | None], ...] = ()
    inputs: tuple[InputCell, ...] | None = None

    @property
    def worth_contacting(self) -> bool:
        return is_worth_contacting(self.expected_gain)


@dataclass(frozen=True, slots=True)
class CustomerPage:
    customers: tuple[ScoredCustomer, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ThresholdFigures:
    """The figures of a run at a threshold. Amounts are per month, in the installation's currency.

    `bands` counts likely leavers by band. `contacting` is the same at every threshold.
    """

    threshold: float
    customers: int
    likely_to_leave: int
    revenue_likely: float | None
    revenue_total: float | None
    contacting: Contacting
    bands: dict[RiskBand, int]
    confusion: ConfusionMatrix | None
    drivers: tuple[DriverShare, ...] = ()
    scores: tuple[ScoreBin, ...] = ()
    """All customers by probability, highest first."""

    def expected(self, held_out: Evaluation) -> ExpectedQuality | None:
        """The quality to be expected at this threshold of a model with this held-out quality."""
        return expected_quality(self.scores, threshold=self.threshold, held_out=held_out)

    def answer_figures(self, run: Run) -> AnswerFigures:
        """At another threshold than the run's, with what they pay: the money at risk does not depend on it."""
        own = run.threshold == self.threshold
        at_risk = run.summary.money_at_risk if own and run.summary else None
        paid = None if own else self.revenue_likely
        return AnswerFigures(self.customers, self.likely_to_leave, at_risk, self.contacting, paid)

    @property
    def staying(self) -> int:
        return self.customers - self.likely_to_leave

    @property
    def revenue_staying(self) -> float | None:
        """Monthly revenue of customers who are not likely to leave; None if unknown."""
        if self.revenue_total is None or self.revenue_likely is None:
            return None
        return self.revenue_total - self.revenue_likely


@dataclass(frozen=True, slots=True)
class Group:
    """Customers with the same value: number, mean probability, likely leavers, revenue, observed churn rate.

    `revenue_likely` is the monthly revenue of the likely leavers; `revenue_at_risk` = Σ probability × revenue.

    `label` is the level, the bin in words ("12–24"), or "" for missing; `low`/`high` bound a numeric bin.
    """

    label: str
    customers: int
    mean_probability: float
    likely: int
    revenue: float | None
    revenue_likely: float | None
    revenue_at_risk: float | None
    observed: float | None = None
    low: float | None = None
    high: float | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """Effect of an attribute on the log-odds of customers with the same value.

    `mean` and `spread` are the mean and the standard deviation of its SHAP values. `spread` is None for a single
    customer; `label`, `low`, `high`, `missing` as in Group.
    """

    label: str
    customers: int
    mean: float
    spread: float | None
    low: float | None = None
    high: float | None = None
    missing: bool = False


Rescore = Callable[[CustomerBatch], ScoredBatch]
"""Scores customers of a run again with the run's model."""


Recommend = Callable[[CustomerColumns], RecommendedBatch]  # chooses the best action for stored customers again


class PreparedResult(Protocol):
    """A rewritten result that readers do not see before `publish`.

    `fingerprint` is that of its files, None for results of a version without fingerprints.
    """

    @property
    def contacting(self) -> Contacting: ...
    @property
    def fingerprint(self) -> str | None: ...
    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        """As `ResultStore.best_contacts`, for the prepared result."""

    def publish(self) -> None:
        """Make it the run's result, in place of the present one and its exports. Fast: all data is on disk already."""

    def abandon(self) -> None:
        """Delete what was prepared."""


class ResultWriter(Protocol):
    """Writes a run's batches in file order. Readers see nothing before `publish`. A run may have several writers."""

    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None: ...
    def so_far(self, rejected: int) -> SoFar: ...
    def finish(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """`prepare` and `publish` in one."""

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Sort by risk, write to disk, and compute the summary. Readers do not see the result before `publish`.

        `on_rows_written` is called with the number of rows written so far, and may raise Cancelled.
        """

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        """As `ResultStore.best_contacts`, for the prepared result."""

    def publish(self) -> None:
        """Make the prepared result the run's result, replacing an earlier one. Fast: all data is on disk already."""

    def abandon(self) -> None:
        """Delete what this writer wrote and did not publish. Other writers of the same run are not affected."""


class ComparedResults(Protocol):
    """The part of ResultStore that finds the customers of one run in another one. Ids are equal if their texts are."""

    def find(self, run_id: RunId, customer_id: str, *, threshold: float, bands: BandLimits) -> ScoredCustomer | None:
        """The customer with this id; None if the run has none. Of several rows, the same as for `risk_changes`."""

    def shared_customers(self, before: RunId, after: RunId, *, most: int) -> SharedCustomers:
        """The mean risk of two runs, and at most `most` customers of both: all, or a random sample.

        Each customer counts once, with the same row as for `risk_changes`. The sample is the same for the same ids.
        """

    def risk_changes(
        self,
        before: RunId,
        after: RunId,
        *,
        thresholds: tuple[float, float],
        bands: BandLimits,
        most: int,
        movers: int,
    ) -> RiskChanges:
        """The customers of two runs compared by id; `thresholds` are those of both runs.

        Of each run, the `most` rows with the highest risk are read. Of several rows of a customer, the one of the
        latest month counts; of several in that month, the highest risk. At most `movers` risers and fallers.
        """

    def follow_up(
        self,
        before: RunId | None,
        after: RunId,
        customers: Sequence[str],
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> FollowUp:
        """Which of these customers, each named once, a later run has, and how many of the earlier run's.

        Without the earlier run, those asked for stand for its customers. `on_rows` is called with the number of rows
        of the later run that were read so far.
        """

    def follow_into(self, before: RunId | None, after: Iterable[CustomerBatch], customers: Sequence[str]) -> FollowUp:
        """The same for the rows of a file that was not scored."""

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        """Drift of every attribute that both runs have, in the bins of the earlier run."""


class ResultStore(ComparedResults, CustomerGroups, Protocol):
    """One immutable set of scored customers per run. Reading raises ResultMissing if it was deleted."""

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: TrainingProfile | None = None,
        held_out: Evaluation | None = None,
        threshold: float = 0.5,
    ) -> ResultWriter:
        """`held_out` is for the expected quality in the summary, `threshold` for `so_far`."""

    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage: ...
    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        """All matching customers in chunks, ignoring the query's offset and limit. Constant memory."""

    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        """The same customers as `stream`, as columns, in the order that is fastest to read; see `places`.

        The reader computes label and band. Without `with_extra`, the file's other columns are left out.
        """

    def sample(self, run_id: RunId, every: int) -> CustomerColumns:
        """The customer with the highest risk and every n-th after it, in order of risk.

        Of the columns, only `probability`, the reasons that raise and the attributes. A store may keep the latest
        sample, so that a second call reads nothing.
        """

    def input_headers(self, run_id: RunId) -> tuple[str, ...] | None:
        """The names of the file's columns in its order, without the ids; None for results that did not keep them."""

    def customer(self, run_id: RunId, row: int, *, threshold: float, bands: BandLimits) -> ScoredCustomer:
        """Raises CustomerNotFound."""

    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        """Rows of the customers before and after this one, ordered by risk."""

    def rank(self, run_id: RunId, row: int) -> int:
        """How many customers of the run have a lower probability."""

    def at_threshold(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> ThresholdFigures: ...
    def contacting(self, run_id: RunId) -> Contacting: ...
    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        """The matching customers, grouped by an attribute's levels or bins. `likely` selects one label."""

    def contributions(self, run_id: RunId, attribute: str) -> tuple[Contribution, ...] | None:
        """Contributions of all customers, in the bins of `groups`. None for a run of a version without them."""

    def cross(
        self,
        run_id: RunId,
        first: str,
        second: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[tuple[str, ...], tuple[str, ...], dict[tuple[str, str], Group]]:
        """A cross table of two attributes: row labels, column labels, and the group of each combination."""

    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        """The customers with the highest expected gain, highest first (ties: higher risk, then file order).

        The file's other columns are left out: there may be thousands.
        """

    def chosen(
        self, run_id: RunId, rows: Collection[int], *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        """The customers of these rows, highest risk first, without the file's other columns.

        Rows that the result does not have are left out.
        """

    def with_actions(
        self,
        run_id: RunId,
        playbook: Playbook,
        recommend: Recommend,
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> PreparedResult:
        """Prepare the run's result with the actions that `recommend` chooses from this playbook.

        Scores, reasons and all else stay. Raises ResultMissing or ResultDamaged.
        """

    def fingerprint(self, run_id: RunId) -> str | None:
        """The SHA-256 of all files of the run together; None for results of a version without fingerprints.

        Raises ResultMissing.
        """

    def damaged_files(self, run_id: RunId, accepted: Collection[str]) -> tuple[str, ...]:
        """Names of the files that differ from what was written. Reads every byte. Raises ResultMissing.

        `accepted` holds the valid fingerprints of the run.
        """

    def erase_customer(
        self,
        run_id: RunId,
        customer_id: str,
        *,
        rescore: Rescore | None = None,
        accept: Callable[[str], None] = lambda _: None,
    ) -> int:
        """Rewrite the run's customers without this one, and redact the id in all other rows.

        Returns how many rows were removed. `accept` is called with the new fingerprint before the new files replace
        the old ones. Without `rescore`, contributions are deleted. Raises ResultDamaged.
        """

    def discard(self, run_id: RunId) -> None: ...
    def size(self, run_id: RunId) -> int:
        """Bytes on disk; 0 if there are no results."""

    def sweep_unfinished(self, writing: Sequence[RunId], *, before: datetime | None = None) -> int:
        """Delete partial results of runs not in `writing`, unless changed since `before`. Returns how many."""

    def forget_unfinished(self) -> None:
        """Delete partial results and temporary files of all runs. Call it only while no job is running."""
