"""A column of a labelled file that a model learns from."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.ml.detection.text_columns import TextColumn
from domain.dates import DateForm
from domain.schema import ColumnKind


@dataclass(frozen=True)
class AttributeColumn:
    """A column to learn from. Levels of a boolean: false, then true; of a categorical: most frequent first.

    `missing_rate` is the share of missing cells in the file. If they give the answer away (`blanks` says how), `text`
    has drawn cells in their place, so that the model cannot learn from their being missing. The texts of dates are
    their ages in days.
    """

    name: str
    kind: ColumnKind
    levels: tuple[str, ...]
    text: TextColumn
    missing_rate: float = 0.0
    blanks: str | None = None
    date_form: DateForm | None = None
