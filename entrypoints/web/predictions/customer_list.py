"""What the list of customers shows: each row's reasons in words, groups, and the values of an attribute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from application.queries import CustomerGroup, ScoredCustomer
from application.use_cases.insights.segments import filter_for
from application.use_cases.predictions.open_result import ResultView
from domain.formats import Formats
from domain.reason_rarity import rarest_first
from domain.reason_words import list_phrase
from domain.vocabulary.spelling import plain_words
from entrypoints.web.formats import number
from entrypoints.web.predictions.result_url import ResultUrl

MAX_GROUPS = 40
"""Groups that a page shows; there may be hundreds of combinations of reasons."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A reason in words, and whether the row above has it too."""

    text: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Row:
    scored: ScoredCustomer
    reasons: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of customers in words, and the address of their list; None for customers without reasons."""

    name: str
    of: str
    group: CustomerGroup
    url: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of an attribute, how many customers of the run have it, and the address of their list."""

    words: str
    customers: int
    url: str
    chosen: bool


def rows_of(result: ResultView, formats: Formats) -> Iterator[Row]:
    """The page's customers. A reason that the row above has in the same words is repeated."""
    schema, above = result.view.model.schema, frozenset[str]()
    for scored in result.page.customers:
        texts = [list_phrase(reason, schema, formats) for reason in rarest_first(scored.prediction, result.counts)]
        yield Row(scored, tuple(Phrase(text, text in above) for text in texts))
        above = frozenset(texts)


def group_rows(result: ResultView, address: ResultUrl) -> tuple[list[GroupRow], str]:
    """The groups in words, and a sentence about those that the page leaves out, empty if there are none."""
    groups = result.groups or ()
    rows = [_group_row(own, result, address) for own in islice(groups, MAX_GROUPS)]
    rest = groups[MAX_GROUPS:]
    customers = sum(own.customers for own in rest)
    more = f"{number(len(rest))} smaller groups with {number(customers)} customers are not listed." if rest else ""
    return rows, more


def _group_row(own: CustomerGroup, result: ResultView, address: ResultUrl) -> GroupRow:
    if own.action is not None:
        action = result.view.playbook.action(own.action)
        return GroupRow(action.name if action else "Leave alone", "", own, address.of_group(own))
    if not own.reasons:
        return GroupRow("No reasons", "", own, None)
    names = [plain_words(name) for name in own.reasons]
    return GroupRow(" · ".join(names), "" if own.likely else "Stays for: ", own, address.of_group(own))


def choices_of(result: ResultView, address: ResultUrl) -> list[Choice]:
    """The values of the attribute that the page offers as filters. Ranges that no filter selects are left out."""
    schema, choosing = result.view.model.schema, address.choosing
    pairs = [(own, filter_for(choosing, own, schema)) for own in result.values]
    return [
        Choice(
            "Unknown" if own.missing else own.label,
            own.customers,
            address.with_filter(wanted).to(),
            wanted in result.query.attributes,
        )
        for own, wanted in pairs
        if wanted is not None
    ]


def attributes_of(result: ResultView) -> list[tuple[str, str]]:
    """The attributes that customers can be filtered by, with their names in plain words, by name."""
    names = [(own.name, own.label) for own in result.view.model.schema.columns]
    return sorted(names, key=lambda pair: pair[1].casefold())
