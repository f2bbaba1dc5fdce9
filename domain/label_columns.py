"""Columns that a training file with a label that was made does not contain, because they hold the future."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from domain.label_rule import LabelRule, LabelSource
from domain.model import LeftOut
from domain.snapshot_month import in_words
from domain.vocabulary.activity import names_final_bill, names_last_activity
from domain.vocabulary.columns import TARGET_NAMES
from domain.vocabulary.dates import names_end, names_leaving_date
from domain.vocabulary.leaving import YesMeans, yes_means
from domain.vocabulary.spelling import normalise

LABEL, MONTH = "Churn", "SnapshotMonth"
"""The names of the columns that are made."""
_TARGETS = frozenset(name for tier in TARGET_NAMES[:2] for name in tier)


def label_columns(
    files: Mapping[str, Sequence[str]], rule: LabelRule, *, roles: Sequence[str], dated: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """The columns of the training file, and those that are left out, each with the reason.

    `files` are the columns of each labelled month. `roles` are the columns of the customer and the month, `dated` those
    that hold dates.
    """
    days = {normalise(name) for name in dated}
    by_key: dict[str, str] = {}
    for header in files.values():
        for name in header:
            by_key.setdefault(normalise(name), name)
    in_month = {month: {normalise(name) for name in header} for month, header in files.items()}
    skipped = {normalise(name) for name in roles}
    used, left_out = [], []
    for key, name in by_key.items():
        if key in skipped or not key:
            continue
        without = [month for month, keys in in_month.items() if key not in keys]
        why = why_left_out(name, rule, dated=key in days)
        if why is None and without:
            why = f"is not in the file of {in_words(without[0])}"
        if why is None:
            used.append(name)
        else:
            left_out.append(LeftOut(name, why))
    return tuple(used), tuple(left_out)


def why_left_out(name: str, rule: LabelRule, *, dated: bool) -> str | None:
    """Why a column is not in the training file; None if it is."""
    if rule.column and normalise(name) == normalise(rule.column) and _defines(rule):
        return "defines the label: it is known only when the customer has left"
    if normalise(name) in _TARGETS or yes_means(name) in (YesMeans.LEFT, YesMeans.STAYED):
        return "says itself who left"
    if dated and names_leaving_date(name):
        return "holds the future: by its name it is the date of leaving"
    if dated and names_end(name):
        return "holds the future: by its name it is an end date"
    if names_final_bill(name):
        return "holds the future: only customers who leave are charged it"
    if rule.source is LabelSource.INACTIVE and not rule.horizon and dated and names_last_activity(name):
        return "shows the same inactivity as the label"
    return None


def _defines(rule: LabelRule) -> bool:
    """Whether the label's column is known too late. A last activity before the month's end is known in that month."""
    return not (rule.source is LabelSource.INACTIVE and rule.horizon)
