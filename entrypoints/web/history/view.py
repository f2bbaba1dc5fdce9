"""The query parameters of the history: filters, order and page. Both parsing and URLs are defined here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.queries import RunQuery
from domain.run import JobState
from entrypoints.web.urls import url_of

STATES = {
    "done": ("Done", (JobState.DONE,)),
    "under_way": ("Under way", (JobState.QUEUED, JobState.RUNNING)),
    "failed": ("Failed", (JobState.FAILED,)),
    "cancelled": ("Cancelled", (JobState.CANCELLED,)),
}
PERIODS = {
    "week": ("Last 7 days", timedelta(days=7)),
    "month": ("Last 30 days", timedelta(days=30)),
    "quarter": ("Last 3 months", timedelta(days=92)),
    "year": ("Last 12 months", timedelta(days=366)),
}
SORTS = ("created", "file", "customers", "leaving")
SIZES = (12, 25)


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The filters, order and page of the history. Invalid parameters are ignored."""

    search: str = ""
    state: str = ""
    model: str = ""
    period: str = ""
    sort: str = "created"
    descending: bool = True
    size: int = SIZES[0]
    page: int = 1

    @classmethod
    def read(cls, values: Mapping[str, str]) -> HistoryView:
        sort = values.get("sort", "")
        sort = sort if sort in SORTS else "created"
        size = _whole(values.get("size"))
        return cls(
            search=values.get("q", "").strip()[:200],
            state=values.get("state", "") if values.get("state") in STATES else "",
            model=values.get("model", "")[:16],
            period=values.get("period", "") if values.get("period") in PERIODS else "",
            sort=sort,
            descending=values.get("dir", "asc" if sort == "file" else "desc") != "asc",
            size=size if size in SIZES else SIZES[0],
            page=max(1, _whole(values.get("page"))),
        )

    def query(self, now: datetime) -> RunQuery:
        return RunQuery(
            search=self.search,
            states=STATES[self.state][1] if self.state else (),
            model=self.model or None,
            since=now - PERIODS[self.period][1] if self.period else None,
            sort=self.sort,
            descending=self.descending,
            offset=self.first - 1,
            limit=self.size,
        )

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.state or self.model or self.period)

    def parameters(self) -> dict[str, str]:
        """Only parameters that differ from the default, so that URLs stay short."""
        parameters = {"q": self.search, "state": self.state, "model": self.model, "period": self.period}
        if self.sort != "created" or not self.descending:
            parameters |= {"sort": self.sort, "dir": "desc" if self.descending else "asc"}
        if self.size != SIZES[0]:
            parameters["size"] = str(self.size)
        if self.page > 1:
            parameters["page"] = str(self.page)
        return {name: value for name, value in parameters.items() if value}

    def url(self) -> str:
        return url_of("history.index", self.parameters())

    @property
    def first(self) -> int:
        """The number of the page's first run, counted from 1."""
        return (self.page - 1) * self.size + 1

    def last(self, runs: int) -> int:
        """The number of the page's last run, given the number of runs on the page."""
        return self.first + runs - 1

    @property
    def previous_url(self) -> str | None:
        return self.on_page(self.page - 1) if self.page > 1 else None

    def next_url(self, last_page: int) -> str | None:
        return self.on_page(self.page + 1) if self.page < last_page else None

    def on_page(self, page: int) -> str:
        return replace(self, page=page).url()

    def sized(self, size: int) -> str:
        return replace(self, size=size, page=1).url()

    def sorted_by(self, sort: str) -> str:
        """The URL sorted by `sort`; reverses the order if it is already sorted by it."""
        descending = not self.descending if self.sort == sort else sort != "file"
        return replace(self, sort=sort, descending=descending, page=1).url()

    def order_of(self, sort: str) -> str:
        """The `aria-sort` value of a column header."""
        if self.sort != sort:
            return ""
        return "descending" if self.descending else "ascending"


def _whole(text: str | None) -> int:
    try:
        return min(int(text or 0), 1_000_000)
    except ValueError:
        return 0
