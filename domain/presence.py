"""In which months a customer has a row, and what became of the customer of a month some months later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_MONTHS = 60
"""Months from the first to the last snapshot: a presence is a number with one bit for each."""


@dataclass(frozen=True, slots=True, order=True)
class Presence:
    """One bit per month, from the first month of all files on. Most customers share a few of these patterns.

    `present`: there is a row. `gone`: that row itself says that the customer has left. `unsaid`: it should say it, and
    its cell is empty.
    """

    present: int
    gone: int = 0
    unsaid: int = 0

    def is_present(self, month: int) -> bool:
        return bool(self.present >> month & 1)

    def is_gone(self, month: int) -> bool:
        return bool(self.gone >> month & 1)

    def is_customer(self, month: int) -> bool:
        """Whether there is a row, and it does not say that the customer has left."""
        return self.is_present(month) and not self.is_gone(month)

    def was_there_before(self, month: int) -> bool:
        return bool(self.present & ((1 << month) - 1))

    def is_customer_after(self, month: int) -> bool:
        return bool((self.present & ~self.gone) >> (month + 1))


class Fate(StrEnum):
    """What became of the customer of a month.

    RETURNED: missing or gone at the horizon, and a customer again in a later month. LEFT_BEFORE: the row of the month
    itself says that the customer has left. TOO_YOUNG: the horizon is after the last file. UNSAID: the row at the
    horizon should say it, and its cell is empty.
    """

    STAYED = "stayed"
    LEFT = "left"
    RETURNED = "returned"
    LEFT_BEFORE = "left before"
    TOO_YOUNG = "too young"
    UNSAID = "unsaid"


class Returning(StrEnum):
    """How customers are labelled who are missing at the horizon and return later."""

    LEFT = "left"
    STAYED = "stayed"
    OUT = "out"


def fate(presence: Presence, month: int, *, horizon: int, last: int) -> Fate | None:
    """What became of the customer of `month` after `horizon` months; None if the customer has no row in it.

    `last` is the last month. With a horizon of 0, the row of the month itself says who has left.
    """
    if not presence.is_present(month):
        return None
    if horizon and presence.is_gone(month):
        return Fate.LEFT_BEFORE
    then = month + horizon
    if then > last:
        return Fate.TOO_YOUNG
    if presence.unsaid >> then & 1:
        return Fate.UNSAID
    if presence.is_customer(then):
        return Fate.STAYED
    return Fate.RETURNED if presence.is_customer_after(then) else Fate.LEFT


def label_of(what: Fate | None, returning: Returning) -> bool | None:
    """Whether the row is labelled as left (True) or stayed (False); None if it is left out of the training file."""
    if what is Fate.RETURNED:
        return {Returning.LEFT: True, Returning.STAYED: False, Returning.OUT: None}[returning]
    return {Fate.LEFT: True, Fate.STAYED: False}.get(what) if what is not None else None
