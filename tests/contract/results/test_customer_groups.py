"""Groups of customers, and how common their reasons are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from application.ports.results import ResultStore
from domain.customer_query import AttributeFilter, CustomerGroup, CustomerQuery, Grouping
from domain.errors import InvalidInput, ResultMissing
from domain.prediction import Reason, RiskBand
from domain.reason_rarity import rarest_first
from domain.run import RunId
from tests.contract.results.scored import BANDS, OTHER, RUN, Batches, ask, close, made, write
from tests.fakes.results import InMemoryResults

TYPICAL = {"tenure": 30.0, "MonthlyCharges": 70.0}


def five() -> Batches:
    """Four likely leavers and one who stays, with reasons, actions and gains as literals."""
    one = made(5, plain=True)
    columns = dict(zip(one.customers.data.schema.names, one.customers.data.columns, strict=True))
    columns["a:Contract"] = pa.array(["One year", "One year", "Two year", "One year", "One year"]).dictionary_encode()
    columns["a:tenure"] = pa.array([1.0, 2.0, 3.0, 61.0, None])
    contributions = np.array([[0.9, 0, 0.5, 0, 0, 0]] * 3 + [[0.2, 0.1, 0.4, 0, 0, 0], [-0.9, 0, -0.5, 0, 0, 0]])
    raises = np.array([[0, 2, -1]] * 3 + [[2, 0, 1], [-1, -1, -1]], np.int16)
    lowers = np.array([[-1, -1, -1]] * 4 + [[0, 2, -1]], np.int16)
    return replace(
        one,
        customers=replace(one.customers, data=pa.RecordBatch.from_pydict(columns)),
        scored=replace(
            one.scored,
            probability=np.array([0.9, 0.8, 0.77, 0.76, 0.1]),
            contributions=contributions.astype(np.float32),
            raises=raises,
            lowers=lowers,
        ),
        recommended=replace(
            one.recommended,
            action=np.array([0, 1, 1, -1, 1], np.int16),
            gain=np.array([10.0, 5.0, 7.0, 0.0, 1.0]),
        ),
    )


def test_customers_are_grouped_by_action_highest_gain_first(store: ResultStore) -> None:
    write(store, five())
    assert store.customer_groups(RUN, ask(), Grouping.ACTION, bands=BANDS) == (
        CustomerGroup(3, 3, 13.0, action="discount"),
        CustomerGroup(1, 1, 10.0, action="one-year"),
        CustomerGroup(1, 0, 0.0, action="leave-alone"),
    )


def test_customers_are_grouped_by_the_reasons_that_are_shown_in_whatever_order(store: ResultStore) -> None:
    write(store, five())
    assert store.customer_groups(RUN, ask(), Grouping.REASONS, bands=BANDS) == (
        CustomerGroup(3, 3, 22.0, reasons=("tenure", "Contract"), likely=True),
        CustomerGroup(1, 1, 1.0, reasons=("tenure", "Contract"), likely=False),
        CustomerGroup(1, 0, 0.0, reasons=("tenure", "MonthlyCharges", "Contract"), likely=True),
    )


@pytest.mark.parametrize("by", Grouping)
@pytest.mark.parametrize(
    "query",
    [
        ask(),
        ask(threshold=0.2, likely=True),
        ask(search="b000"),
        ask(search="0123-x"),
        ask(search="nobody"),
        ask(worth_contacting=True, bands=(RiskBand.HIGH,)),
        ask(attributes=(AttributeFilter("tenure", low=12, high=24),)),
        ask(action="discount", reasons=("Contract", "tenure", "MonthlyCharges")),
    ],
)
def test_groups_have_the_customers_of_the_query(
    by: Grouping, query: CustomerQuery, filled: ResultStore, oracle: InMemoryResults
) -> None:
    groups = filled.customer_groups(RUN, query, by, bands=BANDS)
    assert close(groups, oracle.customer_groups(RUN, query, by, bands=BANDS))
    assert sum(group.customers for group in groups) == filled.page(RUN, query, bands=BANDS).total


def test_a_group_of_reasons_opens_into_as_many_customers(filled: ResultStore) -> None:
    groups = filled.customer_groups(RUN, ask(), Grouping.REASONS, bands=BANDS)
    assert len(groups) > 10
    for group in groups:
        opened = ask(likely=group.likely, reasons=group.reasons)
        assert filled.page(RUN, opened, bands=BANDS).total == group.customers or not group.reasons


def test_reasons_are_counted_by_band_and_kind_of_value(store: ResultStore) -> None:
    write(store, five())
    counts = store.reason_counts(RUN, TYPICAL, bands=BANDS)
    critical, low = RiskBand.CRITICAL, RiskBand.LOW
    assert counts.customers[critical] == 4
    assert counts.share(Reason("Contract", "One year", 0.1), critical) == 0.75
    assert counts.share(Reason("Contract", "Two year", 0.1), critical) == 0.25
    assert counts.share(Reason("tenure", 5.0, 0.1), critical) == 0.75
    assert counts.share(Reason("tenure", 90.0, 0.1), critical) == 0.25
    assert counts.share(Reason("tenure", 20.0, 0.1), critical) == 0.0
    assert counts.share(Reason("tenure", None, -0.1), low) == 1.0
    assert counts.share(Reason("tenure", None, 0.1), low) == 0.0
    page = store.page(RUN, ask(), bands=BANDS).customers
    assert [reason.attribute for reason in rarest_first(page[0].prediction, counts)] == ["tenure", "Contract"]
    assert [reason.attribute for reason in rarest_first(page[2].prediction, counts)] == ["Contract", "tenure"]
    assert [reason.attribute for reason in rarest_first(page[3].prediction, counts)] == [
        "tenure",
        "MonthlyCharges",
        "Contract",
    ]


def test_every_reason_is_counted(filled: ResultStore, oracle: InMemoryResults) -> None:
    counts, expected = (store.reason_counts(RUN, TYPICAL, bands=BANDS) for store in (filled, oracle))
    assert {key: count for key, count in counts.reasons.items() if count} == dict(expected.reasons)
    assert {band: counts.customers[band] for band in RiskBand} == {band: expected.customers[band] for band in RiskBand}


def test_counts_follow_an_erased_customer(store: ResultStore) -> None:
    write(store, five())
    first = store.page(RUN, ask(), bands=BANDS).customers[0]
    assert store.reason_counts(RUN, TYPICAL, bands=BANDS).customers[RiskBand.CRITICAL] == 4
    store.erase_customer(RUN, first.customer.id)
    assert store.reason_counts(RUN, TYPICAL, bands=BANDS).customers[RiskBand.CRITICAL] == 3


def test_groups_of_nothing(store: ResultStore) -> None:
    write(store)
    assert store.customer_groups(RUN, ask(), Grouping.REASONS, bands=BANDS) == ()
    assert store.reason_counts(RUN, TYPICAL, bands=BANDS).share(Reason("tenure", 1.0, 0.1), RiskBand.LOW) == 0.0
    with pytest.raises(ResultMissing):
        store.customer_groups(OTHER, ask(), Grouping.ACTION, bands=BANDS)
    with pytest.raises(ResultMissing):
        store.reason_counts(RunId("nobody"), TYPICAL, bands=BANDS)


def test_groups_of_unknown_reasons_are_refused(filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.customer_groups(RUN, ask(reasons=("no such",)), Grouping.ACTION, bands=BANDS)
