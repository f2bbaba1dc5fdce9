"""Limits for scoring a customer file: the share of rejected rows, and the columns that the model needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.errors import FileRefused
from domain.formats import Formats
from domain.header_matching import HeaderMatch
from domain.model import ModelVersion

MAX_REJECTED_SHARE = 0.20
"""Share of rejected rows up to which a file is scored. Blank rows count neither way."""
MANY_REJECTED = 200_000
"""Rejected rows from which a file that has more of them than of others is given up before its end."""
MAX_UNREADABLE_SHARE = 0.5
"""Share of a column's filled cells up to which what the model does not understand counts as missing or unknown."""
MIN_KNOWN_IMPORTANCE = 0.5
"""Share of the model's importance that a file has to hold."""
MINOR_IMPORTANCE = 0.05
"""Share of the model's importance below which missing columns change the risks little."""
MAX_NAMES_LISTED = 5
"""Missing columns that a message names."""


def has_too_many_rejected(rejected: int, rows: float) -> bool:
    """Whether the share of rejected rows makes the file unusable."""
    return rejected > MAX_REJECTED_SHARE * rows


def is_mostly_rejected(rejected: int, rows: int) -> bool:
    """Whether so many of the rows so far are rejected that reading the rest of a file of unknown length is no use."""
    return rejected > MANY_REJECTED and 2 * rejected > rows


def refuse_unreadable_numbers(column: str, *, unreadable: int, filled: int, example: str) -> None:
    """Raises FileRefused if most filled cells of a column are written like numbers and cannot be read as numbers."""
    if unreadable > MAX_UNREADABLE_SHARE * filled:
        raise FileRefused(
            f"Most numbers in the column “{column}” cannot be read, for example “{example}”.",
            advice="Write them as plain numbers, such as 1234.5, or match another column.",
        )


def refuse_unknown_answers(column: str, *, unknown: int, filled: int, example: str, known: Sequence[str]) -> None:
    """Raises FileRefused if most filled cells of a column of yes and no are neither to the model."""
    if unknown > MAX_UNREADABLE_SHARE * filled:
        raise FileRefused(
            f"The column “{column}” should say “{'” or “'.join(known)}”. Most of its cells say something else, for "
            f"example “{example}”.",
            advice="Write them as in the training file, or match another column.",
        )


def is_minor(missing_importance: float) -> bool:
    """Whether columns of this importance may be missing without changing the risks much."""
    return missing_importance < MINOR_IMPORTANCE


def problem_with(match: HeaderMatch, model: ModelVersion, formats: Formats) -> str | None:
    """Why a file with this header cannot be scored by the model, as a sentence; None where it can."""
    return _problem(match, model, formats)


def _problem(match: HeaderMatch, model: ModelVersion, formats: Formats) -> str | None:
    if match.ambiguous:
        names = ", ".join(f"“{name}”" for name in match.ambiguous)
        return f"The file has more than one column called {names}. Rename or remove all but the one that is meant."
    if len(match.missing) == len(model.schema.file_columns):
        known = ", ".join(model.schema.names[:4])
        return (
            f"None of the columns that {model.name.lower()} knows are in this file (it knows {known} …). "
            "Train a model on a labelled file with these columns, or rename them to match."
        )
    if match.known_importance < MIN_KNOWN_IMPORTANCE:
        names = ", ".join(match.missing[:MAX_NAMES_LISTED])
        share = formats.percent(match.missing_importance, decimals=0)
        return (
            f"The file lacks columns that decide {share} of a risk ({names}). "
            "Add them, or train a model on this file's columns."
        )
    return None


def answers_help(match: HeaderMatch, model: ModelVersion, formats: Formats) -> bool:
    """Whether matches wait for an answer, and the file could be scored with all of them."""
    waiting = {own.column for own in match.waiting}
    missing = tuple(name for name in match.missing if name not in waiting)
    lacking = sum(model.schema.column(name).importance for name in missing)
    best = replace(match, missing=missing, missing_importance=lacking)
    return bool(waiting) and _problem(best, model, formats) is None
