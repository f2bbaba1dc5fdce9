"""Decides per column whether a point or a comma is the decimal mark, from evidence of the whole file.

A cell such as 2.915 is ambiguous: it is a fraction or 2,915 with a mark for thousands. Every other spelling can only be
read in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from domain.currencies import Currencies
from domain.errors import DecimalUnclear
from domain.question import Choice, Question, Subject
from domain.units import Unit, unit_next_to

POINT, COMMA = ".", ","
OTHER_MARK = {POINT: COMMA, COMMA: POINT}
MIN_GROUPED = 5
"""Different ambiguous numbers that a decision by the column's whole numbers needs."""
NEARLY_ALL, HARDLY_ANY = 0.9, 0.1
"""Shares of ambiguous numbers within the trained range from which one reading is right and the other one wrong."""
MAX_EXAMPLES = 500
"""Ambiguous numbers that are kept for the comparison with the trained range."""
MAX_UNITS = 50
"""Different units of a column that are counted."""


class Spelling(Enum):
    """What one number says about its marks."""

    POINT = "only a decimal point fits"
    COMMA = "only a decimal comma fits"
    POINT_GROUP = "a point before one group of three digits"
    COMMA_GROUP = "a comma before one group of three digits"
    HUNDREDS = "a whole number from 100 to 999"
    LARGE = "a whole number from 1,000 without any mark"
    NEUTRAL = "anything else"


@dataclass(slots=True)
class MarkEvidence:
    """What the numbers of one column say. `grouped` holds ambiguous numbers as they are written, up to a limit, with
    their units. `units` has the number of cells and an example by unit as it is written; "" is a number alone.
    `plain` and `signed` are different numbers without a unit and with a percent sign, up to a limit."""

    counts: dict[Spelling, int] = field(default_factory=dict)
    grouped: dict[str, str] = field(default_factory=dict)
    units: dict[str, tuple[int, str]] = field(default_factory=dict)
    plain: dict[float, None] = field(default_factory=dict)
    signed: dict[float, None] = field(default_factory=dict)
    currencies: Currencies = field(default_factory=Currencies)

    def add_number(self, number: float, *, percent: bool) -> None:
        numbers = self.signed if percent else self.plain
        if len(numbers) < MAX_EXAMPLES:
            numbers.setdefault(number)

    def add(self, spelling: Spelling, text: str = "", *, times: int = 1, unit: str = "") -> None:
        if times:
            self.counts[spelling] = self.counts.get(spelling, 0) + times
        ambiguous = spelling in (Spelling.POINT_GROUP, Spelling.COMMA_GROUP)
        if ambiguous and len(self.grouped) < MAX_EXAMPLES:
            self.grouped.setdefault(text, unit)

    def add_unit(self, unit: str, example: str, *, cells: int = 1) -> None:
        count, first = self.units.get(unit, (0, example))
        if count or len(self.units) < MAX_UNITS:
            self.units[unit] = count + cells, first

    def has(self, spelling: Spelling) -> bool:
        return self.counts.get(spelling, 0) > 0

    @property
    def ambiguous(self) -> bool:
        """Whether the column alone cannot say what its groups of three digits are."""
        return bool(self.grouped) and self.certain is None

    @property
    def certain(self) -> str | None:
        """The decimal mark that the column's own numbers prove; None without a proof or with both."""
        point, comma = self.has(Spelling.POINT), self.has(Spelling.COMMA)
        return None if point == comma else POINT if point else COMMA


@dataclass(frozen=True, slots=True)
class JudgedColumn:
    """A column of numbers, with the range of the training data where it is known."""

    name: str
    evidence: MarkEvidence
    minimum: float | None = None
    maximum: float | None = None
    unit: Unit | None = None
    """The unit of the range."""


def decimal_marks(columns: Mapping[int, JudgedColumn], *, delimiter: str, usual: str) -> tuple[str, dict[int, str]]:
    """The file's decimal mark, and the mark of each column that has marks, by position.

    `usual` applies if no number has a mark.

    Raises DecimalUnclear for a column with numbers that can be read in two ways.
    """
    proofs = [column.evidence.certain for column in columns.values()]
    of_file = _most_frequent(proofs)
    only = of_file if of_file is not None and OTHER_MARK[of_file] not in proofs else None
    marks = {place: _mark_of(column, only, delimiter) for place, column in columns.items()}
    main = of_file or _most_frequent(marks.values()) or usual
    return main, {place: mark for place, mark in marks.items() if mark is not None}


