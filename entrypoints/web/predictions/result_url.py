"""The query parameters of the result page: filters, threshold, order and page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from application.queries import AttributeFilter, CustomerPage, CustomerQuery
from domain.customer_query import LARGEST_FIRST, SORTS, CustomerGroup, Grouping
from domain.errors import InvalidInput
from domain.prediction import RiskBand
from domain.vocabulary.spelling import plain_words
from entrypoints.web import formats

PAGE = 25
ENDS = ("level", "low", "high")


def query_from(
    args: MultiDict[str, str], *, threshold: float, default_sort: str, search: str = "", limit: int = PAGE
) -> CustomerQuery:
    """Parse the parameters. Raises InvalidInput for invalid ones; missing ones get their default.

    `search` is passed separately, because URLs contain only its key.
    """
    label = args.get("label", "")
    sort = args.get("sort", "")
    sort = sort if sort in SORTS else default_sort
    band = args.get("band", "")
    return CustomerQuery(
        threshold=_fraction(_percent(args.get("percent")) or args.get("threshold"), threshold),
        search=search,
        likely={"leaving": True, "staying": False}.get(label),
        worth_contacting={"yes": True, "no": False}.get(args.get("worth_contacting", "")),
        bands=(RiskBand(band),) if band in set(RiskBand) else (),
        action=args.get("action") or None,
        attributes=_attributes(args),
        sort=sort,
        descending=args.get("dir", "desc" if sort in LARGEST_FIRST else "asc") == "desc",
        offset=(max(1, _whole(args.get("page"), 1)) - 1) * limit,
        limit=limit,
        reasons=tuple(dict.fromkeys(name for name in args.getlist("why") if name)),
    )


def grouping_from(args: MultiDict[str, str]) -> Grouping | None:
    """What the page groups customers by; None for a list of customers."""
    asked = args.get("group", "")
    return Grouping(asked) if asked in set(Grouping) else None


def added_filter(args: MultiDict[str, str]) -> AttributeFilter | None:
    """The filter that the form of an attribute adds: its value, or numbers from and to under. None if it is empty."""
    name, value = args.get("add", ""), args.get("value", "").strip()
    low, high = (_added_number(args.get(key, "")) for key in ("from", "under"))
    if not name or (not value and low is None and high is None):
        return None
    if low is not None and high is not None and low >= high:
        raise InvalidInput("The second number must be larger than the first.", field="under")
    return AttributeFilter(name, level=value or None, low=low, high=high)


def _added_number(text: str) -> float | None:
    number = _number(text.replace(",", "").strip())
    if text.strip() and number is None:
        raise InvalidInput(f"“{text.strip()[:40]}” is not a number.", field="from")
    return number


def _attributes(args: MultiDict[str, str]) -> tuple[AttributeFilter, ...]:
    """A single filter has `level`, `low` or `high` as needed; each of several filters has all three, possibly empty."""
    names, *rest = (args.getlist(key) for key in ("attr", *ENDS))
    several = len(names) > 1
    if several and any(len(values) != len(names) for values in rest):
        raise InvalidInput("With several attributes, each needs level, low and high, which can be empty.", field="attr")
    columns = rest if several else [(values or [""])[: len(names)] for values in rest]
    return tuple(
        AttributeFilter(name, level=level or None, low=_number(low), high=_number(high))
        for name, level, low, high in zip(names, *columns, strict=True)
        if name
    )


def filter_fields(attributes: Sequence[AttributeFilter]) -> list[tuple[str, str]]:
    """Filters as URL parameters or form fields."""
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
    low, high = (None if end is None else formats.range_end(end) for end in (own.low, own.high))
    if own.level is not None:
        chosen = own.level
    elif low and high:
        chosen = f"{low} to under {high}"
    else:
        chosen = f"{low} and over" if low else f"under {high}" if high else "unknown"
    return f"{plain_words(own.attribute)}: {chosen}"


def reasons_words(reasons: Sequence[str]) -> str:
    """ "Reasons: Contract, Tenure"."""
    return f"Reasons: {', '.join(map(plain_words, reasons))}"


def words_of(query: CustomerQuery, stored_threshold: float) -> list[str]:
    """The filter in a few words for the name of a file. What was searched for may be an id: it is not said."""
    words = [*(band.value for band in query.bands)]
    if query.likely is not None:
        words.append("likely-to-leave" if query.likely else "likely-to-stay")
    if query.worth_contacting is not None:
        words.append("worth-contacting" if query.worth_contacting else "not-worth-contacting")
    words += [query.action] if query.action else []
    words += map(filter_words, query.attributes)
    words += [reasons_words(query.reasons)] if query.reasons else []
    words += ["search"] if query.search else []
    if query.threshold != stored_threshold:
        words.append(f"threshold-{formats.percent(query.threshold)}")
    return words


def _fraction(text: str | None, default: float) -> float:
    """A threshold: a fraction, or percent when it ends in %."""
    if not text:
        return default
    number = _number(text.rstrip("%"))
    if number is None:
        raise InvalidInput("A threshold is a number between 0 and 100 %.", field="threshold")
    number = number / 100 if text.endswith("%") else number
    if not 0.0 <= number <= 1.0:
        raise InvalidInput("The threshold must be between 0 and 100 %.", field="threshold")
    return number


def _percent(text: str | None) -> str | None:
    """The slider's value, a number without a percent sign, as a percentage."""
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
class ResultUrl:
    """Builds URLs of the result page from one query, without default parameters."""

    run_id: str
    query: CustomerQuery
    stored_threshold: float
    search_key: str = ""
    """Replaces the search text in the URL, because the text may be a customer's id."""
    default_sort: str = "risk"
    group: Grouping | None = None
    choosing: str = ""
    """The attribute whose values the page offers as filters."""

    @property
    def is_filtered(self) -> bool:
        """Whether some customers are left out."""
        query = self.query
        chosen = query.likely is not None or query.worth_contacting is not None
        return chosen or bool(query.search or query.bands or query.action or query.attributes or query.reasons)

    @property
    def in_default_order(self) -> bool:
        return self.query.sort == self.default_sort and self.query.descending

    @property
    def can_be_saved(self) -> bool:
        """Whether there is more to save than all customers in the usual order."""
        searched = replace(self, query=replace(self.query, search=""))
        return searched.is_filtered or not self.in_default_order or self.group is not None

    def customers(self) -> list[tuple[str, str]]:
        """The parameters that choose customers."""
        query = self.query
        fields: list[tuple[str, str]] = []
        if query.threshold != self.stored_threshold:
            fields.append(("threshold", repr(query.threshold)))
        if query.search and self.search_key:
            fields.append(("s", self.search_key))
        if query.likely is not None:
            fields.append(("label", "leaving" if query.likely else "staying"))
        if query.worth_contacting is not None:
            fields.append(("worth_contacting", "yes" if query.worth_contacting else "no"))
        if query.bands:
            fields.append(("band", query.bands[0].value))
        if query.action:
            fields.append(("action", query.action))
        fields += [("why", name) for name in query.reasons]
        return [*fields, *filter_fields(query.attributes)]

    def order(self) -> list[tuple[str, str]]:
        """The parameters that order, group and page them."""
        query, fields = self.query, list[tuple[str, str]]()
        if not self.in_default_order:
            fields += [("sort", query.sort), ("dir", "desc" if query.descending else "asc")]
        if query.offset:
            fields.append(("page", str(self._number)))
        if self.group is not None:
            fields.append(("group", self.group.value))
        if self.choosing:
            fields.append(("choose", self.choosing))
        return fields

    def fields(self) -> list[tuple[str, str]]:
        """All parameters, as form fields, from the first page."""
        whole = self._with(offset=0)
        return [*whole.customers(), *whole.order()]

    def to(self, endpoint: str = "predictions.show", **extra: str) -> str:
        parameters = [*self.customers(), *self.order(), *extra.items()]
        url = url_for(endpoint, run_id=self.run_id)
        return f"{url}?{urlencode(parameters)}" if parameters else url

    def _with(self, **changes: Any) -> ResultUrl:
        return replace(self, query=replace(self.query, **changes))

    def page(self, number: int) -> str:
        return self._with(offset=(number - 1) * self.query.limit).to()

    @property
    def first(self) -> int:
        """The number of the page's first customer, counted from 1."""
        return self.query.offset + 1

    def last(self, shown: CustomerPage) -> int:
        return self.query.offset + len(shown.customers)

    @property
    def previous_page(self) -> str | None:
        return self.page(self._number - 1) if self.query.offset else None

    def next_page(self, shown: CustomerPage) -> str | None:
        return self.page(self._number + 1) if self.last(shown) < shown.total else None

    @property
    def _number(self) -> int:
        return self.query.offset // self.query.limit + 1

    def without(self, *names: str) -> str:
        """The same view without the named parameters."""
        changes: dict[str, object] = {"offset": 0}
        changes |= {"threshold": self.stored_threshold} if "threshold" in names else {}
        changes |= {"reasons": ()} if "reasons" in names else {}
        return self._with(**changes).to()

    def without_filter(self, own: AttributeFilter) -> str:
        others = tuple(chosen for chosen in self.query.attributes if chosen != own)
        return self._with(attributes=others, offset=0).to()

    def with_filter(self, own: AttributeFilter) -> ResultUrl:
        """The customers who also match this filter, which replaces another one of the same attribute."""
        others = tuple(chosen for chosen in self.query.attributes if chosen.attribute != own.attribute)
        return replace(self._with(attributes=(*others, own), offset=0), choosing="")

    def with_choice(self, attribute: str) -> str:
        """The same page, which offers the values of this attribute as filters; none for an empty name."""
        return replace(self, choosing=attribute).to()

    def of_group(self, own: CustomerGroup) -> str:
        """The list of a group's customers."""
        changes: dict[str, object] = {"offset": 0}
        changes |= {"likely": own.likely, "reasons": own.reasons} if own.action is None else {"action": own.action}
        return replace(self._with(**changes), group=None).to()

    def sorted_by(self, name: str) -> str:
        descending = not self.query.descending if self.query.sort == name else name in LARGEST_FIRST
        return self._with(sort=name, descending=descending, offset=0).to()

    def export(self, endpoint: str, **extra: str) -> str:
        """The URL of a download of the same customers, without paging."""
        whole = replace(self._with(offset=0), group=None, choosing="")
        return whole.to(endpoint, **extra)

    def campaign(self) -> str:
        """The form of a campaign with the same customers."""
        return f"{url_for('campaigns.new')}?{urlencode([('run', self.run_id), *self.customers()])}"

    def state(self, name: str) -> str:
        if self.query.sort != name:
            return ""
        return "descending" if self.query.descending else "ascending"
