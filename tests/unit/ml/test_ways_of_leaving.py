"""Several values of the target may mean that a customer left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.registry.schema_json import schema_from_json, schema_to_json
from adapters.ml.training.learning_data import learning_data
from domain.errors import InvalidInput, ValueUnclear
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


def in_two_ways(stayed: str, first: str, second: str, *, name: str = "Status") -> tuple[dict[str, Any], np.ndarray]:
    """A file in which every third leaver left in the second way, and who left."""
    columns = {own: values for own, values in customers().items() if own != "Churn"}
    left = customers()["Churn"] == "Yes"
    ways = np.where(np.arange(400) % 3, first, second)
    return columns | {name: np.where(left, ways, stayed).astype(object)}, left


def detected_in(columns: dict[str, Any], *positives: str, **request: Any) -> Detected:
    return detect(a_table(columns), TrainingRequest(**request).with_positives(positives))


@pytest.mark.parametrize(
    ("stayed", "first", "second"),
    [
        ("Current", "Vol", "InVol"),
        ("Active", "Cancelled", "Disconnected"),
        ("0", "1", "2"),
        ("aktiv", "gekündigt", "Zahlungsausfall"),
        ("A", "PORT", "NPAY"),
    ],
)
def test_all_named_values_mean_left(stayed: str, first: str, second: str) -> None:
    columns, left = in_two_ways(stayed, first, second)
    detected = detected_in(columns, first, second, target="Status")
    assert (detected.target.positive, detected.target.further, detected.target.negative) == (first, (second,), stayed)
    assert (detected.churned == left).all()
    assert detected.notes == ()


@pytest.mark.parametrize(
    ("stayed", "first", "second"),
    [("Current", "Vol", "InVol"), ("Active", "Cancelled", "Disconnected"), ("0", "1", "2"), ("A", "PORT", "NPAY")],
)
def test_several_values_are_asked_about(stayed: str, first: str, second: str) -> None:
    columns, _ = in_two_ways(stayed, first, second, name="CHURNED")
    with pytest.raises(ValueUnclear, match="several may mean left") as asked:
        detected_in(columns)
    assert sorted(asked.value.values) == sorted([stayed, first, second])


def test_a_value_that_is_not_named_is_left_out_and_reported() -> None:
    columns, left = in_two_ways("Current", "Vol", "InVol")
    columns["Status"][:20] = "Suspended"
    detected = detected_in(columns, "Vol", "InVol", target="Status")
    assert detected.churned.tolist() == left[20:].tolist()
    assert detected.notes[0] == (
        "20 customers whose 'Status' is 'Suspended' were left out: that is neither 'Vol' or 'InVol' nor 'Current'."
    )


def test_it_is_asked_which_value_stayed_where_several_remain() -> None:
    columns, _ = in_two_ways("A", "PORT", "NPAY")
    columns["Status"][:20] = "X"
    with pytest.raises(ValueUnclear, match="which of them stayed is unclear"):
        detected_in(columns, "PORT", "NPAY", target="Status")


def test_somebody_must_have_stayed() -> None:
    columns, _ = in_two_ways("Current", "Vol", "InVol")
    with pytest.raises(ValueUnclear, match="has to mean stayed"):
        detected_in(columns, "Vol", "InVol", "Current", target="Status")


def test_the_values_are_stored_with_the_schema() -> None:
    columns, _ = in_two_ways("Current", "Vol", "InVol")
    schema = learning_data(detected_in(columns, "Vol", "InVol", target="Status")).schema
    assert schema.positive_values == ("Vol", "InVol")
    assert schema.left_words == "Vol or InVol"
    assert schema_from_json(schema_to_json(schema)) == schema
    older = {name: value for name, value in schema_to_json(schema).items() if name != "further_positive"}
    assert schema_from_json(older).positive_values == ("Vol",)


@settings(max_examples=40, deadline=None)
@given(st.permutations(["Current", "Vol", "InVol", "Died"]), st.integers(0, 3))
def test_a_random_choice_of_values_gives_the_right_leavers_or_a_question(order: list[str], named: int) -> None:
    columns, _ = in_two_ways("Current", "Vol", "InVol")
    columns["Status"][::7] = "Died"
    positives = order[:named]
    try:
        detected = detected_in(columns, *positives, target="Status")
    except InvalidInput:
        return
    status = columns["Status"]
    assert set(positives) == {detected.target.positive, *detected.target.further}
    assert detected.churned.sum() == np.isin(status, positives).sum()
    assert (~detected.churned).sum() == (status == detected.target.negative).sum()
