"""Telling customers of a run from those of the training: the classifier, its interval and its words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from adapters.formatting.babel_formats import formats_without_currency
from adapters.results.grouping.joint_drift import _auc, _numbered, joint_drift
from adapters.results.grouping.training_profile import (
    codes_in,
    counts_in,
    from_document,
    learned_codes,
    profile_of,
    to_document,
)
from adapters.results.writing.customer_sample import CustomerSample
from domain.evaluation import Metric
from domain.joint_drift import UNKNOWN, JointDrift, auc_interval, joint_drift_words, sample_size
from domain.schema import Column, ColumnKind
from domain.training_profile import TrainingProfile
from tests.builders import a_schema

FORMATS = formats_without_currency()
NAMES = ("tenure", "MonthlyCharges", "Contract", "Partner", "PaymentMethod")
SCHEMA = a_schema(
    columns=(Column("tenure", ColumnKind.NUMERIC), Column("Contract", ColumnKind.CATEGORICAL, ("Monthly", "Yearly")))
)


def made(draw: np.random.Generator, customers: int, *, moved: float = 0.0, tied: float = 0.0) -> NDArray[np.uint8]:
    """Bins of five attributes: the first may move, and the second may depend on the third."""
    own = draw.normal(size=(customers, len(NAMES)))
    own[:, 0] += moved
    own[:, 1] = tied * own[:, 2] + (1.0 - tied**2) ** 0.5 * own[:, 1]
    return np.searchsorted([-1.0, -0.5, 0.0, 0.5, 1.0], own).astype(np.uint8)


def of(scored: NDArray[np.uint8], learned: int = 1500) -> JointDrift:
    drift = joint_drift(NAMES, made(np.random.default_rng(1), learned), scored)
    assert drift is not None
    return drift


def test_a_moved_attribute_is_recognised_and_named() -> None:
    drift = of(made(np.random.default_rng(2), 1000, moved=0.8))

    assert (drift.learned, drift.scored) == (1500, 1000)
    assert drift.is_distinguishable
    assert drift.auc.value == pytest.approx(0.71, abs=0.03)
    assert drift.differing[0] == "tenure"


def test_a_dependence_that_no_attribute_shows_alone_is_recognised() -> None:
    drift = of(made(np.random.default_rng(3), 1500, tied=0.8))

    assert drift.is_distinguishable
    assert set(drift.differing[:2]) == {"MonthlyCharges", "Contract"}


def test_customers_like_those_of_the_training_are_not_distinguished_and_nothing_is_named() -> None:
    drifts = [of(made(np.random.default_rng(seed), 600)) for seed in range(10, 40)]

    assert sum(drift.is_distinguishable for drift in drifts) <= 2
    assert all(drift.is_distinguishable or drift.differing == () for drift in drifts)


def test_customers_who_come_again_are_not_taken_for_others() -> None:
    learned = made(np.random.default_rng(1), 1500)
    again = joint_drift(NAMES, learned, learned[:600])
    assert again is not None
    assert again.auc.value == pytest.approx(0.5, abs=0.05)
    assert not again.is_distinguishable


def test_the_same_customers_give_the_same_answer() -> None:
    assert of(made(np.random.default_rng(5), 400)) == of(made(np.random.default_rng(5), 400))


def test_few_customers_or_constant_attributes_say_nothing() -> None:
    draw = np.random.default_rng(6)
    assert joint_drift(NAMES, made(draw, 1500), made(draw, 49)) is None
    assert joint_drift(NAMES, made(draw, 49), made(draw, 1500)) is None
    assert joint_drift((), np.empty((100, 0), np.uint8), np.empty((100, 0), np.uint8)) is None
    assert joint_drift(("tenure",), np.zeros((100, 1), np.uint8), np.zeros((100, 1), np.uint8)) is None
    assert joint_drift(("tenure", "bill"), np.ones((100, 2), np.uint8), np.ones((100, 2), np.uint8)) is None


def test_the_interval_of_an_auc_by_chance_and_of_one_near_1() -> None:
    chance = auc_interval(0.5, 100, 100)  # 1.96 · 1.5 · √(201 / 120,000)
    assert (chance.low, chance.high) == pytest.approx((0.37968, 0.62032), abs=1e-4)
    assert auc_interval(1.0, 100, 100) == Metric(1.0, 1.0, 1.0)
    assert auc_interval(0.99, 50, 50).high == 1.0


def test_a_training_keeps_at_most_5000_rows_and_500000_values() -> None:
    assert [sample_size(*own) for own in ((300, 20), (9_000, 20), (9_000, 100), (9_000, 1_000), (9_000, 0))] == [
        300,
        5_000,
        5_000,
        500,
        5_000,
    ]


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        (None, UNKNOWN),
        (
            JointDrift(Metric(0.712, 0.694, 0.73), 5000, 900, ("tenure", "Contract", "MonthlyCharges")),
            (
                "The new customers can be distinguished from those of the training in 71 of 100 pairs (95% interval "
                "69 to 73; 50 is chance). What differs most: tenure, contract and monthly charges."
            ),
        ),
        (
            JointDrift(Metric(0.52, 0.506, 0.534), 5000, 5000, ("tenure",)),
            (
                "The new customers can hardly be distinguished from those of the training in 52 of 100 pairs (95% "
                "interval 51 to 53; 50 is chance). What differs most: tenure."
            ),
        ),
        (
            JointDrift(Metric(0.53, 0.5, 0.56), 900, 900),
            (
                "The new customers cannot be distinguished from those of the training: 53 of 100 pairs (95% interval "
                "50 to 56; 50 is chance)."
            ),
        ),
    ],
)
def test_the_words_depend_on_the_interval(drift: JointDrift | None, words: str) -> None:
    assert joint_drift_words(drift, FORMATS) == words


def batch(customers: int, seed: int = 0) -> pa.RecordBatch:
    draw = np.random.default_rng(seed)
    tenure = np.where(draw.random(customers) < 0.1, np.nan, draw.integers(0, 72, customers).astype(float))
    contract = [("Monthly", "Yearly", "Weekly", None)[place % 4] for place in range(customers)]
    return pa.RecordBatch.from_pydict(
        {"a:tenure": pa.array(tenure, from_pandas=True), "a:Contract": pa.array(contract).dictionary_encode()}
    )


def test_the_bins_of_customers_are_those_that_are_counted() -> None:
    data = batch(500)
    profile = profile_of(data, SCHEMA)
    codes = codes_in(profile.columns, data)
    for place, column in enumerate(profile.columns):
        counted = counts_in(column, data.column(f"a:{column.column}"))
        assert np.bincount(codes[:, place], minlength=len(counted)).tolist() == counted.tolist()


def test_a_profile_keeps_bins_of_sampled_customers_in_another_order_and_comes_back() -> None:
    data = batch(500)
    profile = profile_of(data, SCHEMA)
    learned, everybody = learned_codes(profile), codes_in(profile.columns, data)

    assert learned.shape == (500, 2)
    assert sorted(map(tuple, learned.tolist())) == sorted(map(tuple, everybody.tolist()))
    assert learned.tolist() != everybody.tolist()
    assert from_document(to_document(profile)) == profile
    earlier = {key: own for key, own in to_document(profile).items() if key != "sample"}
    assert from_document(earlier).sample == b""


def test_a_sample_of_a_run_does_not_depend_on_its_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.results.writing.customer_sample.MAX_SAMPLE", 50)
    data = batch(1000)
    profile = profile_of(data, SCHEMA)
    whole, parts = CustomerSample(profile), CustomerSample(profile)
    whole.add(data)
    for start in range(0, 1000, 130):
        parts.add(data.slice(start, 130))

    assert whole.codes.shape == (50, 2)
    assert whole.codes.tolist() == parts.codes.tolist()


def test_a_sample_of_few_customers_is_all_of_them() -> None:
    data = batch(60)
    profile: TrainingProfile = profile_of(data, SCHEMA)
    sample = CustomerSample(profile)
    sample.add(data)
    assert sample.codes.tolist() == codes_in(profile.columns, data).tolist()


def test_equal_rows_have_one_number_in_the_order_of_their_bins() -> None:
    rows = np.array([[1, 2], [0, 255], [1, 2], [1, 0]], np.uint8)
    assert _numbered(rows).tolist() == [2, 0, 2, 1]
    nine = np.zeros((3, 9), np.uint8)
    nine[0, 8], nine[2, 0] = 7, 1
    assert _numbered(nine).tolist() == [1, 0, 2]
    assert _numbered(rows[:1]).tolist() == [0]


def test_a_tie_counts_half_of_a_pair() -> None:
    """Of six pairs the new customer is above in five and equal in one."""
    score, new = np.array([0.1, 0.5, 0.5, 0.9, 0.3]), np.array([False, False, True, True, False])
    assert _auc(score, new) == 5.5 / 6
    assert _auc(np.array([0.2, 0.4, 0.2, 0.1]), np.array([False, False, True, True])) == 0.5 / 4
