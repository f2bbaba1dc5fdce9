"""Rules for promoting a model version to champion, automatically or on request."""

from __future__ import annotations

from domain.errors import Conflict
from domain.formats import Formats
from domain.model import ModelVersion
from domain.model_limits import chance_sentence

FIRST_OWN_MODEL = "the first model of this installation"
ASKED_FOR = "asked for with the training"


def reason_to_take_over(version: ModelVersion, champion: ModelVersion | None, *, asked: bool) -> str | None:
    """Why a newly trained version becomes the champion at once, for the promotion log; None where it does not.

    The first model does, and so does the first that replaces a starter model with own customers. Later ones do where
    a person who may promote models asked for it with the training. A model that is no better than chance never
    replaces another without a person.
    """
    if champion is None:
        return FIRST_OWN_MODEL
    if not version.evaluation.beats_chance:
        return None
    if champion.starter and not version.starter:
        return FIRST_OWN_MODEL
    return ASKED_FOR if asked else None


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
    theirs, ours = champion.evaluation.metrics["auc"], candidate.evaluation.metrics["auc"]
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
