"""Results in memory without a customer."""

from __future__ import annotations

from dataclasses import replace

from application.ports.results import InputCell, Rescore, ScoredCustomer
from domain import redaction
from domain.customer import Value
from domain.prediction import Reason
from tests.fakes.columns import attributes_of
from tests.fakes.result_figures import Stored


def without_customer(stored: Stored, customer_id: str, rescore: Rescore | None) -> Stored | None:
    """The result without the customer, who is named nowhere; None if there is no trace of one."""
    left = tuple(without_name(one, customer_id) for one in stored.customers if one.customer.id != customer_id)
    if left == stored.customers:
        return None
    changed = replace(stored, customers=left, explained=rescore is not None, erased=stored.erased + 1)
    if rescore is None:
        return changed
    scored = rescore(attributes_of([one.customer for one in left], stored.schema))
    rows = [one.customer.row for one in left]
    return replace(changed, contributions=dict(zip(rows, scored.contributions.tolist(), strict=True)))


def without_name(one: ScoredCustomer, customer_id: str) -> ScoredCustomer:
    """The customer without the id of another in what the file said of them."""

    def cleaned(value: Value) -> Value:
        return redaction.without(value, customer_id) if isinstance(value, str) else value

    def reasons(given: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(replace(reason, value=cleaned(reason.value)) for reason in given)

    def without(cell: InputCell) -> InputCell:
        written = cell.written and redaction.without(cell.written, customer_id)
        return replace(cell, value=cleaned(cell.value), written=written)

    said = one.prediction
    attributes = {name: cleaned(value) for name, value in one.customer.attributes.items()}
    return replace(
        one,
        customer=replace(one.customer, attributes=attributes),
        prediction=replace(said, raises=reasons(said.raises), lowers=reasons(said.lowers)),
        extra=tuple((name, text and redaction.without(text, customer_id)) for name, text in one.extra),
        inputs=one.inputs and tuple(map(without, one.inputs)),
    )
