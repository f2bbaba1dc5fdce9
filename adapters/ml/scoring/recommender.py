"""Applies the domain's recommendation rules to columns: eligibility per level, arithmetic per action.

The actions that match a value are bits of one number per row, so that a customer's three reasons and all requirements
are combined with `|` and `&`. The rules are the domain's functions, called on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adapters.ml.scoring.stored_batches import as_batch
from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from domain.playbook import Action, Condition, Playbook
from domain.recommendation import LEAVE_ALONE_GAIN, Economics, expected_gain, is_preferred
from domain.schema import CustomerSchema

Bits = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.float64]

ACTIONS_A_PASS = 64
"""Bits of one number. A longer playbook needs several passes."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A text attribute: a code per row into `levels`. Missing values have the code after the last level."""

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
    """A number per row, NaN if missing. `months_each` is the schema's: a tenure is compared in months."""

    values: Numbers
    months_each: float = 1.0

    def bits(self, conditions: Sequence[tuple[Condition, int]]) -> Bits:
        matching = np.zeros(len(self.values), dtype=np.uint64)
        for condition, bit in conditions:
            holds = condition.holds_for_number(condition.comparable(self.values, self.months_each))
            matching |= np.where(holds, np.uint64(bit), np.uint64(0))
        return matching


Attribute = Levels | Measures


class ColumnarRecommender:
    """Implements `application.ports.models.Recommender`. Has no state and uses memory for one batch."""

    def recommend(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        economics: Economics,
    ) -> RecommendedBatch:
        """The best action per row: position in the playbook and gain; −1 and 0 if no action has a positive gain.

        An attribute that the batch lacks is missing for all rows. A revenue of None or NaN counts as unknown.
        """
        attributes = _attributes(batch, schema)
        revenue = _revenue(attributes, schema, batch.rows)
        best = np.full(batch.rows, -1, dtype=np.int16)
        gain = np.full(batch.rows, LEAVE_ALONE_GAIN)
        for start in range(0, len(playbook.actions), ACTIONS_A_PASS):
            actions = playbook.actions[start : start + ACTIONS_A_PASS]
            eligible = _matching_reasons(actions, attributes, schema, scored.raises) & _eligible(
                actions, attributes, batch.rows
            )
            _take_better(best, gain, actions, start, eligible, _Money(scored.probability, revenue, economics))
        return RecommendedBatch(batch.rows, best, gain, revenue)

    def recommend_stored(
        self, stored: CustomerColumns, *, schema: CustomerSchema, playbook: Playbook, economics: Economics
    ) -> RecommendedBatch:
        batch, scored = as_batch(stored, np.arange(stored.rows), schema)
        return self.recommend(batch, scored, schema=schema, playbook=playbook, economics=economics)

    def gains(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        economics: Economics,
    ) -> tuple[Numbers, Numbers]:
        """Expected gain (actions × rows), −inf where the action cannot be offered, and revenue (0 if unknown)."""
        attributes = _attributes(batch, schema)
        revenue = _revenue(attributes, schema, batch.rows)
        money = _Money(scored.probability, revenue, economics)
        gain = np.full((len(playbook.actions), batch.rows), -np.inf)
        for start in range(0, len(playbook.actions), ACTIONS_A_PASS):
            actions = playbook.actions[start : start + ACTIONS_A_PASS]
            eligible = _matching_reasons(actions, attributes, schema, scored.raises) & _eligible(
                actions, attributes, batch.rows
            )
            for place, action in enumerate(actions):
                offered = (eligible & np.uint64(1 << place)) != 0
                np.copyto(gain[start + place], money.gain_of(action), where=offered)
        return gain, money.revenue


class _Money:
    """Probability and value of a batch's customers, from which each action's gain follows."""

    def __init__(self, probability: Numbers, revenue: Numbers, economics: Economics) -> None:
        known = ~np.isnan(revenue)
        self.probability = probability
        self.value: Numbers = np.where(known, economics.value_of(revenue), economics.customer_value)
        self.revenue: Numbers = np.where(known, revenue, 0.0)

    def gain_of(self, action: Action) -> Numbers:
        return expected_gain(
            self.probability,
            value=self.value,
            save_rate=action.save_rate,
            offer_cost=action.offer_cost(self.revenue),
            contact_cost=action.contact_cost,
        )


def _take_better(
    best: npt.NDArray[np.int16],
    gain: Numbers,
    actions: Sequence[Action],
    start: int,
    eligible: Bits,
    money: _Money,
) -> None:
    """Set each action in the rows that are eligible for it and in which it is better than the best one so far."""
    in_use = int(np.bitwise_or.reduce(eligible, initial=np.uint64(0)))
    for place, action in enumerate(actions):
        if not in_use >> place & 1:
            continue
        gains = money.gain_of(action)
        better = (eligible & np.uint64(1 << place)) != 0
        better &= is_preferred(gains, gain)
        np.copyto(gain, gains, where=better)
        np.copyto(best, np.int16(start + place), where=better)


def _matching_reasons(
    actions: Sequence[Action], attributes: dict[str, Attribute], schema: CustomerSchema, raises: npt.NDArray[np.int16]
) -> Bits:
    """Bits of the actions that match one of a row's raising reasons."""
    rows = len(raises)
    answers = np.zeros((len(schema.columns) + 1, rows), dtype=np.uint64)  # the last row stands for "no reason" (−1)
    for position, name in enumerate(schema.names):
        spoken = [(c, 1 << i) for i, action in enumerate(actions) for c in action.answers if c.speaks_of(name)]
        if spoken and name in attributes:
            answers[position] = attributes[name].bits(spoken)
    flat, each = answers.ravel(), np.arange(rows, dtype=np.intp)
    matching = np.zeros(rows, dtype=np.uint64)
    for reason in range(raises.shape[1]):
        place = np.where(raises[:, reason] < 0, len(schema.columns), raises[:, reason]).astype(np.intp)
        place *= rows
        place += each
        matching |= flat.take(place)
    return matching


def _eligible(actions: Sequence[Action], attributes: dict[str, Attribute], rows: int) -> Bits:
    """Bits of the actions for which the row meets all requirements."""
    price_action = np.full(rows, _joined(1 << i for i in range(len(actions))), dtype=np.uint64)
    needs: dict[Condition, int] = {}
    for place, action in enumerate(actions):
        for condition in action.requires:
            needs[condition] = needs.get(condition, 0) | 1 << place
    for condition, bits in needs.items():
        meeting = np.zeros(rows, dtype=np.uint64)
        for name, attribute in attributes.items():
            if condition.speaks_of(name):
                meeting |= attribute.bits([(condition, bits)])
        price_action &= meeting | ~np.uint64(bits)
    return price_action


def _attributes(batch: CustomerBatch, schema: CustomerSchema) -> dict[str, Attribute]:
    names = set(batch.data.schema.names)
    return {
        name: _attribute(batch.data.column(f"a:{name}"), schema.months_each(name))
        for name in schema.names
        if f"a:{name}" in names
    }


def _attribute(column: pa.Array, months_each: float) -> Attribute:
    if not pa.types.is_dictionary(column.type):
        return Measures(_numbers(column), months_each)
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
