"""Customers whom no campaign may contact: who they are, since when, and who put them on the list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.customer import CustomerId
from domain.errors import InvalidInput
from domain.redaction import without

MAX_NOTE = 300
MAX_AT_ONCE = 1_000_000
"""Ids of one file. They are held in memory."""


class Source(StrEnum):
    """How a customer came onto the list."""

    MARKED = "marked"
    """A colleague marked the customer, or typed the id."""
    UPLOADED = "uploaded"
    OPTED_OUT = "opted_out"
    """The customer said so when a campaign contacted them."""

    @property
    def label(self) -> str:
        return {Source.MARKED: "Marked", Source.UPLOADED: "Uploaded", Source.OPTED_OUT: "Opted out"}[self]


@dataclass(frozen=True, slots=True)
class Entry:
    """One customer on the list. `customer_id` is as results store it: see `domain.customer.stored_id`."""

    customer_id: CustomerId
    since: datetime
    source: Source
    by: str
    """Name of the colleague at that time; empty after the customer was erased."""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.customer_id:
            raise ValueError("an entry of the do-not-contact list has a customer's id")
        if len(self.note) > MAX_NOTE:
            raise ValueError(f"a note has at most {MAX_NOTE} characters")

    def erased(self) -> Entry:
        """What is left after the customer was erased: the id, since when, and how the wish became known.

        The wish has to survive, or the next file with this customer would put them into a campaign again.
        """
        return replace(self, by="", note="")

    def without_mention_of(self, customer_id: str) -> Entry:
        """The entry of another customer, with this customer's id redacted in its note."""
        return replace(self, note=without(self.note, customer_id)[:MAX_NOTE])


def checked_note(note: str) -> str:
    """The note with single spaces. Raises InvalidInput if it is too long."""
    tidy = " ".join("".join(c if c.isprintable() else " " for c in note).split())
    if len(tidy) > MAX_NOTE:
        raise InvalidInput(f"A note has at most {MAX_NOTE} characters; this one has {len(tidy)}.", field="note")
    return tidy
