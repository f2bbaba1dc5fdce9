"""What a table says about each customer's prediction, from columns: label, band, reasons, action, offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.arrow_text import clean, numbers, whole
from adapters.reporting.cells import input_columns
from adapters.reporting.offer_texts import Offers, OfferTexts
from adapters.reporting.phrases import AttributePhrases
from application.ports.columns import CustomerColumns
from application.ports.reports import TableForm
from domain.prediction import REASONS_KEPT, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.schema import CustomerSchema

Floats = NDArray[np.float64]


@dataclass(slots=True)
class PredictionTexts:
    """Texts are written by `cells`, which takes and returns an Arrow array. Formats every distinct reason once."""

    form: TableForm
    cells: Callable[[Any], Any]
    _phrases: dict[str, AttributePhrases] = field(default_factory=dict)
    _offers: OfferTexts = field(init=False)

    def __post_init__(self) -> None:
        self._offers = OfferTexts(self.form.playbook, self.form.schema, formats_of(self.form.currency))

    def likely(self, probability: Floats) -> NDArray[np.bool_]:
        return np.asarray(is_labelled_churn(probability, self.form.threshold), np.bool_)

    def bands(self, probability: Floats) -> NDArray[np.intp]:
        """The place of each customer's band in `RiskBand`."""
        limits = self.form.bands
        return np.searchsorted((limits.medium, limits.high, limits.critical), probability, side="right")

    def offers(self, chunk: CustomerColumns) -> Offers:
        return self._offers.of(chunk)

    def actions(self, chunk: CustomerColumns) -> Any:
        names = {action.id: action.name for action in self.form.playbook.actions}
        names.setdefault(LEAVE_ALONE, "Leave alone")
        shown = [clean(names.get(action_id, "") or action_id) for action_id in (*chunk.actions, LEAVE_ALONE)]
        place = whole(chunk.data.column("action")).to_numpy()
        texts = self.cells(pa.array(shown, pa.string()))
        return texts.take(pa.array(np.where(place < 0, len(chunk.actions), place)))

    def reasons(self, chunk: CustomerColumns, likely: NDArray[np.bool_]) -> list[Any]:
        """Three columns: reasons that raise the risk of likely leavers, or lower the risk of the others."""
        shown = np.empty((REASONS_KEPT, chunk.rows), np.intp)
        for kept in range(REASONS_KEPT):
            raises, lowers = (whole(chunk.data.column(f"{kind}_{kept + 1}")).to_numpy() for kind in ("raise", "lower"))
            shown[kept] = np.where(likely, raises, lowers)
        if (np.diff((shown < 0).astype(np.int8), axis=0) < 0).any():
            shown = np.take_along_axis(shown, np.argsort(shown < 0, axis=0, kind="stable"), axis=0)
        texts, codes = self._worded(chunk, shown)
        each = np.arange(chunk.rows)
        return [texts.take(pa.array(codes[own, each])) for own in shown]

    def _worded(self, chunk: CustomerColumns, shown: NDArray[np.intp]) -> tuple[Any, NDArray[np.int32]]:
        """The needed phrases, and the index of a phrase per attribute and customer. The last row means none."""
        parts: list[Any] = [pa.array([""])]
        codes = np.zeros((len(chunk.attributes) + 1, chunk.rows), np.int32)
        used = 1
        for place in np.unique(shown[shown >= 0]).tolist():
            words, column = self._phrases_of(chunk.attributes[place]), whole(chunk.data.column(f"a{place}"))
            if pa.types.is_floating(column.type):
                customers = np.flatnonzero((shown == place).any(axis=0))
                parts.append(words.of_numbers(numbers(column)[customers]))
                codes[place, customers] = np.arange(used, used + len(customers))
            else:
                encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
                parts.append(words.of_levels(encoded.dictionary))
                codes[place] = used + encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
            used += len(parts[-1])
        return pa.concat_arrays(parts), codes

    def _phrases_of(self, attribute: str) -> AttributePhrases:
        if attribute not in self._phrases:
            formats = formats_of(self.form.currency)
            self._phrases[attribute] = AttributePhrases(attribute, self.form.schema, formats, self.cells)
        return self._phrases[attribute]


def input_names(
    schema: CustomerSchema, chunk: CustomerColumns | None, inputs: tuple[str, ...] | None
) -> tuple[str, ...]:
    """The headers of the file's columns for a chunk; without any customers, `inputs`, else those of the schema."""
    if chunk is None and inputs is not None:
        return inputs
    if chunk is not None and chunk.inputs is not None:
        return tuple(own.header for own in chunk.inputs)
    return input_columns(schema) + (chunk.extra if chunk else ())
