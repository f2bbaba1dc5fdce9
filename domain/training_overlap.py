"""A compact fingerprint of the customers that a model learned from, and when a file counts as its training data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.evaluation import Evaluation
from domain.formats import Formats
from domain.model import ModelVersion
from domain.run import Run, TrainingOverlap, TruthMetrics

MIN_COMPARED_IDS = 10
"""With fewer ids in the sample, nothing is said about what they have in common."""
MAX_COMMON_SHARE = 0.5
"""Above this share of common ids, a file's own outcomes do not measure the model's quality."""


@dataclass(frozen=True, slots=True)
class IdFingerprint:
    """A bit for each of many groups of ids: set if the training file had an id of that group.

    Ids fall into groups by a hash that is keyed with `key`. Only ids whose hash ends in `sampled_bits` zero bits are
    taken. About one in five ids that the model never saw falls into a set group too, so a set bit says nothing about
    one customer, while the share of many is exact enough. `by_month`: ids are hashed together with their month.
    """

    key: int
    sampled_bits: int
    groups: bytes
    by_month: bool = False

    def __post_init__(self) -> None:
        if not self.groups or 8 * len(self.groups) & (8 * len(self.groups) - 1):
            raise ValueError("the number of groups is a power of two")


def overlap_of(
    evaluation: Evaluation, *, same_file: bool, common_ids: float | None, labelled: bool
) -> TrainingOverlap | None:
    """What a scored file shares with the model's training file, if it is too much to judge the model by the file.

    `common_ids` is the share of the file's ids that the model learned from; None where it is unknown.
    """
    share = 1.0 if same_file else common_ids
    if not labelled or share is None or share <= MAX_COMMON_SHARE:
        return None
    held_out = held_out_quality(evaluation)
    return None if held_out is None else TrainingOverlap(share, same_file, held_out)


def with_same_file(run: Run, model: ModelVersion) -> Run:
    """The run, with its overlap if it scored the training file before overlaps were stored."""
    summary = run.summary
    if summary is None or summary.overlap is not None or run.file_sha256 != model.data_sha256:
        return run
    labelled = summary.truth is not None
    overlap = overlap_of(model.evaluation, same_file=True, common_ids=None, labelled=labelled)
    return replace(run, summary=replace(summary, overlap=overlap))


def held_out_quality(evaluation: Evaluation) -> TruthMetrics | None:
    """The figures of customers that the model did not learn from; None if the evaluation lacks one of them."""
    values = {name: metric.value for name, metric in evaluation.metrics.items()}
    try:
        return TruthMetrics(
            customers=evaluation.customers,
            churned=evaluation.churned,
            auc=values["auc"],
            log_loss=values["log_loss"],
            brier=values["brier"],
            accuracy=values["accuracy"],
            precision=values["precision"],
            recall=values["recall"],
            f1=values["f1"],
            ece=values["ece"],
            lift_10=values["lift_10"],
            confusion=evaluation.confusion,
        )
    except KeyError:
        return None


def overlap_note(overlap: TrainingOverlap, formats: Formats) -> str:
    """Why the figures are not those of the file, in two sentences."""
    if overlap.same_file:
        learned = "The model learned from this file, so its outcomes"
    else:
        share = formats.percent(overlap.share, decimals=0)
        learned = f"The model learned from about {share} of this file’s customers, so their outcomes"
    return (
        f"{learned} do not show how well it does with new customers. The figures are from its training, where every "
        "customer was scored by models that did not learn from them."
    )
