"""The content of a run's folder: the columns of its Parquet file, and the notes needed to read it.

Columns have generated names (`a0`, `x3` …), because names in a customer file can contain anything and differ only in
case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from application.ports.columns import InputColumn
from domain.errors import InvalidInput
from domain.prediction import REASONS_KEPT
from domain.recommendation import LEAVE_ALONE
from domain.run import ActionTotal, Contacting, DriverShare
from domain.schema import Column

DRIVER_BINS = 200
"""Bins of equal width in probability for the sums of |SHAP|: half a percent each."""

RAISES = tuple(f"raise_{place}" for place in range(1, REASONS_KEPT + 1))
LOWERS = tuple(f"lower_{place}" for place in range(1, REASONS_KEPT + 1))
WRITTEN = "w"
"""First letter of the columns with cells as the file writes them, by the place of the input."""
VALUE = "_value"
"""Suffix of the column with a reason's SHAP value."""
CONTRIBUTIONS = "contributions"
"""The column with all SHAP values of a customer (float32 in schema order, as bytes), used only while a run is
written."""


@dataclass(frozen=True, slots=True)
class StoredAttribute:
    """One attribute: its name in the customer file, its column in the Parquet file.

    `tenure`: it counts the months of a customer.
    """

    name: str
    column: str
    numeric: bool
    levels: tuple[str, ...] = ()
    tenure: bool = False


@dataclass(frozen=True, slots=True)
class DriverSums:
    """Σ|SHAP| and ΣSHAP by probability bin and attribute, and the customers in each bin."""

    customers: tuple[int, ...]
    absolute: tuple[tuple[float, ...], ...]
    signed: tuple[tuple[float, ...], ...]

    def drivers(self, attributes: tuple[StoredAttribute, ...], *, threshold: float = 0.0) -> tuple[DriverShare, ...]:
        """Drivers of the customers above the threshold (to the nearest half percent), strongest first."""
        first = min(round(threshold * DRIVER_BINS), DRIVER_BINS - 1)
        customers = sum(self.customers[first:])
        if not customers:
            return ()
        return driver_shares(
            [attribute.name for attribute in attributes],
            np.asarray(self.absolute[first:]).sum(axis=0) / customers,
            np.asarray(self.signed[first:]).sum(axis=0) / customers,
        )


def driver_shares(
    names: list[str], mean_abs: NDArray[np.float64], mean: NDArray[np.float64]
) -> tuple[DriverShare, ...]:
    """Shares of the total influence, strongest first, ties in schema order."""
    total = float(mean_abs.sum())
    order = sorted(range(len(names)), key=lambda place: (-mean_abs[place], place))
    return tuple(
        DriverShare(names[i], float(mean_abs[i]), float(mean_abs[i]) / total if total else 0.0, float(mean[i]))
        for i in order
    )


@dataclass(frozen=True, slots=True)
class ResultNotes:
    """Everything except the Parquet file that readers need. `actions` are (id, name) in playbook order."""

    rows: int
    attributes: tuple[StoredAttribute, ...]
    extra: tuple[str, ...]
    actions: tuple[tuple[str, str], ...]
    has_month: bool
    has_actual: bool
    revenue_total: float | None
    churned: int
    stayed: int
    drivers: DriverSums
    inputs: tuple[InputColumn, ...] | None = None
    """The file's columns in its order, without the ids, by their columns here. None for results of earlier versions."""
    contacting: Contacting | None = None
    """None for results of versions that did not count all customers worth contacting."""

    def attribute(self, name: str) -> StoredAttribute:
        """Raises InvalidInput if the run has no such attribute."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise InvalidInput("The prediction has no such attribute.", field="attribute")

    def action_id(self, position: int) -> str:
        return self.actions[position][0] if position >= 0 else LEAVE_ALONE

    def action_name(self, position: int) -> str:
        return self.actions[position][1] if position >= 0 else "Leave alone"

    def action_position(self, action_id: str) -> int | None:
        """Position in the playbook, −1 for no action, None for an unknown id."""
        if action_id == LEAVE_ALONE:
            return -1
        return next((place for place, (own, _) in enumerate(self.actions) if own == action_id), None)

    def to_json(self) -> str:
        sums = {item.name: getattr(self.drivers, item.name) for item in fields(self.drivers)}
        own = {item.name: getattr(self, item.name) for item in fields(self)}
        own |= {"attributes": [asdict(attribute) for attribute in self.attributes], "drivers": sums}
        own |= {"inputs": None if self.inputs is None else [asdict(column) for column in self.inputs]}
        own |= {"contacting": asdict(self.contacting) if self.contacting else None}
        return json.dumps(own, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ResultNotes:
        data: Mapping[str, Any] = json.loads(text)
        sums = data["drivers"]
        return cls(
            rows=data["rows"],
            attributes=tuple(
                StoredAttribute(**{**attribute, "levels": tuple(attribute["levels"])})
                for attribute in data["attributes"]
            ),
            extra=tuple(data["extra"]),
            actions=tuple((action_id, name) for action_id, name in data["actions"]),
            has_month=data["has_month"],
            has_actual=data["has_actual"],
            revenue_total=data["revenue_total"],
            churned=data["churned"],
            stayed=data["stayed"],
            drivers=DriverSums(
                tuple(sums["customers"]), tuple(map(tuple, sums["absolute"])), tuple(map(tuple, sums["signed"]))
            ),
            inputs=_inputs(data.get("inputs")),
            contacting=_contacting(data.get("contacting")),
        )


def _inputs(data: Sequence[Mapping[str, str]] | None) -> tuple[InputColumn, ...] | None:
    return None if data is None else tuple(InputColumn(**column) for column in data)


def _contacting(data: Mapping[str, Any] | None) -> Contacting | None:
    if data is None:
        return None
    actions = tuple(ActionTotal(**total) for total in data["actions"])
    left, left_gain = data.get("left", 0), data.get("left_gain", 0.0)
    return Contacting(data["customers"], data["expected_gain"], actions, left, left_gain)


def written_column(place: int) -> str:
    """The column with the cells of an input as the file writes them."""
    return f"{WRITTEN}{place}"


def position_of(column: str) -> int:
    """An attribute's position in the schema, from its column in the Parquet file."""
    return int(column[1:])


def stored_attribute(column: Column, position: int, *, tenure: bool) -> StoredAttribute:
    return StoredAttribute(column.name, f"a{position}", column.kind.is_number, column.levels, tenure)
