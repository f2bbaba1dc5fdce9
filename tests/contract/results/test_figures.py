"""Sums, groups and comparisons over the customers of a run."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from application.ports.results import ResultStore
from domain.customer_query import AttributeFilter
from domain.run import RunSummary
from tests.builders import an_evaluation
from tests.contract.results.scored import (
    BANDS,
    HOSTILE,
    OTHER,
    PLAYBOOK,
    RUN,
    SCHEMA,
    a_report,
    ask,
    close,
    made,
    write,
)
from tests.fakes.results import InMemoryResults


def test_the_summary_equals_a_plain_computation(store: ResultStore, oracle: InMemoryResults) -> None:
    summary = write(store, made())
    expected = write(InMemoryResults(), made())
    for name in RunSummary.__dataclass_fields__:
        if name == "drivers":
            continue
        assert close(getattr(summary, name), getattr(expected, name)), name
    for driver, wanted in zip(summary.drivers, expected.drivers, strict=True):
        assert driver.attribute == wanted.attribute
        assert driver.mean_abs == pytest.approx(wanted.mean_abs, rel=1e-6)
        assert driver.share == pytest.approx(wanted.share, rel=1e-6)
        assert driver.mean == pytest.approx(wanted.mean, abs=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.005, 0.29, 0.4, 0.58, 0.9, 1.0])
def test_figures_can_be_computed_at_any_threshold(
    threshold: float, filled: ResultStore, oracle: InMemoryResults
) -> None:
    for _ in range(2):  # the second time it may be remembered
        computed, expected = (
            filled.at_threshold(RUN, threshold, bands=BANDS),
            oracle.at_threshold(RUN, threshold, bands=BANDS),
        )
        assert close(replace(computed, drivers=()), replace(expected, drivers=()))
        assert [d.attribute for d in computed.drivers] == [d.attribute for d in expected.drivers]
        assert [d.mean_abs for d in computed.drivers] == pytest.approx([d.mean_abs for d in expected.drivers])


def test_those_worth_contacting_are_counted_at_any_threshold(filled: ResultStore, oracle: InMemoryResults) -> None:
    contacting = filled.contacting(RUN)
    earning = [one for chunk in filled.stream(RUN, ask(), bands=BANDS) for one in chunk if one.expected_gain > 0]
    assert contacting.customers == len(earning) > 0
    assert contacting.expected_gain == pytest.approx(sum(one.expected_gain for one in earning))
    assert close(contacting.actions, oracle.contacting(RUN).actions)
    assert sum(total.customers for total in contacting.actions) == filled.at_threshold(RUN, 0.4, bands=BANDS).customers
    for threshold in (0.0, 0.4, 1.0):
        assert filled.at_threshold(RUN, threshold, bands=BANDS).contacting == contacting


@pytest.mark.parametrize("attribute", [*SCHEMA.names])
def test_customers_of_a_group_share_a_value(attribute: str, filled: ResultStore, oracle: InMemoryResults) -> None:
    chosen = (AttributeFilter("contract", level="Yes"),)
    for filters, likely in product(((), chosen), (None, True, False)):
        for threshold in (0.4, 0.6):
            given = {"threshold": threshold, "filters": filters, "likely": likely}
            computed = filled.groups(RUN, attribute, **given)
            assert close(computed, oracle.groups(RUN, attribute, **given))
            query = replace(ask(attributes=filters, likely=likely), threshold=threshold)
            assert sum(group.customers for group in computed) == filled.page(RUN, query, bands=BANDS).total


@pytest.mark.parametrize("attribute", SCHEMA.names)
def test_what_an_attribute_contributes_is_its_mean_shap_value_by_value(
    attribute: str, filled: ResultStore, oracle: InMemoryResults
) -> None:
    contributions, groups = filled.contributions(RUN, attribute), filled.groups(RUN, attribute, threshold=0.4)
    assert contributions is not None
    assert close(contributions, oracle.contributions(RUN, attribute))
    assert [(own.label, own.customers, own.low, own.high, own.missing) for own in contributions] == [
        (group.label, group.customers, group.low, group.high, group.missing) for group in groups
    ]


def test_a_numeric_group_is_what_its_bounds_select(filled: ResultStore) -> None:
    for group in filled.groups(RUN, "MonthlyCharges", threshold=0.4):
        wanted = AttributeFilter("MonthlyCharges", low=group.low, high=group.high)
        assert filled.page(RUN, ask(attributes=(wanted,)), bands=BANDS).total == group.customers


def test_tenure_is_grouped_by_parts_of_years_and_few_numbers_one_by_one(filled: ResultStore) -> None:
    assert [group.label for group in filled.groups(RUN, "tenure", threshold=0.4)] == [
        *(f"{month}–{month + 6}" for month in range(0, 72, 6)),
        "",
    ]
    assert [group.label for group in filled.groups(RUN, "Lines", threshold=0.4)] == ["1", "2", "3"]


def test_groups_of_two_attributes_are_crossed(filled: ResultStore, oracle: InMemoryResults) -> None:
    for pair in (("tenure", "Contract"), ("Contract", HOSTILE), ("MonthlyCharges", "tenure"), ("Lines", "Lines")):
        for likely in (None, True, False):
            given = {"threshold": 0.4, "filters": (AttributeFilter("contract", level="Yes"),), "likely": likely}
            assert close(filled.cross(RUN, *pair, **given), oracle.cross(RUN, *pair, **given))
        assert close(filled.cross(RUN, *pair, threshold=0.4), oracle.cross(RUN, *pair, threshold=0.4))


def test_drift_is_none_of_one_run_against_itself_and_unknown_for_few_customers(filled: ResultStore) -> None:
    write(filled, made(40), run=OTHER)

    assert {own.attribute: own.psi for own in filled.drift(RUN, RUN)} == {
        name: pytest.approx(0.0) for name in SCHEMA.names
    }
    assert {own.state for own in filled.drift(RUN, RUN)} == {"stable"}
    assert {own.psi for own in filled.drift(RUN, OTHER)} == {None}


@pytest.mark.parametrize("rows", [[], [1], [2, 5, 3], [4, 10_000]])
def test_chosen_rows_are_read_without_other_columns(
    filled: ResultStore, oracle: InMemoryResults, rows: list[int]
) -> None:
    chosen = list(filled.chosen(RUN, rows, threshold=0.4, bands=BANDS))
    assert chosen == list(oracle.chosen(RUN, rows, threshold=0.4, bands=BANDS))
    assert sorted(one.customer.row for one in chosen) == sorted(row for row in rows if row < 10_000)
    assert all(one.extra == () and one.inputs is None for one in chosen)


def test_the_best_contacts_earn_most(filled: ResultStore, oracle: InMemoryResults) -> None:
    for limit in (0, 25, 1_000):
        best = list(filled.best_contacts(RUN, limit, threshold=0.4, bands=BANDS))
        assert best == list(oracle.best_contacts(RUN, limit, threshold=0.4, bands=BANDS))
    order = [(-one.expected_gain, -one.prediction.probability, one.customer.row) for one in best]
    assert order == sorted(order)


def test_the_expected_quality_is_part_of_the_summary_and_can_be_computed_at_any_threshold(store: ResultStore) -> None:
    summary = write(store, made())
    assert summary.expected is not None
    assert (summary.expected.customers, summary.expected.threshold) == (300, 0.4)
    assert summary.expected.metrics["churn_rate"].value == pytest.approx(summary.mean_probability)
    for threshold in (0.2, 0.4):
        computed = store.at_threshold(RUN, threshold, bands=BANDS)
        expected = computed.expected(an_evaluation())
        assert expected is not None
        assert expected.threshold == threshold
        called = sum(own.customers for own in computed.scores if own.called)
        assert called == computed.likely_to_leave
        assert close(expected, summary.expected) == (threshold == 0.4)


def test_without_the_models_held_out_quality_nothing_is_expected(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    one = made(20)
    writer.append(one.customers, one.scored, one.recommended)
    assert writer.prepare(a_report(20), threshold=0.4, bands=BANDS).expected is None
    writer.abandon()
