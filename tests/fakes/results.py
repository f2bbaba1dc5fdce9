"""The bulk store of scored customers in memory: plain loops over plain objects, as the port says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import mean, stdev
from typing import Any

import numpy as np

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.models import TruthJudge
from application.ports.results import (
    AttributeDrift,
    AttributeFilter,
    Contribution,
    CustomerPage,
    CustomerQuery,
    Group,
    Outlook,
    ScoredCustomer,
)
from domain.customer import Customer, CustomerId
from domain.errors import ResultMissing
from domain.prediction import BandLimits, Prediction, Reason, RiskBand
from domain.recommendation import LEAVE_ALONE, Playbook
from domain.run import MonthSummary, RunId, RunSummary
from domain.schema import CustomerSchema
from tests.fakes.columns import columns_of
from tests.fakes.judge import CountingJudge
from tests.fakes.result_choice import axis_of, in_order, is_chosen, place_of, searched, those_of
from tests.fakes.result_figures import (
    Stored,
    action_totals,
    band_counts,
    confusion_of,
    drivers_of,
    group_of,
    labelled,
    revenue_at_risk_of,
    revenue_of,
)


@dataclass
class InMemoryResults:
    """Fulfils ResultStore."""

    judge: TruthJudge = field(default_factory=CountingJudge)
    runs: dict[str, Stored] = field(default_factory=dict)

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: object | None = None,
    ) -> InMemoryWriter:
        return InMemoryWriter(self, run_id, schema, playbook)

    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage:
        found = self._matching(run_id, query, bands)
        offset = max(0, query.offset)
        return CustomerPage(tuple(found[offset : offset + max(0, query.limit)]), len(found))

    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        found = self._matching(run_id, query, bands)
        for start in range(0, len(found), 5_000):
            yield found[start : start + 5_000]

    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        stored = self._stored(run_id)
        actions = [action.id for action in stored.playbook.actions]
        for chunk in self.stream(run_id, query, bands=bands):
            yield columns_of(chunk, attributes=stored.schema.names, actions=actions, with_extra=with_extra)

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

    def outlook(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> Outlook:
        stored = self._stored(run_id)
        customers = [labelled(one, threshold, bands) for one in stored.customers]
        likely = [one for one in customers if one.prediction.likely_to_leave]
        earning = [one for one in likely if one.expected_gain > 0.0]
        return Outlook(
            threshold=threshold,
            customers=len(customers),
            likely_to_leave=len(likely),
            revenue_likely=revenue_of(likely, of=customers),
            revenue_total=revenue_of(customers, of=customers),
            worth_contacting=len(earning),
            expected_gain=sum(one.expected_gain for one in earning),
            bands=band_counts(likely),
            actions=action_totals(likely, stored.playbook),
            confusion=confusion_of(customers),
            drivers=drivers_of(stored, [one.customer.row for one in likely]) if likely else (),
        )

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
            group_of(members, threshold, found.label, found)
            for found in bins
            if (members := [one for one in chosen if bin_of(one) is found])
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
            tuple(found.label for found in bins if any(key[side] == found.label for key in cells))
            for side, (bins, _) in enumerate(axes)
        ]
        return labels[0], labels[1], cells

    def contributions(self, run_id: RunId, attribute: str) -> tuple[Contribution, ...] | None:
        stored = self._stored(run_id)
        bins, bin_of = axis_of(stored, attribute, levels=30, numbers=12)
        place = stored.schema.names.index(attribute)
        members = [[one for one in stored.customers if bin_of(one) is found] for found in bins]
        values = [[stored.contributions[one.customer.row][place] for one in own] for own in members]
        return tuple(
            Contribution(
                found.label,
                len(own),
                mean(own),
                stdev(own) if len(own) > 1 else None,
                found.low,
                found.high,
                missing=not found.label,
            )
            for found, own in zip(bins, values, strict=True)
            if own
        )

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        """Nothing moved, as far as this one knows; None of few customers."""
        few = min(len(self._stored(run).customers) for run in (before, after)) < 200
        return tuple(AttributeDrift(name, None if few else 0.0) for name in self._stored(before).schema.names)

    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        for scored in self._matching(run_id, CustomerQuery(threshold, sort="gain"), bands)[: max(0, limit)]:
            yield replace(scored, extra=())

    def discard(self, run_id: RunId) -> None:
        self.runs.pop(run_id, None)

    def fingerprint(self, run_id: RunId) -> str | None:
        self._stored(run_id)
        return "f" * 64

    def damaged_files(self, run_id: RunId, accepted: Collection[str]) -> tuple[str, ...]:
        return () if not accepted or self.fingerprint(run_id) in accepted else ("manifest.json",)

    def size(self, run_id: RunId) -> int:
        return 100 * len(self.runs[run_id].customers) if run_id in self.runs else 0

    def forget_unfinished(self) -> None:
        """Nothing is ever half-made here."""

    def sweep_unfinished(self, writing: Sequence[RunId], *, before: datetime | None = None) -> int:
        """Nothing is ever half-made here."""
        return 0

    def _stored(self, run_id: RunId) -> Stored:
        if run_id not in self.runs:
            raise ResultMissing(run_id)
        return self.runs[run_id]

    def _matching(self, run_id: RunId, query: CustomerQuery, bands: BandLimits) -> list[ScoredCustomer]:
        stored = self._stored(run_id)
        customers = [labelled(one, query.threshold, bands) for one in stored.customers]
        found = [one for one in customers if is_chosen(stored, one, query)]
        return in_order(searched(found, query.search.strip().lower()), query)


@dataclass
class InMemoryWriter:
    """Fulfils ResultWriter."""

    store: InMemoryResults
    run_id: RunId
    schema: CustomerSchema
    playbook: Playbook
    customers: list[ScoredCustomer] = field(default_factory=list)
    contributions: dict[int, list[float]] = field(default_factory=dict)
    prepared: Stored | None = None

    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
        for place, cells in enumerate(batch.data.to_pylist()):
            values = [float(value) for value in scored.contributions[place]]
            self.contributions[cells["row"]] = values
            self.customers.append(self._customer(place, cells, values, scored, recommended))

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
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        summary = self.prepare(report, threshold=threshold, bands=bands, written=written)
        self.publish()
        return summary

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        if written is not None:
            written(len(self.customers))
        ordered = sorted(self.customers, key=lambda one: (-one.prediction.probability, one.customer.row))
        self.prepared = Stored(tuple(ordered), self.contributions, self.schema, self.playbook)
        return self._summary(self.prepared, report, threshold, bands)

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        if self.prepared is None:
            raise ResultMissing(self.run_id)
        alone = InMemoryResults(self.store.judge, {self.run_id: self.prepared})
        yield from alone.best_contacts(self.run_id, limit, threshold=threshold, bands=bands)

    def publish(self) -> None:
        if self.prepared is None:
            raise ResultMissing(self.run_id)
        self.store.runs[self.run_id], self.prepared = self.prepared, None

    def abandon(self) -> None:
        self.customers, self.contributions, self.prepared = [], {}, None

    def _summary(self, stored: Stored, report: IntakeReport, threshold: float, bands: BandLimits) -> RunSummary:
        customers = [labelled(one, threshold, bands) for one in self.customers]
        likely = [one for one in customers if one.prediction.likely_to_leave]
        earning = [one for one in likely if one.expected_gain > 0.0]
        chances = [one.prediction.probability for one in customers]
        at_risk = sum(one.prediction.probability * (one.monthly_revenue or 0.0) for one in customers)
        total = revenue_of(customers, of=customers)
        known = [one for one in customers if one.actual is not None]
        bins = Counter(min(int(p * 40), 39) for p in chances)
        return RunSummary(
            rows=report.rows,
            scored=len(customers),
            rejected=report.rejected,
            likely_to_leave=len(likely),
            mean_probability=sum(chances) / max(len(chances), 1),
            money_at_risk=None if total is None else at_risk,
            revenue_likely=revenue_of(likely, of=customers),
            revenue_total=total,
            expected_gain=sum(one.expected_gain for one in earning),
            worth_contacting=len(earning),
            bands=band_counts(customers),
            histogram=tuple(bins[place] for place in range(40)),
            drivers=drivers_of(stored, [one.customer.row for one in customers]) if customers else (),
            actions=action_totals(likely, self.playbook),
            columns=report.columns,
            duplicate_ids=report.duplicate_ids,
            out_of_range=sum(column.out_of_range for column in report.columns),
            months=_months(customers),
            truth=self.store.judge.judge(
                [one.prediction.probability for one in known], [one.actual for one in known], threshold=threshold
            )
            if known
            else None,
        )


def _months(customers: Sequence[ScoredCustomer]) -> tuple[MonthSummary, ...]:
    summaries = []
    for month in sorted({one.month for one in customers if one.month is not None}):
        group = group_of([one for one in customers if one.month == month], 2.0, month, None)
        inside = [one for one in customers if one.month == month]
        likely = [one for one in inside if one.prediction.likely_to_leave]
        summaries.append(
            MonthSummary(
                month,
                group.customers,
                group.mean_probability,
                len(likely),
                revenue_at_risk_of(inside) if revenue_of(customers, of=customers) is not None else None,
                group.observed,
            )
        )
    return tuple(summaries)
