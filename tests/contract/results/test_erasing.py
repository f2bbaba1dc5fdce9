"""A customer is erased from a result: gone by row, gone by name, and everybody else is as before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.results import ResultStore
from domain.errors import ResultMissing
from domain.run import RunId
from tests.contract.results.scored import BANDS, RUN, SCHEMA, Batches, ask, made, write

ERIK = "Erik-4711"


def named() -> Batches:
    """The second customer is Erik, and what the file says of the fourth mentions him."""
    batches = made(40)
    data = batches.customers.data
    for name, place, text in (
        ("id", 1, ERIK),
        ("x:9:Notes", 3, f"a friend of {ERIK}."),
        ("w:1", 3, f"ONE YEAR ({ERIK})"),
    ):
        column = data.schema.get_field_index(name)
        texts = data.column(column).to_pylist()
        texts[place] = text
        data = data.set_column(column, name, pa.array(texts, pa.string()))
    return replace(batches, customers=replace(batches.customers, data=data))


def scored_anew(batch: CustomerBatch) -> ScoredBatch:
    """Every SHAP value is 0.25."""
    assert {f"a:{name}" for name in SCHEMA.names} <= set(batch.data.schema.names)
    shares = np.full((batch.rows, len(SCHEMA.columns)), 0.25, np.float32)
    none, no_reasons = np.zeros(batch.rows), np.full((batch.rows, 3), -1, np.int16)
    return ScoredBatch(batch.rows, 0.0, none, none, shares, no_reasons, no_reasons)


def test_an_erased_customer_is_gone_and_named_nowhere(store: ResultStore) -> None:
    write(store, named())
    before = {one.customer.row: one for one in store.page(RUN, ask(limit=100), bands=BANDS).customers}
    accepted: list[str] = []
    assert store.sample(RUN, 1).rows == 40
    assert store.erase_customer(RUN, ERIK, accept=accepted.append) == 1
    after = {one.customer.row: one for one in store.page(RUN, ask(limit=100), bands=BANDS).customers}
    assert after.keys() == before.keys() - {2}
    assert store.sample(RUN, 1).rows == 39
    assert dict(after[4].extra)["Notes"] == "a friend of (erased)."
    assert after[4].inputs is not None
    assert after[4].inputs[0].value == "a friend of (erased)."
    assert after[4].inputs[1].written == "ONE YEAR ((erased))"
    assert all(after[row] == before[row] for row in after if row != 4)
    assert store.at_threshold(RUN, 0.4, bands=BANDS).customers == 39
    assert accepted == [store.fingerprint(RUN)]
    assert store.damaged_files(RUN, accepted) == ()


def test_erasing_a_customer_whom_the_run_does_not_have_changes_nothing(store: ResultStore) -> None:
    write(store, named())
    fingerprint = store.fingerprint(RUN)
    accepted: list[str] = []
    assert store.erase_customer(RUN, "Erika-4711", accept=accepted.append) == 0
    assert (store.fingerprint(RUN), accepted) == (fingerprint, [])
    with pytest.raises(ResultMissing):
        store.erase_customer(RunId("nobody"), ERIK)


def test_contributions_after_erasing_come_from_the_model_or_are_gone(store: ResultStore) -> None:
    write(store, named())
    store.erase_customer(RUN, ERIK, rescore=scored_anew)
    contributions = store.contributions(RUN, "Contract")
    assert contributions is not None
    assert sum(one.customers for one in contributions) == 39
    assert {one.mean for one in contributions} == {0.25}
    store.erase_customer(RUN, "a00000-x'\"")
    assert store.contributions(RUN, "Contract") is None
