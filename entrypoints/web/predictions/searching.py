"""Searches for customers: URLs contain a key; the text is stored on the server."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from domain.errors import InvalidInput
from entrypoints.web.access import application, person

EXPIRED = "This search has expired, because searches are kept for one day. Open the prediction and search again."


@dataclass(frozen=True, slots=True)
class Searched:
    """The search text, its key, and whether the key in the URL has expired."""

    text: str = ""
    key: str = ""
    expired: bool = False


def search_of(args: MultiDict[str, str]) -> Searched:
    """The search of the key `s`, or of the text `q` from a form or program, which is stored under a new key."""
    if args.get("q", "").strip():
        text = args["q"].strip()
        key = application().predictions.remember_search(text, by=person())
        return Searched(application().predictions.recall_search(key, by=person()) or "", key)
    key = args.get("s", "") if "q" not in args else ""  # an empty field ends the search
    if not key:
        return Searched()
    known = application().predictions.recall_search(key, by=person())
    return Searched(expired=True) if known is None else Searched(known, key)


def text_searched(args: MultiDict[str, str]) -> str:
    """The search text, for exports. Raises InvalidInput for an expired search instead of exporting all customers."""
    searched = search_of(args)
    if searched.expired:
        raise InvalidInput(EXPIRED)
    return searched.text
