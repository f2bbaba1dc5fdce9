import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from adapters.ml.tree_shap import strongest as strongest_module
from adapters.ml.tree_shap.strongest import strongest

FEW_VALUES = st.sampled_from([-2.5, -1.0, -0.0, 0.0, 1e-300, 0.25, 1.0, 3.0])  # ties on purpose


def sorted_by_hand(row: NDArray[np.float64], k: int, sign: int) -> tuple[list[int], list[float]]:
    ranked = sorted(
        (attribute for attribute in range(len(row)) if sign * row[attribute] > 0),
        key=lambda attribute: (-sign * row[attribute], attribute),
    )[:k]
    padding = k - len(ranked)
    return ranked + [-1] * padding, [row[attribute] for attribute in ranked] + [0.0] * padding


@settings(deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(0, 12), st.integers(0, 7)), elements=FEW_VALUES),
    st.integers(0, 4),
)
def test_the_strongest_are_those_that_sorting_finds(contributions: NDArray[np.float64], k: int) -> None:
    before = contributions.copy()
    largest = strongest(contributions, k)
    for index, row in enumerate(contributions):
        assert (largest.raises[index].tolist(), largest.raised[index].tolist()) == sorted_by_hand(row, k, 1)
        assert (largest.lowers[index].tolist(), largest.lowered[index].tolist()) == sorted_by_hand(row, k, -1)
    assert largest.raises.shape == largest.lowered.shape == (len(contributions), k)
    np.testing.assert_array_equal(contributions, before)


def test_results_do_not_depend_on_block_boundaries(monkeypatch: pytest.MonkeyPatch) -> None:
    contributions = np.random.default_rng(4).normal(size=(50, 6))
    whole = strongest(contributions)
    monkeypatch.setattr(strongest_module, "BLOCK_ROWS", 7)
    for one, other in zip(whole, strongest(contributions), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_input_must_be_a_matrix() -> None:
    with pytest.raises(ValueError, match="matrix"):
        strongest(np.zeros(3))
