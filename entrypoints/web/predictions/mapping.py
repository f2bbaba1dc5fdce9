"""Form fields for the column mapping and the file format."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from application.use_cases.files.check_file import FileCheck
from domain.formats import NO_CURRENCY
from domain.header_matching import ColumnMatch, MatchKind
from domain.id_matching import LEFT_OUT
from domain.remembered_matches import origin_words, unit_words
from entrypoints.web import formats
from entrypoints.web.access import application

PREFIX = "match:"
OUT = "out"
MAX_OPTIONS = 200
"""Maximum columns of the file in one list of choices."""
MAX_OFFERED = 8
"""Maximum missing columns that are offered for mapping, strongest first."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One row of the mapping: a model column, its candidate columns in the file, and the chosen one."""

    column: str
    chosen: int | None
    suggested: int | None
    options: tuple[tuple[int, str], ...]
    shown: str
    """The chosen or suggested column of the file, whose first `values` are shown; blank for none."""
    values: str
    influence: float | None
    assumed: bool = False
    """Whether the shown column is used because nothing else in the first rows can be the ids."""
    remembered: str = ""
    """For a match of an earlier file: "as confirmed on 14 Oct 2026 by Ana, in customers-2026-10.csv"."""
    left_out: bool = False
    """Whether the person wants no suggested or remembered match for it in this file."""

    @property
    def waits(self) -> bool:
        """Whether a suggestion waits for an answer."""
        return self.suggested is not None and self.chosen is None and not self.left_out


def chosen_matches(form: Mapping[str, str]) -> dict[str, int]:
    """The user's matches from the fields `match:<schema column>`; values are header positions, blank for none.

    OUT says that a suggested or remembered match is not wanted for this file.
    """
    fields = [(key.removeprefix(PREFIX), text) for key, text in form.items() if key.startswith(PREFIX)]
    places = {name: int(text) for name, text in fields if text.isascii() and text.isdigit() and len(text) < 6}
    return places | {name: LEFT_OUT for name, text in fields if text == OUT}


def left_out(form: Mapping[str, str]) -> list[str]:
    """The columns for which a person wants no suggested or remembered match in this file."""
    return [name for name, place in chosen_matches(form).items() if place == LEFT_OUT]


def pairings(check: FileCheck, left_out: Collection[str] = ()) -> list[Pairing]:
    """Rows of the mapping: confirmed, remembered, suggested and ambiguous matches, and missing columns.

    The id comes first, then columns by influence, so that a choice does not change the order.
    """
    match, schema = check.match, check.model.schema
    confirmed = {m.column: m.position for m in match.matches if m.kind is MatchKind.CONFIRMED}
    assumed = {m.column: m.position for m in match.matches if m.kind is MatchKind.ASSUMED}
    recalled = {m.column: m for m in match.matches if m.kind is MatchKind.REMEMBERED}
    confirmed |= {name: own.position for name, own in recalled.items()}
    guessed = {m.column: m.position for m in match.suggestions}
    missing = sorted(
        (name for name in match.missing if name not in guessed and name not in match.ambiguous),
        key=lambda name: -schema.column(name).importance,
    )
    ids = [schema.id_column] if schema.id_column is not None and check.id_header is None else []
    others = [name for name in left_out if name in schema.needed]
    offered = [*confirmed, *others, *assumed, *guessed, *match.ambiguous, *ids, *missing[:MAX_OFFERED]]
    free = _free_positions(check, confirmed | assumed)
    rows = [
        _assumed(check, name, assumed[name], free)
        if name in assumed
        else _pairing(check, name, confirmed.get(name), guessed.get(name), free)
        for name in dict.fromkeys(offered)
    ]
    rows = [_with_memory(row, check, recalled.get(row.column), row.column in others) for row in rows]
    return sorted(rows, key=lambda pair: math.inf if pair.influence is None else pair.influence, reverse=True)


def unit_notes(check: FileCheck) -> list[tuple[str, str, str]]:
    """Header, what its numbers are read as, and which earlier file was answered in this way."""
    numbers = application().formats_of(NO_CURRENCY)
    return [
        (
            own.header,
            unit_words(own.unit),
            origin_words(formats.local(own.confirmed_at), own.confirmed_in, numbers),
        )
        for own in check.units
    ]


def _with_memory(row: Pairing, check: FileCheck, own: ColumnMatch | None, left_out: bool) -> Pairing:
    return replace(row, remembered=_origin(own, check) if own else "", left_out=left_out)


def _origin(own: ColumnMatch, check: FileCheck) -> str:
    if own.confirmed_at is None:
        return ""
    at = formats.local(own.confirmed_at)
    numbers = application().formats_of(NO_CURRENCY)
    return origin_words(at, own.confirmed_in, numbers, by=check.confirmed_by.get(own.column, ""))


def _free_positions(check: FileCheck, confirmed: Mapping[str, int]) -> list[int]:
    """Columns of the file that were not matched by name."""
    matched = {m.position for m in check.match.matches} - set(confirmed.values())
    return [position for position in range(len(check.preview.header)) if position not in matched]


def _pairing(check: FileCheck, name: str, chosen: int | None, suggested: int | None, free: list[int]) -> Pairing:
    schema = check.model.schema
    shown = chosen if chosen is not None else suggested
    first = [] if shown is None else [shown]
    places = list(dict.fromkeys(first + free[:MAX_OPTIONS]))
    return Pairing(
        column=name,
        chosen=chosen,
        suggested=suggested,
        options=tuple((place, _title(check.preview.header, place)) for place in sorted(places)),
        shown=_title(check.preview.header, shown) if shown is not None else "",
        values=", ".join(_values(check, shown)) if shown is not None else "",
        influence=schema.column(name).importance if name in schema.names else None,
    )


def _assumed(check: FileCheck, name: str, place: int, free: list[int]) -> Pairing:
    """The ids by the first rows. They are not sent as a person's choice, so that later rows can raise a question."""
    return replace(_pairing(check, name, place, None, free), chosen=None, assumed=True)


def _title(header: tuple[str, ...], place: int) -> str:
    """The column's name, with its number if the name is missing or not unique."""
    name = header[place]
    if not name:
        return f"Column {place + 1} (no name)"
    return f"{name} (column {place + 1})" if header.count(name) > 1 else name


def _values(check: FileCheck, place: int) -> list[str]:
    cells = [row[place].strip()[:60] for row in check.preview.sample if len(row) > place]
    return [cell for cell in cells if cell][:3]
