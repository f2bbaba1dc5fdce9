"""Words for a test forward in time: too many or too few leavers expected, before and after recalibration."""

from __future__ import annotations

from collections.abc import Sequence

from domain.evaluation import Evaluation
from domain.formats import Formats
from domain.forward_validation import UnseenMonth, mean_error, mean_error_before


def forward_sentences(evaluation: Evaluation, formats: Formats) -> tuple[str, ...]:
    """What the test on unseen months says; nothing for a model that was tested on random folds only."""
    months = evaluation.months
    if not months:
        return ()
    sentences = (expected_sentence(months, formats), months_sentence(months, formats))
    random = random_folds_sentence(evaluation, formats)
    return (*sentences, recalibration_sentence(months, formats), *([random] if random else []))


def expected_sentence(months: Sequence[UnseenMonth], formats: Formats) -> str:
    """Whether the model expects too many or too few leavers in months that it has not seen."""
    customers = sum(own.customers for own in months)
    expected = round(100 * sum(own.expected for own in months) / customers, 1)
    observed = round(100 * sum(own.churned for own in months) / customers, 1)
    points = round(abs(expected - observed), 1)
    happened = formats.percent(observed / 100)
    if not points:
        return f"Forward in time the model expects as many leavers as there were: {happened}."
    side = "too many" if expected > observed else "too few"
    return (
        f"Forward in time the model expects {formats.number(points, decimals=1)} points {side}: "
        f"{formats.percent(expected / 100)} instead of {happened}."
    )


def months_sentence(months: Sequence[UnseenMonth], formats: Formats) -> str:
    """In how many of the months the number of leavers was within its interval."""
    within, count = sum(own.is_as_expected for own in months), len(months)
    return (
        f"In {formats.number(within)} of {formats.number(count)} unseen {'month' if count == 1 else 'months'} the "
        "number of leavers was within its 95% interval."
    )


def recalibration_sentence(months: Sequence[UnseenMonth], formats: Formats) -> str:
    """The error of the expected churn before and after recalibration on the month before."""
    before, after = (round(100 * error, 1) for error in (mean_error_before(months), mean_error(months)))
    count = len(months)
    over = "one unseen month" if count == 1 else f"{formats.number(count)} unseen months"
    return (
        f"Over {over}, the expected churn was off by {formats.number(after, decimals=1)} points on average after "
        f"recalibration on the month before, and by {formats.number(before, decimals=1)} points without it."
    )


def random_folds_sentence(evaluation: Evaluation, formats: Formats) -> str | None:
    """What random folds say instead, which learn from the months that they are tested on; None without them."""
    other = evaluation.random_folds
    if other is None:
        return None
    auc, unseen = (formats.number(own["auc"].value, decimals=3) for own in (other.metrics, evaluation.metrics))
    expected, left = (formats.percent(count / other.customers) for count in (other.expected, other.churned))
    return (
        f"Random folds, which mix all months, expect {expected} where {left} left, and give AUC {auc} instead of "
        f"{unseen}: they do not show how far the newest months have moved."
    )
