"""Finds the column of customer ids in a file to score whose ids have another name than the model's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.errors import CustomerUnclear
from domain.formats import Formats
from domain.question import MAX_CHOICES, Choice, Question, Subject
from domain.vocabulary.columns import is_customer_id, is_plain_customer_id
from domain.vocabulary.customers import names_group, names_mail, names_person, names_phone
from domain.vocabulary.measures import is_measure
from domain.vocabulary.months import mentions_time, month_of

MIN_SHOWN = 5
"""Rows from which different values say something about a column without a known name."""
NAMES_LISTED = 5
MAX_RIVALS = 8
"""Other columns that may hold the ids and are counted while a file is read."""
MAX_REPEATED = 0.02
"""Share of rows that repeat an id, up to which a column called like a customer's id has a few customers twice."""
NUMBERED = -1
"""In place of a column's position: no column holds the ids, and the rows are numbered."""
LEFT_OUT = -2
"""In place of a column's position: a person wants no remembered match for it in this file."""

_CODE = re.compile(r"(?=.*\d)[^\s.,]{4,}|\+?\d[\d ()-]{6,}")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")


@dataclass(frozen=True, slots=True)
class IdChoice:
    """The position of the ids in the header, None where no column is the only plausible one.

    `candidates` are the positions of all columns that may hold the ids; `rivals` those of other columns that may hold
    them, although they are not called so, next to the one that was chosen.
    """

    position: int | None
    candidates: tuple[int, ...] = ()
    rivals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class IdCount:
    """How many rows of a whole file repeat a value of a column, and how many have none in it."""

    position: int
    repeated: int = 0
    blank: int = 0

    @property
    def differs_everywhere(self) -> bool:
        return not self.repeated and not self.blank


def choose_id(free: Mapping[int, str], sample: Sequence[Sequence[str]]) -> IdChoice:
    """The only plausible id among the columns that nothing else uses, given by position and name.

    `sample` holds the file's first rows. A column called like an id comes first; without one, a column of codes that
    differ from row to row.
    """
    cells = {place: [row[place].strip() for row in sample if place < len(row)] for place in free}
    named = [place for place, name in free.items() if is_customer_id(name) and all(cells[place])]
    named = [place for place in named if len(set(cells[place])) > 1 or len(cells[place]) < 2]
    unnamed = tuple(place for place, name in free.items() if _may_hold_ids(name, cells[place]))
    if named:
        different = [place for place in named if len(named) == 1 or _all_different(cells[place])]
        chosen = different[0] if len(different) == 1 else None
        rivals = tuple(dict.fromkeys((*named, *unnamed)))
        return IdChoice(chosen, tuple(named), tuple(place for place in rivals if place != chosen)[:MAX_RIVALS])
    return IdChoice(unnamed[0] if len(unnamed) == 1 else None, unnamed)


def id_column_of(header: Sequence[str]) -> int | None:
    """The position of the ids in a table that somebody made as a list of customers, by its headings alone.

    None if no column is called like an id, or several are.
    """
    called = [place for place, name in enumerate(header) if is_customer_id(name)]
    plainly = [place for place in called if is_plain_customer_id(header[place])]
    for places in (called, plainly):
        if len(places) == 1:
            return places[0]
    return None


def is_heading(first: str, others: Sequence[str]) -> bool:
    """Whether the first line of a plain list of ids is a heading: it is called like an id, or it alone has no digit."""
    alone = bool(others) and not any(map(str.isdigit, first)) and all(any(map(str.isdigit, own)) for own in others)
    return is_customer_id(first) or alone


def ids_must_be_clear(
    column: str | None,
    header: Sequence[str],
    *,
    assumed: IdCount,
    rivals: Sequence[IdCount],
    rows: int,
    formats: Formats,
) -> None:
    """Raises CustomerUnclear if the column chosen by the first rows does not tell the customers of a whole file apart.

    `column` is the model's name for the ids. A column called like a customer's id may have a few customers twice,
    unless another column differs in every row.
    """
    better = [own for own in rivals if own.differs_everywhere]
    few = is_customer_id(header[assumed.position]) and assumed.repeated <= MAX_REPEATED * rows
    if not assumed.repeated or (few and not better):
        return
    raise CustomerUnclear(_id_question(column, header, assumed, [*better, *_others(rivals, better)], better, formats))


