from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from adapters.ml.scoring.encoding import CategoricalEncoder, CategoricalEncoderPlan, Vocabulary

VOCABULARY = Vocabulary(("bill", "plan", "town"), (None, ("S", "M", "L"), tuple(f"t{i}" for i in range(30))))


def a_batch(bill: list[Any], plan: list[Any], town: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "a:bill": pa.array(bill, pa.float64()),
            "a:plan": pa.array(plan, pa.string()).dictionary_encode(),
            "a:town": pa.array(town, pa.string()).dictionary_encode(),
        }
    )


def learned(*, rare: bool = True, missing: bool = True) -> tuple[CategoricalEncoder, Any, Any]:
    draw = np.random.default_rng(1)
    rows = 600
    plan = draw.choice(["S", "M", "L"] + (["rare"] if rare else []), rows)
    town = [f"t{i}" for i in draw.integers(0, 32 if rare else 30, rows)]
    bill = draw.uniform(10, 90, rows)
    batch = a_batch([None if missing and row % 9 == 0 else x for row, x in enumerate(bill)], list(plan), town)
    codes = VOCABULARY.codes(batch)
    churned = draw.random(rows) < 0.3
    return CategoricalEncoderPlan(one_hot_up_to=12).fit(VOCABULARY, codes, churned), codes, churned


def test_codes_are_numbers_levels_other_and_missing() -> None:
    codes = VOCABULARY.codes(a_batch([1.5, None], ["L", None], ["t29", "never seen"]))
    np.testing.assert_array_equal(codes, np.array([[1.5, 2, 29], [np.nan, np.nan, 30]], np.float32))


@pytest.mark.parametrize("rare", [True, False])
def test_unseen_levels_are_encoded_as_other(rare: bool) -> None:
    treatment, _, _ = learned(rare=rare)
    matrix = treatment.matrix(VOCABULARY.codes(a_batch([5.0] * 3, ["rare", "new", ""], ["x", "t31", "zz"])))
    assert matrix[0].tobytes() == matrix[1].tobytes() == matrix[2].tobytes()
    assert not np.isnan(matrix).any()


def test_columns_are_taken_by_name_whatever_their_order() -> None:
    treatment, _, _ = learned()
    batch = a_batch([5.0, None], ["S", "L"], ["t1", None])
    turned = batch.select(["a:town", "a:bill", "a:plan"])
    one, other = (treatment.matrix(VOCABULARY.codes(own)) for own in (batch, turned))
    assert one.tobytes() == other.tobytes()


def test_rows_do_not_depend_on_other_rows() -> None:
    treatment, codes, _ = learned()
    whole = treatment.matrix(codes)
    for cut in (1, 7, 200):
        parts = np.concatenate([treatment.matrix(codes[:cut]), treatment.matrix(codes[cut:])])
        assert parts.tobytes() == whole.tobytes()
    assert np.ascontiguousarray(treatment.matrix(codes[::-1])[::-1]).tobytes() == whole.tobytes()


def test_a_batch_with_an_own_dictionary_order_gives_the_same_codes() -> None:
    batch = a_batch([1.0, 2.0], ["M", "S"], ["t3", "t2"])
    dictionary = pa.DictionaryArray.from_arrays(pa.array([3, 1], pa.int32()), pa.array(["L", "S", "x", "M"]))
    other = batch.set_column(1, "a:plan", dictionary)
    np.testing.assert_array_equal(VOCABULARY.codes(batch), VOCABULARY.codes(other))


def test_a_column_that_is_not_in_the_batch_is_missing() -> None:
    batch = a_batch([1.0], ["M"], ["t3"]).select(["a:bill"])
    assert np.isnan(VOCABULARY.codes(batch)[0, 1:]).all()


def test_missing_stays_explicit_only_where_training_had_it() -> None:
    gap = a_batch([None], [None], [None])
    with_gaps, _, _ = learned(missing=True)
    without, codes, _ = learned(missing=False)
    assert np.isnan(with_gaps.matrix(VOCABULARY.codes(gap))[0, 0])
    assert without.matrix(VOCABULARY.codes(gap))[0, 0] == np.float32(np.median(codes[:, 0]))


def test_target_statistics_of_training_rows_have_not_seen_their_own_label() -> None:
    rows = 400
    town = [f"t{i % 30}" for i in range(rows)]
    churned = np.random.default_rng(2).random(rows) < 0.3
    codes = VOCABULARY.codes(a_batch([1.0] * rows, ["S"] * rows, town))
    plan = CategoricalEncoderPlan(one_hot_up_to=12, smoothing=1.0)
    _, one = plan.fit_matrix(VOCABULARY, codes, churned, seed=3)
    turned = churned.copy()
    turned[17] = not turned[17]
    _, other = plan.fit_matrix(VOCABULARY, codes, turned, seed=3)
    assert one[17].tobytes() == other[17].tobytes()


def test_vocabulary_and_treatment_survive_json() -> None:
    treatment, codes, _ = learned()
    again = CategoricalEncoder.from_json(treatment.to_json())
    assert again.matrix(codes).tobytes() == treatment.matrix(codes).tobytes()
    assert Vocabulary.from_json(VOCABULARY.to_json()) == VOCABULARY
    assert again.attribute_of_column == [0, 1, 1, 1, 1, 2]
