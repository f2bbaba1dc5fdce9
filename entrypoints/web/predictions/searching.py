"""Searches for customers: addresses hold a key, the text stays on the server."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from domain.errors import InvalidInput
from entrypoints.web.access import desk, person

EXPIRED = "This search has expired, since searches are kept for a day. Open the prediction and search again."


@dataclass(frozen=True, slots=True)
class Searched:
    """The text searched for, its key, and whether the key of the address was no longer known."""

    text: str = ""
    key: str = ""
    expired: bool = False


def search_of(args: MultiDict[str, str]) -> Searched:
    """By its key `s`; or by its text `q`, from a form or from a program, which gets a key here."""
    if args.get("q", "").strip():
        text = args["q"].strip()
        key = desk().remember_search(text, by=person())
        return Searched(desk().recall_search(key, by=person()) or "", key)
    key = args.get("s", "") if "q" not in args else ""  # an emptied field ends the search
    if not key:
        return Searched()
    known = desk().recall_search(key, by=person())
    return Searched(expired=True) if known is None else Searched(known, key)


def text_searched(args: MultiDict[str, str]) -> str:
    """For files: raises InvalidInput for an expired search, rather than giving all customers."""
    found = search_of(args)
    if found.expired:
        raise InvalidInput(EXPIRED)
    return found.text
