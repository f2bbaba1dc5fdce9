"""The bulk store of scored customers in memory: plain loops over plain objects, as the port says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from adapters.results.binning import OTHERS, Bin, Spread, number_bins
from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.intake import CustomerReading, FilePreview, IntakeReport, TrainingTable
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
from domain.errors import CustomerNotFound, FileRefused, InvalidInput, ResultMissing
from domain.evaluation import ConfusionMatrix
from domain.file_format import FileFormat, FormatChoice
from domain.prediction import BandLimits, Prediction, Reason, RiskBand, band_of
from domain.recommendation import LEAVE_ALONE, Playbook
from domain.run import ActionTotal, DriverShare, MonthSummary, RunId, RunSummary, TruthMetrics
from domain.schema import ColumnKind, CustomerSchema, HeaderMatch
from tests.fakes.columns import columns_of


@dataclass(frozen=True)
class CountingJudge:
    """Quality that tests can foretell: counts, and zero for every other figure."""

    def judge(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        pairs = list(zip(np.asarray(probability).tolist(), np.asarray(actual).tolist(), strict=True))
        called = Counter((p >= threshold, bool(left)) for p, left in pairs)
        matrix = ConfusionMatrix(called[True, True], called[True, False], called[False, True], called[False, False])
        churned = called[True, True] + called[False, True]
        return TruthMetrics(
            customers=len(pairs),
            churned=churned,
            auc=None,
            log_loss=0.0,
            brier=0.0,
            accuracy=matrix.accuracy,
            precision=matrix.precision,
            recall=matrix.recall,
            f1=matrix.f1,
            ece=0.0,
            lift_10=0.0,
            confusion=matrix,
        )


@dataclass(frozen=True)
class Stored:
    """A finished run: its customers in order of risk, SHAP values beside them, and what reading needs."""

    customers: tuple[ScoredCustomer, ...]
    contributions: dict[int, list[float]]
    schema: CustomerSchema
    playbook: Playbook


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
        return _labelled(customers[_place(customers, row)], threshold, bands)

    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        customers = self._stored(run_id).customers
        place = _place(customers, row)
        before = customers[place - 1].customer.row if place else None
        return before, customers[place + 1].customer.row if place + 1 < len(customers) else None

    def rank(self, run_id: RunId, row: int) -> int:
        customers = self._stored(run_id).customers
        own = customers[_place(customers, row)].prediction.probability
        return sum(one.prediction.probability < own for one in customers)

    def outlook(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> Outlook:
        stored = self._stored(run_id)
        customers = [_labelled(one, threshold, bands) for one in stored.customers]
        likely = [one for one in customers if one.prediction.likely_to_leave]
        earning = [one for one in likely if one.expected_gain > 0.0]
        return Outlook(
            threshold=threshold,
            customers=len(customers),
            likely_to_leave=len(likely),
            revenue_likely=_revenue(likely, of=customers),
            revenue_total=_revenue(customers, of=customers),
            worth_contacting=len(earning),
            expected_gain=sum(one.expected_gain for one in earning),
            bands=_bands(likely),
            actions=_actions(likely, stored.playbook),
            confusion=_confusion(customers),
            drivers=_drivers(stored, [one.customer.row for one in likely]) if likely else (),
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
        chosen = _those(stored, threshold, filters, likely)
        bins, bin_of = _axis(stored, attribute, levels=30, numbers=12)
        return tuple(
            _group(members, threshold, found.label, found)
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
        chosen = _those(stored, threshold, filters, likely)
        axes = [_axis(stored, name, levels=12, numbers=5) for name in (first, second)]
        cells = {
            (a.label, b.label): _group(members, threshold, f"{a.label} · {b.label}", None)
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
        bins, bin_of = _axis(stored, attribute, levels=30, numbers=12)
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

    def size(self, run_id: RunId) -> int:
        return 100 * len(self.runs[run_id].customers) if run_id in self.runs else 0

    def forget_unfinished(self) -> None:
        """Nothing is ever half-made here."""

    def sweep(self, keep: Sequence[RunId]) -> int:
        leftovers = [run_id for run_id in self.runs if run_id not in keep]
        for run_id in leftovers:
            self.discard(RunId(run_id))
        return len(leftovers)

    def _stored(self, run_id: RunId) -> Stored:
        if run_id not in self.runs:
            raise ResultMissing(run_id)
        return self.runs[run_id]

    def _matching(self, run_id: RunId, query: CustomerQuery, bands: BandLimits) -> list[ScoredCustomer]:
        stored = self._stored(run_id)
        customers = [_labelled(one, query.threshold, bands) for one in stored.customers]
        found = [one for one in customers if _chosen(stored, one, query)]
        return _ordered(_searched(found, query.search.strip().lower()), query)


def _chosen(stored: Stored, one: ScoredCustomer, query: CustomerQuery) -> bool:
    return (
        (query.likely is None or one.prediction.likely_to_leave == query.likely)
        and (not query.bands or one.prediction.band in query.bands)
        and (query.action is None or one.action_id == query.action)
        and all(_passes(stored, one, wanted) for wanted in query.attributes)
    )


def _searched(customers: list[ScoredCustomer], text: str) -> list[ScoredCustomer]:
    beginning = [one for one in customers if one.customer.id.lower().startswith(text)]
    return beginning or [one for one in customers if text in one.customer.id.lower()]


def _ordered(customers: list[ScoredCustomer], query: CustomerQuery) -> list[ScoredCustomer]:
    keys: dict[str, Callable[[ScoredCustomer], Any]] = {
        "risk": lambda one: one.prediction.probability,
        "gain": lambda one: one.expected_gain,
        "id": lambda one: one.customer.id,
        "row": lambda one: one.customer.row,
    }
    if query.sort not in keys:
        raise InvalidInput("Customers can be sorted by risk, gain, id or row.", field="sort")
    ordered = sorted(customers, key=lambda one: one.customer.row)
    if query.sort == "gain":
        ordered.sort(key=lambda one: -one.prediction.probability)
    return sorted(ordered, key=keys[query.sort], reverse=query.descending)


def _those(
    stored: Stored, threshold: float, filters: Sequence[AttributeFilter], likely: bool | None
) -> list[ScoredCustomer]:
    return [
        one
        for one in stored.customers
        if all(_passes(stored, one, wanted) for wanted in filters)
        and (likely is None or (one.prediction.probability >= threshold) is likely)
    ]


def _passes(stored: Stored, one: ScoredCustomer, wanted: AttributeFilter) -> bool:
    numeric = _column(stored, wanted.attribute).kind is ColumnKind.NUMERIC
    value = one.customer.attributes[wanted.attribute]
    if wanted.level is not None:
        if numeric:
            raise InvalidInput("The attribute holds numbers and can't be filtered like that.", field="attribute")
        return value == wanted.level
    if wanted.low is None and wanted.high is None:
        return value is None
    if not numeric:
        raise InvalidInput("The attribute holds text and can't be filtered like that.", field="attribute")
    if not isinstance(value, float):
        return False
    return (wanted.low is None or value >= wanted.low) and (wanted.high is None or value < wanted.high)


def _column(stored: Stored, name: str) -> Any:
    try:
        return stored.schema.column(name)
    except KeyError as error:
        raise InvalidInput("The prediction has no such attribute.", field="attribute") from error


def _place(customers: Sequence[ScoredCustomer], row: int) -> int:
    for place, one in enumerate(customers):
        if one.customer.row == row:
            return place
    raise CustomerNotFound(row)


def _labelled(one: ScoredCustomer, threshold: float, bands: BandLimits) -> ScoredCustomer:
    p = one.prediction.probability
    return replace(one, prediction=replace(one.prediction, likely_to_leave=p >= threshold, band=band_of(p, bands)))


def _at_risk(customers: Sequence[ScoredCustomer]) -> float | None:
    known = [one for one in customers if one.monthly_revenue is not None]
    return sum(one.prediction.probability * (one.monthly_revenue or 0.0) for one in known) if known else None


def _revenue(customers: Sequence[ScoredCustomer], *, of: Sequence[ScoredCustomer]) -> float | None:
    """Their revenue together; None where nobody's of all is known."""
    if all(one.monthly_revenue is None for one in of):
        return None
    return sum(one.monthly_revenue or 0.0 for one in customers)


