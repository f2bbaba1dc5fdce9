"""The last cells of a customer's line: message, offer cost and contact cost. Each distinct offer is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.formatting.babel_formats import BabelFormats
from adapters.reporting.arrow_text import as_cells, clean, float_texts, numbers, whole
from adapters.reporting.phrases import ColumnWords
from application.ports.columns import CustomerColumns
from domain.message import Bill, Sentence, bill_named, column_named, names_in, sentences_of
from domain.playbook import Action, Playbook
from domain.recommendation import bill_words
from domain.schema import CustomerSchema
from domain.wording import known_words

Codes = NDArray[np.intp]
REVENUE = "revenue"
"""The column of a chunk with the monthly bills."""
NO_OFFER = ",0.0,0.0"
"""The cells of a customer to leave alone."""


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


@dataclass(slots=True)
class OfferTexts:
    """Writes offers as `offer_of` does for one customer. Messages are for people: they are safe in every table."""

    playbook: Playbook
    schema: CustomerSchema
    formats: BabelFormats
    said: dict[str, ColumnWords] = field(default_factory=dict)
    """By attribute, and for the bill."""

    def of(self, chunk: CustomerColumns) -> Any:
        """One text per customer."""
        place = whole(chunk.data.column("action")).to_numpy()
        texts = [pa.array([NO_OFFER])]
        codes, used = np.zeros(len(place), np.intp), 1
        for position in np.unique(place).tolist():
            action = self.playbook.action(chunk.actions[position]) if position >= 0 else None
            if action is not None:
                rows = np.flatnonzero(place == position)
                written, which = self._of_action(action, chunk, rows)
                codes[rows] = used + which
                texts.append(written)
                used += len(written)
        return pa.concat_arrays(texts).take(pa.array(codes))

    def _of_action(self, action: Action, chunk: CustomerColumns, rows: Codes) -> tuple[pa.StringArray, Codes]:
        """The different texts of the customers with this action, and which of them each has."""
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
        messages = as_cells(_messages(sentences_of(action.message), words, len(first)), raw=False)
        costs = float_texts(action.offer_cost(revenue))
        return pc.binary_join_element_wise(messages, costs, repr(action.contact_cost), ","), which

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
