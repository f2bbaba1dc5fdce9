"""Rules for promoting a model version to champion, automatically or on request."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Conflict
from domain.evaluation import Metric
from domain.formats import Formats
from domain.model import ModelVersion
from domain.model_limits import chance_sentence

STARTER_MODEL = "made at the first start, so that predictions are possible"
FIRST_MODEL = "the first model of this installation"
FIRST_OWN_MODEL = "the first model of own customers"
ASKED_FOR = "asked for with the training"


def reason_to_take_over(version: ModelVersion, champion: ModelVersion | None, *, asked: bool) -> str | None:
    """Why a newly trained version becomes the champion at once, for the promotion log; None where it does not.

    The first model does, and so does the first that replaces a starter model with own customers. Later ones do where
    a person who may promote models asked for it with the training. A model that is no better than chance never
    replaces another without a person.
    """
    if champion is None:
        return STARTER_MODEL if version.starter else FIRST_MODEL
    if not version.evaluation.beats_chance:
        return None
    if champion.starter and not version.starter:
        return FIRST_OWN_MODEL
    return ASKED_FOR if asked else None


def comparison_words(versions: Sequence[ModelVersion]) -> str:
    """Whether the figures of these versions may be compared."""
    if len(versions) < 2:
        return "Train another to compare"
    if len({version.data_sha256 for version in versions}) > 1:
        return "Figures from different files are not strictly comparable"
    if len({_is_forward(version) for version in versions}) > 1:
        return (
            "All from the same file. Figures of unseen months and of months that are mixed are not comparable; each "
            "version's page says how it was tested"
        )
    return "All from the same file, tested on the same customers"


def _is_forward(version: ModelVersion) -> bool:
    return bool(version.evaluation.months)


def _comparable(*versions: ModelVersion) -> list[dict[str, Metric]]:
    """The figures of the same kind of test: of random folds if not all were tested forward in time."""
    if len({_is_forward(version) for version in versions}) > 1:
        return [version.evaluation.on_random_folds for version in versions]
    return [version.evaluation.metrics for version in versions]


def must_be_promotable(
    candidate: ModelVersion, champion: ModelVersion | None, *, force: bool, reason: str, formats: Formats
) -> None:
    """Refuse a candidate that is no better than chance, or worse than the champion on the same data.

    Worse means beyond the champion's interval; a starter or sample champion is not compared. A person may insist on the
    promotion with a reason. Raises Conflict.
    """
    insisted = force and bool(reason.strip())
    chance = chance_sentence(candidate.evaluation, formats)
    if chance is not None and not insisted:
        raise Conflict(f"{candidate.name}: {chance} To promote it anyway, force the promotion and give a reason.")
    if champion is None or champion.starter or champion.sample or champion.data_sha256 != candidate.data_sha256:
        return
    theirs, ours = (figures["auc"] for figures in _comparable(champion, candidate))
    if theirs.low is None or ours.value >= theirs.low:
        return
    if insisted:
        return
    our_auc, their_auc, low = (formats.number(auc, decimals=3) for auc in (ours.value, theirs.value, theirs.low))
    raise Conflict(
        f"{candidate.name} ranks customers worse than {champion.name} on the same file (AUC {our_auc} against "
        f"{their_auc}, interval from {low}). To promote it anyway, force "
        "the promotion and give a reason."
    )
