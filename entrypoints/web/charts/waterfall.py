"""The waterfall chart: reasons of one customer's risk, from the base rate, in percentage points."""

from __future__ import annotations

from dataclasses import dataclass

from application.queries import Explanation
from domain.formats import Formats
from domain.schema import CustomerSchema
from domain.wording import reason_phrase
from entrypoints.web.charts.specification import Span, Table
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import percent, points

SHOWN = 9
ENDS = ("Where every customer starts", "This customer")
"""The labels of the first and last bar."""


@dataclass(frozen=True, slots=True)
class Step:
    """A bar: the probability before and after a reason. `points` is the change as a fraction."""

    phrase: str
    points: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`base` and `probability` are fractions; the steps' points sum to their difference."""

    base: float
    steps: tuple[Step, ...]
    probability: float


def waterfall(explanation: Explanation, schema: CustomerSchema, formats: Formats) -> Waterfall:
    """One step per strong reason, and one for the rest; each step is the change of probability it causes in order.

    Log-odds are additive. A step's points depend on its place in the order, which is strongest first.
    """
    margin = explanation.base_value
    base = _probability(margin)
    before = base
    steps = []
    shown, rest = explanation.reasons[:SHOWN], explanation.reasons[SHOWN:]
    for reason in shown:
        margin += reason.contribution
        after = _probability(margin)
        steps.append(_step(reason_phrase(reason, schema, formats), before, after))
        before = after
    if rest:
        steps.append(_step(f"{len(rest)} smaller reasons", before, explanation.probability))
    return Waterfall(base, tuple(steps), explanation.probability)


def waterfall_table(fall: Waterfall) -> Table:
    """The waterfall for the table view and the PNG."""
    reasons = [[step.phrase, points(step.points)] for step in fall.steps]
    rows = [[ENDS[0], percent(fall.base)], *reasons, [ENDS[1], percent(fall.probability)]]
    return Table(columns=["Reason", "Points"], rows=rows, spans=_spans(fall))


def _spans(fall: Waterfall) -> list[Span]:
    """The bars of the page, in the PNG's colours."""
    steps = [
        Span(in_percent(step.before), in_percent(step.after), "c-leave" if step.after >= step.before else "c-stay")
        for step in fall.steps
    ]
    return [Span(0, in_percent(fall.base), "ink-3"), *steps, Span(0, in_percent(fall.probability), "c-1")]


def _step(phrase: str, before: float, after: float) -> Step:
    return Step(phrase, points=after - before, before=before, after=after)


def effects(explanation: Explanation) -> dict[str, float]:
    """Each attribute's change of probability if it is added last, strongest first."""
    margin = explanation.base_value
    changes = {}
    for reason in explanation.reasons:
        before = _probability(margin)
        margin += reason.contribution
        changes[reason.attribute] = _probability(margin) - before
    return changes


def _probability(margin: float) -> float:
    """The probability of a margin in log-odds. SciPy is imported at first use: it takes 27 MB and few pages need it."""
    from scipy.special import expit

    return float(expit(margin))
