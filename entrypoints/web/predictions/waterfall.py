"""One customer's risk taken apart, from the base rate to this risk, in percentage points."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.models import Explanation
from domain.schema import CustomerSchema
from domain.wording import reason_phrase
from entrypoints.web.predictions.charts import sigmoid

SHOWN = 9


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the waterfall; positions and width in percent of the axis from 0 to 100 %."""

    phrase: str
    points: float
    start: float
    width: float
    end: float
    raises: bool


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`base` and `probability` are fractions; the steps' points add up from one to the other."""

    base: float
    steps: tuple[Step, ...]
    probability: float


def waterfall(explanation: Explanation, schema: CustomerSchema, *, currency: str) -> Waterfall:
    """The strongest reasons one by one, the rest together; each step is the change of probability it makes in turn.

    Log-odds add up exactly; a step's points depend on its place in the order, which is strongest first.
    """
    margin = explanation.base_value
    base = sigmoid(margin)
    before = base
    steps = []
    shown, rest = explanation.reasons[:SHOWN], explanation.reasons[SHOWN:]
    for reason in shown:
        margin += reason.contribution
        after = sigmoid(margin)
        steps.append(_step(reason_phrase(reason, schema, currency=currency), before, after))
        before = after
    if rest:
        steps.append(_step(f"{len(rest)} smaller reasons", before, explanation.probability))
    return Waterfall(base, tuple(steps), explanation.probability)


def _step(phrase: str, before: float, after: float) -> Step:
    return Step(
        phrase=phrase,
        points=after - before,
        start=min(before, after) * 100,
        width=abs(after - before) * 100,
        end=after * 100,
        raises=after >= before,
    )


def effects(explanation: Explanation) -> dict[str, float]:
    """Every attribute's change of probability, were it the last to be added, in the order strongest first."""
    margin = explanation.base_value
    found = {}
    for reason in explanation.reasons:
        before = sigmoid(margin)
        margin += reason.contribution
        found[reason.attribute] = sigmoid(margin) - before
    return found
