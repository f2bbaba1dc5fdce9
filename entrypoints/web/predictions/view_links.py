"""The links of a person's saved views on a result page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from application.use_cases.predictions.open_result import ResultView
from domain.saved_view import saved_query
from domain.vocabulary.spelling import plain_words
from entrypoints.web.access import application, person
from entrypoints.web.predictions.result_url import ResultUrl


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view for a run: its address, or the columns that the run does not have."""

    id: str
    name: str
    url: str
    missing: tuple[str, ...]
    current: bool


def view_links(result: ResultView, address: ResultUrl) -> Iterator[ViewLink]:
    names = result.view.model.schema.names
    shown = saved_query(address.query)
    for view in application().predictions.list_views(by=person()):
        own = replace(address, query=view.at(address.query), group=view.group, choosing="", search_key="")
        missing = tuple(map(plain_words, view.missing_in(names)))
        current = (view.query, view.group) == (shown, address.group) and not address.query.search
        yield ViewLink(view.id, view.name, own.to(), missing, current)
