"""Chooses a campaign's customers: prices every action for every stored customer, then allocates within the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adapters.ml.scoring.recommender import ColumnarRecommender
from adapters.ml.scoring.stored_batches import as_batch
from application.ports.campaigns import Allocator, Basis, Candidates, Choice
from application.ports.columns import CustomerColumns
from domain.allocation import Limits
from domain.campaign import CampaignRequest, Excluded
from domain.campaign_choice import MAX_MEMBERS, Proposal, Selected

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ColumnarChooser:
    """Implements `application.ports.campaigns.Chooser` with the recommender that scores files."""

    allocator: Allocator

    def choose(
        self,
        stored: Iterable[CustomerColumns],
        request: CampaignRequest,
        basis: Basis,
        *,
        barred: Mapping[Excluded, frozenset[str]],
        with_leavers: bool = False,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> Choice:
        pool = _Pool(
            basis,
            request.limits.min_gain,
            with_leavers,
            {reason: pa.array(sorted(ids), pa.string()) for reason, ids in barred.items()},
        )
        for part in stored:
            pool.add(part)
            on_rows(pool.matching)
        pool.finish()
        candidates = Candidates(
            len(pool.rows), pool.gain, pool.offer_cost, tuple(action.channel for action in basis.playbook.actions)
        )
        limits = _with_controls(request.limits, request.control_share)
        allocated = self.allocator.allocate(candidates, limits)
        return Choice(
            pool.matching,
            pool.excluded,
            _selected(pool, np.asarray(allocated.action), with_second=request.second_share > 0.0),
            allocated.gain,
            allocated.bound,
            allocated.worth,
        )


def _with_controls(limits: Limits, control_share: float) -> Limits:
    """The limits of all members, of whom the controls use nothing, and the size that no campaign exceeds."""
    wide = limits.widened(control_share)
    size = MAX_MEMBERS if wide.customers is None else min(MAX_MEMBERS, wide.customers)
    return replace(wide, customers=size)


@dataclass
class _Pool:
    """The customers who can become members, collected part by part (columns × customers)."""

    basis: Basis
    min_gain: float
    with_leavers: bool
    barred: Mapping[Excluded, pa.Array]
    matching: int = 0
    counts: dict[Excluded, int] = field(default_factory=lambda: dict.fromkeys(Excluded, 0))
    rows: Places = field(default_factory=lambda: np.empty(0, np.int64))
    probability: Numbers = field(default_factory=lambda: np.empty(0))
    ids: list[str] = field(default_factory=list)
    gain: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    offer_cost: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    _seen: list[pa.Table] = field(default_factory=list)
    _able: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    _gains: list[Numbers] = field(default_factory=list)
    _revenue: list[Numbers] = field(default_factory=list)

    def add(self, part: CustomerColumns) -> None:
        """Keep what the customers of a part may be offered. Gains are kept of those alone for whom one is enough."""
        self.matching += part.rows
        batch, scored = as_batch(part, np.arange(part.rows), self.basis.schema)
        gains, revenue = ColumnarRecommender().gains(
            batch, scored, schema=self.basis.schema, playbook=self.basis.playbook, economics=self.basis.economics
        )
        able = gains.max(axis=0, initial=-np.inf) > self.min_gain
        table = part.data.select(["row", "id", "month", "probability", "actual"])
        self._seen.append(table.set_column(1, "id", table.column("id").cast(pa.string())))
        self._able.append(able)
        self._gains.append(gains[:, able])
        self._revenue.append(revenue[able])

    def finish(self) -> None:
        """Leave out repeated rows and everybody who is barred or has no action that earns enough."""
        if not self._seen:
            return
        table = pa.concat_tables(self._seen)
        keep = _latest_rows(table)
        self.counts[Excluded.REPEATED] = int((~keep).sum())
        if not self.with_leavers:
            left = keep & pc.fill_null(table.column("actual"), fill_value=False).to_numpy()
            self.counts[Excluded.LEFT] = int(left.sum())
            keep &= ~left
        for reason, ids in self.barred.items():
            barred = keep & pc.is_in(table.column("id"), value_set=ids).to_numpy()
            self.counts[reason] = int(barred.sum())
            keep &= ~barred
        able = np.concatenate(self._able)
        self.counts[Excluded.NO_ACTION] = int((keep & ~able).sum())
        self._compress(table, keep, able)

    def _compress(self, table: pa.Table, keep: npt.NDArray[np.bool_], able: npt.NDArray[np.bool_]) -> None:
        """The remaining customers in the order of the file's rows, so that the order of reading does not matter."""
        places = np.flatnonzero(keep & able)
        rows = table.column("row").to_numpy()[places]
        order = np.argsort(rows, kind="stable")
        self.rows = rows[order]
        self.probability = table.column("probability").to_numpy()[places][order]
        self.ids = table.column("id").take(pa.array(places[order])).to_pylist()
        self._seen.clear()
        inside = np.flatnonzero(keep[able])[order]
        gains, revenue = np.concatenate(self._gains, axis=1), np.concatenate(self._revenue)[inside]
        self._gains.clear()
        self.gain = gains[:, inside]
        self.offer_cost = np.empty_like(self.gain)
        for place, action in enumerate(self.basis.playbook.actions):
            self.offer_cost[place] = action.offer_cost(revenue)

    @property
    def excluded(self) -> tuple[tuple[Excluded, int], ...]:
        return tuple((reason, count) for reason, count in self.counts.items() if count)


def _latest_rows(table: pa.Table) -> npt.NDArray[np.bool_]:
    """For each row, whether it is the one of its customer that counts (see `Chooser`)."""
    ids = table.column("id")
    if len(ids.unique()) == len(ids):
        return np.ones(len(ids), dtype=bool)
    codes = ids.combine_chunks().dictionary_encode().indices.to_numpy()
    months = table.column("month").combine_chunks().cast(pa.string()).fill_null("").dictionary_encode()
    month_rank = np.argsort(np.argsort(np.array(months.dictionary.to_pylist(), dtype=str)))[months.indices.to_numpy()]
    order = np.lexsort((-table.column("row").to_numpy(), table.column("probability").to_numpy(), month_rank, codes))
    last = np.append(codes[order][1:] != codes[order][:-1], True)
    counts: npt.NDArray[np.bool_] = np.zeros(len(codes), dtype=bool)
    counts[order[last]] = True
    return counts


def _selected(pool: _Pool, action: npt.NDArray[np.int16], *, with_second: bool) -> list[Selected]:
    """The chosen customers, each with its action, and the next best one that earns enough."""
    places = np.flatnonzero(action >= 0)
    best = action[places].astype(np.int64)
    gain, offer = pool.gain[best, places], pool.offer_cost[best, places]
    second = _seconds(pool, places, best) if with_second else [None] * len(places)
    proposals = map(Proposal, best.tolist(), gain.tolist(), offer.tolist())
    ids = [pool.ids[place] for place in places.tolist()]
    return list(map(Selected, pool.rows[places].tolist(), ids, pool.probability[places].tolist(), proposals, second))


def _seconds(pool: _Pool, places: Places, best: Places) -> list[Proposal | None]:
    others = pool.gain[:, places].copy()
    others[best, np.arange(len(places))] = -np.inf
    next_best = others.argmax(axis=0)
    gain = others[next_best, np.arange(len(places))]
    offer = pool.offer_cost[next_best, places]
    found = zip(next_best.tolist(), gain.tolist(), offer.tolist(), strict=True)
    return [Proposal(*own) if own[1] > pool.min_gain else None for own in found]
