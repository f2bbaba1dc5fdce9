"""The result page's address: which customers, at which threshold, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from application.ports.results import AttributeFilter, CustomerQuery
from domain.errors import InvalidInput
from domain.prediction import RiskBand
from domain.schema import plain_words

PAGE = 25
SORTS = ("risk", "gain", "id", "row")
ENDS = ("level", "low", "high")


def query_from(args: MultiDict[str, str], *, threshold: float, search: str = "", limit: int = PAGE) -> CustomerQuery:
    """Read the parameters; what makes no sense is refused in words, what is absent takes its default.

    `search` comes apart from them: addresses hold its key only.
    """
    label = args.get("label", "")
    sort = args.get("sort", "risk")
    band = args.get("band", "")
    return CustomerQuery(
        threshold=_fraction(_percent(args.get("percent")) or args.get("threshold"), threshold),
        search=search,
        likely={"leaving": True, "staying": False}.get(label),
        bands=(RiskBand(band),) if band in set(RiskBand) else (),
        action=args.get("action") or None,
        attributes=_attributes(args),
        sort=sort if sort in SORTS else "risk",
        descending=args.get("dir", "desc" if sort in ("risk", "gain") else "asc") == "desc",
        offset=(max(1, _whole(args.get("page"), 1)) - 1) * limit,
        limit=limit,
    )


def _attributes(args: MultiDict[str, str]) -> tuple[AttributeFilter, ...]:
    """One filter has what it needs of `level`, `low` and `high`; of several each has all three, empty or not."""
    names, *rest = (args.getlist(key) for key in ("attr", *ENDS))
    several = len(names) > 1
    if several and any(len(values) != len(names) for values in rest):
        raise InvalidInput("Of several attributes, each needs level, low and high, empty or not.", field="attr")
    columns = rest if several else [(values or [""])[: len(names)] for values in rest]
    return tuple(
        AttributeFilter(name, level=level or None, low=_number(low), high=_number(high))
        for name, level, low, high in zip(names, *columns, strict=True)
        if name
    )


def filter_fields(attributes: Sequence[AttributeFilter]) -> list[tuple[str, str]]:
    """Filters as they stand in an address or a form."""
    several = len(attributes) > 1
    return list(chain.from_iterable(_fields(own, everything=several) for own in attributes))


def _fields(own: AttributeFilter, *, everything: bool) -> Iterator[tuple[str, str]]:
    yield "attr", own.attribute
    for key in ENDS:
        value = getattr(own, key)
        if value is not None or everything:
            yield key, "" if value is None else value if key == "level" else repr(value)


def filter_words(own: AttributeFilter) -> str:
    """ "Contract: One year", "Tenure: 12 to under 24", "Tech support: unknown"."""
    low, high = (None if end is None else f"{end:,.10g}" for end in (own.low, own.high))
    if own.level is not None:
        chosen = own.level
    elif low and high:
        chosen = f"{low} to under {high}"
    else:
        chosen = f"{low} and over" if low else f"under {high}" if high else "unknown"
    return f"{plain_words(own.attribute)}: {chosen}"


def _fraction(text: str | None, default: float) -> float:
    """A threshold: a fraction, or percent when it ends in %."""
    if not text:
        return default
    number = _number(text.rstrip("%"))
    if number is None:
        raise InvalidInput("A threshold is a number between 0 and 100 %.", field="threshold")
    number = number / 100 if text.endswith("%") else number
    if not 0.0 <= number <= 1.0:
        raise InvalidInput("A threshold lies between 0 and 100 %.", field="threshold")
    return number


def _percent(text: str | None) -> str | None:
    """What the slider sends: a bare number of percent."""
    return f"{text}%" if text else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e300 else None


def _whole(text: str | None, default: int) -> int:
    try:
        return min(int(text or default), 10_000_000)
    except ValueError:
        return default


@dataclass(frozen=True, slots=True)
class Address:
    """Makes the addresses of the result page around one query, leaving out what is the default."""

    run_id: str
    query: CustomerQuery
    stored_threshold: float
    search_key: str = ""
    """Stands in the address for the text of the search, which may be a customer's id."""

    def parameters(self) -> dict[str, str]:
        query = self.query
        found: dict[str, str] = {}
        if query.threshold != self.stored_threshold:
            found["threshold"] = repr(query.threshold)
        if query.search and self.search_key:
            found["s"] = self.search_key
        if query.likely is not None:
            found["label"] = "leaving" if query.likely else "staying"
        if query.bands:
            found["band"] = query.bands[0].value
        if query.action:
            found["action"] = query.action
        if query.sort != "risk" or not query.descending:
            found |= {"sort": query.sort, "dir": "desc" if query.descending else "asc"}
        if query.offset:
            found["page"] = str(query.offset // query.limit + 1)
        return found

    def to(self, endpoint: str = "predictions.show", **extra: str) -> str:
        parameters = [*(self.parameters() | extra).items(), *filter_fields(self.query.attributes)]
        url = url_for(endpoint, run_id=self.run_id)
        return f"{url}?{urlencode(parameters)}" if parameters else url

    def _with(self, **changes: Any) -> Address:
        return replace(self, query=replace(self.query, **changes))

    def page(self, number: int) -> str:
        return self._with(offset=(number - 1) * self.query.limit).to()

    def without(self, *names: str) -> str:
        """The same view without a filter."""
        changes: dict[str, object] = {"offset": 0}
        changes |= {"threshold": self.stored_threshold} if "threshold" in names else {}
        return self._with(**changes).to()

    def without_filter(self, own: AttributeFilter) -> str:
        others = tuple(chosen for chosen in self.query.attributes if chosen != own)
        return self._with(attributes=others, offset=0).to()

    def sorted_by(self, name: str) -> str:
        descending = not self.query.descending if self.query.sort == name else name in ("risk", "gain")
        return self._with(sort=name, descending=descending, offset=0).to()

    def export(self, endpoint: str, **extra: str) -> str:
        """The same customers in a download: pages do not matter there."""
        whole = self._with(offset=0)
        return whole.to(endpoint, **extra)

    def state(self, name: str) -> str:
        if self.query.sort != name:
            return ""
        return "descending" if self.query.descending else "ascending"
