"""The cells of an exported table. CSV and XLSX have the same columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from adapters.formatting.babel_formats import formats_of
from application.ports.reports import TableContent
from application.ports.results import InputCell, ScoredCustomer
from domain.customer import Value
from domain.formats import Formats
from domain.number_readings import number_read
from domain.playbook import Playbook
from domain.prediction import REASONS_KEPT, Reason, is_labelled_churn
from domain.recommendation import LEAVE_ALONE, NO_OFFER, Addressee, offer_of
from domain.schema import ColumnKind, CustomerSchema
from domain.wording import reason_phrase

Cell = str | float | int | None

YES_OR_NO = ("No", "Yes")
FLAGS = ("0", "1")
"""Texts that are numbers in a workbook, so that they can be added up."""
SCORE_COLUMNS = (
    *("churn_probability", "churn_prediction", "risk_band"),
    *("reason_1", "reason_2", "reason_3", "recommendation", "expected_gain"),
)
CONTACT_COLUMNS = ("worth_contacting", "message", "offer_cost", "contact_cost")
"""The last columns, behind those of the file if it has them."""
ORIGIN_COLUMNS = ("monthly_revenue", "model", "threshold", "predicted_on")
"""Behind all others in a CSV for people, who keep files without the page they are from."""
PHRASES_KEPT = 50_000
"""Distinct phrases in the cache. It is cleared beyond this number, to limit memory."""


@dataclass(slots=True)
class Phrases:
    """Caches reason phrases by value."""

    schema: CustomerSchema
    formats: Formats
    as_text: Callable[[str], str]
    known: dict[tuple[str, Value], str] = field(default_factory=dict)

    def of(self, reasons: Sequence[Reason]) -> list[str]:
        """Exactly three phrases; empty ones follow if there are fewer reasons."""
        phrases = [self._phrase(reason) for reason in reasons[:REASONS_KEPT]]
        return phrases + [""] * (REASONS_KEPT - len(phrases))

    def _phrase(self, reason: Reason) -> str:
        key = (reason.attribute, reason.value)
        phrase = self.known.get(key)
        if phrase is None:
            if len(self.known) >= PHRASES_KEPT:
                self.known.clear()
            phrase = self.as_text(reason_phrase(reason, self.schema, self.formats))
            self.known[key] = phrase
        return phrase


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows in chunks. Numbers are numbers, text is unchanged."""

    header: tuple[str, ...]
    chunks: Iterator[list[list[Cell]]]


def as_it_is(text: str) -> str:
    return text


def table_of(content: TableContent, as_text: Callable[[str], str] = as_it_is) -> Table:
    """The table of `netone score`: id, SCORE_COLUMNS, with the input also the file's columns in its order, and
    CONTACT_COLUMNS.

    `as_text` is applied to every text from a file or a person.
    """
    chunks = iter(content.chunks)
    first = next((chunk for chunk in chunks if chunk), ())
    schema = content.model.schema
    inputs = _headers(first[0], schema) if first else content.inputs or input_columns(schema)
    last = last_columns(for_people=content.style is not None)
    header = header_of(content.id_name, inputs if content.with_input else (), last)
    return Table(tuple(map(as_text, header)), _rows(content, chain([first], chunks), as_text))


def _rows(
    content: TableContent, chunks: Iterator[Sequence[ScoredCustomer]], as_text: Callable[[str], str]
) -> Iterator[list[list[Cell]]]:
    schema, threshold = content.model.schema, content.at_threshold.threshold
    phrases = Phrases(schema, formats_of(content.currency), as_text)
    actions = {action.id: as_text(action.name) for action in content.playbook.actions}
    actions.setdefault(LEAVE_ALONE, "Leave alone")
    for chunk in chunks:
        rows = [_scores(scored, threshold, phrases, actions, as_text) for scored in chunk]
        if content.with_input:
            for row, scored in zip(rows, chunk, strict=True):
                row.extend(as_text(cell) if isinstance(cell, str) else cell for cell in _inputs(scored, schema))
        for row, scored in zip(rows, chunk, strict=True):
            row.extend(_contact(scored, content.playbook, phrases, as_text))
            if content.style is not None:
                row += [scored.monthly_revenue, content.model.id, threshold, content.run.created_at.date().isoformat()]
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
        YES_OR_NO[likely],
        prediction.band.value,
        *phrases.of(prediction.raises if likely else prediction.lowers),
        actions.get(scored.action_id, "") or as_text(scored.action_id),
        scored.expected_gain,
    ]


