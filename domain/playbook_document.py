"""The playbook as a document of plain values, and back: what people write in a file or a form, field by field.

Keys are those of `Action`, but for conditions, which read `{attributes: [tenure], at_most: 6}`, and the offer, which
reads `{fixed: 5, share: 0.1, months: 12}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, TypeVar

from domain.effect import PRIOR_CUSTOMERS
from domain.errors import InvalidInput
from domain.message import MessageColumns
from domain.playbook import MAX_PAUSE_DAYS, PAUSE_DAYS, Action, Channel, Comparison, Condition, Playbook

FORMAT = 1
"""Version of the document's form."""
MAX_ACTIONS = 500
MAX_ID = 64
MAX_NAME = 120
MAX_SOURCE = 200
MAX_MESSAGE = 1_000
MAX_CONDITIONS = 50
MAX_NAMES = 200
MAX_COST = 1e9
MAX_WEIGHT = 1e9
PROBLEMS_SHOWN = 10
ANY_COLUMNS = MessageColumns()
"""Where no model says what the columns are, their names alone tell which of them are personal."""

T = TypeVar("T")


class NotAPlaybook(InvalidInput):
    """A document that breaks rules. `problems` are all of them: where, and what is wrong."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        shown = [f"{where}: {what}" if where else what for where, what in self.problems[:PROBLEMS_SHOWN]]
        if len(self.problems) > PROBLEMS_SHOWN:
            shown.append(f"And {len(self.problems) - PROBLEMS_SHOWN} more.")
        super().__init__(" ".join(shown))


def document_of(playbook: Playbook) -> dict[str, Any]:
    """A playbook as plain values. Reading them again gives the same actions."""
    return {"format": FORMAT, "actions": [_action_document(action) for action in playbook.actions]}


def actions_from(document: object, columns: MessageColumns = ANY_COLUMNS) -> tuple[Action, ...]:
    """The actions of a document, whose messages may name these columns. Raises NotAPlaybook with every problem."""
    if not isinstance(document, Mapping) or not isinstance(document.get("actions"), Sequence):
        raise NotAPlaybook([("", "A playbook is a list of actions under the key “actions”.")])
    if document.get("format", FORMAT) != FORMAT:
        raise NotAPlaybook([("", f"This version reads format {FORMAT} of a playbook, not {document['format']}.")])
    actions, problems = [], []
    for number, own in enumerate(document["actions"][: MAX_ACTIONS + 1], start=1):
        try:
            actions.append(action_from(own, columns))
        except NotAPlaybook as wrong:
            problems += [(_named(own, number, where), what) for where, what in wrong.problems]
    problems += [("", f"The id “{twice}” is used by two actions.") for twice in _twice([own.id for own in actions])]
    if not document["actions"]:
        problems.append(("", "A playbook has at least one action."))
    if len(document["actions"]) > MAX_ACTIONS:
        problems.append(("", f"A playbook has at most {MAX_ACTIONS} actions."))
    if problems:
        raise NotAPlaybook(problems)
    return tuple(actions)


def action_from(document: object, columns: MessageColumns = ANY_COLUMNS) -> Action:
    """One action. Raises NotAPlaybook, where each problem is at the key of its field."""
    if not isinstance(document, Mapping):
        raise NotAPlaybook([("", "An action has keys such as “id”, “name” and “message”.")])
    read = _Reader(document)
    given = {
        "id": read.text("id", MAX_ID, pattern=r"[a-z0-9][a-z0-9-]*", form="small letters, digits and hyphens"),
        "name": read.text("name", MAX_NAME),
        "message": read.text("message", MAX_MESSAGE),
        "answers": read.conditions("answers"),
        "requires": read.conditions("requires"),
        "offer_fixed": read.within("offer", "fixed", 0.0, MAX_COST),
        "offer_share": read.within("offer", "share", 0.0, 1.0),
        "offer_months": read.within("offer", "months", 0.0, 120.0),
        "contact_cost": read.number("contact_cost", 0.0, MAX_COST, default=1.0),
        "save_rate": read.number("save_rate", 0.0, 1.0, default=0.30),
        "save_rate_measured": bool(document.get("measured_in")),
        "save_rate_weight": read.number("save_rate_weight", 1.0, MAX_WEIGHT, default=PRIOR_CUSTOMERS),
        "channel": read.one_of("channel", Channel, Channel.PHONE),
        "measured_in": read.text("measured_in", MAX_SOURCE, needed=False),
        "valid_from": read.day("valid_from"),
        "valid_until": read.day("valid_until"),
        "pause_days": int(read.number("pause_days", 0, MAX_PAUSE_DAYS, default=PAUSE_DAYS, whole=True)),
        "switched_on": read.yes_or_no("switched_on", default=True),
        "confirmed": read.yes_or_no("confirmed", default=False),
    }
    read.nothing_else(_ACTION_KEYS)
    read.names_in(given["message"], columns)
    if not given["answers"] and "answers" not in {where for where, _ in read.problems}:
        read.problems.append(("answers", "Name at least one reason that the action answers; “*” is any reason."))
    first, last = given["valid_from"], given["valid_until"]
    if isinstance(first, date) and isinstance(last, date) and last < first:
        read.problems.append(("valid_until", "The last day is before the first."))
    if read.problems:
        raise NotAPlaybook(read.problems)
    return Action(**given)  # type: ignore[arg-type]  # the reader gives each field its type


_ACTION_KEYS = (
    "id",
    "name",
    "message",
    "channel",
    "answers",
    "requires",
    "offer",
    "contact_cost",
    "save_rate",
    "save_rate_weight",
    "measured_in",
    "valid_from",
    "valid_until",
    "pause_days",
    "switched_on",
    "confirmed",
)
_OFFER_KEYS = ("fixed", "share", "months")
_CONDITION_KEYS = ("attributes", "is", "is_not", "at_least", "at_most")


def _action_document(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "name": action.name,
        "message": action.message,
        "channel": action.channel.value,
        "answers": [_condition_document(own) for own in action.answers],
        "requires": [_condition_document(own) for own in action.requires],
        "offer": {"fixed": action.offer_fixed, "share": action.offer_share, "months": action.offer_months},
        "contact_cost": action.contact_cost,
        "save_rate": action.save_rate,
        "save_rate_weight": action.save_rate_weight,
        "measured_in": action.measured_in,
        "valid_from": action.valid_from,
        "valid_until": action.valid_until,
        "pause_days": action.pause_days,
        "switched_on": action.switched_on,
        "confirmed": action.confirmed,
    }


def _condition_document(condition: Condition) -> dict[str, Any]:
    document: dict[str, Any] = {"attributes": list(condition.attributes)}
    if condition.test in (Comparison.IS, Comparison.IS_NOT):
        document[condition.test.value] = list(condition.levels)
    elif condition.test is not Comparison.ANY:
        document[condition.test.value] = condition.limit
    return document


@dataclass(slots=True)
class _Reader:
    """Reads the fields of a document and collects what is wrong with them."""

    document: Mapping[Any, Any]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def text(self, key: str, most: int, *, needed: bool = True, pattern: str = "", form: str = "") -> str:
        value = self.document.get(key)
        text = "" if value is None else str(value).strip()
        if isinstance(value, (Mapping, list, tuple)):
            return self._wrong(key, "Enter a text.", "")
        if needed and not text:
            return self._wrong(key, "Enter a text.", "")
        if len(text) > most:
            return self._wrong(key, f"At most {most} characters.", "")
        if pattern and not re.fullmatch(pattern, text):
            return self._wrong(key, f"“{text[:40]}” is not made of {form}.", "")
        return text

    def names_in(self, message: object, columns: MessageColumns) -> None:
        problem = columns.problem_of(str(message))
        if problem is not None:
            self._wrong("message", problem, None)

    def number(self, key: str, least: float, most: float, *, default: float, whole: bool = False) -> float:
        return self._number(key, self.document.get(key), least, most, default=default, whole=whole)

    def within(self, key: str, inner: str, least: float, most: float) -> float:
        """A number in a group of fields; 0 where it is not given."""
        group = self.document.get(key) or {}
        if not isinstance(group, Mapping):
            return self._wrong(key, f"Write it as {{{', '.join(_OFFER_KEYS)}}}.", 0.0)
        unknown = [name for name in group if name not in _OFFER_KEYS]
        if unknown and inner == _OFFER_KEYS[0]:
            self._unknown(f"{key}.{unknown[0]}", _OFFER_KEYS)
        return self._number(f"{key}.{inner}", group.get(inner), least, most, default=0.0)

    def _number(
        self, where: str, value: object, least: float, most: float, *, default: float, whole: bool = False
    ) -> float:
        if value is None or value == "":
            return default
        number = _as_number(value)
        if number is None or not isfinite(number):
            return self._wrong(where, f"“{str(value)[:40]}” is not a number.", default)
        if not least <= number <= most:
            return self._wrong(where, f"Enter a number from {_plain(least)} to {_plain(most)}.", default)
        if whole and number != int(number):
            return self._wrong(where, "Enter a whole number.", default)
        return number

    def day(self, key: str) -> date | None:
        value = self.document.get(key)
        if value is None or value == "" or type(value) is date:
            return value or None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return self._wrong(key, f"“{str(value)[:40]}” is not a date such as 2026-11-30.", None)

    def yes_or_no(self, key: str, *, default: bool) -> bool:
        value = self.document.get(key, default)
        return value if isinstance(value, bool) else self._wrong(key, "Write true or false.", default)

    def one_of(self, key: str, kind: type[Channel], default: Channel) -> Channel:
        value = self.document.get(key, default.value)
        try:
            return kind(str(value).strip().lower())
        except ValueError:
            known = ", ".join(own.value for own in kind)
            return self._wrong(key, f"“{str(value)[:40]}” is none of {known}.", default)

    def conditions(self, key: str) -> tuple[Condition, ...]:
        listed = self.document.get(key) or ()
        if isinstance(listed, str) or not isinstance(listed, Sequence) or len(listed) > MAX_CONDITIONS:
            return self._wrong(key, f"Write a list of at most {MAX_CONDITIONS} conditions.", ())
        return tuple(
            condition for place, own in enumerate(listed) for condition in self._condition(f"{key}.{place}", own)
        )

    def _condition(self, where: str, document: object) -> Iterator[Condition]:
        if not isinstance(document, Mapping):
            self._wrong(where, "A condition has the key “attributes”.", None)
            return
        names = _texts(document.get("attributes"))
        tests = [key for key in _CONDITION_KEYS[1:] if document.get(key) not in (None, "", [], ())]
        unknown = [key for key in document if key not in _CONDITION_KEYS]
        if unknown:
            self._unknown(f"{where}.{unknown[0]}", _CONDITION_KEYS)
        elif not names:
            self._wrong(where, "Name at least one attribute; “*” is any.", None)
        elif len(tests) > 1:
            self._wrong(where, f"Use one of {', '.join(tests)}, not several.", None)
        elif not tests:
            yield Condition(names)
        elif tests[0] in (Comparison.IS, Comparison.IS_NOT):
            levels = _texts(document[tests[0]])
            yield Condition(names, Comparison(tests[0]), levels)
        else:
            limit = self._number(where, document[tests[0]], -MAX_COST, MAX_COST, default=0.0)
            yield Condition(names, Comparison(tests[0]), limit=limit)

    def nothing_else(self, keys: Sequence[str]) -> None:
        for key in self.document:
            if key not in keys:
                self._unknown(str(key), keys)

    def _unknown(self, where: str, keys: Sequence[str]) -> None:
        self._wrong(where, f"There is no such key. Known are {', '.join(keys)}.", None)

    def _wrong(self, where: str, what: str, instead: T) -> T:
        self.problems.append((where, what))
        return instead


def _texts(value: object) -> tuple[str, ...]:
    """A text, or a list of them, as a tuple without blanks. Numbers and booleans are read as they are spelled."""
    listed: Sequence[object] = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
    spelled = [_spelled(own) for own in listed[:MAX_NAMES] if not isinstance(own, (Mapping, list, tuple))]
    return tuple(text for text in spelled if text)


_SPELLED: Mapping[bool, str] = {True: "Yes", False: "No"}


def _spelled(value: object) -> str:
    return _SPELLED[value] if isinstance(value, bool) else str(value).strip()


def _as_number(value: object) -> float | None:
    """A number, or a text with one, also as a percentage: "12.5%" is 0.125."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value).strip()
    try:
        return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        return None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _twice(ids: Sequence[str]) -> list[str]:
    return sorted({one for one in ids if ids.count(one) > 1})


def _named(document: object, number: int, where: str) -> str:
    name = document.get("name") or document.get("id") if isinstance(document, Mapping) else None
    action = f"action {number} “{str(name)[:40]}”" if name else f"action {number}"
    return f"{action}, {where.replace('_', ' ')}" if where else action
