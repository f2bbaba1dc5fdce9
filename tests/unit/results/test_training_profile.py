"""Whether today's customers are still those of the training."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from adapters.results.grouping.training_profile import counts_in, from_document, profile_of, psi, to_document
from domain.schema import Column, ColumnKind, CustomerSchema

SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC),
        Column("Lines", ColumnKind.NUMERIC),
        Column("Contract", ColumnKind.CATEGORICAL, ("One year", "Two year")),
        Column("Empty", ColumnKind.NUMERIC),
    )
)


def customers(n: int = 1_000, *, seed: int = 1, shift: float = 0.0, level: str = "Two year") -> pa.Table:
    rng = np.random.default_rng(seed)
    tenure = rng.normal(30 + shift, 10, n)
    return pa.table(
        {
            "a:tenure": pa.array(tenure, mask=rng.random(n) < 0.1),
            "a:Lines": pa.array(rng.integers(1, 3, n).astype(float)),
            "a:Contract": pa.array(np.where(rng.random(n) < 0.5, "One year", level)).dictionary_encode(),
            "a:Empty": pa.nulls(n, pa.float64()),
        }
    )


def test_a_profile_counts_deciles_levels_and_missing() -> None:
    profile = profile_of(customers(), SCHEMA)
    tenure, lines, contract, empty = profile.columns
    assert profile.rows == 1_000
    assert len(tenure.edges) == 9
    assert len(tenure.counts) == 12
    assert sum(tenure.counts) == 1_000
    assert tenure.counts[-1] == pytest.approx(100, abs=30)
    assert max(tenure.counts[:10]) - min(tenure.counts[:10]) <= 2
    assert lines.edges == (2.0,)
    assert contract.levels == ("One year", "Two year")
    assert empty.counts == (0, 0, 1_000)
    assert profile.of("nothing") is None


def test_a_profile_survives_json() -> None:
    profile = profile_of(customers(), SCHEMA)
    assert from_document(json.loads(json.dumps(to_document(profile)))) == profile


def shift_of(column: str, changed: pa.Table) -> float | None:
    expected = profile_of(customers(), SCHEMA).of(column)
    assert expected is not None
    return psi(expected.counts, counts_in(expected, changed.column(f"a:{column}")))


def test_drift_is_zero_for_the_same_customers_and_positive_for_others() -> None:
    same = shift_of("tenure", customers(seed=2))
    moved = shift_of("tenure", customers(seed=2, shift=15.0))
    assert same is not None
    assert moved is not None
    assert 0.0 < same < 0.05
    assert moved > 0.25


def test_a_level_that_was_never_seen_counts_as_new() -> None:
    shift = shift_of("Contract", customers(seed=2, level="Weekly"))
    assert shift is not None
    assert shift > 0.25


def test_psi_follows_its_formula_and_is_none_for_few_customers() -> None:
    e, a = [600, 300, 100], [300, 500, 200]
    shares = [((x + 0.5) / (1_000 + 1.5), (y + 0.5) / (1_000 + 1.5)) for x, y in zip(e, a, strict=True)]
    assert psi(e, a) == pytest.approx(sum((y - x) * math.log(y / x) for x, y in shares))
    assert psi(e, [20, 20, 9]) is None
    assert psi(e, [20, 20, 10]) is not None
    assert psi([0, 0, 0], a) is None