def _bands(customers: Sequence[ScoredCustomer]) -> dict[RiskBand, int]:
    counts = Counter(one.prediction.band for one in customers)
    return {band: counts[band] for band in RiskBand}


def _actions(likely: Sequence[ScoredCustomer], playbook: Playbook) -> tuple[ActionTotal, ...]:
    names = {action.id: action.name for action in playbook.actions} | {LEAVE_ALONE: "Leave alone"}
    totals = []
    for action_id in {one.action_id for one in likely}:
        gains = [one.expected_gain for one in likely if one.action_id == action_id]
        totals.append(ActionTotal(action_id, names[action_id], len(gains), sum(gains)))
    return tuple(sorted(totals, key=lambda t: (t.action_id == LEAVE_ALONE, -t.expected_gain, t.action_id)))


def _confusion(customers: Sequence[ScoredCustomer]) -> ConfusionMatrix | None:
    called = Counter((one.prediction.likely_to_leave, one.actual) for one in customers if one.actual is not None)
    if not called:
        return None
    return ConfusionMatrix(called[True, True], called[True, False], called[False, True], called[False, False])


def _drivers(stored: Stored, rows: Sequence[int]) -> tuple[DriverShare, ...]:
    values = np.array([stored.contributions[row] for row in rows], dtype=float)
    mean_abs, mean = np.abs(values).mean(axis=0), values.mean(axis=0)
    total = float(mean_abs.sum())
    drivers = [
        DriverShare(name, float(mean_abs[i]), float(mean_abs[i]) / total if total else 0.0, float(mean[i]))
        for i, name in enumerate(stored.schema.names)
    ]
    return tuple(sorted(drivers, key=lambda driver: -driver.mean_abs))


