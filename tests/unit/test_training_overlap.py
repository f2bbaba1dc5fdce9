"""When a file's outcomes do not measure a model, because it learned from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.run import TrainingOverlap
from domain.training_overlap import IdFingerprint, held_out_quality, overlap_note, overlap_of, with_same_file
from tests.builders import SHA256, a_finished_run, a_model_version, a_summary, an_evaluation


@pytest.mark.parametrize(
    ("same_file", "common_ids", "labelled", "share"),
    [
        (True, None, True, 1.0),
        (True, 0.2, True, 1.0),
        (False, 0.51, True, 0.51),
        (False, 1.0, True, 1.0),
        (False, 0.5, True, None),
        (False, 0.0, True, None),
        (False, None, True, None),
        (True, 1.0, False, None),
    ],
)
def test_a_model_is_not_judged_by_what_it_learned_from(
    same_file: bool, common_ids: float | None, labelled: bool, share: float | None
) -> None:
    overlap = overlap_of(an_evaluation(), same_file=same_file, common_ids=common_ids, labelled=labelled)
    assert (overlap and overlap.share) == share


def test_the_figures_of_cross_validation_count_instead() -> None:
    overlap = overlap_of(an_evaluation(), same_file=True, common_ids=None, labelled=True)
    assert overlap is not None
    summary = a_summary(overlap=overlap)
    assert summary.quality is not None
    assert (summary.quality.auc, summary.quality.customers) == (0.84, 7043)
    assert (summary.truth.customers, a_summary().quality) == (98, a_summary().truth)


def test_an_evaluation_that_lacks_a_figure_has_no_held_out_quality() -> None:
    assert held_out_quality(replace(an_evaluation(), metrics={})) is None


@pytest.mark.parametrize(
    ("share", "same_file", "start"),
    [
        (1.0, True, "The model learned from this file, so its outcomes do not show"),
        (0.634, False, "The model learned from about 63% of this file’s customers, so their outcomes do not show"),
    ],
)
def test_the_reason_is_said(share: float, same_file: bool, start: str) -> None:
    held_out = held_out_quality(an_evaluation())
    assert held_out is not None
    note = overlap_note(TrainingOverlap(share, same_file, held_out), formats_without_currency())
    assert note.startswith(start)
    assert "The figures are from its training" in note


def test_an_earlier_run_on_the_training_file_is_recognised_by_the_hash() -> None:
    model = a_model_version(data_sha256=SHA256)
    same, other = (a_finished_run(file_sha256=sha, summary=a_summary()) for sha in (SHA256, "0" * 64))
    overlap = with_same_file(same, model).summary.overlap  # type: ignore[union-attr]
    assert overlap is not None
    assert (overlap.share, overlap.same_file, overlap.held_out.auc) == (1.0, True, 0.84)
    assert with_same_file(other, model) == other


def test_groups_of_ids_are_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        IdFingerprint(1, 0, b"abc")
