"""Form fields for the format of a customer file, on the pages for predictions and trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.curve_demand import CurveDemand, Direction
from domain.errors import InvalidInput
from domain.file_format import DATE_ORDERS, DECIMALS, DELIMITERS, ENCODINGS, FileFormat, FormatChoice, encoding_words
from domain.question import KNOWN_AFTERWARDS, KNOWN_BEFORE, Question, Subject

DELIMITER_NAMES = {word: sign for sign, word in DELIMITERS.items()}
FORMAT_FIELDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("encoding", "Encoding", ENCODINGS),
    ("delimiter", "Columns are separated by", {word: word for word in DELIMITER_NAMES}),
    ("decimal", "Decimal mark", DECIMALS),
    ("date_order", "Dates are written", DATE_ORDERS),
)
"""Form field, label, and values with their labels."""
SHEET = "sheet"
UNIT = "unit:"
"""Beginning of the form fields that say what the numbers of a column are counted in."""
KNOWN = "known:"
"""Beginning of the form fields that say when a column of a labelled file is known."""
DIRECTION = "direction:"
"""Beginning of the form fields that demand the direction of a column's curve."""
WHEN_KNOWN = {KNOWN_BEFORE: "Before a customer leaves: use it", KNOWN_AFTERWARDS: "Only afterwards: leave it out"}


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
            sheet=form.get("sheet") or None,
            units=tuple(_by_column(form, UNIT).items()),
        )
    except ValueError as error:
        raise InvalidInput("Choose the file's format from the lists.", field="file") from error


def when_known(form: Mapping[str, str]) -> dict[str, str]:
    """The answers to when columns are known, by the file's columns. Raises InvalidInput for one that is not offered."""
    answers = _by_column(form, KNOWN)
    if not set(answers.values()) <= set(WHEN_KNOWN):
        raise InvalidInput("Choose from the list when the column is known.", field="file")
    return answers


def chosen_directions(form: Mapping[str, str]) -> tuple[CurveDemand, ...]:
    """The directions that were chosen by column. Raises InvalidInput for one that is not offered."""
    try:
        return tuple(CurveDemand(column, Direction(own)) for column, own in _by_column(form, DIRECTION).items())
    except ValueError as error:
        raise InvalidInput("Choose the direction of a curve from its list.") from error


def _by_column(form: Mapping[str, str], beginning: str) -> dict[str, str]:
    """What was chosen, by the file's columns, from the fields `<beginning><column>`."""
    return {key.removeprefix(beginning): own for key, own in form.items() if key.startswith(beginning) and own}


def format_fields(
    form: Mapping[str, str], detected: FileFormat | None, question: Question | None = None
) -> dict[str, Any]:
    """What the template `_file_format.html` shows: the fields, what was chosen, and what was detected instead.

    The field that answers a question comes first, with the question's choices.
    """
    usual = (*_sheet_field(form.get(SHEET, ""), detected, question), *_text_fields(detected, question))
    chosen = {name: form.get(name, "") for name, _, _ in usual}
    units, known = _by_column(form, UNIT), _by_column(form, KNOWN)
    words = _detected_words(detected) if detected else {}
    fields = [
        *map(partial(_asked, question), usual),
        *(_unit_field(column, {unit: unit}) for column, unit in units.items()),
        *map(_known_field, known),
        *_of_column(question),
    ]
    fields.sort(key=lambda field: not field.asked)
    chosen |= {f"{UNIT}{column}": unit for column, unit in units.items()}
    chosen |= {f"{KNOWN}{column}": when for column, when in known.items()}
    return {
        "format_fields": fields,
        "asked": fields[0].asked,
        "format_chosen": chosen,
        "format_open": not any(chosen.values()),
        "detected": {name: words[name] for name in words if not chosen.get(name)},
    }


def _sheet_field(
    chosen: str, detected: FileFormat | None, question: Question | None
) -> list[tuple[str, str, dict[str, str]]]:
    """The field for the sheet of a workbook with several; none for other files."""
    sheets = detected.sheets if detected is not None else ()
    asked = question is not None and question.about is Subject.SHEET
    if len(sheets) < 2 and not asked and not chosen:
        return []
    names = dict.fromkeys([*sheets, *([chosen] if chosen else [])])
    return [(SHEET, "Sheet", {name: name for name in names})]


def _text_fields(detected: FileFormat | None, question: Question | None) -> tuple[tuple[str, str, dict[str, str]], ...]:
    """A table of typed cells has neither encoding nor delimiter."""
    is_workbook = question is not None and question.about is Subject.SHEET
    if not is_workbook and (detected is None or not detected.is_table):
        return FORMAT_FIELDS
    return tuple(field for field in FORMAT_FIELDS if field[0] not in ("encoding", "delimiter"))


def _asked(question: Question | None, field: tuple[str, str, dict[str, str]]) -> FormatField:
    name, label, values = field
    if question is None or question.about != name:
        return FormatField(name, label, values)
    own = {choice.value: choice.words for choice in question.choices}
    return FormatField(name, label, own | {value: words for value, words in values.items() if value not in own}, True)


def _of_column(question: Question | None) -> list[FormatField]:
    """The field that answers a question about one column; none for another question."""
    if question is None or question.column is None:
        return []
    if question.about is Subject.KNOWN:
        return [_known_field(question.column, asked=True)]
    choices = {choice.value: choice.words for choice in question.choices}
    return [_unit_field(question.column, choices, asked=True)] if question.about is Subject.UNIT else []


def _known_field(column: str, *, asked: bool = False) -> FormatField:
    return FormatField(f"{KNOWN}{column}", f"When “{column}” is known", WHEN_KNOWN, asked)


def _unit_field(column: str, values: dict[str, str], *, asked: bool = False) -> FormatField:
    return FormatField(f"{UNIT}{column}", f"Numbers in “{column}”", values, asked)


def _detected_words(detected: FileFormat) -> dict[str, str]:
    return {
        "encoding": encoding_words(detected.encoding),
        "delimiter": DELIMITERS.get(detected.delimiter, ""),
        "decimal": DECIMALS[detected.decimal],
        SHEET: detected.sheet,
    }
