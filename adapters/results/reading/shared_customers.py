"""Pairs the customers of two runs by id: a million of both take two seconds and some 150 MB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.intake.id_hashes import Hashes, IdHasher, mixed
from adapters.results.reading.follow_up import months_of, texts_of
from adapters.results.reading.stored_run import StoredRun
from application.ports.columns import CustomerColumns
from application.ports.shared_customers import SharedCustomers
from domain.risk_split import BaseRisk

SEED = np.uint64(20261201)
"""Chooses the sample of customers, the same one in every process and whatever the order of the files."""
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Risks:
    """The customers of a run by ascending hash of their ids: position in its file, probability."""

    ids: Hashes
    positions: Positions
    probability: NDArray[np.float64]

    def mean(self, chosen: Positions | None = None) -> float:
        """In the order of ids, so that equal customers give equal means to the bit."""
        risks = self.probability if chosen is None else self.probability[chosen]
        return float(risks.mean()) if len(risks) else 0.0


def shared_customers(before: StoredRun, after: StoredRun, *, most: int) -> SharedCustomers:
    """Customers are matched by 64-bit hashes of their ids, as `follow_up` counts them."""
    old, new = _risks_of(before), _risks_of(after)
    places = np.minimum(np.searchsorted(old.ids, new.ids), max(0, len(old.ids) - 1))
    common = old.ids[places] == new.ids if len(old.ids) else np.zeros(len(new.ids), np.bool_)
    in_new = np.flatnonzero(common)
    in_old = places[in_new]
    base = BaseRisk(
        customers_before=len(old.ids),
        customers_after=len(new.ids),
        in_both=len(in_new),
        mean_before=old.mean(),
        mean_after=new.mean(),
        both_before=old.mean(in_old),
        both_after=new.mean(in_new),
    )
    chosen = _sample(new.ids[in_new], most)
    return SharedCustomers(
        base,
        _columns(before, old.positions[in_old[chosen]]),
        _columns(after, new.positions[in_new[chosen]]),
    )


def _risks_of(run: StoredRun) -> _Risks:
    """Of several rows of a customer, the one of the latest month; of several in that month, the highest risk."""
    hasher = IdHasher()
    ids, months, risks = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0)]
    for table in run.slices(0, run.notes.rows, columns=["id", "month", "probability"]):
        ids.append(hasher(texts_of(table.column("id"))))
        months.append(months_of(table.column("month")))
        risks.append(table.column("probability").to_numpy())
    hashes, probability = np.concatenate(ids), np.concatenate(risks)
    order = np.lexsort((-np.concatenate(months), hashes))
    ordered = hashes[order]
    first = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else np.empty(0, np.bool_)
    positions = order[first]
    return _Risks(ordered[first], positions, probability[positions])


def _sample(ids: Hashes, most: int) -> Positions:
    """Ascending places of `most` customers: those whose hashes, mixed with a fixed seed, are the smallest."""
    if len(ids) <= most:
        return np.arange(len(ids))
    return np.sort(np.argpartition(mixed(ids ^ SEED), most)[:most])


def _columns(run: StoredRun, positions: Positions) -> CustomerColumns:
    notes = run.notes
    names = ["probability", *(attribute.column for attribute in notes.attributes)]
    table = pa.concat_tables([run.empty(names), run.rows(positions, names)]) if len(positions) else run.empty(names)
    return CustomerColumns(
        rows=len(positions),
        data=table.unify_dictionaries().combine_chunks(),
        attributes=tuple(attribute.name for attribute in notes.attributes),
        extra=(),
        actions=tuple(action_id for action_id, _ in notes.actions),
    )
