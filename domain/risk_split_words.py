"""The change of a risk in words: its causes and parts, with points that add up in the digits shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.customer import Value
from domain.formats import Formats
from domain.model import is_starter
from domain.risk_split import BaseRisk, Cause, CausePart, Part, PartKind, RiskSplit
from domain.schema import ColumnKind, CustomerSchema
from domain.vocabulary.spelling import plain_words
from domain.wording import inside_sentence, value_words

NAMED = 3
"""Attributes that the sentence about a customer names."""
ZERO = "0"
SHOWN_COLUMNS = 5
CAUSES = {
    Cause.OTHER_CUSTOMERS: "other customers",
    Cause.VALUES: "their values",
    Cause.MODEL: "new model",
    Cause.VALUES_AND_MODEL: "values and model",
}
PART_DETAILS = {
    PartKind.UNCHANGED: "which weigh differently next to the changed ones",
    PartKind.LEFTOVER: "scoring again does not give this part",
}


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A cause or a part of one: what it is, what is known about it, and its points, such as "+22.1" or "0".

    `error` is the standard error in points; "" where the points are exact. `units` gives the sign.
    """

    label: str
    detail: str
    points: str
    units: int
    error: str = ""
    is_cause: bool = False


@dataclass(frozen=True, slots=True)
class Versions:
    """The names of the models in both predictions."""

    old: str
    new: str

    @classmethod
    def of(cls, old: str, new: str) -> Versions:
        """From the ids of two versions."""
        return cls(*("starter model" if is_starter(version) else f"model {version}" for version in (old, new)))


def points_words(units: int, decimals: int, formats: Formats) -> str:
    """Percentage points with their sign, and "0" without decimals: 221 units of a tenth → "+22.1"."""
    if not units:
        return ZERO
    return ("+" if units > 0 else "") + formats.number(units / 10**decimals, decimals=decimals)


def percent_words(units: int, decimals: int, formats: Formats) -> str:
    return formats.percent(units / 10 ** (decimals + 2), decimals=decimals)


def ends_words(split: RiskSplit, formats: Formats) -> str:
    """ "18.2% → 61.4%"."""
    ends = (percent_words(units, split.decimals, formats) for units in (split.units_before, split.units_after))
    return " → ".join(ends)


def value_change_words(
    name: str, old: Value, new: Value, old_schema: CustomerSchema, new_schema: CustomerSchema, formats: Formats
) -> str:
    """ "Two year → Month-to-month"."""
    return f"{value_words(name, old, old_schema, formats)} → {value_words(name, new, new_schema, formats)}"


def move_words(name: str, move: float | None, schema: CustomerSchema, formats: Formats) -> str:
    """By how much a number changed: "up $15.00", "down 3 months". "" where it did not.

    Nothing is said for dates, since days go by, and for attributes of history, whose values say it themselves.
    """
    silent = any(
        own.name == name and (own.kind is ColumnKind.DATE or own.history is not None) for own in schema.columns
    )
    if not move or silent:
        return ""
    return f"{'up' if move > 0 else 'down'} {value_words(name, abs(move), schema, formats)}"


def customer_lines(
    split: RiskSplit,
    values: Mapping[str, tuple[Value, Value]],
    schemas: tuple[CustomerSchema, CustomerSchema],
    versions: Versions,
    formats: Formats,
) -> list[SplitLine]:
    """The parts of one customer's change, without causes that have parts: values, then the model."""
    lines = []
    for cause in split.causes:
        details = [_values_detail(part, values, schemas, formats) for part in cause.parts]
        lines += [_line(*one, split.decimals, formats) for one in zip(cause.parts, details, strict=True)]
        if not cause.parts and cause.cause is not Cause.VALUES:
            lines.append(_cause_line(cause, versions, split.decimals, formats))
    return lines


def _values_detail(
    part: Part,
    values: Mapping[str, tuple[Value, Value]],
    schemas: tuple[CustomerSchema, CustomerSchema],
    formats: Formats,
) -> str:
    if part.kind is not PartKind.ATTRIBUTE or part.name not in values:
        return PART_DETAILS.get(part.kind, "")
    words = value_change_words(part.name, *values[part.name], *schemas, formats)
    move = move_words(part.name, part.mean_move, schemas[1], formats)
    return f"{words}, {move}" if move else words


def base_lines(
    split: RiskSplit, base: BaseRisk, schema: CustomerSchema, versions: Versions, formats: Formats
) -> list[SplitLine]:
    """Every cause, followed by its parts."""
    lines = []
    for cause in split.causes:
        lines.append(_cause_line(cause, versions, split.decimals, formats))
        lines += [
            _line(part, _base_detail(part, base, schema, formats), split.decimals, formats) for part in cause.parts
        ]
    return lines


