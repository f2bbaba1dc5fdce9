"""The mapping of a file's columns and what a person says about its format, as forms show and send them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from application.use_cases.check_file import FileCheck
from domain.errors import InvalidInput
from domain.file_format import DECIMALS, DELIMITERS, ENCODINGS, FormatChoice
from domain.schema import MatchKind

PREFIX = "match:"
MOST_OPTIONS = 200
"""Columns of the file that one list offers; more can't be looked through."""
MOST_OFFERED = 8
"""Columns that are neither found nor guessed and still offered, strongest first."""
DELIMITER_NAMES = {word: sign for sign, word in DELIMITERS.items()}
FORMAT_FIELDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("encoding", "Encoding", ENCODINGS),
    ("delimiter", "Columns are separated by", {word: word for word in DELIMITER_NAMES}),
    ("decimal", "Decimal mark", DECIMALS),
)
"""Form field, label, and its values with their words."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One line of the mapping: a column of the model, what it may be in the file, and what is chosen."""

    column: str
    chosen: int | None
    suggested: int | None
    options: tuple[tuple[int, str], ...]
    shown: str
    """The file's column whose first `values` are shown: the chosen or the suggested one; blank for none."""
    values: str
    influence: float | None


def chosen_matches(form: Mapping[str, str]) -> dict[str, int]:
    """A person's matches: fields `match:<schema column>` with a position of the header, blank for none."""
    return {
        key.removeprefix(PREFIX): int(text)
        for key, text in form.items()
        if key.startswith(PREFIX) and text.isascii() and text.isdigit() and len(text) < 6
    }


def chosen_format(form: Mapping[str, str]) -> FormatChoice:
    """What was chosen of encoding, delimiter and decimal mark. Raises InvalidInput for what isn't offered."""
    delimiter = form.get("delimiter") or None
    try:
        return FormatChoice(
            encoding=form.get("encoding") or None,
            delimiter=DELIMITER_NAMES.get(delimiter, delimiter) if delimiter else None,
            decimal=form.get("decimal") or None,
        )
    except ValueError as error:
        raise InvalidInput("Choose the file's format from the lists.", field="file") from error


def recognised_words(check: FileCheck, chosen: FormatChoice) -> dict[str, str]:
    """What recognition says of each part that a person left to it."""
    written = check.preview.format
    found = {
        "encoding": "" if chosen.encoding else ENCODINGS.get(written.encoding, "UTF-8"),
        "delimiter": "" if chosen.delimiter else DELIMITERS.get(written.delimiter, ""),
        "decimal": "" if chosen.decimal else DECIMALS[written.decimal],
    }
    return {name: words for name, words in found.items() if words}


def pairings(check: FileCheck) -> list[Pairing]:
    """What a person may want to decide: confirmed, guessed and ambiguous matches, and what is missing.

    The id first, then by influence: a line stays where it is when something is chosen in it.
    """
    match, schema = check.match, check.model.schema
    confirmed = {found.column: found.position for found in match.matches if found.kind is MatchKind.CONFIRMED}
    guessed = {found.column: found.position for found in match.suggestions}
    missing = sorted(
        (name for name in match.missing if name not in guessed and name not in match.ambiguous),
        key=lambda name: -schema.column(name).importance,
    )
    wanted = [*confirmed, *guessed, *match.ambiguous, *missing[:MOST_OFFERED]]
    free = _free_positions(check, confirmed)
    found = [_pairing(check, name, confirmed.get(name), guessed.get(name), free) for name in dict.fromkeys(wanted)]
    return sorted(found, key=lambda pair: math.inf if pair.influence is None else pair.influence, reverse=True)


def _free_positions(check: FileCheck, confirmed: Mapping[str, int]) -> list[int]:
    """Columns of the file that nothing was matched to by its name."""
    taken = {found.position for found in check.match.matches} - set(confirmed.values())
    return [position for position in range(len(check.preview.header)) if position not in taken]


def _pairing(check: FileCheck, name: str, chosen: int | None, suggested: int | None, free: list[int]) -> Pairing:
    schema = check.model.schema
    shown = chosen if chosen is not None else suggested
    first = [] if shown is None else [shown]
    places = list(dict.fromkeys(first + free[:MOST_OPTIONS]))
    return Pairing(
        column=name,
        chosen=chosen,
        suggested=suggested,
        options=tuple((place, _title(check.preview.header, place)) for place in sorted(places)),
        shown=_title(check.preview.header, shown) if shown is not None else "",
        values=", ".join(_values(check, shown)) if shown is not None else "",
        influence=schema.column(name).importance if name in schema.names else None,
    )


def _title(header: tuple[str, ...], place: int) -> str:
    """The column's name, with its number where the name alone doesn't tell it."""
    name = header[place]
    if not name:
        return f"Column {place + 1} (no name)"
    return f"{name} (column {place + 1})" if header.count(name) > 1 else name


def _values(check: FileCheck, place: int) -> list[str]:
    cells = [row[place].strip()[:60] for row in check.preview.sample if len(row) > place]
    return [cell for cell in cells if cell][:3]
