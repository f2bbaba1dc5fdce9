"""The change of a risk as pages show it: a sentence, lines whose points add up, and notes."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.predictions.why_changed import BaseChange, CustomerChange, WhyChanged
from domain.formats import Formats
from domain.risk_split_words import (
    SplitLine,
    Versions,
    base_lines,
    base_sentence,
    columns_note,
    customer_lines,
    customer_sentence,
    ends_words,
    points_words,
    sample_note,
)


@dataclass(frozen=True, slots=True)
class ShownSplit:
    """`total` are the points that the lines add up to; `ends` the risks before and after."""

    sentence: str
    lines: list[SplitLine]
    ends: str
    total: str
    notes: list[str]


def shown_customer(change: CustomerChange, formats: Formats) -> ShownSplit:
    why, split, values = change.runs, change.split, change.changed_values
    schemas = why.old_schema, why.new_schema
    lines = customer_lines(split, values, schemas, _versions(why), formats)
    sentence = customer_sentence(split, values, schemas, formats)
    total = points_words(split.units, split.decimals, formats)
    return ShownSplit(sentence, lines, ends_words(split, formats), total, _notes(why))


def shown_base(change: BaseChange, formats: Formats) -> ShownSplit | None:
    """None where the change cannot be split at all; `change.runs.problem` says why."""
    why, split, base = change.runs, change.split, change.base
    if split is None or base is None:
        return None
    notes = _notes(why) + ([sample_note(change.sampled, base, formats)] if change.is_estimate else [])
    lines = base_lines(split, base, why.new_schema, _versions(why), formats)
    total = points_words(split.units, split.decimals, formats)
    return ShownSplit(base_sentence(split, formats), lines, ends_words(split, formats), total, notes)


def _versions(why: WhyChanged) -> Versions:
    return Versions.of(why.before.model_version, why.after.model_version)


def _notes(why: WhyChanged) -> list[str]:
    notes = (why.problem or "", columns_note(why.only_old, why.only_new))
    return [note for note in notes if note]