def _axis(stored: Stored, name: str, *, levels: int, numbers: int) -> tuple[list[Bin], Callable[[ScoredCustomer], Bin]]:
    """The bins suit all customers of the run, whatever the filter."""
    column = _column(stored, name)
    known = [value for one in stored.customers if (value := one.customer.attributes[name]) is not None]
    missing = Bin("", None, None)
    if column.kind is ColumnKind.NUMERIC:
        return _number_axis(name, known, numbers, missing, months=name == stored.schema.tenure_column)
    counts = Counter(known)
    biggest = sorted(counts, key=lambda level: (-counts[level], level))[:levels]
    bins = {level: Bin(level, None, None) for level in biggest}
    others = Bin(OTHERS, None, None)

    def level_bin(one: ScoredCustomer) -> Bin:
        value = one.customer.attributes[name]
        return missing if value is None else bins.get(str(value), others)

    return [*bins.values(), others, missing], level_bin


def _number_axis(
    name: str, known: list[Any], most: int, missing: Bin, *, months: bool
) -> tuple[list[Bin], Callable[[ScoredCustomer], Bin]]:
    bins: list[Bin] = []
    if known:
        low, high = np.quantile(known, [0.01, 0.99]).tolist()
        whole = all(float(value).is_integer() for value in known)
        integers = tuple(sorted({int(value) for value in known})) if whole else ()
        bins = list(number_bins(Spread(min(known), max(known), low, high, integers), most=most, months=months))

    def number_bin(one: ScoredCustomer) -> Bin:
        value = one.customer.attributes[name]
        if value is None:
            return missing
        return [found for found in bins if found.low is None or float(value) >= found.low][-1]

    return [*bins, missing], number_bin


def _group(members: Sequence[ScoredCustomer], threshold: float, label: str, found: Bin | None) -> Group:
    likely = [one for one in members if one.prediction.probability >= threshold]
    known = [one.actual for one in members if one.actual is not None]
    return Group(
        label=label,
        customers=len(members),
        mean_probability=sum(one.prediction.probability for one in members) / len(members),
        likely=len(likely),
        revenue=_revenue(members, of=members),
        revenue_likely=_revenue(likely, of=members),
        revenue_at_risk=_at_risk(members),
        observed=sum(known) / len(known) if known else None,
        low=found.low if found else None,
        high=found.high if found else None,
        missing=found is not None and found.label == "",
    )