def _others(rivals: Sequence[IdCount], better: Sequence[IdCount]) -> list[IdCount]:
    return sorted((own for own in rivals if own not in better), key=lambda own: own.repeated + own.blank)


def _id_question(
    column: str | None,
    header: Sequence[str],
    assumed: IdCount,
    offered: Sequence[IdCount],
    better: Sequence[IdCount],
    formats: Formats,
) -> Question:
    rows = f"{formats.number(assumed.repeated)} rows repeat" if assumed.repeated > 1 else "a row repeats"
    names = " and ".join(f"“{_called(header, own.position)}”" for own in better[:NAMES_LISTED])
    differ = f" {names} {'differs' if len(better) == 1 else 'differ'} in every row." if better else ""
    places = [*(own.position for own in offered), assumed.position][:MAX_CHOICES]
    choices = [Choice(str(place), _called(header, place)) for place in places]
    return Question(
        Subject.CUSTOMER,
        f"Which column names one customer each? By the first rows, “{_called(header, assumed.position)}” holds the "
        f"customers’ ids, but further down {rows} an id.{differ}",
        (*choices, Choice(str(NUMBERED), "No column: number the rows")),
        column,
    )


def _called(header: Sequence[str], position: int) -> str:
    return header[position].strip()


def missing_ids(header: Sequence[str], candidates: Iterable[int]) -> str:
    """What to tell about a file without recognised ids, in sentences."""
    words = "No column with the customers’ ids was recognised, so the customers are numbered by row: 1, 2, 3 …"
    names = [f"“{header[place]}”" for place in candidates]
    if not names:
        return f"{words}."
    several = "may hold the ids" if len(names) > 1 else "may hold the id"
    return f"{words}. {', '.join(names[:NAMES_LISTED])} {several}."


def doubts_about_ids(header: str, formats: Formats, *, repeated: int, blank: int, assumed: bool) -> tuple[str, ...]:
    """What to tell about the customers' ids once the whole file is read, in sentences.

    `assumed`: the column was chosen by the first rows of the file, and each customer should have one row.
    """
    remarks = []
    if blank:
        rows = f"{formats.number(blank)} rows have" if blank > 1 else "A row has"
        remarks.append(f"{rows} no id in “{header}”: the row number is used there.")
    if assumed and repeated:
        rows = f"{formats.number(repeated)} rows repeat" if repeated > 1 else "a row repeats"
        remarks.append(
            f"“{header}” is used as the customers’ ids because of the first rows, but further down {rows} an id. Check "
            "that it names one customer each, or choose another column."
        )
    return tuple(remarks)


def _may_hold_ids(name: str, cells: Sequence[str]) -> bool:
    if names_group(name) or is_measure(name) or mentions_time(name) or names_phone(name) or names_mail(name):
        return False
    if len(cells) < MIN_SHOWN or not all(cells) or not _all_different(cells):
        return False
    if any(_DATE.fullmatch(cell) or _is_long_month(cell) for cell in cells) or _counts_up(cells):
        return False
    coded = all(_CODE.fullmatch(cell) is not None for cell in cells)
    alike = not all(cell.isdigit() for cell in cells) or len({len(cell) for cell in cells}) == 1
    return coded and alike and not (names_person(name) and not _have_digits(cells))


def _is_long_month(cell: str) -> bool:
    return not cell.isdigit() and month_of(cell) is not None


def _have_digits(cells: Sequence[str]) -> bool:
    return all(any(map(str.isdigit, cell)) for cell in cells)


def _all_different(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells)


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether the cells are row numbers from 0 or 1."""
    if not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    numbers = list(map(int, cells))
    return numbers[0] in (0, 1) and all(later == number + 1 for number, later in pairwise(numbers))
