"""The answer of a prediction in one or two sentences, and the assumption behind every expected gain.

Pages, reports, exports and the command line all use these sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.formats import Formats
from domain.playbook import Playbook
from domain.run import Contacting, RunSummary
from domain.wording import money, whole_money


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence, and whether it is emphasised."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """The figures in an answer.

    `money_at_risk` is None without monthly revenues. `contacting` is None where it is unknown. `likely_pay` is what
    the likely leavers pay in a month, where that is said instead of the money at risk.
    """

    customers: int
    likely_to_leave: int
    money_at_risk: float | None
    contacting: Contacting | None
    likely_pay: float | None = None


def figures_of(summary: RunSummary) -> AnswerFigures:
    """The figures at the run's own threshold."""
    return AnswerFigures(summary.scored, summary.likely_to_leave, summary.money_at_risk, summary.contacting)


def answer(figures: AnswerFigures, horizon: str | None, formats: Formats) -> tuple[Piece, ...]:
    """Who is likely to leave, what is at risk, and what contacting is expected to earn.

    `horizon` is the period of the model's label; None or "" where it is unknown.
    """
    if not figures.customers:
        return (Piece("This prediction has no customers."),)
    return (*_leaving(figures, horizon, formats), *_worth_contacting(figures.contacting, formats))


def answer_text(figures: AnswerFigures, horizon: str | None, formats: Formats) -> str:
    return "".join(piece.text for piece in answer(figures, horizon, formats))


def _leaving(figures: AnswerFigures, horizon: str | None, formats: Formats) -> list[Piece]:
    likely, customers = figures.likely_to_leave, figures.customers
    whom = "customer" if customers == 1 else "customers"
    if not likely:
        nobody = "The one customer" if customers == 1 else f"None of the {formats.number(customers)} {whom}"
        verb = "is not" if customers == 1 else "is"
        return [Piece(nobody, strong=True), Piece(f" {verb} likely to leave{_within(horizon)}.")]
    verb = "is" if likely == 1 else "are"
    pieces = [
        Piece(f"{formats.number(likely)} of {formats.number(customers)} {whom}", strong=True),
        Piece(f" {verb} likely to leave{_within(horizon)}"),
    ]
    if figures.money_at_risk is not None:
        amount = _amount(figures.money_at_risk, formats)
        pieces += [Piece("; "), Piece(f"{amount} a month", strong=True), Piece(" is at risk")]
    elif figures.likely_pay is not None:
        who = "this customer pays" if likely == 1 else "they pay"
        pieces += [Piece(f"; {who} "), Piece(f"{_amount(figures.likely_pay, formats)} a month", strong=True)]
    return [*pieces, Piece(".")]


def _worth_contacting(contacting: Contacting | None, formats: Formats) -> list[Piece]:
    if contacting is None:
        return []
    if not contacting.customers:
        return [Piece(" No offer is expected to pay for itself, so there is no one to contact.")]
    whom = "one" if contacting.customers == 1 else formats.number(contacting.customers)
    return [
        Piece(f" Contacting the {whom} for whom an offer pays is expected to earn "),
        Piece(_amount(contacting.expected_gain, formats), strong=True),
        Piece("."),
    ]


def _within(horizon: str | None) -> str:
    """ " within the next month"; nothing where the period is unknown. A preposition is not repeated."""
    period = re.sub(r"^(within|in|during|over)\s+", "", " ".join((horizon or "").split()), flags=re.IGNORECASE)
    period = period.rstrip(" .")
    return f" within {period}" if period else ""


def _amount(amount: float, formats: Formats) -> str:
    """Without decimals, unless that would round a small amount to nothing or nearly so."""
    return money(amount, formats) if 0.0 < amount < 1.0 else whole_money(amount, formats)


def save_rates_note(playbook: Playbook, formats: Formats) -> str | None:
    """The save rates behind the expected gains of a playbook, while some are assumed; None once all are measured."""
    assumed = [action.save_rate for action in playbook.actions if not action.save_rate_measured]
    measured = len(playbook.actions) - len(assumed)
    if not assumed:
        return None
    low, high = (_rate(rate, formats) for rate in (min(assumed), max(assumed)))
    rates = low if low == high else f"{low} to {high}"
    if not measured:
        return f"Gains are expected, assuming save rates of {rates}; none measured yet."
    of = f"{formats.number(len(assumed))} of {formats.number(len(playbook.actions))} actions"
    return f"Gains are expected, assuming save rates of {rates} for {of}; the others are measured."


def _rate(rate: float, formats: Formats) -> str:
    whole = formats.percent(rate, decimals=0)
    return whole if abs(100.0 * rate - round(100.0 * rate)) < 0.05 else formats.percent(rate)


def leavers_note(summary: RunSummary, formats: Formats) -> str | None:
    """What the answer's figures hold of customers who have left, says the file; None without any, or if unknown."""
    contacting, truth = summary.contacting, summary.truth
    if truth is None or not truth.churned:
        return None
    have = "has" if truth.churned == 1 else "have"
    said = f"The file says that {formats.number(truth.churned)} of these customers {have} left."
    if contacting is None or not contacting.left:
        return f"{said} A campaign leaves them out."
    are = "1 of them is" if contacting.left == 1 else f"{formats.number(contacting.left)} of them are"
    gain = whole_money(contacting.left_gain, formats)
    return (
        f"{said} {are} among the {formats.number(contacting.customers)} for whom an offer pays, with {gain} of what "
        "contacting is expected to earn: that is whom the model would have found. A campaign leaves them out."
    )
