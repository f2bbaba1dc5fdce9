"""One customer, and the pages and streams of many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from application.ports.results import InputCell, ResultStore
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import CustomerNotFound, InvalidInput, ResultMissing
from domain.prediction import RiskBand
from domain.run import RunId
from tests.contract.results.scored import BANDS, HOSTILE, INPUTS, PLAYBOOK, RUN, SCHEMA, ask, made, rows_of, write
from tests.fakes.results import InMemoryResults


def test_every_field_of_a_customer_comes_back(store: ResultStore) -> None:
    batches = made(40)
    write(store, batches)
    for place in (0, 5, 12, 39):
        cells = batches.customers.data.slice(place, 1).to_pylist()[0]
        one = store.customer(RUN, cells["row"], threshold=0.4, bands=BANDS)
        assert one.customer.id == one.prediction.customer_id == cells["id"]
        assert one.customer.row == one.prediction.row == cells["row"]
        assert dict(one.customer.attributes) == {name: cells[f"a:{name}"] for name in SCHEMA.names}
        assert one.prediction.probability == batches.scored.probability[place]
        assert one.prediction.likely_to_leave == (one.prediction.probability >= 0.4)
        for reasons, positions in (
            (one.prediction.raises, batches.scored.raises[place]),
            (one.prediction.lowers, batches.scored.lowers[place]),
        ):
            kept = [int(i) for i in positions if i >= 0]
            assert [reason.attribute for reason in reasons] == [SCHEMA.names[i] for i in kept]
            assert [reason.value for reason in reasons] == [cells[f"a:{SCHEMA.names[i]}"] for i in kept]
            assert [reason.contribution for reason in reasons] == [
                float(batches.scored.contributions[place, i]) for i in kept
            ]
        position = int(batches.recommended.action[place])
        assert one.action_id == ("leave-alone" if position < 0 else PLAYBOOK.actions[position].id)
        assert one.expected_gain == batches.recommended.gain[place]
        revenue = batches.recommended.revenue[place]
        assert one.monthly_revenue == (None if np.isnan(revenue) else revenue)
        assert (one.month, one.actual) == (cells["month"], cells["actual"])
        assert one.extra == (("Notes", cells["x:9:Notes"]), ("a:b", cells["x:10:a:b"]))
        assert one.inputs == tuple(
            InputCell(own.header, cells[own.column], cells.get(f"w:{place}")) for place, own in enumerate(INPUTS)
        )


def test_the_names_of_the_files_columns_are_kept_in_its_order(store: ResultStore) -> None:
    write(store, made(40))
    assert store.input_headers(RUN) == ("Notes", "Contract", "Month", "tenure", "", "Churn", "Contract")


def test_a_run_without_month_truth_and_extra_columns_has_none(store: ResultStore) -> None:
    summary = write(store, made(30, plain=True))
    one = store.customer(RUN, 3, threshold=0.4, bands=BANDS)
    assert (one.month, one.actual, one.extra) == (None, None, ())
    assert (summary.months, summary.truth) == ((), None)
    assert store.at_threshold(RUN, 0.4, bands=BANDS).confusion is None


def test_a_missing_result_raises_an_error(store: ResultStore) -> None:
    for run in ("nobody", "../etc", "", "a/b", ".", "it's"):
        gone = RunId(run)
        with pytest.raises(ResultMissing):
            store.page(gone, ask(), bands=BANDS)
        with pytest.raises(ResultMissing):
            list(store.stream(gone, ask(), bands=BANDS))
        with pytest.raises(ResultMissing):
            store.customer(gone, 1, threshold=0.4, bands=BANDS)
        with pytest.raises(ResultMissing):
            store.neighbours(gone, 1)
        with pytest.raises(ResultMissing):
            store.rank(gone, 1)
        with pytest.raises(ResultMissing):
            store.at_threshold(gone, 0.4, bands=BANDS)
        with pytest.raises(ResultMissing):
            store.groups(gone, "tenure", threshold=0.4)
        with pytest.raises(ResultMissing):
            store.cross(gone, "tenure", "Contract", threshold=0.4)
        with pytest.raises(ResultMissing):
            list(store.best_contacts(gone, 5, threshold=0.4, bands=BANDS))
        assert store.size(gone) == 0
        store.discard(gone)


def test_a_customer_that_the_run_does_not_have_is_not_found(filled: ResultStore) -> None:
    for row in (12, 0, -1, 10_000):  # row 12 was rejected
        with pytest.raises(CustomerNotFound):
            filled.customer(RUN, row, threshold=0.4, bands=BANDS)
        with pytest.raises(CustomerNotFound):
            filled.neighbours(RUN, row)
        with pytest.raises(CustomerNotFound):
            filled.rank(RUN, row)


def test_a_customer_is_worth_contacting_for_the_gain_and_not_for_the_label(filled: ResultStore) -> None:
    by_worth = {
        wanted: filled.page(RUN, ask(worth_contacting=wanted, limit=1_000), bands=BANDS).customers
        for wanted in (True, False)
    }
    assert all(one.expected_gain > 0 for one in by_worth[True])
    assert all(one.expected_gain <= 0 for one in by_worth[False])
    assert {one.prediction.likely_to_leave for one in by_worth[True]} == {True, False}
    assert {one.prediction.likely_to_leave for one in by_worth[False]} == {True, False}
    assert len(by_worth[True]) + len(by_worth[False]) == 300


def test_customers_are_ordered_by_risk_and_then_by_file_order(filled: ResultStore) -> None:
    page = filled.page(RUN, ask(limit=1_000), bands=BANDS)
    order = [(-one.prediction.probability, one.customer.row) for one in page.customers]
    assert page.total == len(order) == 300
    assert order == sorted(order)


QUERIES: dict[str, CustomerQuery] = {
    "all": ask(limit=1_000),
    "likely": ask(likely=True, limit=1_000),
    "not likely": ask(likely=False, limit=1_000),
    "worth contacting": ask(worth_contacting=True, limit=1_000),
    "not worth contacting": ask(worth_contacting=False, limit=1_000),
    "worth contacting though staying": ask(worth_contacting=True, likely=False, sort="gain", limit=1_000),
    "worth contacting, second page": ask(worth_contacting=True, sort="gain", offset=25, limit=25),
    "worth contacting in a band": ask(worth_contacting=True, bands=(RiskBand.HIGH,), limit=1_000),
    "search among those worth contacting": ask(worth_contacting=True, search="b000", limit=1_000),
    "one band": ask(bands=(RiskBand.MEDIUM,), limit=1_000),
    "bands side by side": ask(bands=(RiskBand.CRITICAL, RiskBand.HIGH), likely=False, threshold=0.7, limit=1_000),
    "bands apart": ask(bands=(RiskBand.LOW, RiskBand.HIGH), limit=1_000),
    "nobody between": ask(bands=(RiskBand.LOW,), likely=True, limit=1_000),
    "action": ask(action="discount", limit=1_000),
    "leave alone": ask(action="leave-alone", limit=1_000),
    "unknown action": ask(action="x' OR 1=1 --", limit=1_000),
    "level": ask(attributes=(AttributeFilter("Contract", level="Two year"),), limit=1_000),
    "unknown level": ask(attributes=(AttributeFilter("Contract", level="Weekly"),), limit=1_000),
    "name in another case": ask(attributes=(AttributeFilter("contract", level="Yes"),), limit=1_000),
    "hostile": ask(attributes=(AttributeFilter(HOSTILE, level=HOSTILE),), limit=1_000),
    "missing level": ask(attributes=(AttributeFilter(HOSTILE),), limit=1_000),
    "missing number": ask(attributes=(AttributeFilter("tenure"),), limit=1_000),
    "range": ask(attributes=(AttributeFilter("tenure", low=12, high=24),), limit=1_000),
    "from": ask(attributes=(AttributeFilter("tenure", low=60.0),), limit=1_000),
    "up to": ask(attributes=(AttributeFilter("tenure", high=3.0),), limit=1_000),
    "everything at once": ask(
        likely=True,
        bands=(RiskBand.MEDIUM, RiskBand.HIGH),
        action="one-year",
        attributes=(AttributeFilter("Contract", level="One year"), AttributeFilter("tenure", low=1, high=60)),
        limit=1_000,
    ),
    "least risk first": ask(descending=False, limit=1_000),
    "gain": ask(sort="gain", limit=1_000),
    "least gain first": ask(sort="gain", descending=False, limit=1_000),
    "monthly revenue": ask(sort="revenue", limit=1_000),
    "least monthly revenue first": ask(sort="revenue", descending=False, limit=1_000),
    "action by name": ask(sort="action", descending=False, limit=1_000),
    "action from the end": ask(sort="action", limit=1_000),
    "reasons": ask(reasons=("Contract", "tenure", "MonthlyCharges"), limit=1_000),
    "two reasons alone": ask(reasons=("tenure", "Contract"), threshold=0.9, limit=1_000),
    "one reason alone": ask(reasons=("tenure",), limit=1_000),
    "reasons at another threshold": ask(reasons=("Contract", "contract", "tenure"), threshold=0.1, limit=1_000),
    "reasons of those who stay": ask(reasons=("Contract", "tenure", "MonthlyCharges"), likely=False, limit=1_000),
    "id": ask(sort="id", descending=False, limit=1_000),
    "id from the end": ask(sort="id", limit=1_000),
    "file order": ask(sort="row", descending=False, limit=1_000),
    "deep page": ask(offset=290, limit=25),
    "beyond the end": ask(offset=400, limit=25),
    "likely, second page": ask(likely=True, offset=25, limit=25),
    "sorted, second page": ask(sort="gain", offset=25, limit=25),
    "no rows wanted": ask(limit=0),
    "search prefix": ask(search="A0", limit=1_000),
    "search in another case": ask(search=" ä00 ", limit=1_000),
    "search inside": ask(search="0123-x", limit=1_000),
    "search percent": ask(search="%", limit=1_000),
    "search underscore": ask(search="_00", limit=1_000),
    "search quotes": ask(search="'\"", limit=1_000),
    "search hostile": ask(search="'; DROP TABLE x; --", limit=1_000),
    "search and filter": ask(search="b000", likely=True, limit=1_000),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_page_holds_those_that_match_in_the_order_asked_for(
    name: str, filled: ResultStore, oracle: InMemoryResults
) -> None:
    query = QUERIES[name]
    page, expected = filled.page(RUN, query, bands=BANDS), oracle.page(RUN, query, bands=BANDS)
    assert page.total == expected.total
    assert page.customers == expected.customers


@pytest.mark.parametrize("name", ["all", "likely", "bands apart", "gain", "id", "range", "search prefix"])
def test_a_stream_has_all_that_match_whatever_the_page(name: str, filled: ResultStore, oracle: InMemoryResults) -> None:
    query = replace(QUERIES[name], offset=7, limit=3)
    whole = replace(query, offset=0, limit=1_000)
    streamed = [one for chunk in filled.stream(RUN, query, bands=BANDS) for one in chunk]
    assert streamed == list(oracle.page(RUN, whole, bands=BANDS).customers)


@pytest.mark.parametrize(
    "wanted",
    [
        AttributeFilter("no such", level="x"),
        AttributeFilter('tenure" OR 1=1 --', low=0),
        AttributeFilter("row", low=0),
        AttributeFilter("tenure", level="12"),
        AttributeFilter("Contract", low=0.0, high=1.0),
    ],
)
def test_a_filter_that_fits_no_attribute_is_refused(wanted: AttributeFilter, filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.page(RUN, ask(attributes=(wanted,)), bands=BANDS)
    with pytest.raises(InvalidInput):
        filled.groups(RUN, "tenure", threshold=0.4, filters=(wanted,))


def test_reasons_of_an_unknown_attribute_are_refused(filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.page(RUN, ask(reasons=("no such",)), bands=BANDS)


def test_an_unknown_sort_or_group_is_refused(filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.page(RUN, ask(sort="1; DROP TABLE x"), bands=BANDS)
    with pytest.raises(InvalidInput):
        filled.groups(RUN, "a0", threshold=0.4)
    with pytest.raises(InvalidInput):
        filled.cross(RUN, "tenure", "nothing", threshold=0.4)


def test_a_probability_equal_to_the_threshold_is_likely(filled: ResultStore) -> None:
    everyone = filled.page(RUN, ask(limit=1_000), bands=BANDS).customers
    exact = everyone[100].prediction.probability
    likely = sum(one.prediction.probability >= exact for one in everyone)
    assert filled.page(RUN, ask(threshold=exact, likely=True), bands=BANDS).total == likely
    assert filled.at_threshold(RUN, exact, bands=BANDS).likely_to_leave == likely
    assert filled.page(RUN, ask(threshold=exact, likely=True), bands=BANDS).customers[-1].prediction.likely_to_leave


def test_neighbours_follow_the_order_of_risk(filled: ResultStore) -> None:
    rows = rows_of(filled, ask(limit=1_000))
    assert filled.neighbours(RUN, rows[0]) == (None, rows[1])
    assert filled.neighbours(RUN, rows[150]) == (rows[149], rows[151])
    assert filled.neighbours(RUN, rows[-1]) == (rows[-2], None)


@pytest.mark.parametrize("every", [1, 7, 1_000])
def test_a_sample_has_every_nth_customer_in_order_of_risk(filled: ResultStore, every: int) -> None:
    (chunk,) = filled.stream(RUN, ask(), bands=BANDS)
    chosen = chunk[::every]

    for sample in (filled.sample(RUN, every), filled.sample(RUN, every)):
        table = sample.data.to_pydict()
        assert sample.rows == len(chosen)
        assert table["probability"] == [one.prediction.probability for one in chosen]
        for place, name in enumerate(sample.attributes):
            assert table[f"a{place}"] == [one.customer.attributes[name] for one in chosen]
        raising = [[r.attribute for r in one.prediction.raises] for one in chosen]
        stored = zip(*(table[f"raise_{kept}"] for kept in (1, 2, 3)), strict=True)
        assert [[sample.attributes[place] for place in own if place >= 0] for own in stored] == raising
        assert set(table) == {"probability", "raise_1", "raise_2", "raise_3", *(f"a{place}" for place in range(6))}


def test_a_sample_of_a_run_without_customers_is_empty(store: ResultStore) -> None:
    write(store)

    assert store.sample(RUN, 1).rows == 0


def test_rank_counts_those_with_a_lower_probability(filled: ResultStore, oracle: InMemoryResults) -> None:
    for row in (1, 50, 120, 301):
        assert filled.rank(RUN, row) == oracle.rank(RUN, row)
