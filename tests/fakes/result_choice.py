"""Which customers of a result are meant, in which order, and in which group each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adapters.results.writing.bin_edges import OTHERS, Bin, Spread, number_bins
from application.ports.results import ScoredCustomer
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import CustomerNotFound, InvalidInput
from domain.playbook import Playbook
from domain.schema import ColumnKind
from domain.vocabulary.tenure import TenureUnit
from tests.fakes.result_figures import Stored


def is_chosen(stored: Stored, one: ScoredCustomer, query: CustomerQuery) -> bool:
    return (
        (query.likely is None or one.prediction.likely_to_leave == query.likely)
        and (query.worth_contacting is None or (one.expected_gain > 0.0) == query.worth_contacting)
        and (not query.bands or one.prediction.band in query.bands)
        and (query.action is None or one.action_id == query.action)
        and all(_passes(stored, one, wanted) for wanted in query.attributes)
        and (not query.reasons or {own.attribute for own in one.prediction.shown} == _known(stored, query.reasons))
    )


def _known(stored: Stored, names: Sequence[str]) -> set[str]:
    return {str(_column(stored, name).name) for name in names}


def searched(customers: list[ScoredCustomer], text: str) -> list[ScoredCustomer]:
    beginning = [one for one in customers if one.customer.id.lower().startswith(text)]
    return beginning or [one for one in customers if text in one.customer.id.lower()]


def in_order(customers: list[ScoredCustomer], query: CustomerQuery, playbook: Playbook) -> list[ScoredCustomer]:
    keys: dict[str, Callable[[ScoredCustomer], Any]] = {
        "risk": lambda one: one.prediction.probability,
        "gain": lambda one: one.expected_gain,
        "revenue": lambda one: one.monthly_revenue or 0.0,
        "action": lambda one: _action_name(playbook, one.action_id).casefold(),
        "id": lambda one: one.customer.id,
        "row": lambda one: one.customer.row,
    }
    if query.sort not in keys:
        raise InvalidInput("Customers can be sorted by risk, gain, revenue, action, id, row.", field="sort")
    ordered = sorted(customers, key=lambda one: one.customer.row)
    if query.sort in ("gain", "revenue", "action"):
        ordered.sort(key=lambda one: -one.prediction.probability)
    ordered = sorted(ordered, key=keys[query.sort], reverse=query.descending)
    if query.sort == "revenue":
        ordered.sort(key=lambda one: one.monthly_revenue is None)
    return ordered


def _action_name(playbook: Playbook, action_id: str) -> str:
    action = playbook.action(action_id)
    return action.name if action else "Leave alone"


def those_of(
    stored: Stored, threshold: float, filters: Sequence[AttributeFilter], likely: bool | None
) -> list[ScoredCustomer]:
    return [
        one
        for one in stored.customers
        if all(_passes(stored, one, wanted) for wanted in filters)
        and (likely is None or (one.prediction.probability >= threshold) is likely)
    ]


def _passes(stored: Stored, one: ScoredCustomer, wanted: AttributeFilter) -> bool:
    numeric = _column(stored, wanted.attribute).kind is ColumnKind.NUMERIC
    value = one.customer.attributes[wanted.attribute]
    if wanted.level is not None:
        if numeric:
            raise InvalidInput("The attribute holds numbers and can't be filtered like that.", field="attribute")
        return value == wanted.level
    if wanted.low is None and wanted.high is None:
        return value is None
    if not numeric:
        raise InvalidInput("The attribute holds text and can't be filtered like that.", field="attribute")
    if not isinstance(value, float):
        return False
    return (wanted.low is None or value >= wanted.low) and (wanted.high is None or value < wanted.high)


def _column(stored: Stored, name: str) -> Any:
    try:
        return stored.schema.column(name)
    except KeyError as error:
        raise InvalidInput("The prediction has no such attribute.", field="attribute") from error


def place_of(customers: Sequence[ScoredCustomer], row: int) -> int:
    for place, one in enumerate(customers):
        if one.customer.row == row:
            return place
    raise CustomerNotFound(row)


def axis_of(
    stored: Stored, name: str, *, levels: int, numbers: int
) -> tuple[list[Bin], Callable[[ScoredCustomer], Bin]]:
    """The bins suit all customers of the run, whatever the filter."""
    column = _column(stored, name)
    known = [value for one in stored.customers if (value := one.customer.attributes[name]) is not None]
    missing = Bin("", None, None)
    if column.kind is ColumnKind.NUMERIC:
        return _number_axis(name, known, numbers, missing, months=stored.schema.known_unit(name) is TenureUnit.MONTHS)
    counts = Counter(map(str, known))
    biggest = sorted(counts, key=lambda level: (-counts[level], level))[:levels]
    bins = {level: Bin(level, None, None) for level in biggest}
    others = Bin(OTHERS, None, None)

    def level_bin(one: ScoredCustomer) -> Bin:
        value = one.customer.attributes[name]
        return missing if value is None else bins.get(str(value), others)

    return [*bins.values(), others, missing], level_bin


def _number_axis(
    name: str, known: list[Any], most: int, missing: Bin, *, months: bool
) -> tuple[list[Bin], Callable[[ScoredCustomer], Bin]]:
    bins: list[Bin] = []
    if known:
        low, high = np.quantile(known, [0.01, 0.99]).tolist()
        whole = all(float(value).is_integer() for value in known)
        integers = tuple(sorted({int(value) for value in known})) if whole else ()
        bins = list(number_bins(Spread(min(known), max(known), low, high, integers), most=most, months=months))

    def number_bin(one: ScoredCustomer) -> Bin:
        value = one.customer.attributes[name]
        if value is None:
            return missing
        return [own for own in bins if own.low is None or float(value) >= own.low][-1]

    return [*bins, missing], number_bin
