"""A list of outcomes that somebody made: which of its columns says what, and what its rows say about the members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from domain.campaign_members import Outcome
from domain.campaign_outcomes import Recorded
from domain.dates import form_of
from domain.errors import FileRefused
from domain.id_matching import id_column_of
from domain.vocabulary.dates import names_date, names_leaving_date
from domain.vocabulary.leaving import yes_means
from domain.vocabulary.spelling import normalise, spelling_key
from domain.vocabulary.values import (
    BARE_NO,
    BARE_YES,
    BY_WORD_LEFT,
    BY_WORD_STAYED,
    MISSING_WORDS,
)

MIN_UNDERSTOOD = 0.5
"""Share of filled cells that are outcomes in the column that holds them."""
ROWS_LISTED = 20
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class OutcomeColumns:
    """Positions and headings. `yes_left`: whether a bare yes means that the customer left; None if nothing says so."""

    customer: int
    outcome: int
    day: int | None
    header: tuple[str, ...]
    yes_left: bool | None

    @property
    def words(self) -> str:
        """ "“customer_id”, “outcome” and “left_on”"."""
        names = [f"“{self.header[place]}”" for place in (self.customer, self.outcome, self.day) if place is not None]
        return f"{', '.join(names[:-1])} and {names[-1]}"


def columns_of(header: Sequence[str], sample: Sequence[Sequence[str]]) -> OutcomeColumns:
    """Which columns hold customer, outcome and, optionally, the day. Raises FileRefused if that is not clear.

    `sample` are the first rows.
    """
    customer = id_column_of(header)
    if customer is None:
        raise FileRefused(
            f"No column with the customers’ ids was recognised among {_listed(header)}.",
            advice="Call it “customer_id”, in the first line of the file.",
        )
    cells = {
        place: [row[place].strip() for row in sample if place < len(row)]
        for place in range(len(header))
        if place != customer
    }
    outcome = _outcome_column(header, cells)
    yes_left = _yes_left(header[outcome])
    bare = [cell for cell in cells[outcome] if outcome_of_word(cell, None) is None and outcome_of_word(cell, True)]
    if bare and yes_left is None:
        raise FileRefused(
            f"“{bare[0]}” in the column “{header[outcome]}” can mean that the customer left, or stayed.",
            advice="Call the column “left” or “stayed”, or write these words into it.",
        )
    return OutcomeColumns(customer, outcome, _day_column(header, cells, outcome), tuple(header), yes_left)


def _outcome_column(header: Sequence[str], cells: Mapping[int, Sequence[str]]) -> int:
    in_words = [place for place, own in cells.items() if _share_understood(own, None) >= MIN_UNDERSTOOD]
    by_name = [
        place
        for place, own in cells.items()
        if yes_means(header[place]) is not None and _share_understood(own, True) >= MIN_UNDERSTOOD
    ]
    bare = [place for place, own in cells.items() if _share_understood(own, True) >= MIN_UNDERSTOOD]
    for places in (in_words, by_name, bare):
        if len(places) == 1:
            return places[0]
        if places:
            raise FileRefused(
                f"Several columns can hold the outcome: {_listed([header[place] for place in places])}.",
                advice="Keep one of them.",
            )
    raise FileRefused(
        f"No column that says who left or stayed was recognised among {_listed(header)}.",
        advice="Add a column “outcome” with the words left and stayed.",
    )


def _share_understood(cells: Sequence[str], yes_left: bool | None) -> float:
    filled = [cell for cell in cells if not _is_missing(cell)]
    return sum(outcome_of_word(cell, yes_left) is not None for cell in filled) / len(filled) if filled else 0.0


def _yes_left(name: str) -> bool | None:
    meaning = yes_means(name)
    return meaning.left if meaning else None


def _day_column(header: Sequence[str], cells: Mapping[int, Sequence[str]], outcome: int) -> int | None:
    """The only column of dates; of several, the only one called after leaving. None if there is no such column."""
    dates = [
        place
        for place, own in cells.items()
        if place != outcome and _holds_dates(header[place], [cell for cell in own if not _is_missing(cell)])
    ]
    leaving = [place for place in dates if names_leaving_date(header[place])]
    return next((places[0] for places in (dates, leaving) if len(places) == 1), None)


def _holds_dates(name: str, texts: Sequence[str]) -> bool:
    return bool(texts) and form_of(name, texts, expected=names_date(name)) is not None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name[:60]}”" for name in names[:5])


def _is_missing(text: str) -> bool:
    return text.strip().casefold() in MISSING_WORDS


@lru_cache(maxsize=1024)
def outcome_of_word(text: str, yes_left: bool | None) -> Outcome | None:
    """What a cell says, in any language that files to score may use; None if it is not understood.

    `yes_left`: whether a bare yes, or 1, means that the customer left; None if nothing says so.
    """
    keys = {spelling_key(text), normalise(text)}
    if keys & BY_WORD_LEFT:
        return Outcome.LEFT
    if keys & BY_WORD_STAYED:
        return Outcome.STAYED
    key = spelling_key(text)
    if yes_left is None or key not in BARE_YES | BARE_NO:
        return None
    return Outcome.LEFT if (key in BARE_YES) is yes_left else Outcome.STAYED


class RowProblem(StrEnum):
    """Why a row is listed. A file with rows of the last two kinds is only stored without them."""

    UNMATCHED = "unmatched"
    DOUBLED = "doubled"
    CONTRADICTING = "contradicting"
    UNREADABLE = "unreadable"

    @property
    def words(self) -> str:
        return {
            RowProblem.UNMATCHED: "is no member of this campaign",
            RowProblem.DOUBLED: "says the same as an earlier row",
            RowProblem.CONTRADICTING: "contradicts another row about this customer",
            RowProblem.UNREADABLE: "cannot be read",
        }[self]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A row of a list of outcomes. `fault` says why it cannot be read; then there is no outcome."""

    line: int
    customer_id: str
    outcome: Outcome | None = None
    day: date | None = None
    fault: str = ""

    @property
    def recorded(self) -> Recorded:
        """Raises ValueError for a row that cannot be read."""
        if self.outcome is None:
            raise ValueError("a row that cannot be read says nothing")
        return self.outcome, self.day if self.outcome is Outcome.LEFT else None


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row that is shown to the person who uploaded the list."""

    line: int
    customer_id: str
    problem: RowProblem
    detail: str = ""


@dataclass(slots=True)
class SortedRows:
    """What the rows of a list say about the members, whose numbers are given by id. Only the first rows are kept.

    `matched` counts rows about members, of which doubled and contradicting ones are a part.
    """

    numbers: Mapping[str, int]
    rows: int = 0
    matched: int = 0
    unmatched: int = 0
    unreadable: int = 0
    _said: dict[str, OutcomeRow] = field(default_factory=dict)
    _repeated: dict[str, list[int]] = field(default_factory=dict)
    _contradicted: set[str] = field(default_factory=set)
    _listed: dict[RowProblem, list[ListedRow]] = field(default_factory=dict)

    def add(self, row: OutcomeRow) -> None:
        self.rows += 1
        if row.outcome is None:
            self.unreadable += 1
            self._list(row, RowProblem.UNREADABLE)
        elif row.customer_id not in self.numbers:
            self.unmatched += 1
            self._list(row, RowProblem.UNMATCHED)
        else:
            self.matched += 1
            self._add_about_member(row)

    def _add_about_member(self, row: OutcomeRow) -> None:
        customer = row.customer_id
        said = self._said.setdefault(customer, row)
        if said is row:
            return
        self._repeated.setdefault(customer, [said.line]).append(row.line)
        if _contradict(said.recorded, row.recorded):
            self._contradicted.add(customer)
        elif said.day is None and row.day is not None:
            self._said[customer] = row

    def _list(self, row: OutcomeRow, problem: RowProblem) -> None:
        kept = self._listed.setdefault(problem, [])
        if len(kept) < ROWS_LISTED:
            kept.append(ListedRow(row.line, row.customer_id, problem, row.fault))

    @property
    def doubled(self) -> int:
        """Rows that say the same as an earlier one."""
        return len(self._lines_of(RowProblem.DOUBLED))

    @property
    def contradicting(self) -> int:
        """Rows about customers of whom the list says different things."""
        return len(self._lines_of(RowProblem.CONTRADICTING))

    @property
    def contradicted(self) -> frozenset[str]:
        """The customers of these rows."""
        return frozenset(self._contradicted)

    @property
    def clean(self) -> bool:
        return not self._contradicted and not self.unreadable

    @property
    def left_out(self) -> int:
        """Rows without which a list that is not clean can be stored."""
        return self.contradicting + self.unreadable

    @property
    def outcomes(self) -> dict[int, Recorded]:
        """By member number, without those of whom the list says different things."""
        return {
            self.numbers[customer]: row.recorded
            for customer, row in self._said.items()
            if customer not in self._contradicted
        }

    def listed(self, problem: RowProblem) -> tuple[ListedRow, ...]:
        """The first rows with this problem, in the order of the file."""
        if problem in (RowProblem.UNMATCHED, RowProblem.UNREADABLE):
            return tuple(self._listed.get(problem, ()))
        lines = sorted(self._lines_of(problem))[:ROWS_LISTED]
        return tuple(ListedRow(line, customer, problem) for line, customer in lines)

    def unlisted(self, problem: RowProblem) -> int:
        """How many rows with this problem are not among the listed ones."""
        counts = {
            RowProblem.UNMATCHED: self.unmatched,
            RowProblem.DOUBLED: self.doubled,
            RowProblem.CONTRADICTING: self.contradicting,
            RowProblem.UNREADABLE: self.unreadable,
        }
        return max(0, counts[problem] - ROWS_LISTED)

    @property
    def any_listed(self) -> bool:
        return any(self.listed(problem) for problem in RowProblem)

    def _lines_of(self, problem: RowProblem) -> list[tuple[int, str]]:
        """Lines of repeated customers: all of them where they contradict each other, else all but the first."""
        contradict = problem is RowProblem.CONTRADICTING
        chosen = ((own, lines) for own, lines in self._repeated.items() if (own in self._contradicted) is contradict)
        return [(line, own) for own, lines in chosen for line in lines[0 if contradict else 1 :]]


def _contradict(first: Recorded, second: Recorded) -> bool:
    days = {day for _, day in (first, second) if day is not None}
    return first[0] is not second[0] or len(days) > 1


def problems(
    rows: Iterable[OutcomeRow], numbers: Mapping[str, int], contradicted: frozenset[str]
) -> Iterator[ListedRow]:
    """Every row that is not simply used, in the order of the file; `contradicted` as in SortedRows."""
    seen: set[str] = set()
    for row in rows:
        problem = _problem(row, numbers, contradicted, seen)
        if problem is not None:
            yield ListedRow(row.line, row.customer_id, problem, row.fault)
        if problem is None:
            seen.add(row.customer_id)


def _problem(
    row: OutcomeRow, numbers: Mapping[str, int], contradicted: frozenset[str], seen: set[str]
) -> RowProblem | None:
    if row.outcome is None:
        return RowProblem.UNREADABLE
    if row.customer_id not in numbers:
        return RowProblem.UNMATCHED
    if row.customer_id in contradicted:
        return RowProblem.CONTRADICTING
    return RowProblem.DOUBLED if row.customer_id in seen else None
