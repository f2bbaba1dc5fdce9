"""What a saved view keeps, and where it can be used."""

from __future__ import annotations

import pytest

from domain.account import AccountId
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import InvalidInput
from domain.saved_view import SavedView, checked_name, saved_query

QUERY = CustomerQuery(
    0.31, search="7590-VHVEG", likely=True, attributes=(AttributeFilter("Contract", level="a"),), offset=75, limit=25
)


def test_a_view_keeps_filters_but_neither_threshold_search_nor_page() -> None:
    kept = saved_query(QUERY)
    assert (kept.threshold, kept.search, kept.offset) == (0.5, "", 0)
    assert (kept.likely, kept.attributes) == (True, (AttributeFilter("Contract", level="a"),))


def test_a_view_is_shown_at_the_threshold_of_the_page() -> None:
    view = SavedView("v", AccountId("one"), "calls", saved_query(QUERY))
    shown = view.at(CustomerQuery(0.2, limit=10))
    assert (shown.threshold, shown.limit, shown.likely) == (0.2, 10, True)


def test_a_view_names_the_columns_that_a_prediction_does_not_have() -> None:
    query = CustomerQuery(0.5, attributes=(AttributeFilter("Contract"),), reasons=("tenure", "Contract"))
    view = SavedView("v", AccountId("one"), "calls", query)
    assert view.missing_in(("tenure",)) == ("Contract",)
    assert view.missing_in(("tenure", "Contract")) == ()


def test_a_name_is_neither_empty_nor_long() -> None:
    assert checked_name("  High  bills ") == "High bills"
    assert checked_name("x" * 60) == "x" * 60
    for wrong in ("", "  ", "x" * 61):
        with pytest.raises(InvalidInput):
            checked_name(wrong)