def _most_frequent(marks: Iterable[str | None]) -> str | None:
    known = [mark for mark in marks if mark is not None]
    if not known:
        return None
    return COMMA if known.count(COMMA) > known.count(POINT) else POINT


def _mark_of(column: JudgedColumn, of_others: str | None, delimiter: str) -> str | None:
    """The column's decimal mark; None if it makes no difference."""
    own = column.evidence
    point, comma = own.has(Spelling.POINT_GROUP), own.has(Spelling.COMMA_GROUP)
    if not (point or comma):
        return own.certain or (POINT if own.has(Spelling.POINT) else None)
    proven_both = own.has(Spelling.POINT) and own.has(Spelling.COMMA)
    if proven_both or (point and comma and own.certain is None):
        raise _question(column)
    if own.certain is not None:
        return own.certain
    mark = POINT if point else COMMA
    by_range, by_whole_numbers = _by_range(column), _by_whole_numbers(own, mark)
    opinions = {opinion for opinion in (by_range, by_whole_numbers, of_others) if opinion is not None}
    if len(opinions) == 1:
        return opinions.pop()
    if by_range is not None and by_range in (by_whole_numbers, of_others):
        return by_range
    if not opinions and mark == COMMA and delimiter == COMMA:
        return POINT  # programs that write decimal commas separate columns by something else
    raise _question(column)


def _by_range(column: JudgedColumn) -> str | None:
    """The reading that puts nearly all ambiguous numbers into the trained range, if the other one puts hardly any."""
    if column.minimum is None or column.maximum is None:
        return None
    texts = list(column.evidence.grouped)
    fractions = [
        _in_unit_of(column, float(text.replace(COMMA, POINT)), own) for text, own in column.evidence.grouped.items()
    ]
    as_fraction = _share_between(fractions, column.minimum, column.maximum)
    as_thousands = _share_between([1000 * number for number in fractions], column.minimum, column.maximum)
    mark = POINT if POINT in texts[0] else COMMA
    if as_fraction >= NEARLY_ALL and as_thousands <= HARDLY_ANY:
        return mark
    return OTHER_MARK[mark] if as_thousands >= NEARLY_ALL and as_fraction <= HARDLY_ANY else None


def _in_unit_of(column: JudgedColumn, number: float, unit: str) -> float:
    own = unit_next_to(unit, column.unit) if unit and column.unit is not None else None
    return number if own is None or column.unit is None else own.in_unit(number, column.unit)


def _share_between(numbers: Sequence[float], low: float, high: float) -> float:
    return sum(low <= abs(number) <= high for number in numbers) / len(numbers)


def _by_whole_numbers(evidence: MarkEvidence, mark: str) -> str | None:
    """With thousands marked, whole numbers end at 999, and fractions of exactly three digits are no coincidence."""
    if evidence.has(Spelling.LARGE):
        return mark
    groups = len(evidence.grouped)
    return OTHER_MARK[mark] if groups >= MIN_GROUPED and evidence.has(Spelling.HUNDREDS) else None


def mixed_marks(column: str) -> DecimalUnclear:
    """The question about a column with both marks in the file, of which only one can be the decimal mark."""
    return DecimalUnclear(
        Question(
            Subject.DECIMAL,
            f"Numbers in the column “{column}” are written with a decimal point in some rows and with a decimal comma "
            "in others. Choose whether the decimal mark of the file is a point or a comma.",
            (Choice(POINT, "Decimal point"), Choice(COMMA, "Decimal comma")),
            column,
        )
    )


def _question(column: JudgedColumn) -> DecimalUnclear:
    examples = tuple(column.evidence.grouped)[:3]
    first = examples[0]
    fraction, thousands = first.replace(COMMA, POINT), first.replace(POINT, "").replace(COMMA, "")
    with_point, with_comma = (fraction, thousands) if POINT in first else (thousands, fraction)
    return DecimalUnclear(
        Question(
            Subject.DECIMAL,
            f"In the column “{column.name}”, {', '.join(examples)} can be read in two ways: {first} is {fraction} or "
            f"{thousands}. Choose whether the decimal mark of the file is a point or a comma.",
            (
                Choice(POINT, f"Decimal point: {first} is {with_point}"),
                Choice(COMMA, f"Decimal comma: {first} is {with_comma}"),
            ),
            column.name,
        )
    )
