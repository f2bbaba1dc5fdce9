"""The columns that a model was trained on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from domain.dates import DateForm
from domain.history_kind import HistoryOf
from domain.units import Unit, unit_called, unit_named_in
from domain.vocabulary.columns import is_paid_so_far, is_tenure
from domain.vocabulary.spelling import plain_words
from domain.vocabulary.tenure import TenureUnit, unit_in_name


class ColumnKind(StrEnum):
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"
    DATE = "date"

    @property
    def is_number(self) -> bool:
        """Whether customers have a number: a date is the number of days before the file's reference date."""
        return self in (ColumnKind.NUMERIC, ColumnKind.DATE)


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of the customers a model learned from.

    `levels` (categorical: most frequent first; boolean: the spelling of false, then of true) and `minimum`/`maximum`
    (numeric, and dates in days) are those of the training data. `importance` is the share (0…1) of all influence in
    training: mean absolute SHAP value over the sum of all. `typical` is the median or the most frequent level, as text.
    """

    name: str
    kind: ColumnKind
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    missing_rate: float = 0.0
    importance: float = 0.0
    typical: str | None = None
    date_form: DateForm | None = None
    """How the training file writes the dates of this column."""
    unit: str | None = None
    """The name of the unit in which the numbers are, if the training file wrote units next to them (`domain.units`)."""
    percent_signs: bool = False
    """Whether the training file wrote the numbers with percent signs."""
    history: HistoryOf | None = None
    """What the attribute is made of, where it comes from earlier months; None for a column of the file."""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a column needs a name")
        if not 0.0 <= self.missing_rate <= 1.0:
            raise ValueError(f"a missing rate lies in [0, 1], not {self.missing_rate}")

    @property
    def label(self) -> str:
        """The name in plain words: "MonthlyCharges" → "Monthly charges"."""
        return plain_words(self.name)

    @property
    def number_unit(self) -> Unit | None:
        """The unit of the numbers: as in the training file's cells, else as the column's name says it."""
        if self.kind is not ColumnKind.NUMERIC:
            return None
        named = self.name if self.history is None else self.history.source
        return unit_named_in(named) if self.unit is None else unit_called(self.unit)


@dataclass(frozen=True, slots=True)
class CustomerSchema:
    """The attributes in model order, and the columns that play a role (None where the file had none).

    `tenure_unit` is None in versions that were stored before units were recognised.
    """

    columns: tuple[Column, ...]
    id_column: str | None = None
    target_column: str | None = None
    positive_value: str | None = None
    negative_value: str | None = None
    tenure_column: str | None = None
    revenue_column: str | None = None
    month_column: str | None = None
    tenure_unit: TenureUnit | None = None
    further_positive: tuple[str, ...] = ()
    """Other values of the target that mean that a customer left."""
    reference_date: str | None = None
    """The day to which the training file's dates were counted, "2026-11-29"; the last one of several months."""

    def __post_init__(self) -> None:
        repeated = [name for name, times in Counter(self.names).items() if times > 1]
        if repeated:
            raise ValueError(f"a schema names each column once; {repeated[0]!r} occurs twice")

    @property
    def positive_values(self) -> tuple[str, ...]:
        """All values of the target that mean that a customer left."""
        return () if self.positive_value is None else (self.positive_value, *self.further_positive)

    @property
    def left_words(self) -> str | None:
        """The values that mean left, in words: "Vol or InVol"."""
        return " or ".join(self.positive_values) or None

    @property
    def date_forms(self) -> dict[str, DateForm]:
        """The date attributes, and how the training file wrote them."""
        return {own.name: own.date_form for own in self.columns if own.date_form is not None}

    @property
    def texts_beyond_ascii(self) -> frozenset[str]:
        """Names and levels with letters beyond ASCII, by which a file's encoding can be recognised."""
        texts = (*self.needed, *(level for column in self.columns for level in column.levels))
        return frozenset(text for text in texts if not text.isascii())

    @property
    def file_columns(self) -> tuple[Column, ...]:
        """The attributes that are columns of a file."""
        return tuple(column for column in self.columns if column.history is None)

    @property
    def history_columns(self) -> tuple[Column, ...]:
        """The attributes that are made from earlier months."""
        return tuple(column for column in self.columns if column.history is not None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Raises KeyError for a name that is no attribute."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def is_tenure(self, name: str) -> bool:
        """Whether an attribute says how long somebody has been a customer, by its role first and then by its name."""
        return name == self.tenure_column or is_tenure(name)

    def unit_of(self, name: str) -> TenureUnit:
        """The unit of a tenure attribute.

        In a version without a stored unit, the name says it, or the bill of a month next to the total paid.
        """
        named = unit_in_name(name)
        if name != self.tenure_column:
            return named
        if self.tenure_unit is not None:
            return self.tenure_unit
        billed_monthly = self.revenue_column is not None and any(map(is_paid_so_far, self.names))
        return TenureUnit.MONTHS if named is TenureUnit.UNKNOWN and billed_monthly else named

    def known_unit(self, name: str) -> TenureUnit | None:
        """The unit of the tenure column; None for another attribute, and where the unit is unknown."""
        unit = self.unit_of(name) if name == self.tenure_column else TenureUnit.UNKNOWN
        return None if unit is TenureUnit.UNKNOWN else unit

    def months_each(self, name: str) -> float:
        """What a number of this attribute is multiplied by to get months: 1 where it is no tenure, NaN if unknown."""
        return self.unit_of(name).months_each if self.is_tenure(name) else 1.0

    @property
    def needed(self) -> tuple[str, ...]:
        """Every name that scoring looks for in a file: attributes, then id, month and target if present."""
        extra = (self.id_column, self.month_column, self.target_column)
        names = tuple(column.name for column in self.file_columns)
        return names + tuple(name for name in extra if name is not None and name not in names)
