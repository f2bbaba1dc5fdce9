"""Frozen containers that carry bulk data between adapters. The application never reads their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A column of the customer file, other than the ids: its header, and the name of the column with its values."""

    header: str
    column: str


@dataclass(frozen=True, slots=True)
class CustomerBatch:
    """Customers of one file in file order, as columns (an Arrow record batch).

    Columns: `row` int64 (data row in the file, from 1) · `id` string · `month` string "YYYY-MM", where the schema has
    a snapshot month that is in the file · `actual` bool, where the target is in the file (null: unknown) · for every
    attribute of the schema `a:<name>`: numeric as float64, boolean and categorical as dictionary<int32, string> in
    the spelling of the training data (an unknown level as in the file, shortened if very long); null is missing · for
    every other column of the file `x:<position>:<header>` string · `w:<place>` string: the cells of an input, by its
    place in `inputs`, where the file writes the value in another way than `written_as` does; absent if there are none.
    `inputs` are the file's columns in its order.
    """

    rows: int
    data: Any
    inputs: tuple[InputColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A model's scores and explanations for a batch, in the batch's order (NumPy arrays).

    `probability` float64 (n) · `margin` float64 (n): log-odds, the sum of base value and contributions ·
    `contributions` float32 (n × attributes): SHAP values in log-odds, in schema order · `raises` and `lowers`
    int16 (n × 3): schema positions of the strongest reasons of each kind, −1 where there are fewer.
    """

    rows: int
    base_value: float
    probability: Any
    margin: Any
    contributions: Any
    raises: Any
    lowers: Any


@dataclass(frozen=True, slots=True)
class RecommendedBatch:
    """The best action for each customer of a batch (NumPy arrays).

    `action` int16 (n): position in the playbook, −1 for "leave alone" · `gain` float64 (n): expected gain, 0 there ·
    `revenue` float64 (n): monthly revenue, NaN where unknown.
    """

    rows: int
    action: Any
    gain: Any
    revenue: Any


@dataclass(frozen=True, slots=True)
class CustomerColumns:
    """Stored customers of a run as columns (an Arrow table), for callers that need no object per customer.

    Columns: `row` int64 · `id` string · `month` string · `actual` bool · `probability` float64 · `action` int16:
    position in `actions`, −1 for "leave alone" · `gain` float64 · `revenue` float64 · `raise_1` … `raise_3` and
    `lower_1` … `lower_3` int16: positions in `attributes`, strongest first, −1 where there are fewer · `a<position>`
    for each of `attributes`: numeric as float64, others as dictionary or string · `x<position>` string for each of
    `extra`, the file's other columns · `w<place>` string as in a batch. Null is missing. `inputs` are the file's
    columns in its order; None in results of versions that did not keep it. Sorting by `places` (int64) gives the
    requested order; None if the customers are already in it.
    """

    rows: int
    data: Any
    attributes: tuple[str, ...]
    extra: tuple[str, ...]
    actions: tuple[str, ...]
    places: Any | None = None
    inputs: tuple[InputColumn, ...] | None = None
