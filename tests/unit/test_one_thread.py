"""Linear algebra uses one thread where several would wait for each other."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from adapters.one_thread import one_thread
from adapters.results.grouping import joint_drift


def threads() -> set[int]:
    return {own["num_threads"] for own in threadpool_info() if own["user_api"] == "blas"}


def test_libraries_use_one_thread_within_and_their_own_number_afterwards() -> None:
    with threadpool_limits(2):
        before = threads()
        with one_thread():
            assert threads() == {1}
        assert threads() == before


def test_customers_are_distinguished_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []
    folds = joint_drift._folds

    def noted(codes: joint_drift.Codes) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        seen.append(threads())
        return folds(codes)

    monkeypatch.setattr(joint_drift, "_folds", noted)
    codes = np.random.default_rng(1).integers(0, 4, (200, 3)).astype(np.uint8)
    with threadpool_limits(2):
        assert joint_drift.joint_drift(["a", "b", "c"], codes, codes[::-1]) is not None
    assert seen == [{1}]
