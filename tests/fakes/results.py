"""The bulk store of scored customers in memory: plain loops over plain objects, as the port says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.models import TruthEvaluator
from application.ports.results import (
    Contribution,
    CustomerPage,
    Group,
    InputCell,
    PreparedResult,
    Recommend,
    Rescore,
    ResultStore,
    ResultWriter,
    ScoredCustomer,
    ThresholdFigures,
)
from application.ports.risk_changes import RiskChanges
from domain.customer import Customer, CustomerId
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import ResultMissing
from domain.evaluation import Evaluation
from domain.expected_quality import expected_quality
from domain.playbook import Playbook
from domain.prediction import BandLimits, Prediction, Reason, RiskBand
from domain.recommendation import LEAVE_ALONE
from domain.run import Contacting, RunId, RunSummary
from domain.schema import CustomerSchema
from domain.training_profile import TrainingProfile
from tests.fakes.columns import columns_of
from tests.fakes.erased_results import without_customer
from tests.fakes.part_sums import fingerprint, sums_so_far
from tests.fakes.prepared_results import InMemoryPrepared, sample_of, with_actions
from tests.fakes.result_changes import changes_between
from tests.fakes.result_choice import axis_of, in_order, is_chosen, place_of, searched, those_of
from tests.fakes.result_figures import (
    Stored,
    band_counts,
    confusion_of,
    contacting_of,
    drivers_of,
    group_of,
    labelled,
    revenue_of,
    scores_of,
)
from tests.fakes.result_groups import GroupedOnes
from tests.fakes.result_shared import SharedOnes
from tests.fakes.result_summary import summary_of
from tests.fakes.truth_evaluator import CountingEvaluator


@dataclass
class InMemoryResults(SharedOnes, GroupedOnes):
    """Fulfils ResultStore."""

    evaluator: TruthEvaluator = field(default_factory=CountingEvaluator)
    runs: dict[str, Stored] = field(default_factory=dict)

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: TrainingProfile | None = None,
        held_out: Evaluation | None = None,
        threshold: float = 0.5,
    ) -> InMemoryWriter:
        return InMemoryWriter(self, run_id, schema, playbook, held_out, threshold)

    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage:
        found = self._matching(run_id, query, bands)
        return CustomerPage(tuple(found[max(0, query.offset) :][: max(0, query.limit)]), len(found))

    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        customers = self._matching(run_id, query, bands)
        yield from (customers[start : start + 5_000] for start in range(0, len(customers), 5_000))

    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        stored = self._stored(run_id)
        actions = [action.id for action in stored.playbook.actions]
        for chunk in self.stream(run_id, query, bands=bands):
            yield columns_of(chunk, attributes=stored.schema.names, actions=actions, with_extra=with_extra)

    def sample(self, run_id: RunId, every: int) -> CustomerColumns:
        return sample_of(self._stored(run_id), every)

    def customer(self, run_id: RunId, row: int, *, threshold: float, bands: BandLimits) -> ScoredCustomer:
        customers = self._stored(run_id).customers
        return labelled(customers[place_of(customers, row)], threshold, bands)

    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        customers = self._stored(run_id).customers
        place = place_of(customers, row)
        before = customers[place - 1].customer.row if place else None
        return before, customers[place + 1].customer.row if place + 1 < len(customers) else None

    def rank(self, run_id: RunId, row: int) -> int:
        customers = self._stored(run_id).customers
        own = customers[place_of(customers, row)].prediction.probability
        return sum(one.prediction.probability < own for one in customers)

    def at_threshold(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> ThresholdFigures:
        stored = self._stored(run_id)
        customers = [labelled(one, threshold, bands) for one in stored.customers]
        likely = [one for one in customers if one.prediction.likely_to_leave]
        return ThresholdFigures(
            threshold=threshold,
            customers=len(customers),
            likely_to_leave=len(likely),
            revenue_likely=revenue_of(likely, of=customers),
            revenue_total=revenue_of(customers, of=customers),
            contacting=self.contacting(run_id),
            bands=band_counts(likely),
            confusion=confusion_of(customers),
            drivers=drivers_of(stored, [one.customer.row for one in likely]) if likely else (),
            scores=scores_of(customers, threshold),
        )

    def contacting(self, run_id: RunId) -> Contacting:
        stored = self._stored(run_id)
        return contacting_of(stored.customers, stored.playbook)

    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        stored = self._stored(run_id)
        chosen = those_of(stored, threshold, filters, likely)
        bins, bin_of = axis_of(stored, attribute, levels=30, numbers=12)
        return tuple(
            group_of(members, threshold, own.label, own)
            for own in bins
            if (members := [one for one in chosen if bin_of(one) is own])
        )

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
        stored = self._stored(run_id)
        chosen = those_of(stored, threshold, filters, likely)
        axes = [axis_of(stored, name, levels=12, numbers=5) for name in (first, second)]
        cells = {
            (a.label, b.label): group_of(members, threshold, f"{a.label} · {b.label}", None)
            for a in axes[0][0]
            for b in axes[1][0]
            if (members := [one for one in chosen if axes[0][1](one) is a and axes[1][1](one) is b])
        }
        labels = [
            tuple(own.label for own in bins if any(key[side] == own.label for key in cells))
            for side, (bins, _) in enumerate(axes)
        ]
        return labels[0], labels[1], cells

    def contributions(self, run_id: RunId, attribute: str) -> tuple[Contribution, ...] | None:
        stored = self._stored(run_id)
        if not stored.explained:
            return None
        bins, bin_of = axis_of(stored, attribute, levels=30, numbers=12)
        place = stored.schema.names.index(attribute)
        members = [[one for one in stored.customers if bin_of(one) is shown] for shown in bins]
        values = [[stored.contributions[one.customer.row][place] for one in own] for own in members]
        return tuple(
            Contribution(
                shown.label,
                len(own),
                mean(own),
                stdev(own) if len(own) > 1 else None,
                shown.low,
                shown.high,
                missing=not shown.label,
            )
            for shown, own in zip(bins, values, strict=True)
            if own
        )

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
        old, new = (
            self._matching(run_id, CustomerQuery(threshold), bands)[:most]
            for run_id, threshold in zip((before, after), thresholds, strict=True)
        )
        return changes_between(old, new, movers=movers)

    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        best = self._matching(run_id, CustomerQuery(threshold, sort="gain"), bands)[: max(0, limit)]
        yield from (replace(one, extra=(), inputs=None) for one in best)

    def chosen(
        self, run_id: RunId, rows: Collection[int], *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        found = (one for one in self._matching(run_id, CustomerQuery(threshold), bands) if one.customer.row in rows)
        yield from (replace(one, extra=(), inputs=None) for one in found)

    def with_actions(
        self,
        run_id: RunId,
        playbook: Playbook,
        recommend: Recommend,
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> PreparedResult:
        changed = with_actions(self._stored(run_id), playbook, recommend)
        on_rows(len(changed.customers))
        return InMemoryPrepared(self, run_id, changed)

    def erase_customer(
        self,
        run_id: RunId,
        customer_id: str,
        *,
        rescore: Rescore | None = None,
        accept: Callable[[str], None] = lambda _: None,
    ) -> int:
        stored = self._stored(run_id)
        changed = without_customer(stored, customer_id, rescore)
        if changed is None:
            return 0
        accept(fingerprint(changed))
        self.runs[run_id] = changed
        return len(stored.customers) - len(changed.customers)

    def discard(self, run_id: RunId) -> None:
        self.runs.pop(run_id, None)

    def input_headers(self, run_id: RunId) -> tuple[str, ...] | None:
        first = next((one.inputs for one in self._stored(run_id).customers), None)
        return None if first is None else tuple(cell.header for cell in first)

    def fingerprint(self, run_id: RunId) -> str | None:
        return fingerprint(self._stored(run_id))

    def damaged_files(self, run_id: RunId, accepted: Collection[str]) -> tuple[str, ...]:
        return () if not accepted or self.fingerprint(run_id) in accepted else ("manifest.json",)

    def size(self, run_id: RunId) -> int:
        return 100 * len(self.runs[run_id].customers) if run_id in self.runs else 0

    def forget_unfinished(self) -> None:
        """Nothing is ever half-made here."""

    def sweep_unfinished(self, writing: Sequence[RunId], *, before: datetime | None = None) -> int:
        return 0

    def _stored(self, run_id: RunId) -> Stored:
        if (stored := self.runs.get(run_id)) is None:
            raise ResultMissing(run_id)
        return stored

    def _matching(self, run_id: RunId, query: CustomerQuery, bands: BandLimits) -> list[ScoredCustomer]:
        stored = self._stored(run_id)
        customers = [labelled(one, query.threshold, bands) for one in stored.customers]
        customers = [one for one in customers if is_chosen(stored, one, query)]
        return in_order(searched(customers, query.search.strip().lower()), query, stored.playbook)


@dataclass
class InMemoryWriter:
    """Fulfils ResultWriter."""

    store: InMemoryResults
    run_id: RunId
    schema: CustomerSchema
    playbook: Playbook
    held_out: Evaluation | None = None
    threshold: float = 0.5
    customers: list[ScoredCustomer] = field(default_factory=list)
    contributions: dict[int, list[float]] = field(default_factory=dict)
    prepared: Stored | None = None

    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
        for place, cells in enumerate(batch.data.to_pylist()):
            values = [float(value) for value in scored.contributions[place]]
            self.contributions[cells["row"]] = values
            inputs = tuple(
                InputCell(own.header, cells[own.column], cells.get(f"w:{number}"))
                for number, own in enumerate(batch.inputs)
            )
            self.customers.append(replace(self._customer(place, cells, values, scored, recommended), inputs=inputs))

    so_far = sums_so_far

    def _customer(
        self,
        place: int,
        cells: dict[str, Any],
        values: list[float],
        scored: ScoredBatch,
        recommended: RecommendedBatch,
    ) -> ScoredCustomer:
        attributes = {name: cells[f"a:{name}"] for name in self.schema.names}

        def reasons(positions: Any, sign: float) -> tuple[Reason, ...]:
            kept = [int(i) for i in positions if i >= 0 and values[int(i)] * sign > 0.0]
            return tuple(Reason(n := self.schema.names[i], attributes[n], values[i]) for i in kept)

        action, revenue = int(recommended.action[place]), float(recommended.revenue[place])
        customer_id, row = CustomerId(cells["id"]), cells["row"]
        return ScoredCustomer(
            customer=Customer(customer_id, row, attributes),
            prediction=Prediction(
                customer_id,
                row,
                float(scored.probability[place]),
                False,
                RiskBand.LOW,
                reasons(scored.raises[place], 1.0),
                reasons(scored.lowers[place], -1.0),
            ),
            action_id=LEAVE_ALONE if action < 0 else self.playbook.actions[action].id,
            expected_gain=float(recommended.gain[place]),
            monthly_revenue=None if np.isnan(revenue) else revenue,
            month=cells.get("month"),
            actual=cells.get("actual"),
            extra=tuple((name.split(":", 2)[2], cell) for name, cell in cells.items() if name.startswith("x:")),
        )

    def finish(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        summary = self.prepare(report, threshold=threshold, bands=bands, on_rows_written=on_rows_written)
        self.publish()
        return summary

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        if on_rows_written is not None:
            on_rows_written(len(self.customers))
        ordered = sorted(self.customers, key=lambda one: (-one.prediction.probability, one.customer.row))
        self.prepared = Stored(tuple(ordered), self.contributions, self.schema, self.playbook)
        summary = summary_of(self.prepared, self.customers, report, self.store.evaluator, threshold, bands)
        scores = scores_of(self.customers, threshold)
        return replace(summary, expected=expected_quality(scores, threshold=threshold, held_out=self.held_out))

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        if self.prepared is None:
            raise ResultMissing(self.run_id)
        alone = InMemoryResults(self.store.evaluator, {self.run_id: self.prepared})
        yield from alone.best_contacts(self.run_id, limit, threshold=threshold, bands=bands)

    def publish(self) -> None:
        if self.prepared is None:
            raise ResultMissing(self.run_id)
        self.store.runs[self.run_id], self.prepared = self.prepared, None

    def abandon(self) -> None:
        self.customers, self.contributions, self.prepared = [], {}, None


if TYPE_CHECKING:

    def _fulfils(store: InMemoryResults, writer: InMemoryWriter) -> tuple[ResultStore, ResultWriter]:
        return store, writer
