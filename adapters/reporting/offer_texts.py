"""The offer to each customer: message, offer cost and contact cost. Each distinct offer is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.formatting.babel_formats import BabelFormats
from adapters.reporting.arrow_text import clean, numbers, whole
from adapters.reporting.phrases import ColumnWords
from application.ports.columns import CustomerColumns
from domain.message import Bill, Sentence, bill_named, column_named, names_in, sentences_of
from domain.playbook import Action, Playbook
from domain.recommendation import bill_words
from domain.schema import CustomerSchema
from domain.wording import known_words

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]
REVENUE = "revenue"
"""The column of a chunk with the monthly bills."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """The different values of some customers (None or NaN: missing), and which of them each customer has."""

    values: Any
    codes: Codes

    @classmethod
    def of(cls, column: Any) -> Distinct:
        """Of a text column (plain or dictionary), or of a column of numbers."""
        if pa.types.is_floating(column.type):
            return cls(*np.unique(numbers(column), return_inverse=True))
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        missing = len(encoded.dictionary)
        codes = encoded.indices.fill_null(missing).to_numpy(zero_copy_only=False)
        used, which = np.unique(codes, return_inverse=True)
        return cls(encoded.dictionary.take(pa.array(used, mask=used == missing)).to_pylist(), which)


@dataclass(frozen=True, slots=True)
class Offers:
    """The different offers of some customers, and which of them each customer has (`codes`)."""

    messages: pa.StringArray
    offer_costs: Floats
    contact_costs: Floats
    codes: Codes

    def taken(self, column: Any) -> Any:
        """A column of the different offers as one value per customer."""
        return pa.array(column).take(pa.array(self.codes))


@dataclass(slots=True)
class OfferTexts:
    """Makes offers as `offer_of` does for one customer. The messages are not made safe for spreadsheets."""

    playbook: Playbook
    schema: CustomerSchema
    formats: BabelFormats
    said: dict[str, ColumnWords] = field(default_factory=dict)
    """By attribute, and for the bill."""

    def of(self, chunk: CustomerColumns) -> Offers:
        place = whole(chunk.data.column("action")).to_numpy()
        messages, costs, contact = [pa.array([""])], [np.zeros(1)], [np.zeros(1)]
        codes, used = np.zeros(len(place), np.intp), 1
        for position in np.unique(place).tolist():
            action = self.playbook.action(chunk.actions[position]) if position >= 0 else None
            if action is not None:
                rows = np.flatnonzero(place == position)
                own = self._of_action(action, chunk, rows)
                codes[rows] = used + own.codes
                messages.append(own.messages)
                costs.append(own.offer_costs)
                contact.append(own.contact_costs)
                used += len(own.messages)
        return Offers(pa.concat_arrays(messages), np.concatenate(costs), np.concatenate(contact), codes)

    def _of_action(self, action: Action, chunk: CustomerColumns, rows: Codes) -> Offers:
        """The offers to the customers with this action."""
        columns = {name: self._column_of(name, chunk) for name in names_in(action.message)}
        needed = {own for own in columns.values() if own} | ({REVENUE} if action.cost_depends_on_bill else set())
        taken = {own: Distinct.of(whole(chunk.data.column(own)).take(pa.array(rows))) for own in sorted(needed)}
        first, which = _combinations((own.codes for own in taken.values()), len(rows))
        words = {
            name: self._words(name, action, taken[own], first) if own else pa.nulls(len(first), pa.string())
            for name, own in columns.items()
        }
        revenue = np.zeros(len(first))
        if REVENUE in taken:
            revenue = np.nan_to_num(taken[REVENUE].values[taken[REVENUE].codes[first]])
        messages = _messages(sentences_of(action.message), words, len(first))
        costs = np.broadcast_to(np.asarray(action.offer_cost(revenue), np.float64), len(first))
        return Offers(messages, costs, np.full(len(first), action.contact_cost), which)

    def _column_of(self, name: str, chunk: CustomerColumns) -> str | None:
        """The chunk's column from which a name in a message is filled in; None if there is none."""
        if bill_named(name) is not None:
            return REVENUE
        column = column_named(name, self.schema)
        return f"a{chunk.attributes.index(column)}" if column in chunk.attributes else None

    def _words(self, name: str, action: Action, taken: Distinct, places: Codes) -> pa.StringArray:
        """What to write for a name to the customers at these places, null where it is missing."""
        values = action.reduced_bill(taken.values) if bill_named(name) is Bill.REDUCED else taken.values
        if name not in self.said:
            self.said[name] = ColumnWords(self._say(name), self.formats)
        return self.said[name].of(values).take(pa.array(taken.codes[places]))

    def _say(self, name: str) -> Callable[[Any], str | None]:
        column = column_named(name, self.schema)
        if bill_named(name) is not None or column is None:
            return lambda amount: bill_words(amount, self.formats)
        return lambda value: known_words(column, value, self.schema, self.formats)


def _combinations(codes: Iterable[Codes], rows: int) -> tuple[Codes, Codes]:
    """The place of one customer with each combination of codes, and which combination each customer has."""
    first, which = np.zeros(1, np.intp), np.zeros(rows, np.intp)
    for own in codes:
        _, first, which = np.unique(which * (int(own.max()) + 1) + own, return_index=True, return_inverse=True)
    return first, which


def _messages(sentences: Sequence[Sentence], words: Mapping[str, pa.StringArray], rows: int) -> pa.StringArray:
    """`domain.message.fill` for columns of words.

    An empty text comes first, since Arrow loses a row in which every text is null.
    """
    filled = [pa.repeat(pa.scalar(""), rows)]
    for sentence in sentences:
        parts: list[Any] = [clean(sentence.texts[0])]
        for name, text in zip(sentence.names, sentence.texts[1:], strict=True):
            parts += [words[name], clean(text)]
        filled.append(pc.binary_join_element_wise(*parts, "", null_handling="emit_null"))
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*filled, " ", null_handling="skip"), 1)
