"""Splitting changes of risk into values and model, by scoring customers again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from adapters.ml.scoring.risk_splitter import ColumnarRiskSplitter
from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.models import ExactScores, Explanation, Scorer
from application.ports.results import ScoredCustomer
from application.ports.shared_customers import RiskSplitter
from domain.attribute_curve import AttributeCurve
from domain.customer import Customer, CustomerId, Value
from domain.prediction import Prediction, RiskBand
from domain.risk_split import SplitSums
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training_overlap import IdFingerprint
from domain.training_profile import TrainingProfile
from tests.fakes.columns import columns_of

CONTRACT = Column("Contract", ColumnKind.CATEGORICAL, ("Monthly", "Yearly"))
PRICE = Column("Price", ColumnKind.NUMERIC, minimum=0.0, maximum=100.0)
CALLS = Column("Calls", ColumnKind.NUMERIC)


@dataclass(frozen=True)
class SumScorer:
    """Log-odds: a base, so much per unit of each number, so much per level, and the product of two attributes' parts.

    SHAP values share the product equally. A missing value contributes nothing.
    """

    version: str
    schema: CustomerSchema
    weights: Mapping[str, float]
    base: float = 0.0
    product: tuple[str, str] | None = None
    profile: TrainingProfile | None = None
    known_ids: IdFingerprint | None = None

    def exact(self, batch: CustomerBatch) -> ExactScores:
        parts = np.zeros((batch.rows, len(self.schema.columns)))
        for place, name in enumerate(self.schema.names):
            cells = batch.data.column(f"a:{name}").to_pylist()
            parts[:, place] = [self._weight(name, cell) for cell in cells]
        if self.product is not None:
            first, second = (self.schema.names.index(name) for name in self.product)
            half = parts[:, first] * parts[:, second] / 2.0
            parts[:, first] += half
            parts[:, second] += half
        return ExactScores(self.base + parts.sum(axis=1), parts)

    def _weight(self, name: str, cell: Value) -> float:
        if cell is None:
            return 0.0
        return self.weights.get(cell, 0.0) if isinstance(cell, str) else self.weights.get(name, 0.0) * cell

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        raise NotImplementedError

    def explain(self, customer: Customer) -> Explanation:
        raise NotImplementedError

    def curves(self) -> tuple[AttributeCurve, ...]:
        return ()


def schema(*columns: Column) -> CustomerSchema:
    return CustomerSchema(columns)


OLD = SumScorer("v1", schema(CONTRACT, PRICE), {"Monthly": 1.0, "Price": 0.02}, base=-1.0)
NEW = SumScorer("v2", schema(CONTRACT, PRICE), {"Monthly": 2.0, "Price": 0.01}, base=-1.5)


def p(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-margin))


def a_customer(contract: str | None, price: float | None, **more: Value) -> Customer:
    return Customer(CustomerId("C"), 1, {"Contract": contract, "Price": price, **more})


def split(before: Customer, after: Customer, old: Scorer, new: Scorer, *, change: float) -> SplitSums:
    return ColumnarRiskSplitter().of_customer(before, after, old, new, change=change)


def parts(sums: SplitSums) -> dict[str, float]:
    return {name: own.part.total for name, own in sums.attributes.items()}


BEFORE, AFTER = a_customer("Yearly", 20.0), a_customer("Monthly", 45.0)


def test_with_one_model_a_change_is_shared_in_proportion_to_shap_values() -> None:
    # log-odds −0.6 → 0.9, of which 1.0 by the contract and 0.5 by the price
    change = p(0.9) - p(-0.6)
    sums = split(BEFORE, AFTER, OLD, OLD, change=change)
    assert parts(sums) == {"Contract": pytest.approx(change / 1.5), "Price": pytest.approx(change / 3.0)}
    assert (sums.unchanged.total, sums.model.total, sums.customers) == (0.0, 0.0, 1)
    price, contract = sums.attributes["Price"], sums.attributes["Contract"]
    assert (price.changed, price.mean_move) == (1, 25.0)
    assert (contract.changed, contract.mean_move) == (1, None)


def test_opposite_contributions_that_cancel_have_opposite_parts() -> None:
    sums = split(a_customer("Yearly", 70.0), a_customer("Monthly", 20.0), OLD, OLD, change=0.0)
    slope = p(0.4) * (1.0 - p(0.4))
    assert parts(sums) == {"Contract": pytest.approx(slope), "Price": pytest.approx(-slope)}


def test_with_two_models_each_order_counts_half() -> None:
    old_before, old_after, new_before, new_after = p(-0.6), p(0.9), p(-1.3), p(0.95)
    sums = split(BEFORE, AFTER, OLD, NEW, change=new_after - old_before)
    model = ((new_before - old_before) + (new_after - old_after)) / 2.0
    # contract: 1.0 of 1.5 in the old model, 2.0 of 2.25 in the new one
    contract = ((old_after - old_before) / 1.5 + (new_after - new_before) * 2.0 / 2.25) / 2.0
    price = ((old_after - old_before) * 0.5 / 1.5 + (new_after - new_before) * 0.25 / 2.25) / 2.0
    assert sums.model.total == pytest.approx(model)
    assert parts(sums) == {"Contract": pytest.approx(contract), "Price": pytest.approx(price)}
    assert model + contract + price == pytest.approx(new_after - old_before, abs=1e-12)


def test_with_equal_values_all_of_the_change_is_the_models() -> None:
    sums = split(AFTER, AFTER, OLD, NEW, change=p(0.95) - p(0.9))
    assert (parts(sums), sums.unchanged.total) == ({}, 0.0)
    assert sums.model.total == pytest.approx(p(0.95) - p(0.9), abs=1e-15)


def test_an_unchanged_value_whose_weight_depends_on_a_changed_one_is_named_apart() -> None:
    scorer = SumScorer("v1", OLD.schema, OLD.weights, product=("Contract", "Price"))
    # contract 0 → 1, price stays at 0.4, product 0 → 0.4, half of it for each: log-odds 0.4 → 1.8
    change = p(1.8) - p(0.4)
    sums = split(a_customer("Yearly", 20.0), a_customer("Monthly", 20.0), scorer, scorer, change=change)
    assert parts(sums) == {"Contract": pytest.approx(change * 1.2 / 1.4)}
    assert sums.unchanged.total == pytest.approx(change * 0.2 / 1.4)


def test_another_spelling_of_a_level_is_no_change() -> None:
    other = SumScorer(
        "v2", schema(Column("Contract", ColumnKind.CATEGORICAL, ("MONTHLY", "YEARLY")), PRICE), {"MONTHLY": 1.0}
    )
    sums = split(a_customer("Monthly", 20.0), a_customer("MONTHLY", 20.0), OLD, other, change=p(1.0) - p(0.4))
    assert parts(sums) == {}
    assert sums.model.total == pytest.approx(p(1.0) - p(0.4), abs=1e-15)


@pytest.mark.parametrize("pair", [(None, None), (math.nan, None), (20.0, 20.0)])
def test_missing_values_are_equal(pair: tuple[float | None, float | None]) -> None:
    before, after = a_customer(None, pair[0]), a_customer(None, pair[1])
    for new in (OLD, NEW):
        assert split(before, after, OLD, new, change=0.0).attributes == {}


@pytest.mark.parametrize("new", [OLD, NEW])
def test_a_value_that_becomes_known_is_a_change_without_a_difference(new: SumScorer) -> None:
    sums = split(a_customer(None, None), a_customer("Yearly", 20.0), OLD, new, change=0.0)
    assert {name: own.changed for name, own in sums.attributes.items()} == {"Contract": 1, "Price": 1}
    assert sums.attributes["Price"].mean_move is None


def test_columns_that_only_one_model_knows_are_the_models() -> None:
    old = SumScorer("v1", schema(CONTRACT, CALLS), {"Monthly": 1.0, "Calls": 0.5})
    new = SumScorer("v2", schema(CONTRACT, PRICE), {"Monthly": 1.0, "Price": 0.02})
    before, after = a_customer("Yearly", None, Calls=2.0), a_customer("Monthly", 30.0)
    sums = split(before, after, old, new, change=p(1.6) - p(1.0))
    # the calls stay in the old model, and the price in the new one: p(1) → p(2), and p(0.6) → p(1.6)
    assert parts(sums) == {"Contract": pytest.approx(((p(2.0) - p(1.0)) + (p(1.6) - p(0.6))) / 2.0)}
    assert sums.model.total == pytest.approx(((p(0.6) - p(1.0)) + (p(1.6) - p(2.0))) / 2.0)
    assert (sums.only_old, sums.only_new) == (("Calls",), ("Price",))


def test_a_column_that_is_a_number_to_one_model_and_a_level_to_the_other_is_the_models() -> None:
    other = SumScorer("v2", schema(CONTRACT, Column("Price", ColumnKind.CATEGORICAL, ("low", "high"))), {"low": 1.0})
    sums = split(
        a_customer("Yearly", 20.0),
        Customer(CustomerId("C"), 1, {"Contract": "Yearly", "Price": "low"}),
        OLD,
        other,
        change=p(1.0) - p(-0.6),
    )
    assert (sums.only_old, sums.only_new, parts(sums)) == (("Price",), ("Price",), {})
    assert sums.model.total == pytest.approx(p(1.0) - p(-0.6))


def scored(customer: Customer, probability: float) -> ScoredCustomer:
    prediction = Prediction(customer.id, customer.row, probability, False, RiskBand.LOW)
    return ScoredCustomer(customer, prediction, "leave-alone", 0.0, None)


def test_sums_over_several_customers_are_those_of_each() -> None:
    earlier = [BEFORE, a_customer("Monthly", 30.0), a_customer(None, 10.0)]
    later = [AFTER, a_customer("Monthly", 45.0), a_customer(None, None)]
    margins = [(-0.6, 0.95), (0.6, 0.95), (-0.8, -1.5)]
    each = [
        split(before, after, OLD, NEW, change=p(last) - p(first))
        for before, after, (first, last) in zip(earlier, later, margins, strict=True)
    ]
    sides = [
        columns_of(
            [scored(own, p(ends[side])) for own, ends in zip(customers, margins, strict=True)],
            attributes=("Contract", "Price"),
            actions=(),
        )
        for side, customers in enumerate((earlier, later))
    ]
    together = ColumnarRiskSplitter().of_customers(sides[0], sides[1], OLD, NEW)
    assert together.customers == 3
    assert together.change.total == pytest.approx(sum(own.change.total for own in each))
    assert together.model.total == pytest.approx(sum(own.model.total for own in each))
    for name in ("Contract", "Price"):
        mine = [own.attributes[name] for own in each if name in own.attributes]
        assert together.attributes[name].part.total == pytest.approx(sum(own.part.total for own in mine))
        assert together.attributes[name].part.squares == pytest.approx(sum(own.part.squares for own in mine))
        assert together.attributes[name].part.with_change == pytest.approx(sum(own.part.with_change for own in mine))
        assert together.attributes[name].changed == len(mine)
    assert together.attributes["Price"].mean_move == 20.0, "the one that became unknown has no difference"


if TYPE_CHECKING:

    def _fulfils(own: SumScorer) -> tuple[Scorer, RiskSplitter]:
        return own, ColumnarRiskSplitter()