@dataclass
class InMemoryWriter:
    """Fulfils ResultWriter."""

    store: InMemoryResults
    run_id: RunId
    schema: CustomerSchema
    playbook: Playbook
    customers: list[ScoredCustomer] = field(default_factory=list)
    contributions: dict[int, list[float]] = field(default_factory=dict)

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
        if written is not None:
            written(len(self.customers))
        ordered = sorted(self.customers, key=lambda one: (-one.prediction.probability, one.customer.row))
        stored = Stored(tuple(ordered), self.contributions, self.schema, self.playbook)
        summary = self._summary(stored, report, threshold, bands)
        self.store.runs[self.run_id] = stored
        return summary

    def abandon(self) -> None:
        self.customers, self.contributions = [], {}

    def _summary(self, stored: Stored, report: IntakeReport, threshold: float, bands: BandLimits) -> RunSummary:
        customers = [_labelled(one, threshold, bands) for one in self.customers]
        likely = [one for one in customers if one.prediction.likely_to_leave]
        earning = [one for one in likely if one.expected_gain > 0.0]
        chances = [one.prediction.probability for one in customers]
        at_risk = sum(one.prediction.probability * (one.monthly_revenue or 0.0) for one in customers)
        total = _revenue(customers, of=customers)
        known = [one for one in customers if one.actual is not None]
        bins = Counter(min(int(p * 40), 39) for p in chances)
        return RunSummary(
            rows=report.rows,
            scored=len(customers),
            rejected=report.rejected,
            likely_to_leave=len(likely),
            mean_probability=sum(chances) / max(len(chances), 1),
            money_at_risk=None if total is None else at_risk,
            revenue_likely=_revenue(likely, of=customers),
            revenue_total=total,
            expected_gain=sum(one.expected_gain for one in earning),
            worth_contacting=len(earning),
            bands=_bands(customers),
            histogram=tuple(bins[place] for place in range(40)),
            drivers=_drivers(stored, [one.customer.row for one in customers]) if customers else (),
            actions=_actions(likely, self.playbook),
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
        group = _group([one for one in customers if one.month == month], 2.0, month, None)
        inside = [one for one in customers if one.month == month]
        likely = [one for one in inside if one.prediction.likely_to_leave]
        summaries.append(
            MonthSummary(
                month,
                group.customers,
                group.mean_probability,
                len(likely),
                _at_risk(inside) if _revenue(customers, of=customers) is not None else None,
                group.observed,
            )
        )
    return tuple(summaries)


@dataclass(frozen=True)
class FakeReading:
    """Fulfils CustomerReading with batches that a test made."""

    made: tuple[CustomerBatch, ...]
    found: IntakeReport

    def batches(self) -> Iterator[CustomerBatch]:
        yield from self.made

    def report(self) -> IntakeReport:
        return self.found


@dataclass
class FakeCustomerFiles:
    """Fulfils CustomerFiles by path: previews, readings and tables that a test put in; anything else is refused."""

    previews: dict[Path, FilePreview] = field(default_factory=dict)
    readings: dict[Path, CustomerReading] = field(default_factory=dict)
    tables: dict[Path, TrainingTable] = field(default_factory=dict)

    def preview(self, path: Path, choice: FormatChoice | None = None) -> FilePreview:
        return self._known(self.previews, path)

    def read(
        self,
        path: Path,
        *,
        schema: CustomerSchema,
        match: HeaderMatch,
        format: FileFormat,
        rejected: Path | None = None,
    ) -> CustomerReading:
        return self._known(self.readings, path)

    def load(self, path: Path, *, format: FileFormat, progress: Callable[[int], None] | None = None) -> TrainingTable:
        table = self._known(self.tables, path)
        if progress is not None:
            progress(table.rows)
        return table

    def count_rows(self, path: Path) -> int | None:
        return self._known(self.previews, path).rows

    def _known(self, found: dict[Path, Any], path: Path) -> Any:
        if path not in found:
            raise FileRefused("The file is empty.", advice="Choose a CSV file with a header and one customer a line.")
        return found[path]
