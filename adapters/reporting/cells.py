"""What stands in the cells of an exported table: the same columns for CSV and XLSX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from application.ports.reports import TableContent
from application.ports.results import ScoredCustomer
from domain.customer import Value
from domain.prediction import REASONS_KEPT, Reason, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.schema import CustomerSchema
from domain.wording import reason_phrase

Cell = str | float | int | None

SCORE_COLUMNS = (
    *("churn_probability", "churn_prediction", "risk_band"),
    *("reason_1", "reason_2", "reason_3", "recommendation", "expected_gain"),
)
PHRASES_KEPT = 50_000
"""Distinct phrases remembered before starting afresh, so that memory stays flat."""


@dataclass(slots=True)
class Phrases:
    """Reason phrases, each worded once per distinct value."""

    schema: CustomerSchema
    currency: str
    as_text: Callable[[str], str]
    known: dict[tuple[str, Value], str] = field(default_factory=dict)

    def of(self, reasons: Sequence[Reason]) -> list[str]:
        """Exactly three, the last ones empty where there are fewer reasons."""
        found = [self._phrase(reason) for reason in reasons[:REASONS_KEPT]]
        return found + [""] * (REASONS_KEPT - len(found))

    def _phrase(self, reason: Reason) -> str:
        key = (reason.attribute, reason.value)
        phrase = self.known.get(key)
        if phrase is None:
            if len(self.known) >= PHRASES_KEPT:
                self.known.clear()
            phrase = self.as_text(reason_phrase(reason, self.schema, currency=self.currency))
            self.known[key] = phrase
        return phrase


@dataclass(frozen=True, slots=True)
class Table:
    """A header and, chunk by chunk, the rows under it. Numbers are numbers, text is as it came."""

    header: tuple[str, ...]
    chunks: Iterator[list[list[Cell]]]


def as_it_is(text: str) -> str:
    return text


def table_of(content: TableContent, as_text: Callable[[str], str] = as_it_is) -> Table:
    """The columns of `netone score`: id, SCORE_COLUMNS, and with the input month, attributes, truth and the rest.

    `as_text` is applied to every text that comes from a file or a person.
    """
    chunks = iter(content.chunks)
    first = next((chunk for chunk in chunks if chunk), ())
    header = (content.model.schema.id_column or "row", *SCORE_COLUMNS)
    if content.with_input:
        extras = tuple(name for name, _ in first[0].extra) if first else ()
        header = told_apart(header, input_columns(content.model.schema) + extras)
    return Table(tuple(map(as_text, header)), _rows(content, chain([first], chunks), as_text))


def _rows(
    content: TableContent, chunks: Iterator[Sequence[ScoredCustomer]], as_text: Callable[[str], str]
) -> Iterator[list[list[Cell]]]:
    schema, threshold = content.model.schema, content.outlook.threshold
    phrases = Phrases(schema, content.currency, as_text)
    actions = {action.id: as_text(action.name) for action in content.playbook.actions}
    actions.setdefault(LEAVE_ALONE, "Leave alone")
    for chunk in chunks:
        rows = [_scores(scored, threshold, phrases, actions, as_text) for scored in chunk]
        if content.with_input:
            for row, scored in zip(rows, chunk, strict=True):
                row.extend(as_text(cell) if isinstance(cell, str) else cell for cell in _inputs(scored, schema))
        yield rows


def _scores(
    scored: ScoredCustomer,
    threshold: float,
    phrases: Phrases,
    actions: dict[str, str],
    as_text: Callable[[str], str],
) -> list[Cell]:
    prediction = scored.prediction
    likely = is_labelled_churn(prediction.probability, threshold)
    return [
        as_text(scored.customer.id),
        prediction.probability,
        "Yes" if likely else "No",
        prediction.band.value,
        *phrases.of(prediction.raises if likely else prediction.lowers),
        actions.get(scored.action_id, "") or as_text(scored.action_id),
        scored.expected_gain,
    ]


def input_columns(schema: CustomerSchema) -> tuple[str, ...]:
    roles = [schema.month_column] if schema.month_column else []
    truth = [schema.target_column] if schema.target_column else []
    return (*roles, *schema.names, *truth)


def _inputs(scored: ScoredCustomer, schema: CustomerSchema) -> Iterator[Cell]:
    if schema.month_column:
        yield scored.month
    for name in schema.names:
        yield _as_cell(scored.customer.attributes.get(name))
    if schema.target_column:
        words = {True: schema.positive_value or "Yes", False: schema.negative_value or "No"}
        yield None if scored.actual is None else words[scored.actual]
    for _, value in scored.extra:
        yield value


def _as_cell(value: Value) -> Cell:
    """An attribute's value; whole numbers without a decimal point, as files have them."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        if value != value:
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def told_apart(header: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """The header with further names; one that is taken already gets " (input)" behind it, then " (input 2)" …"""
    names, taken, times = list(header), set(header), Counter[str]()
    for name in more:
        own = name
        while own in taken:
            times[name] += 1
            own = f"{name} (input)" if times[name] == 1 else f"{name} (input {times[name]})"
        names.append(own)
        taken.add(own)
    return tuple(names)
