"""Form fields for the format of a customer file, on the pages for predictions and trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.errors import InvalidInput
from domain.file_format import DATE_ORDERS, DECIMALS, DELIMITERS, ENCODINGS, FileFormat, FormatChoice, encoding_words
from domain.question import Question

DELIMITER_NAMES = {word: sign for sign, word in DELIMITERS.items()}
FORMAT_FIELDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("encoding", "Encoding", ENCODINGS),
    ("delimiter", "Columns are separated by", {word: word for word in DELIMITER_NAMES}),
    ("decimal", "Decimal mark", DECIMALS),
    ("date_order", "Dates are written", DATE_ORDERS),
)
"""Form field, label, and values with their labels."""


@dataclass(frozen=True, slots=True)
class FormatField:
    """A list of choices: values with their words. `asked`: a question is answered with it."""

    name: str
    label: str
    values: dict[str, str]
    asked: bool = False


def chosen_format(form: Mapping[str, str]) -> FormatChoice:
    """The chosen encoding, delimiter and decimal mark. Raises InvalidInput for a value that is not offered."""
    delimiter = form.get("delimiter") or None
    try:
        return FormatChoice(
            encoding=form.get("encoding") or None,
            delimiter=DELIMITER_NAMES.get(delimiter, delimiter) if delimiter else None,
            decimal=form.get("decimal") or None,
            date_order=form.get("date_order") or None,
        )
    except ValueError as error:
        raise InvalidInput("Choose the file's format from the lists.", field="file") from error


def format_fields(
    form: Mapping[str, str], detected: FileFormat | None, question: Question | None = None
) -> dict[str, Any]:
    """What the template `_file_format.html` shows: the fields, what was chosen, and what was detected instead.

    The field that answers a question comes first, with the question's choices.
    """
    chosen = {name: form.get(name, "") for name, _, _ in FORMAT_FIELDS}
    words = _detected_words(detected) if detected else {}
    fields = sorted(map(partial(_asked, question), FORMAT_FIELDS), key=lambda field: not field.asked)
    return {
        "format_fields": fields,
        "asked": fields[0].asked,
        "format_chosen": chosen,
        "format_open": not any(chosen.values()),
        "detected": {name: words[name] for name in words if not chosen[name]},
    }


def _asked(question: Question | None, field: tuple[str, str, dict[str, str]]) -> FormatField:
    name, label, values = field
    if question is None or question.about != name:
        return FormatField(name, label, values)
    own = {choice.value: choice.words for choice in question.choices}
    return FormatField(name, label, own | {value: words for value, words in values.items() if value not in own}, True)


def _detected_words(detected: FileFormat) -> dict[str, str]:
    return {
        "encoding": encoding_words(detected.encoding),
        "delimiter": DELIMITERS.get(detected.delimiter, ""),
        "decimal": DECIMALS[detected.decimal],
    }
