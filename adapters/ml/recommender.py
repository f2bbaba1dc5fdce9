"""The domain's recommendation rules on columns: eligibility once per level, arithmetic once per action.

Which actions a value answers is kept as bits of one number per row, so that a customer's three reasons and every
requirement are joined by `|` and `&`. The rules themselves are the domain's own functions, called on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from domain.recommendation import Action, Condition, Economics, Playbook, expected_gain
from domain.schema import CustomerSchema

Bits = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ACTIONS_A_PASS = 64
"""Bits of one number; a longer playbook takes further passes."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A text attribute: a code per row into `levels`; missing rows carry the code behind the last level."""

    codes: npt.NDArray[np.int32]
    levels: tuple[str | None, ...]

    def bits(self, conditions: Sequence[tuple[Condition, int]]) -> Bits:
        table = np.zeros(len(self.levels) + 1, dtype=np.uint64)
        for place, level in enumerate(self.levels):
            if level is not None:
                table[place] = _joined(bit for condition, bit in conditions if condition.holds_for_level(level))
        return table.take(self.codes)


@dataclass(frozen=True, slots=True)
class Measures:
    """A number per row, NaN where missing."""

    values: Numbers

    def bits(self, conditions: Sequence[tuple[Condition, int]]) -> Bits:
        known = self.values == self.values  # a missing value fulfils nothing, whatever the test
        found = np.zeros(len(self.values), dtype=np.uint64)
        for condition, bit in conditions:
            holds = condition.holds_for_number(self.values)  # type: ignore[arg-type]
            found |= np.where(holds & known, np.uint64(bit), np.uint64(0))
        return found


Attribute = Levels | Measures


class ColumnarRecommender:
    """Implements `application.ports.models.Recommender`. Without state; takes memory for one batch alone."""

    def recommend(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        economics: Economics,
    ) -> RecommendedBatch:
        """The best action per row: position in the playbook and gain, or −1 and 0 where none earns anything.

        An attribute that the batch lacks is missing for all. A revenue of None or NaN counts as unknown.
        """
        attributes = _attributes(batch, schema)
        revenue = _revenue(attributes, schema, batch.rows)
        best = np.full(batch.rows, -1, dtype=np.int16)
        gain = np.zeros(batch.rows)
        for start in range(0, len(playbook.actions), ACTIONS_A_PASS):
            actions = playbook.actions[start : start + ACTIONS_A_PASS]
            eligible = _answered(actions, attributes, schema, scored.raises) & _offered(actions, attributes, batch.rows)
            _take_better(best, gain, actions, start, eligible, _Money(scored.probability, revenue, economics))
        return RecommendedBatch(batch.rows, best, gain, revenue)


class _Money:
    """Probability and value of a batch's customers, from which each action's gain follows."""

    def __init__(self, probability: Numbers, revenue: Numbers, economics: Economics) -> None:
        known = revenue == revenue
        value: Any = economics.value_of(revenue)  # type: ignore[arg-type]
        self.probability = probability
        self.value: Numbers = np.where(known, value, economics.customer_value)
        self.revenue: Numbers = np.where(known, revenue, 0.0)

    def gain_of(self, action: Action) -> Numbers:
        gains: Any = expected_gain(
            self.probability,  # type: ignore[arg-type]
            value=self.value,  # type: ignore[arg-type]
            save_rate=action.save_rate,
            offer_cost=action.offer_cost(self.revenue),  # type: ignore[arg-type]
            contact_cost=action.contact_cost,
        )
        return gains  # type: ignore[no-any-return]


def _take_better(
    best: npt.NDArray[np.int16],
    gain: Numbers,
    actions: Sequence[Action],
    start: int,
    eligible: Bits,
    money: _Money,
) -> None:
    """Write each action into the rows where it may be offered and earns more than all before it (ties: the first)."""
    in_use = int(np.bitwise_or.reduce(eligible, initial=np.uint64(0)))
    for place, action in enumerate(actions):
        if not in_use >> place & 1:
            continue
        gains = money.gain_of(action)
        better = (eligible & np.uint64(1 << place)) != 0
        better &= gains > gain
        np.copyto(gain, gains, where=better)
        np.copyto(best, np.int16(start + place), where=better)


def _answered(
    actions: Sequence[Action], attributes: dict[str, Attribute], schema: CustomerSchema, raises: npt.NDArray[np.int16]
) -> Bits:
    """Bits of the actions that answer one of a row's raising reasons."""
    rows = len(raises)
    answers = np.zeros((len(schema.columns) + 1, rows), dtype=np.uint64)  # the last row stands for "no reason" (−1)
    for position, name in enumerate(schema.names):
        spoken = [(c, 1 << i) for i, action in enumerate(actions) for c in action.answers if c.speaks_of(name)]
        if spoken and name in attributes:
            answers[position] = attributes[name].bits(spoken)
    flat, each = answers.ravel(), np.arange(rows)
    found = np.zeros(rows, dtype=np.uint64)
    for reason in range(raises.shape[1]):
        position = np.where(raises[:, reason] < 0, len(schema.columns), raises[:, reason]).astype(np.intp)
        position *= rows
        position += each
        found |= flat.take(position)
    return found


def _offered(actions: Sequence[Action], attributes: dict[str, Attribute], rows: int) -> Bits:
    """Bits of the actions whose every requirement the row fulfils."""
    offered = np.full(rows, _joined(1 << i for i in range(len(actions))), dtype=np.uint64)
    needs: dict[Condition, int] = {}
    for place, action in enumerate(actions):
        for condition in action.requires:
            needs[condition] = needs.get(condition, 0) | 1 << place
    for condition, bits in needs.items():
        kept = np.zeros(rows, dtype=np.uint64)
        for name, attribute in attributes.items():
            if condition.speaks_of(name):
                kept |= attribute.bits([(condition, bits)])
        offered &= kept | ~np.uint64(bits)
    return offered


def _attributes(batch: CustomerBatch, schema: CustomerSchema) -> dict[str, Attribute]:
    names = set(batch.data.schema.names)
    return {name: _attribute(batch.data.column(f"a:{name}")) for name in schema.names if f"a:{name}" in names}


def _attribute(column: pa.Array) -> Attribute:
    if not pa.types.is_dictionary(column.type):
        return Measures(_numbers(column))
    levels = tuple(column.dictionary.to_pylist())
    codes = pc.fill_null(column.indices, len(levels)) if column.null_count else column.indices
    return Levels(codes.to_numpy(zero_copy_only=False), levels)


def _numbers(column: pa.Array) -> Numbers:
    numbers: Numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False)  # null becomes NaN
    return numbers


def _revenue(attributes: dict[str, Attribute], schema: CustomerSchema, rows: int) -> Numbers:
    attribute = attributes.get(schema.revenue_column or "")
    return attribute.values if isinstance(attribute, Measures) else np.full(rows, np.nan)


def _joined(bits: Iterable[int]) -> np.uint64:
    together = 0
    for bit in bits:
        together |= bit
    return np.uint64(together)
