"""The small frozen containers in which bulk data crosses the ports; the application never looks into their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CustomerBatch:
    """Customers of one file in file order, as columns that the adapters agree on (an Arrow record batch).

    Columns: `row` int64 (data row in the file, from 1) · `id` string · `month` string "YYYY-MM", where the schema has
    a snapshot month that is in the file · `actual` bool, where the target is in the file (null: unknown) · for every
    attribute of the schema `a:<name>`: numeric as float64, boolean and categorical as dictionary<int32, string> in
    the trained spelling (an unknown level in its own); null is missing · for every other column of the file
    `x:<position>:<header>` string.
    """

    rows: int
    data: Any


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """What a model says of the customers of a batch, in its order (NumPy arrays).

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
