"""Groups from sums of blocks: wherever a threshold cuts, they are what plain loops find."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.results.files.manifest import MANIFEST
from adapters.results.store import ParquetResults
from adapters.results.writing import batch_buffer
from adapters.results.writing.bin_codes import BIN_CODES, CONTRIBUTIONS, SUMS
from domain.customer_query import AttributeFilter
from domain.errors import ResultMissing
from tests.contract.results.scored import RUN, SCHEMA, close, made, write
from tests.fakes.results import InMemoryResults
from tests.fakes.truth_evaluator import CountingEvaluator


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ParquetResults:
    """300 customers in blocks of 64."""
    monkeypatch.setattr(batch_buffer, "BLOCK", 64)
    filled = ParquetResults(tmp_path, CountingEvaluator())
    write(filled, made())
    return filled


@pytest.fixture
def oracle() -> InMemoryResults:
    memory = InMemoryResults()
    write(memory, made())
    return memory


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.2, 0.31, 0.455, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("likely", [None, True, False])
def test_a_threshold_anywhere_in_a_block_gives_the_same_groups(
    threshold: float, likely: bool | None, store: ParquetResults, oracle: InMemoryResults
) -> None:
    for attribute in SCHEMA.names:
        given = {"threshold": threshold, "likely": likely}
        assert close(store.groups(RUN, attribute, **given), oracle.groups(RUN, attribute, **given))  # type: ignore[arg-type]


def test_missing_bin_codes_are_built_when_a_run_is_opened(store: ParquetResults, tmp_path: Path) -> None:
    before = [store.groups(RUN, name, threshold=0.4) for name in SCHEMA.names]
    for name in (BIN_CODES, SUMS):
        (tmp_path / RUN / name).unlink()
    (tmp_path / RUN / MANIFEST).unlink()

    reopened = ParquetResults(tmp_path, CountingEvaluator())
    assert close([reopened.groups(RUN, name, threshold=0.4) for name in SCHEMA.names], before)
    assert (tmp_path / RUN / BIN_CODES).is_file()
    assert (tmp_path / RUN / SUMS).is_file()


def test_contributions_are_the_same_in_blocks_of_any_size(
    store: ParquetResults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    whole = ParquetResults(tmp_path / "whole", CountingEvaluator())
    write(whole, made())
    for name in SCHEMA.names:
        assert close(store.contributions(RUN, name), whole.contributions(RUN, name))


def test_a_run_from_before_contributions_were_kept_opens_without_them(store: ParquetResults, tmp_path: Path) -> None:
    (tmp_path / RUN / CONTRIBUTIONS).unlink()
    (tmp_path / RUN / MANIFEST).unlink()
    reopened = ParquetResults(tmp_path, CountingEvaluator())
    for name in SCHEMA.names:
        assert reopened.contributions(RUN, name) is None
        assert close(reopened.groups(RUN, name, threshold=0.4), store.groups(RUN, name, threshold=0.4))


def test_bars_keep_their_bins_under_a_filter(store: ParquetResults) -> None:
    everyone = [group.label for group in store.groups(RUN, "MonthlyCharges", threshold=0.4)]
    few = (AttributeFilter("tenure", low=0.0, high=6.0),)
    assert [
        g.label for g in store.groups(RUN, "MonthlyCharges", threshold=0.4, filters=few) if g.label not in everyone
    ] == []


def test_a_filter_through_the_middle_of_a_bin_counts_exactly(store: ParquetResults, oracle: InMemoryResults) -> None:
    filters = (AttributeFilter("MonthlyCharges", low=33.3, high=71.7), AttributeFilter("contract", level="Yes"))
    given = {"threshold": 0.4, "filters": filters}
    assert close(store.groups(RUN, "Contract", **given), oracle.groups(RUN, "Contract", **given))  # type: ignore[arg-type]


def test_a_deleted_run_is_evicted_from_the_cache(store: ParquetResults) -> None:
    store.groups(RUN, "Contract", threshold=0.4)
    store.discard(RUN)
    with pytest.raises(ResultMissing):
        store.groups(RUN, "Contract", threshold=0.4)
    kept = [store._runs, store._at_thresholds, store._probabilities, *vars(store._groups).values()]
    assert not [key for recent in kept if hasattr(recent, "_kept") for key in recent._kept]