def _contact(scored: ScoredCustomer, playbook: Playbook, phrases: Phrases, as_text: Callable[[str], str]) -> list[Cell]:
    action = playbook.action(scored.action_id)
    customer = Addressee(scored.customer.attributes, phrases.schema, scored.monthly_revenue)
    offer = offer_of(action, customer, phrases.formats) if action else NO_OFFER
    worth_contacting = YES_OR_NO[scored.worth_contacting]
    return [worth_contacting, as_text(offer.message), offer.offer_cost, offer.contact_cost]


def last_columns(*, for_people: bool) -> tuple[str, ...]:
    return (*CONTACT_COLUMNS, *ORIGIN_COLUMNS) if for_people else CONTACT_COLUMNS


def header_of(id_name: str, inputs: tuple[str, ...], last: tuple[str, ...] = CONTACT_COLUMNS) -> tuple[str, ...]:
    """All names. Columns of the file get another name where theirs is taken."""
    scores = (id_name, *SCORE_COLUMNS)
    own = (*scores, *last)
    names = with_unique_names(own, inputs)
    return (*scores, *names[len(own) :], *last)


def _headers(scored: ScoredCustomer, schema: CustomerSchema) -> tuple[str, ...]:
    if scored.inputs is None:
        return input_columns(schema) + tuple(name for name, _ in scored.extra)
    return tuple(cell.header for cell in scored.inputs)


def input_columns(schema: CustomerSchema) -> tuple[str, ...]:
    """The file's columns as far as the schema has them, for results that did not keep the file's order."""
    roles = [schema.month_column] if schema.month_column else []
    truth = [schema.target_column] if schema.target_column else []
    return (*roles, *attributes_as_written(schema), *truth)


def attributes_as_written(schema: CustomerSchema) -> tuple[str, ...]:
    """The attributes without dates: the file's dates are among its other columns, as it wrote them."""
    return tuple(column.name for column in schema.columns if column.kind is not ColumnKind.DATE)


def _inputs(scored: ScoredCustomer, schema: CustomerSchema) -> Iterator[Cell]:
    if scored.inputs is not None:
        yield from (_input_cell(cell, schema) for cell in scored.inputs)
        return
    if schema.month_column:
        yield scored.month
    for name in attributes_as_written(schema):
        yield _as_cell(scored.customer.attributes.get(name))
    if schema.target_column:
        yield None if scored.actual is None else words_for_truth(schema)[scored.actual]
    for _, value in scored.extra:
        yield value


def words_for_truth(schema: CustomerSchema) -> tuple[str, str]:
    """The words of the target for stayed and left."""
    return schema.negative_value or "No", schema.left_words or "Yes"


def _input_cell(cell: InputCell, schema: CustomerSchema) -> Cell:
    """The cell as the file writes it. A number in plain digits is a number, so that spreadsheets can calculate."""
    if cell.written is not None:
        number = number_read(cell.written, cell.value) if isinstance(cell.value, float) else None
        return cell.written if number is None else _as_cell(number)
    if isinstance(cell.value, bool):
        return words_for_truth(schema)[cell.value]
    return int(cell.value) if cell.value in FLAGS else _as_cell(cell.value)


def _as_cell(value: Value) -> Cell:
    """An attribute's value; whole numbers without a decimal point."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        if value != value:
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def with_unique_names(header: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """The header with more names. A duplicate name gets the suffix " (input)", then " (input 2)" …"""
    names, used, times = list(header), set(header), Counter[str]()
    for name in more:
        own = name
        while own in used:
            times[name] += 1
            own = f"{name} (input)" if times[name] == 1 else f"{name} (input {times[name]})"
        names.append(own)
        used.add(own)
    return tuple(names)
