"""The bulk store of scored customers: written once per run, read in pages, filters and groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from domain.customer import Customer
from domain.evaluation import ConfusionMatrix
from domain.prediction import BandLimits, Prediction, RiskBand
from domain.recommendation import Playbook
from domain.run import ActionTotal, DriverShare, RunId, RunSummary
from domain.schema import CustomerSchema


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """Customers whose attribute is `level`, or lies in [low, high) for a number; None, None means missing."""

    attribute: str
    level: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers of a run, in what order. `threshold` labels them; `sort` is risk, gain, id or row."""

    threshold: float
    search: str = ""
    likely: bool | None = None
    bands: tuple[RiskBand, ...] = ()
    action: str | None = None
    attributes: tuple[AttributeFilter, ...] = ()
    sort: str = "risk"
    descending: bool = True
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class ScoredCustomer:
    """One customer of a run with all that was found. `action_id` is "leave-alone" where nothing earns."""

    customer: Customer
    prediction: Prediction
    action_id: str
    expected_gain: float
    monthly_revenue: float | None
    month: str | None = None
    actual: bool | None = None
    extra: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerPage:
    customers: tuple[ScoredCustomer, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """A run at a threshold: everything on the result page that moves with it. Money a month, in the currency.

    `actions` counts likely leavers by their best action; `bands` counts likely leavers by band.
    `worth_contacting` and `expected_gain` are over likely leavers where an action earns something.
    """

    threshold: float
    customers: int
    likely_to_leave: int
    revenue_likely: float | None
    revenue_total: float | None
    worth_contacting: int
    expected_gain: float
    bands: dict[RiskBand, int]
    actions: tuple[ActionTotal, ...]
    confusion: ConfusionMatrix | None
    drivers: tuple[DriverShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Customers who share a value: how many, their mean probability, likely leavers, revenue, observed churn rate.

    `revenue_likely` is what the likely leavers among them pay a month; `revenue_at_risk` = Σ probability × revenue.

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
    """What an attribute adds to the log-odds of those who share a value: its SHAP values' mean and standard deviation.

    `spread` is None of a single customer; `label`, `low`, `high`, `missing` as in Group.
    """

    label: str
    customers: int
    mean: float
    spread: float | None
    low: float | None = None
    high: float | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class AttributeDrift:
    """How far an attribute moved from one run to another: PSI, None below the minimum sample; words where it moved."""

    attribute: str
    psi: float | None
    words: str | None = None


ScoreAnew = Callable[[CustomerBatch], ScoredBatch]
"""The model that scored a run, on customers of it."""


class ResultWriter(Protocol):
    """Takes a run's batches in file order; nothing is visible until `publish`. Several may write the same run."""

    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None: ...
    def finish(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """`prepare` and `publish` in one."""

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Sort by risk, write to disk, and sum up. `written` is called with the rows so far, and may raise Cancelled.

        Nobody reads the result before `publish`.
        """

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        """`ResultStore.best_contacts` of what is prepared."""

    def publish(self) -> None:
        """Make what is prepared the run's result, in place of an earlier one. Quick: everything is on disk already."""

    def abandon(self) -> None:
        """Remove what this writer wrote and did not publish; nothing of another writer of the same run."""


class ResultStore(Protocol):
    """One immutable set of scored customers per run. Reading raises ResultMissing where it is gone."""

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: object | None = None,
    ) -> ResultWriter: ...
    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage: ...
    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        """All that match, in chunks, whatever the query's offset and limit. Constant memory."""

    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        """The same customers as `stream` as columns, in the order that is cheapest to read; see `places`.

        Label and band are left to the reader. Without `with_extra`, none of the file's other columns.
        """

    def customer(self, run_id: RunId, row: int, *, threshold: float, bands: BandLimits) -> ScoredCustomer:
        """Raises CustomerNotFound."""

    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        """Rows of the customers before and after this one in order of risk."""

    def rank(self, run_id: RunId, row: int) -> int:
        """How many customers of the run have a lower probability."""

    def outlook(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> Outlook: ...
    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        """The customers that pass, of one label alone where `likely` is given, by an attribute's levels or bins."""

    def contributions(self, run_id: RunId, attribute: str) -> tuple[Contribution, ...] | None:
        """Of all customers, in the bins of `groups`; None for a run that was scored before they were kept."""

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
        """Two attributes together: labels of the rows, of the columns, and the groups where they meet."""

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        """Of every attribute of both runs, in the earlier one's bins."""

    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        """The customers with the highest expected gain, highest first (ties: higher risk, then file order).

        Without the file's other columns, of which there may be thousands.
        """

    def fingerprint(self, run_id: RunId) -> str | None:
        """The SHA-256 that stands for all files of the run; None for results of a version that had none.

        Raises ResultMissing.
        """

    def damaged_files(self, run_id: RunId, accepted: Collection[str]) -> tuple[str, ...]:
        """Reads every byte: names of the files that are not as they were written. Raises ResultMissing.

        `accepted`: the fingerprints that the run may have.
        """

    def erase_customer(
        self,
        run_id: RunId,
        customer_id: str,
        *,
        score_anew: ScoreAnew | None = None,
        accept: Callable[[str], None] = lambda _: None,
    ) -> int:
        """Raises ResultDamaged. `accept` hears the new fingerprint before the new files replace the old ones.

        Write the run's customers anew without this one, who is named nowhere any more; how many rows went.

        Without `score_anew`, contributions are kept no more.
        """

    def discard(self, run_id: RunId) -> None: ...
    def size(self, run_id: RunId) -> int:
        """Bytes on disk; 0 where there is nothing."""

    def sweep_unfinished(self, writing: Sequence[RunId], *, before: datetime | None = None) -> int:
        """Remove half-made results of runs that are not among `writing`, if not changed since `before`; how many."""

    def forget_unfinished(self) -> None:
        """Remove half-made results and scratch files of every run; only while nothing is under way."""
