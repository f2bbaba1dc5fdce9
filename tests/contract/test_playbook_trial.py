"""What a playbook would recommend to a sample of stored customers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.ml.scoring import playbook_trial
from adapters.ml.scoring.playbook_trial import ColumnarPlaybookTrial
from application.ports.columns import CustomerColumns
from application.ports.models import ExampleCustomer
from application.ports.results import ScoredCustomer
from domain.customer import Customer, CustomerId, Value
from domain.playbook import Action, Comparison, Condition, Playbook
from domain.prediction import Prediction, Reason, RiskBand
from domain.recommendation import Economics
from domain.run import ActionTotal
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.columns import columns_of

SCHEMA = CustomerSchema(
    (
        Column("Contract", ColumnKind.CATEGORICAL, ("Monthly", "Yearly")),
        Column("Bill", ColumnKind.NUMERIC),
        Column("Months", ColumnKind.NUMERIC),
    ),
    revenue_column="Bill",
)
ECONOMICS = Economics(customer_value=100.0, margin=0.5, value_months=10.0)
MONTHLY = Condition(("contract",), Comparison.IS, ("monthly",))
YEAR = Action("year", "A year", "Stay.", (MONTHLY,), offer_fixed=10.0, contact_cost=2.0, save_rate=0.5)
CALL = Action("call", "A call", "Hello.", (Condition(("*",)),), contact_cost=1.0, save_rate=0.1)


def customer(probability: float, bill: float | None, contract: str | None, reason: str = "Contract") -> ScoredCustomer:
    values: dict[str, Value] = {"Contract": contract, "Bill": bill, "Months": 3.0}
    own = CustomerId("C")
    prediction = Prediction(own, 1, probability, True, RiskBand.HIGH, (Reason(reason, values[reason], 0.5),), ())
    return ScoredCustomer(Customer(own, 1, values), prediction, "leave-alone", 0.0, bill)


def sample_of(customers: Sequence[ScoredCustomer]) -> CustomerColumns:
    return columns_of(customers, attributes=SCHEMA.names, actions=["year", "call"])


SAMPLE = sample_of(
    [customer(0.8, 40.0, "Yearly"), customer(0.5, 60.0, "Monthly"), customer(0.1, None, "Monthly", reason="Months")]
)


def test_each_customer_of_the_sample_counts_for_many() -> None:
    both, none = ColumnarPlaybookTrial().totals(
        SAMPLE, [Playbook(2, (YEAR, CALL)), Playbook(3, ())], schema=SCHEMA, economics=ECONOMICS, every=20
    )

    # 0.5·(0.5·(300 − 10) − 2) − 0.5·12 = 65.5, and 0.8·(0.1·200 − 1) − 0.2·1 = 15; 0.1·(0.1·100 − 1) − 0.9 = 0
    assert both == (
        ActionTotal("year", "A year", 20, pytest.approx(1310.0)),
        ActionTotal("call", "A call", 20, pytest.approx(300.0)),
    )
    assert none == ()


def example(action: Action, *actions: Action, sample: CustomerColumns = SAMPLE) -> ExampleCustomer | None:
    return ColumnarPlaybookTrial().example(sample, action, Playbook(2, actions), schema=SCHEMA, economics=ECONOMICS)


@pytest.mark.parametrize("at_once", [1, 2, 2_000])
def test_an_example_is_the_first_customer_for_whom_the_action_is_the_best(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(playbook_trial, "AT_ONCE", at_once)
    values = {"Contract": "Monthly", "Bill": 60.0, "Months": 3.0}

    assert example(YEAR, YEAR, CALL) == ExampleCustomer(values, 0.5, 60.0, best=True)


@pytest.mark.parametrize("actions", [(), (CALL,)])
def test_else_it_is_the_first_to_whom_the_action_may_be_offered(actions: tuple[Action, ...]) -> None:
    values = {"Contract": "Monthly", "Bill": 60.0, "Months": 3.0}

    assert example(YEAR, *actions) == ExampleCustomer(values, 0.5, 60.0, best=False)


def test_a_customer_with_an_unknown_bill_is_an_example_too() -> None:
    only = sample_of([customer(0.5, None, "Monthly")])

    assert example(CALL, CALL, sample=only) == ExampleCustomer(
        {"Contract": "Monthly", "Bill": None, "Months": 3.0}, 0.5, None, best=True
    )


def test_there_is_no_example_of_an_action_that_nobody_may_get() -> None:
    yearly = sample_of([customer(0.8, 40.0, "Yearly")])

    assert example(YEAR, YEAR, sample=yearly) is None
    assert example(YEAR, YEAR, sample=sample_of([])) is None