def _base_detail(part: Part, base: BaseRisk, schema: CustomerSchema, formats: Formats) -> str:
    if part.kind is PartKind.JOINED:
        return _customers(base.customers_after - base.in_both, "only in the later prediction", formats)
    if part.kind is PartKind.LEFT:
        return _customers(base.customers_before - base.in_both, "only in the earlier one", formats)
    if part.kind is not PartKind.ATTRIBUTE:
        return PART_DETAILS.get(part.kind, "")
    changed = f"changed for {formats.percent(part.changed)}"
    move = move_words(part.name, part.mean_move, schema, formats)
    return f"{changed}, on average {move}" if move else changed


def _customers(count: int, which: str, formats: Formats) -> str:
    return f"{formats.number(count)} customer{'' if count == 1 else 's'} {which}"


def _line(part: Part, detail: str, decimals: int, formats: Formats) -> SplitLine:
    points = points_words(part.units, decimals, formats)
    return SplitLine(_part_words(part), detail, points, part.units, _error(part.error, decimals, formats))


def _cause_line(cause: CausePart, versions: Versions, decimals: int, formats: Formats) -> SplitLine:
    label = CAUSES[cause.cause].capitalize()
    detail = {
        Cause.OTHER_CUSTOMERS: "who joined, and who are no longer in the file",
        Cause.VALUES: "customers in both whose attributes changed",
        Cause.MODEL: f"{versions.old} → {versions.new}",
        Cause.VALUES_AND_MODEL: "cannot be separated here",
    }[cause.cause]
    points = points_words(cause.units, decimals, formats)
    return SplitLine(label, detail, points, cause.units, _error(cause.error, decimals, formats), is_cause=True)


def _part_words(part: Part) -> str:
    if part.kind is PartKind.ATTRIBUTE:
        return plain_words(part.name)
    if part.kind is PartKind.SMALLER:
        return f"{part.attributes} smaller change{'' if part.attributes == 1 else 's'}"
    return {
        PartKind.JOINED: "Joined",
        PartKind.LEFT: "No longer there",
        PartKind.UNCHANGED: "Unchanged values",
        PartKind.LEFTOVER: "Not explained",
    }[part.kind]


def _error(error: float | None, decimals: int, formats: Formats) -> str:
    return "" if error is None else "±" + formats.number(100.0 * error, decimals=decimals)


def customer_sentence(
    split: RiskSplit,
    values: Mapping[str, tuple[Value, Value]],
    schemas: tuple[CustomerSchema, CustomerSchema],
    formats: Formats,
) -> str:
    """ "18.2% → 61.4%: contract two year → month-to-month +22.1, monthly charges up $15.00 +9.0, new model +0.4"."""
    said = []
    for part in [own for own in split.attributes if own.units][:NAMED]:
        old, new = values[part.name]
        move = move_words(part.name, part.mean_move, schemas[1], formats)
        change = move or value_change_words(part.name, old, new, *schemas, formats)
        said.append(f"{inside_sentence(plain_words(part.name))} {change} {_points(part.units, split, formats)}")
    model = split.cause(Cause.MODEL)
    if model is not None:
        said.append(f"new model {_points(model.units, split, formats)}")
    if not split.units and not said:
        return f"{ends_words(split, formats)}: nothing changed"
    return f"{ends_words(split, formats)}: {', '.join(said)}" if said else ends_words(split, formats)


def _points(units: int, split: RiskSplit, formats: Formats) -> str:
    return points_words(units, split.decimals, formats)


def base_sentence(split: RiskSplit, formats: Formats) -> str:
    """ "The mean risk rose from 26.54% to 28.91%: other customers −0.12, their values +2.49"."""
    first, last = (percent_words(units, split.decimals, formats) for units in (split.units_before, split.units_after))
    said = ", ".join(f"{CAUSES[cause.cause]} {_points(cause.units, split, formats)}" for cause in split.causes)
    if not split.units:
        return f"The mean risk is {last} in both: {said}"
    return f"The mean risk {'rose' if split.units > 0 else 'fell'} from {first} to {last}: {said}"


def sample_note(sampled: int, base: BaseRisk, formats: Formats) -> str:
    """How far the parts of a sample are exact."""
    return (
        f"The total and the part of other customers are exact. What has ± is estimated from a random sample of "
        f"{formats.number(sampled)} of the {formats.number(base.in_both)} customers in both; ± is one standard error, "
        "in percentage points."
    )


def unreadable_note(version: str) -> str:
    return (
        f"Model {version} cannot be read any more, so the effects of other values and of another model cannot be "
        "separated."
    )


def columns_note(only_old: Sequence[str], only_new: Sequence[str]) -> str:
    """Which columns count as the model's, because only one of the models knows them; "" if there are none."""
    said = []
    for names, which in ((only_old, "earlier"), (only_new, "later")):
        if names:
            more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
            said.append(f"{', '.join(map(plain_words, names[:SHOWN_COLUMNS]))}{more} (only the {which} model)")
    if not said:
        return ""
    return f"Columns that the models do not share count as the new model: {'; '.join(said)}."
